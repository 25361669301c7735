"""Packages the functions for the cloud: one zip and one list of requirements for each bundle."""
