"""How much one account may have at a time."""

from dataclasses import dataclass

from shared.errors import Conflict, TooMany


@dataclass(frozen=True)
class Quotas:
    """Limits of one account; a job is active until it has reached a final state."""

    projects: int = 1000
    api_keys: int = 50
    models: int = 1000
    webhooks: int = 20
    active_crawl_jobs: int = 10
    active_validation_jobs: int = 10
    active_export_jobs: int = 10
    active_analysis_jobs: int = 10


QUOTAS = Quotas()


def check(used: int, limit: int, things: str, *, retry_after: int | None = None) -> None:
    """Allow one more of `things` beside those `used`.

    At the limit raises `TooMany` when waiting `retry_after` seconds may help, else `Conflict`.
    """
    if used < limit:
        return
    if retry_after is None:
        raise Conflict(f"The limit is {limit} {things}; delete one first.")
    raise TooMany(f"The limit is {limit} {things}; try again later.", retry_after=retry_after)
