"""Layers that cover ground: no gap, no overlap, and what is wrong with them."""
