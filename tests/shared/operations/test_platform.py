"""Names that the platform would refuse are refused when the manifest is written."""

import pytest

from shared.declarations import DeclarationError
from shared.operations.platform import check_names


def test_our_own_names_are_allowed() -> None:
    check_names(["crawler", "x" * 22], ["relay-due"])


def test_too_long_a_bundle() -> None:
    with pytest.raises(DeclarationError, match="at most 22"):
        check_names(["x" * 23], [])


@pytest.mark.parametrize("topic", ["goog-things", "ab", "1st", "a b"])
def test_topics_that_pubsub_does_not_take(topic: str) -> None:
    with pytest.raises(DeclarationError, match=topic):
        check_names([], [topic])
