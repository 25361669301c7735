"""The command `pixmill`."""
