"""Signals about the use of content, and what follows from them under a crawl's policy."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

RightsPolicy = Literal["respect", "opt_in_only", "ignore"]
"""Policy about wishes that concern use in AI: `respect` leaves out what is not to be used,
`opt_in_only` also what has no permission, `ignore` nothing.
"""
SignalSource = Literal[
    "robots.txt", "x-robots-tag", "robots-meta", "content-usage", "content-signal",
    "tdmrep.json", "tdm-reservation", "tdm-meta", "rsl", "exif", "iptc", "xmp", "c2pa",
]  # fmt: skip
"""Place of a signal: a file of the site, a header of an answer, a mark in a page or in the image.
"""
MAX_VALUE = 500
# A TDM reservation that is nearer to the content counts instead of one that is farther away
# (TDM Reservation Protocol, "Processing priority"): of several the last named here.
_RESERVATIONS: tuple[SignalSource, ...] = ("tdmrep.json", "tdm-reservation", "tdm-meta")


@dataclass(frozen=True, slots=True)
class RightsSignal:
    """One statement: where it stands (`address`), its words, and if training is allowed by it.

    `allows` is None where the statement is about other things. `evidence` is the SHA-256 of the
    file that said so, in hexadecimal digits, where a file of a whole site did.
    """

    source: SignalSource
    value: str
    allows: bool | None
    address: str
    evidence: str | None = None


def find_refusal(signals: Iterable[RightsSignal], policy: RightsPolicy) -> str | None:
    """Return why content with these signals is not taken under a policy, in words, or None.

    Conflicts are never settled permissively (draft-ietf-aipref-vocab §5.1, "Combining
    Preferences"): one refusal is enough. `opt_in_only` wants a permission too.
    """
    if policy == "ignore":
        return None
    signals = list(signals)
    for signal in list_refusing(signals):
        return f"{signal.source} says {signal.value} ({signal.address})"
    if policy == "opt_in_only" and not any(map(_allows, _drop_superseded(signals))):
        return "nothing says that it may be used for training"
    return None


def list_refusing(signals: Iterable[RightsSignal]) -> list[RightsSignal]:
    """Return the signals that speak against use for training, without superseded ones."""
    return [signal for signal in _drop_superseded(signals) if signal.allows is False]


def _allows(signal: RightsSignal) -> bool:
    return signal.allows is True


def _drop_superseded(signals: Iterable[RightsSignal]) -> Iterable[RightsSignal]:
    signals = list(signals)
    stated = [signal.source for signal in signals if signal.source in _RESERVATIONS]
    nearest = max(stated, key=_RESERVATIONS.index, default=None)
    return (
        signal
        for signal in signals
        if signal.source not in _RESERVATIONS or signal.source == nearest
    )
