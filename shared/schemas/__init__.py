"""Schemas of what callers send and receive: one module per domain, named as in the contract."""
