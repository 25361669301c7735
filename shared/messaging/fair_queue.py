"""The fair queue: messages of work that is shared out by account wait here for their turn.

Of each topic so many are handled at a time as it has slots. Others wait as rows, and not in
Pub/Sub, where whoever comes later would wait for all that came before. A slot is taken when a
message is moved to the outbox, and given back when a function has dealt with it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Uuid, column, delete, func, lateral, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from shared.messaging.accounts import find_accounts
from shared.messaging.fair_choice import choose
from shared.messaging.messages import Message, find_by_topic
from shared.messaging.outbox import Envelope, Outbox
from shared.models import QueuedMessage

# A slot that was not given back for so long is free: its message was lost, or its worker.
_HELD_FOR = timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(days=1)
_MOST_ACCOUNTS = 1000  # that one choice looks at
_KEY_LENGTH = 100

# Each account's oldest message: a step of the index for each account, however many wait.
_ACCOUNTS = text("""
    WITH RECURSIVE oldest AS (
        (SELECT user_id, id FROM queued_messages WHERE topic = :topic AND sent_at IS NULL
         ORDER BY user_id, id LIMIT 1)
        UNION ALL
        SELECT following.* FROM oldest CROSS JOIN LATERAL
            (SELECT user_id, id FROM queued_messages
             WHERE topic = :topic AND sent_at IS NULL AND user_id > oldest.user_id
             ORDER BY user_id, id LIMIT 1) following
    )
    SELECT user_id, id FROM oldest LIMIT :most
""")


def enqueue(session: Session, outbox: Outbox) -> None:
    """Write an outbox's shared messages into the queue, as the system.

    What waits there already is not written again. What belongs to nobody, since it was deleted,
    leaves at once.
    """
    accounts = find_accounts(session, [message for message, _ in outbox.shared])
    pairs = list(zip(outbox.shared, accounts, strict=True))
    rows = [
        {
            "id": envelope.id,
            "topic": envelope.topic,
            "user_id": account,
            "key": _make_key(message),
            "message": envelope.body,
            "attributes": envelope.attributes,
        }
        for (message, envelope), account in pairs
        if account is not None
    ]
    if rows:
        session.execute(
            insert(QueuedMessage).on_conflict_do_nothing().returning(QueuedMessage.id), rows
        )
    outbox.topics |= {str(row["topic"]) for row in rows}
    outbox.write([envelope for (_, envelope), account in pairs if account is None])
    outbox.shared = []


def count_slots(kind: type[Message], setting: str) -> int:
    """Return how many messages of a class are handled at a time; 0 where they leave at once.

    `setting` is `Settings.slots`.
    """
    if not kind.slots or not setting:
        return kind.slots
    if setting.strip().isdecimal():
        return min(kind.slots, int(setting))
    pairs = dict(pair.strip().split("=") for pair in setting.split(","))
    return int(pairs.get(kind.topic, kind.slots))


def hand_out(session: Session, outbox: Outbox, topic: str, setting: str) -> None:
    """Move messages whose turn it is to the outbox, while the topic has slots.

    `setting` is as in `count_slots`. Choices of a topic are made one after the other.
    """
    kind = find_by_topic(topic)
    slots = count_slots(kind, setting) if kind else 0
    if not slots:
        return
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"queue:{topic}", 0))))
    # A statement of its own: it sees what was committed while the one before waited.
    waiting_accounts = session.execute(_ACCOUNTS, {"topic": topic, "most": _MOST_ACCOUNTS}).all()
    if not waiting_accounts:
        return
    at_work = _count_at_work(session, topic)
    free = slots - sum(at_work.values())
    if free <= 0:
        return
    first = sorted(
        (at_work.get(account, 0), oldest, account) for account, oldest in waiting_accounts
    )
    waiting = _list_waiting(session, topic, [account for *_, account in first[:free]], free)
    if chosen := choose(at_work, waiting, slots):
        _send(session, outbox, chosen)


def give_back(session: Session, message_id: str) -> None:
    """Free the slot of a message that a function has dealt with."""
    try:
        identity = UUID(message_id)
    except ValueError:
        return  # a message of the bucket's
    session.execute(
        delete(QueuedMessage)
        .where(QueuedMessage.id == identity)
        .execution_options(synchronize_session=False)
    )


def forget_lost(session: Session) -> None:
    """Delete what was sent long ago and never dealt with."""
    session.execute(
        delete(QueuedMessage)
        .where(QueuedMessage.sent_at < func.now() - _FORGOTTEN_AFTER)
        .execution_options(synchronize_session=False)
    )


def _count_at_work(session: Session, topic: str) -> dict[UUID, int]:
    counts = session.execute(
        select(QueuedMessage.user_id, func.count())
        .where(QueuedMessage.topic == topic, QueuedMessage.sent_at > func.now() - _HELD_FOR)
        .group_by(QueuedMessage.user_id)
    )
    return {row[0]: row[1] for row in counts}


def _list_waiting(
    session: Session, topic: str, accounts: Sequence[UUID], most: int
) -> dict[UUID, list[UUID]]:
    """Return the oldest waiting messages of accounts, so many of each."""
    given = (
        func.unnest(literal(list(accounts), ARRAY(Uuid)))
        .table_valued(column("account", Uuid))
        .render_derived(name="given")
    )
    theirs = lateral(
        select(QueuedMessage.id)
        .where(
            QueuedMessage.topic == topic,
            QueuedMessage.sent_at.is_(None),
            QueuedMessage.user_id == given.c.account,
        )
        .order_by(QueuedMessage.user_id, QueuedMessage.id)
        .limit(most)
    )
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for account, message in session.execute(
        select(given.c.account, theirs.c.id).join(theirs, literal(True))
    ):
        found[account].append(message)
    return {account: sorted(ids) for account, ids in found.items()}


def _send(session: Session, outbox: Outbox, chosen: Sequence[UUID]) -> None:
    rows = session.execute(
        update(QueuedMessage)
        .where(QueuedMessage.id.in_(chosen), QueuedMessage.sent_at.is_(None))
        .values(sent_at=func.now())
        .returning(
            QueuedMessage.id, QueuedMessage.topic, QueuedMessage.message, QueuedMessage.attributes
        )
        .execution_options(synchronize_session=False)
    ).all()
    place = {identity: number for number, identity in enumerate(chosen)}
    outbox.write([Envelope(*row) for row in sorted(rows, key=lambda row: place[row.id])])


def _make_key(message: Message) -> str:
    """Return what tells what a message is about from others of its topic."""
    body = message.model_dump(mode="json")
    key = " ".join(str(value) for value in body.values() if value is not None)
    return key if len(key) <= _KEY_LENGTH else hashlib.sha256(key.encode()).hexdigest()
