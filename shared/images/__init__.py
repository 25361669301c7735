"""Images: their rows, originals and duplicates, and their answers."""
