"""Days on which people work, and until when something is to be done."""
