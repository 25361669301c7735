"""Analyses of images: the analyzers, their work under leases, and their findings."""
