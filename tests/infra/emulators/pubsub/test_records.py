"""What a journal's records leave."""

from infra.emulators.pubsub import records, wire

TOPIC, SUBSCRIPTION, OTHER = "projects/p/topics/t", "projects/p/subscriptions/s", "other"


def test_the_state_after_all_records() -> None:
    messages = [wire.PubsubMessage(message_id=str(n), data=b"%d" % n) for n in (9, 10, 11)]
    state = records.State.read(
        [
            records.topic_record(wire.Topic(name=TOPIC)),
            records.topic_record(wire.Topic(name=TOPIC, labels={"a": "b"})),
            *(
                records.subscription_record(wire.Subscription(name=name, topic=TOPIC))
                for name in (SUBSCRIPTION, OTHER)
            ),
            *(records.message_record(message, [SUBSCRIPTION, OTHER]) for message in messages),
            records.settled_record(SUBSCRIPTION, "10"),
            records.subscription_gone(OTHER),
            records.settled_record(OTHER, "9"),  # it was under way when the subscription went
        ]
    )
    assert dict(state.topics[TOPIC].labels) == {"a": "b"}
    assert list(state.subscriptions) == list(state.waiting) == [SUBSCRIPTION]
    assert [message.data for message in state.waiting[SUBSCRIPTION].values()] == [b"9", b"11"]
    assert state.last_id == 11


def test_subscriptions_outlive_their_topic() -> None:
    state = records.State.read(
        [
            records.topic_record(wire.Topic(name=TOPIC)),
            records.subscription_record(wire.Subscription(name=SUBSCRIPTION, topic=TOPIC)),
            records.topic_gone(TOPIC),
        ]
    )
    assert state.topics == {}
    assert state.subscriptions[SUBSCRIPTION].topic == records.DELETED_TOPIC
