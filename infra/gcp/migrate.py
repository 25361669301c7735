"""The deployment's migration job: gives logins their roles, then migrates the database."""
