"""Accounts: credentials, sessions, and how often they may be tried."""
