"""Records that are likely the same, or were said to be."""
