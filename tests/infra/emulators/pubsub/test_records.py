"""The state that a journal's records add up to."""

from infra.emulators.pubsub import records, wire

TOPIC, SUBSCRIPTION, OTHER = "projects/p/topics/t", "projects/p/subscriptions/s", "other"


def test_the_state_after_all_records() -> None:
    messages = [wire.PubsubMessage(message_id=str(n), data=b"%d" % n) for n in (9, 10, 11)]
    state = records.JournalState.read(
        [
            records.make_topic_record(wire.Topic(name=TOPIC)),
            *(
                records.make_subscription_record(wire.Subscription(name=name, topic=TOPIC))
                for name in (SUBSCRIPTION, OTHER)
            ),
            *(records.make_message_record(message, [SUBSCRIPTION, OTHER]) for message in messages),
            records.make_settled_record(SUBSCRIPTION, "10"),
            records.make_subscription_deleted_record(OTHER),
            records.make_settled_record(OTHER, "9"),  # it was under way when the subscription went
        ]
    )
    assert list(state.topics) == [TOPIC]
    assert list(state.subscriptions) == list(state.waiting) == [SUBSCRIPTION]
    assert [message.data for message in state.waiting[SUBSCRIPTION].values()] == [b"9", b"11"]
    assert state.last_id == 11
