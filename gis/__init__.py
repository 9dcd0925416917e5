"""Geometry, coordinates, files and PostGIS. Knows no word of the district."""
