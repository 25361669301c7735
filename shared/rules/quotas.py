"""How much one account may have or do."""

from dataclasses import dataclass

from shared.errors import Conflict, TooMany


@dataclass(frozen=True)
class Quota:
    """A limit on a number of things.

    `frees_after` is the number of seconds after which there may be room again without the caller's
    doing; None when only the caller can make room.
    """

    limit: int
    things: str
    frees_after: int | None = None

    def check(self, used: int) -> None:
        """Allow one more beside `used`, or raise `TooMany` (waiting helps) or `Conflict`."""
        if used < self.limit:
            return
        if self.frees_after is None:
            raise Conflict(f"There are {self.limit} {self.things} already; delete one first.")
        raise TooMany(
            f"The limit is {self.limit} {self.things}; try again later.",
            retry_after=self.frees_after,
        )


@dataclass(frozen=True)
class Quotas:
    """The limits of one account."""

    projects: Quota = Quota(1000, "projects")
    api_keys: Quota = Quota(50, "API keys")
    models: Quota = Quota(1000, "models")
    webhooks: Quota = Quota(20, "webhooks")
    active_crawl_jobs: Quota = Quota(10, "crawl jobs at work", frees_after=60)
    active_validation_jobs: Quota = Quota(10, "validation jobs at work", frees_after=60)
    active_export_jobs: Quota = Quota(10, "export jobs at work", frees_after=60)
    # Counted per address within the last `frees_after` seconds.
    sign_in_failures: Quota = Quota(10, "failed sign-ins in 15 minutes", frees_after=15 * 60)


DEFAULTS = Quotas()
