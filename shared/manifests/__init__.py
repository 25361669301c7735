"""Manifests: tables of addresses, with what they say about each image, read row by row."""
