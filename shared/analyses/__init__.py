"""Analysing images: which analysers there are, who works on what, and what each of them finds."""
