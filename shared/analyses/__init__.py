"""Analysing images: which analyzers there are, who works on what, and what each of them finds."""
