"""Files that wait for a person's word: kept, shown, understood."""
