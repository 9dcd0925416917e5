"""Files as they come: one module for each format, the zip's safety, the encoding's belief.

`gis.files` is the door; nothing outside this floor needs the rooms behind it.
"""
