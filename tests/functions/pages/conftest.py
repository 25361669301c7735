"""The photo site, and crawl jobs over it."""

from tests.sites import crawl, project, site, start

__all__ = ["crawl", "project", "site", "start"]
