"""The inner parts of the private PostgreSQL: where it lives, who runs it, which programs.

`gis.cluster` and `gis.backup` are the doors.
"""
