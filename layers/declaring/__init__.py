"""The words in which the district is declared, and what they mean, without a database."""
