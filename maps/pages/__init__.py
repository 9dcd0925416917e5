"""The pages beside the maps, one module each."""
