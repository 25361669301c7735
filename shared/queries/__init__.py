"""Reads that more than one operation makes, and who may see which row."""
