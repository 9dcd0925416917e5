"""How features leave: texts that PostgreSQL writes, containers that GDAL fills, sheets.

`layers.leaving.exporting` is the door; nothing else needs the rooms behind it.
"""
