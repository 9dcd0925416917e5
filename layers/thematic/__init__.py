"""One file for each layer; a module here that declares LAYER is found by the registry."""
