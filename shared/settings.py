"""Settings from the environment, read when first asked for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

from shared import __version__


class SettingError(RuntimeError):
    """A setting is missing or unreadable."""


@dataclass(frozen=True)
class Settings:
    """Everything that a deployment can choose. Durations are in seconds unless named otherwise.

    `pool_size` is read from `PIXMILL_POOL_SIZE`, and so on; `_VARIABLES` has the exceptions.
    """

    project: str  # of Google Cloud
    bucket: str

    # The database: a URL, or a Cloud SQL instance (`project:region:name`) with IAM login.
    database_url: str | None = None
    instance_connection_name: str | None = None
    db_user: str | None = None
    db_name: str = "pixmill"
    db_ip_type: str = "PRIVATE"  # or PUBLIC or PSC
    pool_size: int = 5  # connections of one process

    storage_emulator_host: str | None = None
    signing_account: str | None = None  # signs addresses of objects; None: the function's own

    # Crawling, in one instance.
    crawl_allow: str = ""  # loopback `host:port` pairs, comma-separated, that may be fetched from
    user_agent: str = f"Pixmill/{__version__} (image dataset crawler)"
    crawl_connections: int = 64
    crawl_per_host: int = 8  # requests at a time to one host
    crawl_timeout: int = 30  # of one attempt at one address; each redirect has as long
    crawl_budget: int = 450  # of one call that fetches images; what is left goes into another chunk
    pages_budget: int = 60  # of one that reads pages; then others begin on what it has found
    decode_threads: int = 2
    upload_threads: int = 8
    max_image_bytes: int = 32 * 1024 * 1024
    # Buckets whose objects anybody with an account may read as manifests, comma-separated.
    manifest_buckets: str = ""
    max_manifest_bytes: int = 1024 * 1024 * 1024
    lease: int = 60  # of a chunk; renewed at every third of it while its worker lives

    # How long credentials, signed addresses and exports are good for.
    access_token_life: int = 3600
    refresh_token_life: int = 30 * 24 * 3600
    upload_life: int = 3600
    download_life: int = 900
    export_life: int = 7 * 24 * 3600

    export_part_bytes: int = 4 * 1024**3  # that one call writes before the next goes on
    export_gathered_bytes: int = 32 * 1024 * 1024  # held in memory before a part ends
    export_report_every: int = 2  # seconds
    trusted_proxies: int = 0  # that add to X-Forwarded-For in front of the functions

    # Models, and predictions by them.
    max_model_bytes: int = 256 * 1024 * 1024
    max_batch: int = 1024  # rows of one prediction
    model_memory: int = 1024 * 1024 * 1024  # bytes that the process of one model may take
    model_cache: int = 1024 * 1024 * 1024  # bytes that all loaded models may take together
    model_seconds: int = 20  # to load a model, and for one run of it
    prediction_inline_bytes: int = 16 * 1024  # larger inputs and outputs become objects

    # Gemini (docs/analyses.md); not set up without a model.
    gemini_model: str | None = None
    gemini_location: str = "global"
    gemini_endpoint: str | None = None
    gemini_timeout: int = 60
    gemini_connections: int = 8

    # Days (docs/retention.md).
    retention_days_outbox: int = 7
    retention_days_deliveries: int = 14
    retention_days_job_stats: int = 90
    retention_days_activity: int = 365
    retention_days_failed_images: int = 30
    retention_days_predictions: int = 365
    retention_days_exports: int = 90
    retention_days_dead_letters: int = 90
    retention_days_daily_statistics: int = 92

    # Search by keywords (docs/keywords.md): an engine with a key is searched where that is set.
    search_interval: int = 1  # between two searches of one engine
    openverse_url: str = "https://api.openverse.org/v1/"
    wikimedia_url: str = "https://commons.wikimedia.org/w/api.php"
    flickr_url: str = "https://api.flickr.com/services/rest/"
    flickr_key: str | None = None
    pexels_url: str = "https://api.pexels.com/v1/"
    pexels_key: str | None = None
    unsplash_url: str = "https://api.unsplash.com/"
    unsplash_key: str | None = None
    google_url: str = "https://customsearch.googleapis.com/customsearch/v1"
    google_key: str | None = None
    google_engine: str | None = None  # the id of a programmable search engine

    log_level: str = "INFO"


# Where a field's variable does not simply carry its name behind PIXMILL_.
_VARIABLES = {
    "project": "GOOGLE_CLOUD_PROJECT",
    "database_url": "DATABASE_URL",
    "instance_connection_name": "INSTANCE_CONNECTION_NAME",
    "db_user": "DB_USER",
    "db_name": "DB_NAME",
    "db_ip_type": "DB_IP_TYPE",
    "storage_emulator_host": "STORAGE_EMULATOR_HOST",
}


def to_variable(field: str) -> str:
    """Return the environment variable that a field is read from."""
    return _VARIABLES.get(field, f"PIXMILL_{field.upper()}")


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read settings from a mapping like `os.environ`.

    Raises `SettingError` with the variable's name when one is missing or not a whole number.
    """
    values: dict[str, str | int] = {}
    for field in fields(Settings):
        text = environ.get(to_variable(field.name), "")
        if not text:
            if field.name in ("project", "bucket"):
                raise SettingError(f"Set {to_variable(field.name)}.")
            continue
        if field.type is int:
            try:
                values[field.name] = int(text)
            except ValueError:
                raise SettingError(
                    f"{to_variable(field.name)} must be a whole number, not {text!r}."
                ) from None
        else:
            values[field.name] = text
    return Settings(**values)  # type: ignore[arg-type]


@cache
def load_settings() -> Settings:
    """Return this process's settings."""
    return read_settings(os.environ)
