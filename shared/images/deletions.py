"""Contents that a person deleted: kept out of later crawls, with what looks like them.

Only hashes are kept, and only of what is gone altogether: as long as an image of the project has
the content, it is in. An upload is a person's wish to have it back.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, and_, column, delete, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on, insert
from sqlalchemy.orm import Session, aliased

from shared.images.originals import choose_distance
from shared.images.similarity import hamming_distance, looks_like
from shared.models import DeletedImage, Image


def remember_deletion(session: Session, project_id: UUID, image_ids: Collection[UUID]) -> None:
    """Keep away the contents of images that are about to be deleted, but for those of others too.

    Call it with the contents locked for this transaction alone.
    """
    other = aliased(Image)
    is_held = exists().where(
        other.project_id == project_id,
        other.sha256 == Image.sha256,
        other.id.not_in(image_ids),
        other.status == "completed",
    )
    leaving = (
        select(Image.project_id, Image.sha256, Image.phash)
        .where(Image.id.in_(image_ids), Image.project_id == project_id)
        .where(Image.status == "completed", Image.sha256.is_not(None), ~is_held)
    )
    statement = insert(DeletedImage).from_select(
        ["project_id", "sha256", "phash"], leaving, include_defaults=False
    )
    session.execute(statement.on_conflict_do_nothing())


def find_deleted(
    session: Session, project_id: UUID, rows: Sequence[Mapping[str, Any]], distance: int | None
) -> dict[Any, datetime]:
    """Return those of some rows, by id, that equal or look like what was deleted: with the time.

    The rows bring `id`, `sha256` and `phash`. `distance` is that of a crawl; with None it is the
    project's, or else `DEFAULT_DISTANCE`. A content that the project has is none that was deleted.
    """
    of_project = DeletedImage.project_id == project_id
    if not rows or not session.scalar(select(exists().where(of_project))):
        return {}
    contents = {row["sha256"] for row in rows}
    held = set(
        session.scalars(
            select(Image.sha256).where(
                Image.project_id == project_id,
                Image.sha256.in_(contents),
                Image.status == "completed",
            )
        )
    )
    equal = dict(
        session.execute(
            select(DeletedImage.sha256, DeletedImage.created_at).where(
                of_project, DeletedImage.sha256.in_(contents - held)
            )
        ).all()
    )
    others = [row for row in rows if row["sha256"] not in held and row["sha256"] not in equal]
    alike = _find_alike(session, project_id, {row["phash"] for row in others}, distance)
    found = {row["id"]: equal[row["sha256"]] for row in rows if row["sha256"] in equal}
    return found | {row["id"]: alike[row["phash"]] for row in others if row["phash"] in alike}


def _find_alike(
    session: Session, project_id: UUID, hashes: Collection[int], distance: int | None
) -> dict[int, datetime]:
    """Return when the nearest deleted image of each hash that has one was deleted."""
    if not hashes:
        return {}
    limit = choose_distance(session, project_id, distance)
    wanted = (
        func.unnest(literal(sorted(hashes), ARRAY(BigInteger)))
        .table_valued(column("phash", BigInteger))
        .render_derived(name="wanted")
    )
    is_alike = looks_like(wanted.c.phash, limit, DeletedImage)
    bits = hamming_distance(DeletedImage.phash, wanted.c.phash)
    rows = session.execute(
        select(wanted.c.phash, DeletedImage.created_at)
        .ext(distinct_on(wanted.c.phash))
        .join(DeletedImage, and_(DeletedImage.project_id == project_id, is_alike))
        .order_by(wanted.c.phash, bits, DeletedImage.id)
    )
    return {row.phash: row.created_at for row in rows}


def forget_deletions(session: Session, project_id: UUID, sha256: str, phash: int) -> None:
    """Let a content and what looks like it come back, as far as it was deleted."""
    limit = choose_distance(session, project_id, None)
    session.execute(
        delete(DeletedImage)
        .where(
            DeletedImage.project_id == project_id,
            or_(DeletedImage.sha256 == sha256, looks_like(phash, limit, DeletedImage)),
        )
        .execution_options(synchronize_session=False)
    )
