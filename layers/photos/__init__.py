"""Photographs: brought once, kept whole, given out without what they tell."""
