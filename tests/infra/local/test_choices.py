"""Choices that the environment makes, and the errors for wrong ones."""

from pathlib import Path

import pytest

from infra.local.children import StackError
from infra.local.choices import Choices


def test_choices_have_defaults() -> None:
    assert Choices.read({}) == Choices(port=8080, state=Path(".local"))
    assert Choices.read({"PIXMILL_PORT": "", "DATABASE_URL": ""}) == Choices()


def test_choices_follow_the_environment() -> None:
    given = {"PIXMILL_PORT": "9", "PIXMILL_STATE": "/x", "PIXMILL_PUBSUB": "embedded"}
    assert Choices.read(given) == Choices(port=9, state=Path("/x"), embedded_pubsub=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"PIXMILL_PORT": "http"},
        {"PIXMILL_PORT": "0"},
        {"PIXMILL_PORT": "70000"},
        {"PIXMILL_PORT": "-1"},
        {"PIXMILL_PUBSUB": "kafka"},
        {"PIXMILL_CRAWL_ALLOW": "http://127.0.0.1:9000"},
        {"PIXMILL_CRAWL_ALLOW": "example.org:80"},
        {"PIXMILL_CRAWL_HOST_LIMITS": "example.org=many"},
        {"PIXMILL_POOL_SIZE": "few"},
        {"PIXMILL_CORS_ORIGINS": "app.example.org"},
        {"PIXMILL_CORS_ORIGINS": "https://app.example.org/path"},
        {"PIXMILL_CORS_ORIGINS": "https://*.example.org"},
    ],
)
def test_a_wrong_choice_is_named(wrong: dict[str, str]) -> None:
    with pytest.raises(StackError, match=next(iter(wrong))):
        Choices.read(wrong)
