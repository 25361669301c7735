"""Accounts: credentials, sessions, and the limit of attempts to sign in."""
