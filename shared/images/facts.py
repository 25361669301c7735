"""Facts of a picture (label, caption, licence): whose words an original has.

Of the entries of one list with equal content the first says it, in whatever order workers bring
them: one that comes later and stands before exchanges its origin with the image that is there.
What it does not say comes from the first entry that does. For each fact that is not of the image's
own origin `said_by` has the entry's job and place in its list, and `person` for what somebody has
changed, which stays.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.models import Image

# About the file and the terms that it is under, so only between files that are equal.
OF_CONTENT = ("label", "caption", "license", "attribution", "metadata")
OF_PICTURE = ("label", "caption")
# What else tells an entry of a list from another one with the same content.
_OF_ENTRY = ("original_url", "source_page", "file_name", "rights_signal_ids", "list_position")
_PERSON = "person"


def mark_person(names: Iterable[str]) -> dict[str, Any]:
    """Return what `said_by` has of facts that a person changed."""
    return dict.fromkeys(names, _PERSON)


def lock_originals(session: Session, image_ids: Iterable[UUID]) -> None:
    """Lock images whose facts change until the transaction ends, in the order of their ids.

    Transactions that bring duplicates of the same ones wait for each other, and neither for ever:
    so lock all of them at once, before the first is changed.
    """
    if ids := sorted(set(image_ids)):
        session.execute(
            select(Image.id)
            .where(Image.id.in_(ids))
            .order_by(Image.id)
            .with_for_update(key_share=True)
        )


def exchange_origins(session: Session, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Have images exchange their origins with duplicates that stand before them in their list.

    `pairs` are ids of new duplicates, and of the images that have the same content. Of several
    duplicates of one image the first counts. An image that a person has changed keeps its origin.
    Call it with the images locked (`lock_originals`).
    """
    if not pairs:
        return
    moved = [
        f"{name} = CASE WHEN i.id = h.id THEN d.{name} ELSE h.{name} END" for name in _OF_ENTRY
    ]
    session.execute(
        text(f"""
        UPDATE images i SET {", ".join([*moved, *map(_exchange_fact, OF_CONTENT)])},
            said_by = CASE WHEN i.id = h.id THEN {_exchange_speakers()} END
        FROM (
            SELECT DISTINCT ON (p.original) p.original, p.duplicate
            FROM {_PAIRS}
                JOIN images d ON d.id = p.duplicate
                JOIN images h ON h.id = p.original
            WHERE d.crawl_job_id = h.crawl_job_id AND d.list_position < h.list_position
                AND {" AND ".join(f"NOT {_is_by_person('h', name)}" for name in OF_PICTURE)}
            ORDER BY p.original, d.list_position
        ) AS first
            JOIN images d ON d.id = first.duplicate
            JOIN images h ON h.id = first.original
        WHERE i.id IN (d.id, h.id)
        """),  # noqa: S608 # the names are constants
        _to_arrays(pairs),
    )


def complete_originals(
    session: Session, pairs: Sequence[tuple[UUID, UUID]], names: Sequence[str]
) -> None:
    """Give originals the facts that they lack, from (duplicate, original) pairs of ids.

    Of several that say something the first of the first job counts, by its place in the job's list.
    It also replaces what a later entry of the same list has said; nothing else is overwritten. What
    a person said goes before, and stays a person's word. Call it with the originals locked
    (`lock_originals`).
    """
    if not pairs:
        return
    first = ", ".join(
        f"""(array_agg(jsonb_build_object('value', d.{name}, 'by', {_find_speaker(name)})
            ORDER BY {_is_by_person("d", name)} DESC, d.crawl_job_id,
                coalesce((d.said_by->'{name}'->>'place')::int, d.list_position), d.id)
            FILTER (WHERE {_is_said("d", name)}))[1] AS {name}"""
        for name in names
    )
    values = ", ".join(
        f"{name} = CASE WHEN {_is_taken(name)} THEN {_read_value(name)} ELSE i.{name} END"
        for name in names
    )
    speakers = ", ".join(
        f"'{name}', CASE WHEN {_is_taken(name)} THEN said.{name}->'by' END" for name in names
    )
    session.execute(
        text(f"""
        UPDATE images i SET {values},
            said_by = nullif(coalesce(i.said_by, '{{}}')
                || jsonb_strip_nulls(jsonb_build_object({speakers})), '{{}}')
        FROM (
            SELECT p.original, {first}
            FROM {_PAIRS} JOIN images d ON d.id = p.duplicate
            GROUP BY p.original
        ) AS said
        WHERE i.id = said.original AND ({" OR ".join(map(_is_taken, names))})
        """),  # noqa: S608 # the names are constants
        _to_arrays(pairs),
    )


_PAIRS = """unnest(CAST(:duplicates AS uuid[]), CAST(:originals AS uuid[]))
    AS p (duplicate, original)"""


def _to_arrays(pairs: Sequence[tuple[UUID, UUID]]) -> dict[str, list[UUID]]:
    duplicates, originals = zip(*pairs, strict=True)
    return {"duplicates": [*duplicates], "originals": [*originals]}


# SQL about the facts of `i` (an image that is changed), `h` (one that is there), `d` (a duplicate)
# and `said` (the first that duplicates say: its value, and by whom).


def _is_said(image: str, name: str) -> str:
    nothing = "'{}'" if name == "metadata" else "NULL"
    return f"({image}.{name} IS DISTINCT FROM {nothing})"


def _is_by_person(image: str, name: str) -> str:
    return f"(({image}.said_by->>'{name}') IS NOT DISTINCT FROM '{_PERSON}')"


def _exchange_fact(name: str) -> str:
    """Keep what the new origin does not say, and give nothing away that another entry has said."""
    nothing = "'{}'" if name == "metadata" else "NULL"
    return f"""{name} = CASE
        WHEN i.id = h.id THEN CASE WHEN {_is_said("d", name)} THEN d.{name} ELSE h.{name} END
        WHEN h.said_by->'{name}' IS NULL THEN h.{name} ELSE {nothing} END"""


def _exchange_speakers() -> str:
    """Return who has said what the new origin does not say."""
    place = "jsonb_build_object('job', h.crawl_job_id, 'place', h.list_position)"
    speakers = ", ".join(
        f"'{name}', CASE WHEN {_is_said('h', name)} AND NOT {_is_said('d', name)}"
        f" THEN coalesce(h.said_by->'{name}', {place}) END"
        for name in OF_CONTENT
    )
    return f"nullif(jsonb_strip_nulls(jsonb_build_object({speakers})), '{{}}')"


def _find_speaker(name: str) -> str:
    """Return who said a fact of a duplicate: nobody where no entry stands before another."""
    place = "jsonb_build_object('job', d.crawl_job_id, 'place', d.list_position)"
    return f"""coalesce(d.said_by->'{name}',
        CASE WHEN d.list_position IS NOT NULL THEN {place} END)"""


def _read_value(name: str) -> str:
    return f"said.{name}->'value'" if name == "metadata" else f"said.{name}->>'value'"


def _is_taken(name: str) -> str:
    """Return whether nobody has said a fact yet, or a later entry of the same list has."""
    by, before = f"said.{name}->'by'", f"i.said_by->'{name}'"
    is_earlier = f"""{by}->>'job' = {before}->>'job'
        AND ({by}->>'place')::int < ({before}->>'place')::int"""
    lacks = f"NOT {_is_said('i', name)} AND NOT {_is_by_person('i', name)}"
    return f"(said.{name} IS NOT NULL AND ({lacks} OR coalesce({is_earlier}, false)))"
