"""Validations: the rules, and how a job starts."""
