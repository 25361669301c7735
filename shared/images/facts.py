"""Completes an original's facts (label, caption, licence) by those of its duplicates."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.models import Image

# About the file and the terms that it is under, so only between files that are equal.
OF_CONTENT = ("label", "caption", "license", "attribution", "metadata")
OF_PICTURE = ("label", "caption")


def complete_originals(
    session: Session, pairs: Sequence[tuple[UUID, UUID]], names: Sequence[str]
) -> None:
    """Give originals the facts that they lack, from (duplicate, original) pairs of ids.

    Of several duplicates that say something the first image counts; nothing is overwritten. The
    originals are locked in the order of their ids, so that transactions which bring duplicates of
    the same ones wait for each other, and neither for ever.
    """
    if not pairs:
        return
    originals = sorted({original for _, original in pairs})
    session.execute(
        select(Image.id)
        .where(Image.id.in_(originals))
        .order_by(Image.id)
        .with_for_update(key_share=True)
    )
    lacks = {name: f"i.{name} IS NULL" for name in names} | {"metadata": "i.metadata = '{}'"}
    said = {name: f"d.{name} IS NOT NULL" for name in names} | {"metadata": "d.metadata <> '{}'"}
    first = ", ".join(
        f"(array_agg(d.{name} ORDER BY d.id) FILTER (WHERE {said[name]}))[1] AS {name}"
        for name in names
    )
    values = ", ".join(
        f"{name} = CASE WHEN {lacks[name]} THEN coalesce(said.{name}, i.{name}) ELSE i.{name} END"
        for name in names
    )
    lacking = " OR ".join(f"({lacks[name]} AND said.{name} IS NOT NULL)" for name in names)
    session.execute(
        text(f"""
        UPDATE images i SET {values}
        FROM (
            SELECT p.original, {first}
            FROM unnest(CAST(:duplicates AS uuid[]), CAST(:originals AS uuid[]))
                AS p (duplicate, original)
            JOIN images d ON d.id = p.duplicate
            GROUP BY p.original
        ) AS said
        WHERE i.id = said.original AND ({lacking})
        """),  # noqa: S608 # the names are constants
        {
            "duplicates": [duplicate for duplicate, _ in pairs],
            "originals": [original for _, original in pairs],
        },
    )
