"""Clients and resources whose methods are awaited."""
