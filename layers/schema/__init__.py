"""The tables: of the declared layers, and of everything that stands beside them."""
