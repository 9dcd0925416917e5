"""The synthetic demo district 林家崖: drawn in metres, written as RFC 7946 GeoJSON."""
