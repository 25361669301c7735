"""Settings from the environment."""

from dataclasses import fields
from typing import Any

import pytest

from shared.settings import SettingError, Settings, read_settings, to_variable

NEEDED = {"GOOGLE_CLOUD_PROJECT": "p", "PIXMILL_BUCKET": "b"}


def test_two_are_needed_and_the_rest_has_defaults() -> None:
    settings = read_settings(NEEDED)
    assert settings == Settings(project="p", bucket="b")
    for missing in NEEDED:
        with pytest.raises(SettingError, match=missing):
            read_settings({k: v for k, v in NEEDED.items() if k != missing})


def test_every_field_is_read_from_its_variable() -> None:
    environment = NEEDED | {
        to_variable(field.name): "7" if field.type is int else "text" for field in fields(Settings)
    }
    settings = read_settings(environment)
    for field in fields(Settings):
        assert getattr(settings, field.name) == (7 if field.type is int else "text")


def test_names_of_variables() -> None:
    assert to_variable("lease") == "PIXMILL_LEASE"
    assert to_variable("database_url") == "DATABASE_URL"
    names = [to_variable(field.name) for field in fields(Settings)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("text", ["x", "1.5", "7 days", "0x10"])
def test_a_number_that_is_none_is_named(text: str) -> None:
    with pytest.raises(SettingError, match="PIXMILL_LEASE"):
        read_settings(NEEDED | {"PIXMILL_LEASE": text})


def test_an_empty_variable_counts_as_absent() -> None:
    empty: dict[str, Any] = {"PIXMILL_LEASE": "", "DATABASE_URL": ""}
    assert read_settings(NEEDED | empty) == read_settings(NEEDED)
