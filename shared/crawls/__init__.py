"""Crawls: the start and end of a job, its chunks, their leases and their results."""
