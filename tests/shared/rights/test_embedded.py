"""Statements of a file about its use, and about who made it."""

import pytest

from shared.rights.embedded import FileRights, describe_file
from tests.embedding import PLUS, iptc, wrap, xmp

HERE = "https://a.example/x.jpg"
GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TERMS = '<rsl:rsl><rsl:content url="https://b.example/"><rsl:license>{}</rsl:license></rsl:content></rsl:rsl>'


def said(*packets: bytes, block: bytes = b"", **exif: str) -> dict[tuple[str, str], bool | None]:
    rights = describe_file(HERE, packets=packets, iptc=block, exif=exif)
    assert {signal.address for signal in rights.signals} <= {HERE}
    return {(signal.source, signal.value): signal.allows for signal in rights.signals}


@pytest.mark.parametrize(
    ("key", "allows"),
    [
        ("DMI-UNSPECIFIED", None),
        ("DMI-ALLOWED", True),
        ("DMI-PROHIBITED", False),
        ("DMI-PROHIBITED-AIMLTRAINING", False),
        ("DMI-PROHIBITED-GENAIMLTRAINING", False),
        ("DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING", False),
        ("DMI-PROHIBITED-SEECONSTRAINT", False),
        ("DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR", False),
        ("DMI-PROHIBITED-SEELINKEDRIGHTSEXPR", False),
    ],
)
def test_the_vocabulary_for_data_mining(key: str, allows: bool | None) -> None:
    signal = {("xmp", f"plus:DataMining={key}"): allows}
    assert said(xmp(plus_DataMining=PLUS + key)) == signal
    assert said(wrap("", f'plus:DataMining="{key.lower()}"')) == signal
    assert said(wrap(f'<plus:DataMining rdf:resource="{PLUS}{key}"/>')) == signal


@pytest.mark.parametrize(
    ("packet", "source", "value", "allows"),
    [
        (xmp(tdm_reservation="1"), "xmp", "tdm:reservation=1", False),
        (xmp(tdm_reservation="0"), "xmp", "tdm:reservation=0", True),
        (
            wrap(TERMS.format('<rsl:prohibits type="usage">ai-train</rsl:prohibits>')),
            "rsl",
            "ai-train is not permitted",
            False,
        ),
        (
            wrap(TERMS.format('<rsl:permits type="usage">ai-train</rsl:permits>')),
            "rsl",
            "ai-train is permitted",
            True,
        ),
        (
            xmp(Iptc4xmpExt_DigitalSourceType=GENERATED),
            "xmp",
            f"Iptc4xmpExt:DigitalSourceType={GENERATED}",
            None,
        ),
        (xmp(xmpRights_UsageTerms="Ask"), "xmp", "xmpRights:UsageTerms=Ask", None),
        (xmp(plus_OtherConstraints="x" * 900), "xmp", f"plus:OtherConstraints={'x' * 478}", None),
        (wrap(" " * (16 * 1024 * 1024)), "xmp", "is too large to be read", False),
    ],
)
def test_other_statements(packet: bytes, source: str, value: str, allows: bool | None) -> None:
    assert said(packet) == {(source, value): allows}


def test_every_packet_counts_and_notices_are_noted() -> None:
    first, second = xmp(dc_rights="A"), xmp(plus_DataMining=f"{PLUS}DMI-PROHIBITED")
    assert said(first, second, first, block=iptc((116, b"B")), copyright="C") == {
        ("xmp", "dc:rights=A"): None,
        ("xmp", "plus:DataMining=DMI-PROHIBITED"): False,
        ("iptc", "CopyrightNotice=B"): None,
        ("exif", "Copyright=C"): None,
    }


BY = "https://creativecommons.org/licenses/by/4.0/"
NAMED = wrap(
    "<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>"
    "<dc:rights>© Ann</dc:rights>"
)


@pytest.mark.parametrize(
    ("packet", "block", "exif", "credit"),
    [
        (b"", b"", {}, (None, None)),
        (b"", b"", {"make": "Acme"}, (None, None)),
        (b"", b"", {"artist": "Ada"}, ("Ada", "Ada")),
        (b"", b"", {"copyright": "© Ada"}, (None, "© Ada")),
        (b"", b"", {"artist": "Ada", "copyright": "© Agency"}, ("Ada", "Ada, © Agency")),
        (b"", b"", {"artist": "Ada", "copyright": "Ada"}, ("Ada", "Ada")),
        (b"", iptc((80, b"Bea"), (116, b"(c) Bea")), {"artist": "Ada"}, ("Bea", "Bea, (c) Bea")),
        (b"", iptc((80, b"Bea"), (110, b"Bea/Agency")), {}, ("Bea", "Bea/Agency")),
        (NAMED, iptc((80, b"Bea")), {}, ("Ann, Bob", "Ann, Bob, © Ann")),
        (xmp(photoshop_Credit="AP"), iptc((110, b"DPA")), {"artist": "Ada"}, ("Ada", "AP")),
    ],
)
def test_who_made_it_and_whom_to_credit(
    packet: bytes, block: bytes, exif: dict[str, str], credit: tuple[str | None, str | None]
) -> None:
    rights = describe_file(HERE, packets=[packet], iptc=block, exif=exif)
    assert (rights.creator, rights.attribution) == credit


@pytest.mark.parametrize(
    ("packet", "license_"),
    [
        (wrap(f'<cc:license rdf:resource="{BY}"/>'), BY),
        (xmp(xmpRights_WebStatement="http://a.example/terms"), "http://a.example/terms"),
        (xmp(xmpRights_WebStatement="http://a.example/terms", cc_license=BY), BY),
        (xmp(xmpRights_WebStatement="javascript:alert(1)"), None),
        (xmp(xmpRights_WebStatement="https://a.example/" + "x" * 500), None),
    ],
)
def test_under_which_licence(packet: bytes, license_: str | None) -> None:
    assert describe_file(HERE, packets=[packet]).license == license_


def test_a_file_without_statements() -> None:
    assert describe_file(HERE) == FileRights()
