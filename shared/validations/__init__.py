"""Validations: the rules, and the start of a job."""
