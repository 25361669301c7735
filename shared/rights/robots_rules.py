"""The rules of one robots.txt for us (RFC 9309 §2.2), with what it says about use in AI."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from math import isfinite

from shared.rights.directives import PRODUCT, names_product
from shared.rights.path_rules import PathRules, TooManyRules
from shared.rights.usage import parse_content_signal, parse_usage

MAX_BYTES = 512 * 1024  # RFC 9309 §2.5 asks for 500 KiB at least
_MAX_LICENSES = 5
_MAX_SITEMAPS = 50

# Misspellings are those that Google's parser reads as well, and a missing colon.
_LINE = re.compile(
    r"""[\s\0]*+(?:(?P<agent>user[\s-]?agent)
        |(?P<allow>allow)|(?P<disallow>dis+al+ow|disallaw|diasllow)
        |(?P<delay>crawl[\s-]?delay)
        |(?P<usage>content-usage)|(?P<signal>content-signal)|(?P<license>license)
        |(?P<sitemap>site-?map))
        [ \t]*+(?::|(?<=[ \t]))(?P<value>[^#]*+)""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_NAMES = ("allow", "disallow", "delay", "usage", "signal", "license", "sitemap")


def parse_robots(data: bytes, product: str = PRODUCT) -> RobotsRules:
    """Return what a robots.txt says to `product`: in the groups that name it, else in those for *.

    Bytes are compared as they are, so that a file that is not in UTF-8 holds too. Of more than
    512 KiB the rest is not read. Lines that are no rule do not end a group (§2.2.4); what looks
    like no robots.txt at all has no rules.
    """
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            data = data[:MAX_BYTES].decode(codec, "replace").encode()
    text = data.removeprefix(codecs.BOM_UTF8).decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(data) >= MAX_BYTES:
        text = text[:MAX_BYTES].rpartition("\n")[0]  # half a rule would be another rule
    first, *groups = _read_groups(text, product)
    chosen = [group for group in groups if group.ours] or [group for group in groups if group.all]
    licenses = chain.from_iterable(group.licenses for group in (first, *chosen))
    sitemaps = chain.from_iterable(group.sitemaps for group in (first, *groups))
    return RobotsRules(
        PathRules(chain.from_iterable(group.paths for group in chosen)),
        crawl_delay=max((group.crawl_delay for group in chosen), default=0.0),
        usage=PathRules(chain.from_iterable(group.usage for group in chosen)),
        licenses=tuple(islice(licenses, _MAX_LICENSES)),
        sitemaps=tuple(dict.fromkeys(islice(sitemaps, _MAX_SITEMAPS))),
    )


@dataclass(slots=True)
class _Group:
    """Rules under one or more user-agent lines: for us, for all or for others."""

    ours: bool = False
    all: bool = False
    complete_agents: bool = False
    paths: list[tuple[str, bool]] = field(default_factory=list)
    usage: list[tuple[str, bool]] = field(default_factory=list)
    licenses: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    crawl_delay: float = 0.0

    def add(self, name: str, value: str) -> None:
        """Take in a line that is no user-agent line."""
        if name in ("allow", "disallow", "usage"):
            self.complete_agents = True
        is_heard = bool(value) and (self.ours or self.all)
        if name == "delay":
            self.crawl_delay = max(self.crawl_delay, _parse_seconds(value))
        elif name == "license":
            self.licenses += [value][: _MAX_LICENSES - len(self.licenses)]
        elif name == "sitemap":
            self.sitemaps += [value][: _MAX_SITEMAPS - len(self.sitemaps)]
        elif is_heard and name == "usage":
            path, _, statement = value.partition(" ") if value[0] == "/" else ("", "", value)
            self._add_usage(path, parse_usage(statement.strip()))
        elif is_heard and name == "signal":
            self._add_usage("", parse_content_signal(value))
        elif is_heard:
            self.paths.append((value, name == "allow"))

    def _add_usage(self, path: str, allows: bool | None) -> None:
        if allows is not None:
            self.usage.append((path, not allows))


def _read_groups(text: str, product: str) -> Iterator[_Group]:
    group = _Group(complete_agents=True)  # rules before any user-agent line are for nobody
    for line in text.split("\n"):
        found = _LINE.match(line)
        if not found:
            continue
        value = found["value"].replace("\t", " ").strip()
        if not found["agent"]:
            group.add(next(name for name in _NAMES if found[name]), value)
            continue
        if group.complete_agents:
            yield group
            group = _Group()
        group.ours |= names_product(value, product)
        group.all |= value == "*"
    yield group


def _parse_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if isfinite(seconds) else 0.0


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of a robots.txt for us: which paths, how often, and for which use.

    `crawl_delay` is in seconds. `usage` answers by path, True where training is refused, so that of
    contradictory rules for one path that one counts (draft-ietf-aipref-attach §3.1). `licenses` are
    addresses of RSL documents as they stand there, `sitemaps` those of sitemaps, whoever is meant.
    """

    paths: PathRules = field(default_factory=PathRules)
    crawl_delay: float = 0.0
    usage: PathRules = field(default_factory=PathRules)
    licenses: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The number of rules that are kept in memory."""
        return self.paths.size + self.usage.size + len(self.licenses) + len(self.sitemaps)

    def find_refusal(self, path: str) -> str | None:
        """Return why `path`, with its query, may not be fetched, or None."""
        if path == "/robots.txt":
            return None
        try:
            forbidden = self.paths.find(path) is False
        except TooManyRules:
            return "the site's robots.txt is too complicated for this address"
        return "the site's robots.txt forbids this address" if forbidden else None

    def find_usage(self, path: str) -> bool | None:
        """Return whether the content at `path` may be used for training; None where not said."""
        try:
            refused = self.usage.find(path)
        except TooManyRules:
            return False
        return None if refused is None else not refused
