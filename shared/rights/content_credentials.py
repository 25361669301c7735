"""Content Credentials (C2PA 2.4): what manifests in a file assert about its use in training.

A store of manifests is a tree of boxes (JUMBF, ISO 19566-5), each with a label; assertions are in
CBOR or JSON. Only those are read that say something about use (CAWG Training and Data Mining
Assertion 1.1, and C2PA 1.0 to 2.0 before it) or what made the picture. No signature is verified, so
that a permission that stands here is noted and counts as none; a refusal counts whoever wrote it.
Manifests that lie elsewhere on the web are never fetched.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from shared.rights.cbor import TooManyItems, parse_cbor
from shared.rights.signals import MAX_VALUE, RightsSignal

_MAX_BOXES = 10_000
_MAX_ASSERTION = 64 * 1024
_MAX_STATEMENTS = 100
_TOO_LARGE = "holds an assertion that is too large to be read", False
_TOGGLE_LABEL = 0x02
_UUID_BYTES = 16
# A second assertion of a kind has a number behind its label.
_MINING = re.compile(r"(c2pa|cawg)\.training-mining(\.v\d+)?(__\d+)?")
_ACTIONS = re.compile(r"c2pa\.actions(\.v\d+)?(__\d+)?")
_TRAINING = frozenset({"ai_generative_training", "ai_training", "data_mining"})
_REFUSED = frozenset({"notallowed", "constrained"})


class _Box(NamedTuple):
    kind: bytes
    label: str  # of the nearest box around it that has one
    start: int
    end: int


def list_credential_signals(store: bytes, address: str) -> Iterator[RightsSignal]:
    """Yield what a store of manifests says, each statement once.

    A manifest of a picture that this one was made from counts like its own: one refusal is enough.
    A store of more boxes or statements than anybody writes refuses, and so does an assertion about
    use that is too large.
    """
    said: dict[tuple[str, bool | None], None] = {}
    try:
        for box in _read_boxes(store):
            if box.kind in (b"cbor", b"json"):
                said |= dict.fromkeys(_read_assertion(store, box))
            if len(said) > _MAX_STATEMENTS:
                raise _TooMuch
    except _TooMuch:
        said = {("holds too many manifests or statements to be read", False): None}
    for value, allows in said:
        yield RightsSignal("c2pa", value[:MAX_VALUE], allows, address)


class _TooMuch(Exception):
    """The store holds more than is read."""


def _read_boxes(store: bytes) -> Iterator[_Box]:
    """Yield every box that holds something, in the file's order, from the first `jumb` on."""
    left = _MAX_BOXES
    stack = [("", max(0, store.find(b"jumb") - 4), len(store))]
    while stack:
        label, position, end = stack.pop()
        size, kind, head = (
            int.from_bytes(store[position : position + 4]),
            store[position + 4 : position + 8],
            8,
        )
        if size == 1:
            size, head = int.from_bytes(store[position + 8 : position + 16]), 16
        if position + head > end or 0 < size < head:
            continue
        left -= 1
        if left < 0:
            raise _TooMuch
        box_end = min(position + size, end) if size else end
        stack.append((label, box_end, end))
        if kind == b"jumb":
            inner = position + head
            stack.append((_read_label(store, inner, box_end) or label, inner, box_end))
        else:
            yield _Box(kind, label, position + head, box_end)


def _read_label(store: bytes, start: int, end: int) -> str:
    """Return the label that the description box at `start`, which is the first inside, gives."""
    size = int.from_bytes(store[start : start + 4])
    body = store[start + 8 : min(start + size, end)]
    if store[start + 4 : start + 8] != b"jumd" or len(body) <= _UUID_BYTES:
        return ""
    if not body[_UUID_BYTES] & _TOGGLE_LABEL:
        return ""
    return body[_UUID_BYTES + 1 :].partition(b"\0")[0].decode("utf-8", "replace")


def _read_assertion(store: bytes, box: _Box) -> Iterator[tuple[str, bool | None]]:
    is_mining, is_actions = _MINING.fullmatch(box.label), _ACTIONS.fullmatch(box.label)
    if not (is_mining or is_actions):
        return
    if box.end - box.start > _MAX_ASSERTION:
        if is_mining:
            yield _TOO_LARGE
        return
    data = store[box.start : box.end]
    try:
        content = json.loads(data) if box.kind == b"json" else parse_cbor(data)
    except (TooManyItems, RecursionError):
        if is_mining:
            yield _TOO_LARGE
        return
    except ValueError:
        return
    if is_mining:
        yield from _read_uses(content)
    else:
        yield from _read_sources(content)


def _read_uses(content: object) -> Iterator[tuple[str, bool | None]]:
    entries = content.get("entries") if isinstance(content, dict) else None
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        use = entry.get("use") if isinstance(entry, dict) else None
        if isinstance(use, str):
            is_refused = use.lower() in _REFUSED and str(name).rpartition(".")[2] in _TRAINING
            yield f"{name}={use}", False if is_refused else None


def _read_sources(content: object) -> Iterator[tuple[str, bool | None]]:
    actions = content.get("actions") if isinstance(content, dict) else None
    for action in actions if isinstance(actions, list) else ():
        kind = action.get("digitalSourceType") if isinstance(action, dict) else None
        if isinstance(kind, str):
            yield f"digitalSourceType={kind}", None
