"""Messages and their topics."""

import re

import pytest
from pydantic import ValidationError

from shared.messaging.messages import (
    Message,
    UploadFinalized,
    VariantsRequested,
    find_by_bucket_prefix,
    find_by_topic,
)
from shared.models.base import new_id
from shared.operations.discovery import list_message_functions


def leaves(kind: type[Message] = Message) -> list[type[Message]]:
    below = kind.__subclasses__()
    return [leaf for one in below for leaf in leaves(one)] if below else [kind]


@pytest.mark.parametrize("kind", leaves())
def test_a_class_is_found_by_its_topic(kind: type[Message]) -> None:
    assert find_by_topic(kind.topic) is kind
    # Pub/Sub: 3 to 255 characters, beginning with a letter, and not with "goog".
    assert re.fullmatch(r"(?!goog)[a-z][a-z0-9-]{2,254}", kind.topic)


def test_no_class_owns_an_unknown_topic() -> None:
    assert find_by_topic("") is None
    assert find_by_topic("no-such-topic") is None


def test_bucket_events_go_by_the_name_of_the_object() -> None:
    assert find_by_bucket_prefix("uploads/a/b") is UploadFinalized
    for name in ("", "images/a", "xuploads/a"):
        assert find_by_bucket_prefix(name) is None


def test_an_object_resource_as_cloud_storage_sends_it() -> None:
    """64-bit numbers are strings in some payloads; what is not asked for is left out."""
    event = UploadFinalized.model_validate(
        {
            "kind": "storage#object",
            "id": "b/uploads/x/1700000000000000",
            "name": "uploads/x",
            "bucket": "b",
            "generation": "1700000000000000",
            "metageneration": "1",
            "contentType": "image/jpeg",
            "size": "12345",
            "crc32c": "AAAAAA==",
        }
    )
    assert (event.generation, event.size) == (1_700_000_000_000_000, 12345)
    assert event.content_type == "image/jpeg"
    assert "kind" not in event.model_dump()


def test_a_message_survives_the_journey() -> None:
    sent = VariantsRequested(project_id=new_id(), image_ids=[new_id()], variants=[{"name": "a"}])
    assert VariantsRequested.model_validate(sent.model_dump(mode="json", by_alias=True)) == sent
    with pytest.raises(ValidationError):
        VariantsRequested.model_validate({"image_ids": []})


def test_every_schedule_is_a_cron_expression() -> None:
    scheduled = [kind for kind in leaves() if kind.schedule]
    assert scheduled
    for kind in scheduled:
        assert len((kind.schedule or "").split()) == 5
        # The platform publishes an empty message at those times.
        assert kind.model_validate({})


def test_what_has_a_schedule_or_comes_from_the_bucket_has_a_function() -> None:
    consumed = {operation.message for _, operation in list_message_functions()}
    for kind in leaves():
        if kind.bucket_prefix == "uploads/":
            assert kind in consumed
