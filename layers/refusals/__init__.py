"""The rules that the district's records are held to: slugs and sentences, by subject."""
