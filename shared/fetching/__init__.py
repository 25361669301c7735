"""Downloading from the open web: which addresses, how politely, and what a page holds."""
