"""Take in a message that failed too often: keep it, and end the work that it was for."""

from pydantic import ValidationError
from sqlalchemy.orm import Session

from shared.calls import Received
from shared.messaging.fair_queue import give_back
from shared.messaging.messages import DeadLettered, find_by_bucket_prefix, find_by_topic
from shared.messaging.outbox import DEAD_LETTER_SOURCE, ID_ATTRIBUTE, TOPIC_ATTRIBUTE, Outbox
from shared.models import DeadLetter
from shared.subjects import record_failure


def handle(dead: DeadLettered, received: Received, session: Session, outbox: Outbox) -> None:
    """Record a dead letter."""
    subscription = received.attributes.get(f"{DEAD_LETTER_SOURCE}Subscription", "")
    attempts = int(received.attributes.get(f"{DEAD_LETTER_SOURCE}DeliveryCount") or 0)
    message_class = find_by_topic(
        received.attributes.get(TOPIC_ATTRIBUTE, "")
    ) or find_by_bucket_prefix(received.attributes.get("objectId", ""))
    function = subscription.rsplit("/", 1)[-1].replace("-", "_")
    reason = f"{function or 'A function'} failed on it {attempts or 'too many'} times."
    session.add(
        DeadLetter(
            topic=message_class.topic if message_class else None,
            subscription=subscription,
            function=function,
            message=received.body,
            attributes=received.attributes,
            reason=reason,
            delivery_attempts=attempts,
        )
    )
    if message_class is None:
        return
    give_back(session, received.attributes.get(ID_ATTRIBUTE, ""))
    try:
        message = message_class.model_validate(received.body)
    except ValidationError:
        return
    record_failure(session, message, reason, outbox)
