"""Engines with keys, and the parameters that they ask with."""

from urllib.parse import parse_qsl, urlsplit

from shared.searching.engines import SearchEngine, SearchQuery, make_engines
from shared.settings import Settings

KEYS = Settings(
    project="p",
    bucket="b",
    flickr_key="flickr key",
    pexels_key="pexels key",
    unsplash_key="unsplash key",
    google_key="google key",
    google_engine="an engine",
)


def get_engine(name: str) -> SearchEngine:
    """Return an engine with a key."""
    return make_engines(KEYS)[name]


def query(cursor: int = 1, choice: str | None = None, rank: int = 0) -> SearchQuery:
    """Return a search for cats."""
    return SearchQuery("black cat", choice, cursor, rank)


def read_parameters(address: str) -> dict[str, str]:
    """Return the parameters of an address."""
    return dict(parse_qsl(urlsplit(address).query))
