"""Character references, as the HTML standard reads them in attributes and in text (§13.2.5.72)."""

from __future__ import annotations

import re
from html.entities import html5

# The longest name has 31 letters and digits; what goes on behind it is no name.
_REFERENCE = re.compile(
    r"&(?:\#(?:[xX](?P<hexadecimal>[0-9a-fA-F]++)|(?P<decimal>[0-9]++))|(?P<name>[a-zA-Z0-9]{1,32}+))"
    r"(?P<end>;?)"
)
_LONGEST_WITHOUT_SEMICOLON = max(len(name) for name in html5 if not name.endswith(";"))
_LAST_CODE_POINT = 0x10FFFF
_MAX_DIGITS = 8  # no code point has more; leading zeros aside
_REPLACEMENT = "\ufffd"
# Pages mean Windows-1252 by the numbers of control characters (the standard's table).
_WINDOWS = {
    code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)
}


def unescape_attribute(text: str) -> str:
    """Return an attribute's value with its character references replaced.

    A name without its semicolon stays as it is where `=`, a letter or a digit follows, because
    `?a=1&copy=2` is an address.
    """
    if "&" not in text:
        return text
    return _REFERENCE.sub(lambda found: _replace(found, in_attribute=True), text)


def unescape_text(text: str) -> str:
    """Return text between tags with its character references replaced."""
    if "&" not in text:
        return text
    return _REFERENCE.sub(lambda found: _replace(found, in_attribute=False), text)


def _replace(found: re.Match[str], *, in_attribute: bool) -> str:
    name, end = found["name"], found["end"]
    if not name:
        decimal = found["decimal"]
        return _decode_number(decimal or found["hexadecimal"], 10 if decimal else 16)
    if end and f"{name};" in html5:
        return html5[f"{name};"]
    if in_attribute:
        before_equals = found.string.startswith("=", found.end())
        return html5[name] if name in html5 and not before_equals else found[0]
    for size in range(min(len(name), _LONGEST_WITHOUT_SEMICOLON), 1, -1):
        if name[:size] in html5:
            return html5[name[:size]] + name[size:] + end
    return found[0]


def _decode_number(digits: str, base: int) -> str:
    digits = digits.lstrip("0") or "0"
    code = int(digits, base) if len(digits) <= _MAX_DIGITS else _LAST_CODE_POINT + 1
    if code == 0 or code > _LAST_CODE_POINT or 0xD800 <= code <= 0xDFFF:
        return _REPLACEMENT
    return _WINDOWS.get(code) or chr(code)
