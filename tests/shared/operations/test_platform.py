"""Names that the platform would refuse are refused when the manifest is written."""

import pytest

from shared.declarations import DeclarationError
from shared.messaging.messages import Message, RelayDue
from shared.operations.platform import check_names


class _Googles(Message, topic="goog-things"):
    """A message on a topic that only Google may name so."""


class _Short(Message, topic="ab"):
    """A message on a topic of two letters."""


def test_our_own_names_are_allowed() -> None:
    check_names(["crawler", "x" * 22], [RelayDue])


def test_too_long_a_bundle() -> None:
    with pytest.raises(DeclarationError, match="at most 22"):
        check_names(["x" * 23], [])


@pytest.mark.parametrize("message", [_Googles, _Short])
def test_topics_that_pubsub_does_not_take(message: type[Message]) -> None:
    with pytest.raises(DeclarationError, match=message.topic):
        check_names([], [message])
