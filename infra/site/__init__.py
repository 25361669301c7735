"""The documents as a site that needs no host but its own."""
