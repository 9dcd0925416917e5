"""Illegal structures: when one may be pulled down, what is left standing, what to look at again."""
