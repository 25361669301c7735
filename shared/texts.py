"""Texts that others wrote, as data that is safe to store, show, and name things by."""

import re
import unicodedata

_MAX_SLUG = 60
_MAX_BYTES = 100
_MAX_SUFFIX = 16
_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")
_SEPARATORS = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))
# Controls, line separators, half surrogate pairs (PostgreSQL takes neither these nor U+0000), and
# format characters that reverse or hide text. Joiners stay: Persian and emoji need them.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff]"
)
_HALF_PAIR = re.compile("[\ud800-\udfff]")
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file; reserved with any suffix too.
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?", re.I)
_FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠")  # noqa: RUF001 (full-width ones work as well)


def make_slug(text: str) -> str:
    """Return `text` as lower-case ASCII letters, digits and single hyphens: 1 to 60 characters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    found = _NOT_IN_SLUGS.sub("-", plain).strip("-")[:_MAX_SLUG].rstrip("-") or "untitled"
    return f"file-{found}" if _RESERVED.fullmatch(found) else found


def make_file_name(text: str) -> str:
    """Return `text` as one safe path segment on every common system; two may give the same name.

    NFC, at most 100 bytes of UTF-8 with the suffix kept, no separators or invisible characters,
    no leading dots, no dots or spaces at the end, no reserved Windows name, never empty.
    """
    visible = "".join(c for c in _UNSAFE.sub("", text) if unicodedata.category(c) != "Cf")
    name = _trim(unicodedata.normalize("NFC", visible).translate(_SEPARATORS)) or "file"
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix.encode()) > _MAX_SUFFIX:
        return _trim(_cut(name, _MAX_BYTES))
    return f"{_cut(stem, _MAX_BYTES - len(suffix.encode()) - 1)}.{suffix}"


def escape_csv_cell(text: str) -> str:
    """Return `text` as a cell that no spreadsheet takes for a formula (OWASP ASVS 5.0, 1.2.10).

    An apostrophe goes before a first character that would start one. For texts only: write numbers
    as numbers. Quoting (RFC 4180) stays the CSV writer's work.
    """
    return f"'{text}" if starts_formula(text) else text


def starts_formula(text: str) -> bool:
    """Return whether a spreadsheet may take `text`, as a cell of CSV, for a formula and run it."""
    return text.startswith(_FORMULA_STARTS)


def has_half_pair(text: str) -> bool:
    """Return whether text holds half of a surrogate pair, which JSON can spell."""
    return _HALF_PAIR.search(text) is not None


def clean_line(text: str, limit: int | None = None) -> str:
    """Return `text` as one line that can be stored and shown, of at most `limit` characters.

    Control characters and other invisible ones become spaces, and each run of spaces one; what is
    cut ends in an ellipsis.
    """
    line = " ".join(_UNSAFE.sub(" ", text).split())
    return line if limit is None or len(line) <= limit else f"{line[: limit - 1]}…"


def _trim(name: str) -> str:
    return name.lstrip(". ").rstrip(". ")


def _cut(text: str, size: int) -> str:
    """Return the longest start of `text` that has at most `size` bytes of UTF-8."""
    return text.encode()[:size].decode(errors="ignore")
