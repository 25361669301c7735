"""The photo site, and crawl jobs over it."""

from tests.sites import crawl, site, start

__all__ = ["crawl", "site", "start"]
