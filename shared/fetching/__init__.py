"""Downloading from the open web: which addresses, and how politely."""
