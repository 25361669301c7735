"""Keeps stored objects and the rows that name them together.

An object is removed once no row names it, while somebody may just be writing a row that does. So
whoever writes such a row locks the project together with others who do, and looks whether objects
that were in the bucket before are still there (`shared.storage.writer`); whoever removes objects
locks the project alone.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Image, ImageVariant, Profile, Project
from shared.storage.names import parse_content


def lock_project(session: Session, project_id: UUID) -> bool:
    """Keep a project and its objects until the transaction ends; return False when it is deleted.

    Takes owner and project in the order in which a deletion does, each by a statement of its own:
    of a join nobody promises the order.
    """
    owner = select(Profile.id).join(Project).where(Project.id == project_id)
    if session.scalar(owner.with_for_update(of=Profile, read=True, key_share=True)) is None:
        return False
    held = session.scalar(
        select(Project.id)
        .where(Project.id == project_id, Project.deleted_at.is_(None))
        .with_for_update(read=True, key_share=True)
    )
    return held is not None


def find_unnamed(session: Session, project_id: UUID, names: Collection[str]) -> list[str]:
    """Return those of a project's objects that no row names, until the transaction ends."""
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update())
    contents = {content for name in names if (content := parse_content(name))}
    images = (Image.project_id == project_id, Image.sha256.in_(contents))
    named = {
        *session.scalars(select(Image.file_path).where(*images)),
        *session.scalars(select(ImageVariant.object).join(Image).where(*images)),
    }
    return sorted(set(names) - named)
