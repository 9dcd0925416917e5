"""The rules that geometry, coordinates, files and PostGIS hold what they are given to."""
