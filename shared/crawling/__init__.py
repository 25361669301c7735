"""The crawl's own steps: what a chunk holds, who works on it, and how its results are written."""
