"""Who comes in: accounts, passwords, sessions, links."""
