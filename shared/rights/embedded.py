"""Reads what a file says inside itself about its use, and about who made it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.rights.answers import describe_terms
from shared.rights.content_credentials import list_credential_signals
from shared.rights.iim import read_iptc_credit
from shared.rights.rsl import read_embedded_terms
from shared.rights.signals import MAX_VALUE, RightsSignal, SignalSource
from shared.rights.tdmrep import parse_reservation
from shared.rights.xmp import PacketTooLarge, read_packet
from shared.texts import clean_line

# Statements for people, and what made the picture; nothing follows from them here.
_NOTED = (
    "dc:rights",
    "xmpRights:UsageTerms",
    "xmpRights:WebStatement",
    "plus:OtherConstraints",
    "Iptc4xmpExt:DigitalSourceType",
)
_WEB = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class FileRights:
    """The signals inside a file, and whose it says that it is.

    `license` is the address of a licence or of a page that states the terms.
    """

    signals: tuple[RightsSignal, ...] = ()
    creator: str | None = None
    license: str | None = None
    attribution: str | None = None


def describe_file(
    address: str,
    *,
    packets: Sequence[bytes] = (),
    iptc: bytes = b"",
    credentials: bytes = b"",
    exif: Mapping[str, object] | None = None,
) -> FileRights:
    """Return what XMP packets, a block of IPTC, Content Credentials and EXIF facts of a file say.

    Where they differ about who made it, XMP counts, then IPTC, then EXIF; for the credit, what
    whoever sends the picture asks for, else its maker with the copyright notice.
    """
    signals: list[RightsSignal] = []
    stated: dict[str, list[str]] = {}
    for packet in packets:
        try:
            found = read_packet(packet)
        except PacketTooLarge:
            signals.append(RightsSignal("xmp", "is too large to be read", False, address))
            continue
        signals += _list_xmp_signals(found, packet, address)
        for name, values in found.items():
            stated.setdefault(name, []).extend(values)
    signals += list_credential_signals(credentials, address)
    named = read_iptc_credit(iptc)
    facts = {name: str(value) for name, value in (exif or {}).items() if value}
    if named.notice:
        signals.append(_note("iptc", "CopyrightNotice", named.notice, address))
    if notice := facts.get("copyright"):
        signals.append(_note("exif", "Copyright", notice, address))
    creator = _join(stated.get("dc:creator") or named.creators or [facts.get("artist")])
    notices = [*stated.get("dc:rights", [])[:1], named.notice, facts.get("copyright")]
    credit = _join([*stated.get("photoshop:Credit", [])[:1], named.credit][:1])
    return FileRights(
        signals=tuple(dict.fromkeys(signals)),
        creator=creator,
        license=_find_license(stated),
        attribution=credit or _join([creator, next(filter(None, notices), None)]),
    )


def _list_xmp_signals(
    stated: Mapping[str, list[str]], packet: bytes, address: str
) -> Iterator[RightsSignal]:
    for value in stated.get("plus:DataMining", ()):
        key = value.rpartition("/")[2].upper()
        yield RightsSignal("xmp", f"plus:DataMining={key}"[:MAX_VALUE], _allows(key), address)
    for value in stated.get("tdm:reservation", ()):
        text = f"tdm:reservation={value}"[:MAX_VALUE]
        yield RightsSignal("xmp", text, parse_reservation(value), address)
    terms = read_embedded_terms(packet)
    if terms is not None:
        yield describe_terms(terms, address)
    for name in _NOTED:
        for value in stated.get(name, [])[:1]:
            yield _note("xmp", name, value, address)


def _allows(key: str) -> bool | None:
    """Return whether a value of the PLUS Data Mining vocabulary allows training.

    Whatever is prohibited but for an exception (search engines, constraints that stand elsewhere)
    is prohibited.
    """
    if key.startswith("DMI-PROHIBITED"):
        return False
    return True if key == "DMI-ALLOWED" else None


def _note(source: SignalSource, name: str, value: str, address: str) -> RightsSignal:
    return RightsSignal(source, f"{name}={value}"[:MAX_VALUE], None, address)


def _find_license(stated: Mapping[str, list[str]]) -> str | None:
    candidates = [*stated.get("cc:license", ()), *stated.get("xmpRights:WebStatement", ())]
    web = (value for value in candidates if value.lower().startswith(_WEB))
    return next((value for value in web if len(value) <= MAX_VALUE), None)


def _join(names: Iterable[str | None]) -> str | None:
    return clean_line(", ".join(dict.fromkeys(filter(None, names))), MAX_VALUE) or None
