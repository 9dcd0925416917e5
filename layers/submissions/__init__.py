"""Records from phones: taken in once each, whatever is sent again."""
