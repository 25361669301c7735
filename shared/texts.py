"""Texts that others wrote, as data that is safe to store, show, and name things by."""

import re
import unicodedata

_MAX_SLUG = 60
_MAX_BYTES = 100
_MAX_SUFFIX = 16
_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")
_SEPARATORS = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))
# Controls, format characters (among them those that reverse text), surrogates, line separators.
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file; reserved with any suffix too.
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?", re.I)
_FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠")  # noqa: RUF001 (full-width ones work as well)


def slug(text: str) -> str:
    """`text` as lower-case ASCII letters, digits and single hyphens: 1 to 60 characters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    found = _NOT_IN_SLUGS.sub("-", plain).strip("-")[:_MAX_SLUG].rstrip("-") or "untitled"
    return f"file-{found}" if _RESERVED.fullmatch(found) else found


def file_name(text: str) -> str:
    """`text` as one safe path segment on every common system; two texts may give the same name.

    NFC, at most 100 bytes of UTF-8 with the suffix kept, no separators or invisible characters,
    no leading dots, no dots or spaces at the end, no reserved Windows name, never empty.
    """
    visible = "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE)
    name = _trim(unicodedata.normalize("NFC", visible).translate(_SEPARATORS)) or "file"
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix.encode()) > _MAX_SUFFIX:
        return _trim(_cut(name, _MAX_BYTES))
    return f"{_cut(stem, _MAX_BYTES - len(suffix.encode()) - 1)}.{suffix}"


def csv_cell(text: str) -> str:
    """`text` as a cell that no spreadsheet takes for a formula (OWASP ASVS 5.0, 1.2.10).

    An apostrophe goes before a first character that would start one. For texts only: write numbers
    as numbers. Quoting (RFC 4180) stays the CSV writer's work.
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def plain_text(text: str, most: int) -> str:
    """A line of at most so many characters, all of them printable; what others wrote becomes data.

    PostgreSQL takes neither U+0000 nor half a surrogate pair.
    """
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _trim(name: str) -> str:
    return name.lstrip(". ").rstrip(". ")


def _cut(text: str, size: int) -> str:
    """The longest start of `text` that has at most `size` bytes of UTF-8."""
    return text.encode()[:size].decode(errors="ignore")
