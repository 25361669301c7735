"""Stored objects: the bucket, their names, and the rows that refer to them."""
