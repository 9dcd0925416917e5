"""The words of the edge's own pages, in both languages."""
