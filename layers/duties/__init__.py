"""Who answers for what: given, handed over, ended, and where nobody does."""
