"""The demo: a year of a district, loaded as any user's files would be."""
