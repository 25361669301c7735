"""Queries that all domains use."""
