"""Columns of a manifest: the one that holds each field, as its owner says or by its usual name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.manifests.limits import MAX_COLUMNS, ManifestError
from shared.texts import clean_line

# In the order in which they are looked for, without regard to case. Where both stand, `image_url`
# is the image's address and `url` often its page's.
_USUAL = {
    "url": ("image_url", "img_url", "url", "image", "image_link", "link", "src", "uri"),
    "label": ("label", "class", "class_name", "category"),
    "caption": ("caption", "text", "alt", "alt_text", "top_caption", "description"),
    "license": ("license", "licence"),
    "attribution": ("attribution", "credit", "creator", "author", "artist"),
    "sha256": ("sha256",),
    "phash": ("phash",),
}
_MAX_NAMED = 30
_MAX_SHOWN = 40


@dataclass(frozen=True)
class Columns:
    """The columns of a table: how many, the place of each known field, other names by place."""

    count: int
    known: Mapping[str, int]
    others: Mapping[int, str]

    def split(self, values: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a row's values by field, and those of other columns by name."""
        count = len(values)
        return (
            {name: values[place] for name, place in self.known.items() if place < count},
            {name: values[place] for place, name in self.others.items() if place < count},
        )


def find_columns(names: Sequence[str], given: Mapping[str, str | None]) -> Columns:
    """Find the columns of a table with these names.

    `given` maps fields to names of columns, which must be there; other fields are looked for by
    usual names. Raise `ManifestError` when there is no column of addresses, when a column that is
    wanted stands twice, or when there are too many.
    """
    if len(names) > MAX_COLUMNS:
        raise ManifestError("bad_columns", f"there are {len(names)} columns, of {MAX_COLUMNS}")
    known = {field: _find(names, column) for field, column in given.items() if column is not None}
    lower = [name.strip().lower() for name in names]
    for field, usual in _USUAL.items():
        if field in known or field in given:
            continue
        free = [name for name in usual if name in lower and lower.index(name) not in known.values()]
        if free:
            known[field] = _get_single(lower, free[0])
    if "url" not in known:
        raise ManifestError(
            "no_url_column",
            f"there is no column of addresses; the columns are {_list(names)}. "
            "Say which it is, or name it url",
        )
    others = {
        place: name
        for place, name in enumerate(_tell_apart(names))
        if name and place not in known.values()
    }
    return Columns(len(names), known, others)


def find_fields(
    record: Mapping[str, Any], given: Mapping[str, str | None]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of one record by field, and those of its other names."""
    columns = _name_fields(record, given)
    taken = set(columns.values())
    known = {field: record[name] for field, name in columns.items()}
    return known, {name: value for name, value in record.items() if name not in taken}


def _name_fields(record: Mapping[str, Any], given: Mapping[str, str | None]) -> dict[str, str]:
    names = {field: name for field, name in given.items() if name is not None and name in record}
    lower = {name.lower(): name for name in reversed([*record]) if name not in names.values()}
    for field, usual in _USUAL.items():
        if field not in given and (found := next(filter(lower.get, usual), None)):
            names[field] = lower[found]
    return names


def _find(names: Sequence[str], wanted: str) -> int:
    if wanted not in names:
        raise ManifestError(
            "no_column",
            f"there is no column {clean_line(wanted, _MAX_SHOWN)}; the columns are {_list(names)}",
        )
    return _get_single(names, wanted)


def _get_single(names: Sequence[str], wanted: str) -> int:
    if names.count(wanted) > 1:
        shown = clean_line(wanted, _MAX_SHOWN)
        raise ManifestError("bad_columns", f"the column {shown} stands {names.count(wanted)} times")
    return names.index(wanted)


def _tell_apart(names: Sequence[str]) -> list[str]:
    """Return stripped names; the second of a name gets ``.2``, and so on."""
    seen: dict[str, int] = {}
    found = []
    for name in map(str.strip, names):
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 or not name else f"{name}.{seen[name]}")
    return found


def _list(names: Sequence[str]) -> str:
    shown = [clean_line(name, _MAX_SHOWN) for name in names[:_MAX_NAMED]]
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return (", ".join(shown) or "none") + more
