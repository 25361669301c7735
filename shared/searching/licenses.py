"""Licences by which a search can be narrowed, and the addresses of their deeds."""

from collections.abc import Mapping
from typing import Literal

# Creative Commons' licences and marks, under the short names that Openverse uses as well.
LicenseCode = Literal["cc0", "pdm", "by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd"]
LicenseGroup = Literal["public-domain", "commercial", "modification", "commercial-modification"]
LicenseChoice = Literal[LicenseCode, LicenseGroup]
"""Licence or mark of Creative Commons, or a group of them: `public-domain`, `commercial` (without
nc), `modification` (without nd), or both of the last.
"""

_CODES: tuple[LicenseCode, ...] = (
    *("cc0", "pdm", "by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd"),
)
_PUBLIC_DOMAIN = {"cc0": "zero", "pdm": "mark"}
_GROUPS: Mapping[str, tuple[LicenseCode, ...]] = {
    "public-domain": ("cc0", "pdm"),
    "commercial": tuple(code for code in _CODES if "-nc" not in code),
    "modification": tuple(code for code in _CODES if "-nd" not in code),
    "commercial-modification": ("cc0", "pdm", "by", "by-sa"),
}

LICENSES = frozenset({*_CODES, *_GROUPS})


def list_codes(choice: str) -> tuple[LicenseCode, ...]:
    """Return the licences that a choice lets through: itself, or the members of its group."""
    return _GROUPS.get(choice) or tuple(code for code in _CODES if code == choice)


def make_deed_address(code: str, version: str) -> str:
    """Return the address of a licence's deed at creativecommons.org.

    Marks of the public domain have one version only.
    """
    if code in _PUBLIC_DOMAIN:
        return f"https://creativecommons.org/publicdomain/{_PUBLIC_DOMAIN[code]}/1.0/"
    return f"https://creativecommons.org/licenses/{code}/{version}/"
