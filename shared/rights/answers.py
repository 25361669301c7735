"""Reads what an answer's headers, and a page's metas, say about the use of its content."""

from collections.abc import Iterator, Mapping, Sequence

from shared.rights.directives import list_refused_uses, parse_directives
from shared.rights.signals import MAX_VALUE, RightsSignal, SignalSource
from shared.rights.tdmrep import parse_reservation
from shared.rights.usage import parse_usage

HEADERS = (
    "x-robots-tag",
    "content-usage",
    "tdm-reservation",
)  # in which answers state their wishes


def list_header_signals(headers: Mapping[str, str], address: str) -> Iterator[RightsSignal]:
    """Yield what an answer says; `headers` have names in lower case and repeats on lines.

    Repeated fields are one list (RFC 9110 §5.2), but of X-Robots-Tag each line is on its own.
    """
    if tag := headers.get("x-robots-tag"):
        refused = list_refused_uses(parse_directives(tag))
        value = ", ".join(refused) or " ".join(tag.split())
        yield RightsSignal("x-robots-tag", value[:MAX_VALUE], False if refused else None, address)
    if usage := headers.get("content-usage"):
        value = ", ".join(usage.splitlines())
        yield RightsSignal("content-usage", value[:MAX_VALUE], parse_usage(value), address)
    if reservation := headers.get("tdm-reservation"):
        yield describe_reservation("tdm-reservation", reservation.splitlines(), address)


def list_meta_signals(
    directives: frozenset[str], reservations: Sequence[str], terms: bool | None, address: str
) -> Iterator[RightsSignal]:
    """Yield what a page says: `robots` metas parsed, `tdm-reservation` ones as they stand.

    `terms` is whether RSL terms inside of it allow training.
    """
    if directives:
        refused = list_refused_uses(directives)
        value = ", ".join(refused or sorted(directives))
        yield RightsSignal("robots-meta", value[:MAX_VALUE], False if refused else None, address)
    if reservations:
        yield describe_reservation("tdm-meta", reservations, address)
    if terms is not None:
        yield describe_terms(terms, address)


def describe_terms(allows: bool, address: str, evidence: str | None = None) -> RightsSignal:
    """Return the signal of RSL terms that allow or refuse training."""
    value = f"ai-train is {'permitted' if allows else 'not permitted'}"
    return RightsSignal("rsl", value, allows, address, evidence)


def describe_reservation(source: SignalSource, values: Sequence[str], address: str) -> RightsSignal:
    """Return the signal of `tdm-reservation` values, of which one that reserves counts."""
    answers = {parse_reservation(value) for value in values}
    allows = False if False in answers else True if True in answers else None
    value = f"tdm-reservation={', '.join(value.strip() for value in values)}"
    return RightsSignal(source, value[:MAX_VALUE], allows, address)
