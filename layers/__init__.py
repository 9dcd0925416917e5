"""What the district records: declarations, tables, rules and all SQL."""
