"""Tiles, sums and computed values, as maps and pages ask for them."""
