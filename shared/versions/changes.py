"""Lists what two versions hold differently, page by page."""

from typing import Any

from sqlalchemy.orm import Session

from shared.errors import BadRequest, Invalid
from shared.models import DatasetVersion
from shared.paging import Page, decode_cursor, encode_cursor
from shared.schemas.versions import VersionChange, VersionedImage
from shared.versions.queries import select_changes

_KIND = "version_changes"


def list_changes(
    session: Session,
    before: DatasetVersion,
    after: DatasetVersion,
    limit: int,
    cursor: str | None,
) -> Page[VersionChange]:
    """Return up to `limit` changes in the order of the contents' hashes.

    Raises `Invalid` while one of the versions is not complete, `BadRequest` for a wrong cursor.
    """
    for version in (before, after):
        if version.status != "completed":
            message = (
                f"The version {version.name} is {version.status}: only completed ones compare."
            )
            raise Invalid(detail=message)
    kind = f"{_KIND} {before.id} {after.id}"
    position = None
    if cursor is not None:
        digest, copy = decode_cursor(kind, cursor, [str, int])
        position = _read_digest(digest), copy
    rows = session.execute(select_changes(before.id, after.id, position).limit(limit + 1)).all()
    page = rows[:limit]
    following = None
    if len(rows) > limit:
        following = encode_cursor(kind, (page[-1].sha256.hex(), page[-1].copy))
    return Page(items=[_read_change(row) for row in page], next_cursor=following)


def _read_digest(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise BadRequest("The cursor cannot be read; start again without one.") from None


def _read_change(row: Any) -> VersionChange:
    change = "changed" if row.old_id and row.new_id else "removed" if row.old_id else "added"
    return VersionChange(
        image_id=row.new_id or row.old_id,
        sha256=bytes(row.sha256).hex(),
        change=change,
        before=_read_side(row, "old") if row.old_id else None,
        after=_read_side(row, "new") if row.new_id else None,
    )


def _read_side(row: Any, side: str) -> VersionedImage:
    values = {name: getattr(row, f"{side}_{name}") for name in VersionedImage.model_fields}
    rights = values["rights"]
    return VersionedImage(**values | {"rights": bytes(rights).hex() if rights else None})
