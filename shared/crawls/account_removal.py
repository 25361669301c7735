"""Removes accounts with all that they own, in steps that each take a second or two."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from shared.crawls import removal
from shared.crawls.project_removal import take_removal_step
from shared.messaging.messages import ObjectsReleased, RemovalRequested
from shared.messaging.outbox import Outbox
from shared.models import (
    ActivityLog,
    IdempotencyKey,
    InputCount,
    JobStats,
    Model,
    Prediction,
    PredictionCount,
    Profile,
    Project,
    StorageCount,
    UserSession,
    Webhook,
    WebhookDelivery,
)
from shared.storage.names import list_user_prefixes

PROJECTS = 20  # of one step, while they are small
# Tables of which an account may have very many rows; those of models after what names them.
_LARGE = (
    Prediction,
    PredictionCount,
    InputCount,
    StorageCount,
    JobStats,
    IdempotencyKey,
    UserSession,
    Model,
)


def hide_account(session: Session, outbox: Outbox, user_id: UUID) -> None:
    """Lock an account out and forget whose it is, at once; a message sees to its rows.

    Its e-mail address is free from now on, and its projects are as absent as somebody else's.
    """
    session.execute(
        update(Project)
        .where(Project.user_id == user_id, Project.deleted_at.is_(None))
        .values(deleted_at=func.now())
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Webhook)
        .where(Webhook.user_id == user_id)
        .values(is_active=False, due_at=None)
        .execution_options(synchronize_session=False)
    )
    profile = session.get_one(Profile, user_id)
    profile.email = f"{user_id}@deleted.invalid"
    profile.full_name = profile.hashed_password = None
    profile.is_active = False
    profile.deleted_at = func.now()
    session.flush()
    outbox.add(RemovalRequested(user_id=user_id))


def remove_account(session: Session, outbox: Outbox, user_id: UUID) -> None:
    """Remove an account as far as one step goes; a message sees to the rest.

    Call it with the account's row locked and marked as deleted.
    """
    if _remove_projects(session, outbox, user_id) and _remove_parts(session, user_id):
        session.execute(delete(Profile).where(Profile.id == user_id))
        outbox.add(ObjectsReleased(prefixes=list_user_prefixes(user_id)))
    else:
        outbox.add(RemovalRequested(user_id=user_id))


def _remove_projects(session: Session, outbox: Outbox, user_id: UUID) -> bool:
    """Remove projects, of which the step takes one that is large; return whether none is left."""
    for _ in range(PROJECTS):
        project_id = session.scalar(
            select(Project.id).where(Project.user_id == user_id).limit(1).with_for_update()
        )
        if project_id is None:
            return True
        if not take_removal_step(session, outbox, project_id, by_system=True):
            break
    return False


def _remove_parts(session: Session, user_id: UUID) -> bool:
    own_webhooks = select(Webhook.id).where(Webhook.user_id == user_id)
    return (
        removal.remove_rows(session, WebhookDelivery, WebhookDelivery.webhook_id.in_(own_webhooks))
        and all(removal.remove_rows(session, table, table.user_id == user_id) for table in _LARGE)
        and _forget_activity(session, user_id)
    )


def _forget_activity(session: Session, user_id: UUID) -> bool:
    """Take the owner from what was done, which stays; return whether none is left."""
    some = select(ActivityLog.id).where(ActivityLog.user_id == user_id).limit(removal.ROWS)
    statement = update(ActivityLog).where(ActivityLog.id.in_(some)).values(user_id=None)
    changed = session.execute(statement.execution_options(synchronize_session=False))
    return cast(CursorResult[Any], changed).rowcount < removal.ROWS
