"""Corpora of images that others made, read as a crawl reads what it fetches."""
