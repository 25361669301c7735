"""Assertions of Content Credentials about use in training."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.rights.content_credentials import list_credential_signals
from tests.credentials import SIGNED, box, mapping, mining, store, superbox, text
from tests.growth import Maker, assert_linear, repetitions

HERE = "https://a.example/x.jpg"
CAPTURE = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
REFUSED = {"cawg.ai_training": "notAllowed"}


def said(credentials: bytes) -> dict[str, bool | None]:
    signals = list(list_credential_signals(credentials, HERE))
    assert {(signal.source, signal.address) for signal in signals} <= {("c2pa", HERE)}
    return {signal.value: signal.allows for signal in signals}


@pytest.mark.parametrize("name", ["refused.jpg", "refused.avif"])
def test_what_a_signer_made(name: str) -> None:
    """In a file of so few bytes the store lies in one piece."""
    assert said(SIGNED[name]) == {
        f"digitalSourceType={CAPTURE}": None,
        "cawg.ai_training=notAllowed": False,
        "cawg.ai_inference=allowed": None,
    }


def test_a_permission_that_nobody_verified_is_none() -> None:
    assert said(SIGNED["allowed.jpg"])["cawg.ai_training=allowed"] is None


@pytest.mark.parametrize(
    ("label", "name", "use", "allows"),
    [
        ("cawg.training-mining", "cawg.ai_training", "notAllowed", False),
        ("cawg.training-mining", "cawg.ai_training", "constrained", False),
        ("cawg.training-mining", "cawg.ai_generative_training", "notAllowed", False),
        ("cawg.training-mining", "cawg.data_mining", "notAllowed", False),
        ("cawg.training-mining", "cawg.ai_inference", "notAllowed", None),
        ("cawg.training-mining", "cawg.ai_training", "allowed", None),
        ("cawg.training-mining", "org.example.other", "notAllowed", None),
        ("c2pa.training-mining", "c2pa.ai_training", "notAllowed", False),
        ("c2pa.training-mining__1", "c2pa.ai_training", "notAllowed", False),
        ("cawg.training-mining.v2", "cawg.ai_training", "notAllowed", False),
    ],
)
def test_uses(label: str, name: str, use: str, allows: bool | None) -> None:
    assert said(store([(label, mining({name: use}))])) == {f"{name}={use}": allows}
    content = json.dumps({"entries": {name: {"use": use, "constraint_info": "ask"}}}).encode()
    assert said(store([(label, box(b"json", content))])) == {f"{name}={use}": allows}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        box(b"cbor", b"\xff"),
        box(b"cbor", mapping({"entries": "x"})),
        box(b"cbor", mapping({"entries": mapping({"cawg.ai_training": text("notAllowed")})})),
        box(b"json", b'"entries"'),
        (2**31).to_bytes(4) + b"cbor" + b"\xa0",
        b"\0\0\0\1cbor" + bytes(8),
    ],
)
def test_odd_assertions_say_nothing(content: bytes) -> None:
    assert said(store([("cawg.training-mining", content)])) == {}


def test_other_assertions_are_not_read() -> None:
    assert said(store([("org.example.training-mining", mining(REFUSED))])) == {}


def test_boxes_with_a_long_head() -> None:
    inside = store([("cawg.training-mining", mining(REFUSED))])
    long = b"\0\0\0\1jumb" + (len(inside) + 8).to_bytes(8) + inside[8:]
    assert said(long) == said(inside) == {"cawg.ai_training=notAllowed": False}
    assert said(b"purpose" + inside) == said(inside)


def test_every_manifest_counts() -> None:
    ours = store([("cawg.training-mining", mining({"cawg.ai_training": "allowed"}))])
    parents = store([("cawg.training-mining", mining(REFUSED))])
    assert set(said(superbox("c2pa", parents, ours)).values()) == {None, False}


def test_too_many_manifests_refuse() -> None:
    assert said(superbox("c2pa", *[box(b"free", b"")] * 10_001)) == {
        "holds too many manifests or statements to be read": False
    }


@given(
    make=repetitions((box(b"free", b""), b"jumb", b"\0\0\0\x10", superbox("cawg.training-mining")))
)
@settings(max_examples=20)
def test_reading_takes_time_in_proportion(make: Maker) -> None:
    assert_linear(said, lambda size: b"\0\0\0\0jumb" + make(size), 20_000)


@given(st.binary(), st.integers(0, 400))
def test_any_bytes_are_read(data: bytes, cut: int) -> None:
    whole = store([("cawg.training-mining", mining(REFUSED))])
    said(whole[:cut] + data)


def test_more_statements_than_anybody_writes_refuse() -> None:
    many = {f"org.example.{number}": {"use": "allowed"} for number in range(200)}
    content = box(b"json", json.dumps({"entries": many}).encode())
    assert said(store([("cawg.training-mining", content)])) == {
        "holds too many manifests or statements to be read": False
    }


@pytest.mark.parametrize(
    "content",
    [
        box(b"json", json.dumps({"entries": {}, "pad": "x" * 70_000}).encode()),
        box(b"cbor", mapping({"entries": "x"}) + bytes(70_000)),
        box(b"cbor", b"\x9f" + b"\x00" * 20_000 + b"\xff"),
        box(b"json", b"[" * 60_000),
    ],
)
def test_an_assertion_about_use_that_is_too_large_refuses(content: bytes) -> None:
    refusal = {"holds an assertion that is too large to be read": False}
    assert said(store([("cawg.training-mining", content)])) == refusal
    assert said(store([("c2pa.actions", content)])) == {}
