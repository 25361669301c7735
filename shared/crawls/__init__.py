"""Crawls: what a chunk holds, who works on it, and how its results are written."""
