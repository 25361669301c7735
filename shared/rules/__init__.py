"""Decisions without input or output: what may happen, what belongs where, what is allowed."""
