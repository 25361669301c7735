"""The photo site, a crawl over it, and verifications of what it brought."""

from tests.sites import crawl, project, site, start
from tests.verifying import verify

__all__ = ["crawl", "project", "site", "start", "verify"]
