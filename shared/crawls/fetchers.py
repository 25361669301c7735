"""Fetchers for work in the background, which share every host with all that runs elsewhere."""

from uuid import UUID

from sqlalchemy import Engine

from shared.crawls.host_rules import HostLimit, HostLimits
from shared.crawls.hosts import SharedHosts
from shared.fetching.addresses import AddressPolicy
from shared.fetching.client import Fetcher
from shared.settings import Settings


def make_fetcher(
    engine: Engine,
    addresses: AddressPolicy,
    settings: Settings,
    *,
    crawl_job_id: UUID | None = None,
    max_bytes: int | None = None,
    heeds_opt_outs: bool = True,
    seconds: float | None = None,
) -> Fetcher:
    """Make a fetcher as the settings have it.

    What a host refuses to a crawl is remembered for the other workers of `crawl_job_id`, and with
    `heeds_opt_outs` its images are asked for no longer once it has opted many of them out in a row.
    For somebody who watches, `seconds` bound each answer and wait, and nothing is tried again.
    """
    limits = HostLimits.parse(
        HostLimit(settings.crawl_per_host, settings.crawl_host_rate),
        settings.crawl_host_limits,
        frozenset(f"{host}:{port}" for host, port in addresses.allow),
    )
    desk = SharedHosts(
        engine,
        limits,
        crawl_job_id,
        seconds=settings.crawl_host_lease,
        heeds_opt_outs=heeds_opt_outs,
    )
    return Fetcher(
        addresses,
        user_agent=settings.user_agent,
        max_bytes=max_bytes or settings.max_image_bytes,
        total_timeout=min(settings.crawl_timeout, seconds or settings.crawl_timeout),
        per_host=limits.widest,
        concurrency=min(settings.crawl_connections, 16) if seconds else settings.crawl_connections,
        max_wait=min(settings.crawl_max_wait, seconds or settings.crawl_max_wait),
        retries=0 if seconds else 2,
        site_time=seconds or 30.0,
        desk=desk,
    )
