"""Settings from the environment, read when first asked for."""

import os
import re
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

    # How much work of each kind, of those shared out by account, is done at a time by all instances
    # together: a number for all kinds, or topic=number pairs, comma-separated. Without it as much
    # as their functions declare.
    slots: str = ""

    # Crawling, in one instance.
    crawl_allow: str = ""  # loopback `host:port` pairs, comma-separated, that may be fetched from
    crawl_contact: str = ""  # whom sites reach: an address of the web or of e-mail
    crawl_connections: int = 64
    # What all instances together ask of one host (docs/manners.md).
    crawl_per_host: int = 8  # requests at a time
    crawl_host_rate: int = 20  # requests a second, 0 for any number; hosts of this machine: any
    crawl_host_limits: str = ""  # other limits: host=8:20 or host:port=8, comma-separated
    crawl_host_lease: int = 15  # of an instance's part; freed after it when the instance dies
    crawl_max_wait: int = 20  # for a host that is closed or busy; for longer, addresses go back
    crawl_patience: int = 3600  # with a closed host, before addresses fail for it
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
    sign_in_code_life: int = 300
    upload_life: int = 3600
    download_life: int = 900
    export_life: int = 7 * 24 * 3600

    export_part_bytes: int = 512 * 1024**2  # of images in one part, which one call builds
    export_part_images: int = 10_000
    # Images of so many bytes are composed in the bucket (docs/decisions/zero-byte-exports.md).
    export_composed_bytes: int = 11_200_000
    export_gathered_bytes: int = 32 * 1024 * 1024  # held in memory before a part ends
    export_hashed_bytes: int = 32 * 1024**3  # files up to this size are read again for a SHA-256
    export_report_every: int = 2  # seconds
    # Origins of pages whose scripts may call the API, comma-separated: https://app.example.org, or
    # http://localhost:* for any port, or * for all.
    cors_origins: str = ""
    calls_per_key: int = 6000  # a minute, in all functions together; 0 for any number
    calls_per_address: int = 1200  # the same, of calls without a key or session
    trusted_proxies: int = 0  # that add to X-Forwarded-For in front of the functions

    # Models, and predictions by them.
    max_model_bytes: int = 256 * 1024 * 1024
    max_batch: int = 1024  # rows of one prediction
    model_memory: int = 1024 * 1024 * 1024  # bytes that the process of one model may take
    model_cache: int = 1024 * 1024 * 1024  # bytes that all loaded models may take together
    model_seconds: int = 20  # to load a model, and for one run of it
    account_calls: int = 6  # of models by one account at a time, of the 8 that an instance takes
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
    retention_days_verifications: int = 365
    retention_days_dead_letters: int = 90
    retention_days_hosts: int = 2
    retention_days_known_places: int = 180
    retention_days_webhook_deliveries: int = 30
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

    @property
    def storage_origin(self) -> str:
        """Return the origin of the addresses of objects."""
        return self.storage_emulator_host or "https://storage.googleapis.com"

    @property
    def user_agent(self) -> str:
        """Return what the crawler calls itself: product, version and whom to turn to."""
        about = f"+{self.crawl_contact}" if self.crawl_contact else "image dataset crawler"
        return f"Pixmill/{__version__} ({about})"


# The form of texts that go to others as they are, or are read in parts, and how to say it.
# Of `crawl_host_limits`: what is asked of one host.
HOST_LIMIT = re.compile(r"(?P<host>[^=,\s]+)=(?P<width>[1-9]\d{0,3})(?::(?P<rate>\d{1,4}))?")
_ORIGIN = r"(?:\*|https?://(?:[a-z0-9.-]{1,253}|\[[0-9a-f:]+\])(?::(?:\*|\d{1,5}))?)"
_FORMS = {
    "cors_origins": (
        re.compile(rf"\s*{_ORIGIN}(?:\s*,\s*{_ORIGIN})*\s*", re.IGNORECASE),
        "origins such as https://app.example.org, without a path, comma-separated",
    ),
    "crawl_contact": (
        re.compile(
            r"(?:https?://[!#-'*-\[\]-~]{1,200}|[!#-'*-?A-\[\]-~]{1,64}@[A-Za-z0-9.-]{1,200})"
        ),
        "a web address such as https://example.org/bot or an e-mail address",
    ),
    "slots": (
        re.compile(r"\s*(?:[1-9]\d{0,4}|[a-z-]+=[1-9]\d{0,4}(?:\s*,\s*[a-z-]+=[1-9]\d{0,4})*)\s*"),
        "a number, or pairs such as chunk-ready=40,export-requested=5",
    ),
    "crawl_host_limits": (
        re.compile(rf"\s*(?:{HOST_LIMIT.pattern}\s*(?:,\s*|\Z))*"),
        "pairs such as images.example.org=2:10 (requests at a time, requests a second)",
    ),
}

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

    Raises `SettingError` with the variable's name when one is missing or not what it should be.
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
            form, meaning = _FORMS.get(field.name, (None, ""))
            if form and not form.fullmatch(text):
                raise SettingError(f"{to_variable(field.name)} must be {meaning}, not {text!r}.")
            values[field.name] = text
    return Settings(**values)  # type: ignore[arg-type]


@cache
def load_settings() -> Settings:
    """Return this process's settings."""
    return read_settings(os.environ)
