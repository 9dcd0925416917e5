"""The month's report: which figures it has, over which records, and how it leaves as a file."""
