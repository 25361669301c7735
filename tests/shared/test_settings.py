"""Settings from the environment."""

from dataclasses import fields
from typing import Any

import pytest

from shared import __version__
from shared.settings import SettingError, Settings, read_settings, to_variable

# Texts of a form of their own.
FORMS = {
    "cors_origins": "https://app.example.org, http://127.0.0.1:5173",
    "crawl_contact": "https://example.org/bot",
    "crawl_host_limits": "a.example=2:10, b:80=1",
    "slots": "chunk-ready=40, export-requested=5",
}
NEEDED = {"GOOGLE_CLOUD_PROJECT": "p", "PIXMILL_BUCKET": "b"}


def test_two_are_needed_and_the_rest_has_defaults() -> None:
    settings = read_settings(NEEDED)
    assert settings == Settings(project="p", bucket="b")
    for missing in NEEDED:
        with pytest.raises(SettingError, match=missing):
            read_settings({k: v for k, v in NEEDED.items() if k != missing})


def test_every_field_is_read_from_its_variable() -> None:
    environment = NEEDED | {
        to_variable(field.name): "7" if field.type is int else FORMS.get(field.name, "text")
        for field in fields(Settings)
    }
    settings = read_settings(environment)
    for field in fields(Settings):
        expected = 7 if field.type is int else FORMS.get(field.name, "text")
        assert getattr(settings, field.name) == expected


def test_names_of_variables() -> None:
    assert to_variable("lease") == "PIXMILL_LEASE"
    assert to_variable("database_url") == "DATABASE_URL"
    names = [to_variable(field.name) for field in fields(Settings)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("text", ["x", "1.5", "7 days", "0x10"])
def test_a_number_that_is_none_is_named(text: str) -> None:
    with pytest.raises(SettingError, match="PIXMILL_LEASE"):
        read_settings(NEEDED | {"PIXMILL_LEASE": text})


@pytest.mark.parametrize("contact", ["https://example.org/bot?x=1", "bot@example.org", ""])
def test_the_crawler_names_product_version_and_contact(contact: str) -> None:
    agent = read_settings(NEEDED | {"PIXMILL_CRAWL_CONTACT": contact}).user_agent
    about = f"+{contact}" if contact else "image dataset crawler"
    assert agent == f"Pixmill/{__version__} ({about})"


@pytest.mark.parametrize(
    "contact",
    ["me", "bot@example.org\nX: y", "https://example.org/ )", "a@b (c)", "https://exämple.org"],
)
def test_a_contact_that_cannot_stand_in_a_header_is_named(contact: str) -> None:
    with pytest.raises(SettingError, match=r"PIXMILL_CRAWL_CONTACT must be a web address"):
        read_settings(NEEDED | {"PIXMILL_CRAWL_CONTACT": contact})


@pytest.mark.parametrize("text", ["a", "a=0", "a=1 b=2", "a=1:x"])
def test_limits_of_hosts_that_cannot_be_read_are_named(text: str) -> None:
    with pytest.raises(SettingError, match=r"PIXMILL_CRAWL_HOST_LIMITS must be pairs"):
        read_settings(NEEDED | {"PIXMILL_CRAWL_HOST_LIMITS": text})


def test_an_empty_variable_counts_as_absent() -> None:
    empty: dict[str, Any] = {"PIXMILL_LEASE": "", "DATABASE_URL": ""}
    assert read_settings(NEEDED | empty) == read_settings(NEEDED)
