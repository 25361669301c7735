"""The reference is written from the code, and nothing of it is left out."""

from dataclasses import fields

import click
import pixmill
import pytest
from pixmill.command.main import main

from infra.site.reference import render_reference
from infra.site.reference.api import describe_type, load_document
from shared.quotas import QUOTAS
from shared.settings import Settings, to_variable


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return render_reference()


def test_every_option_of_the_command_is_there(pages: dict[str, str]) -> None:
    commands = {name: one for name, one in main.commands.items() if name != "webhooks"}
    inner = main.commands["webhooks"]
    assert isinstance(inner, click.Group)
    commands |= {f"webhooks {name}": one for name, one in inner.commands.items()}
    for name, command in commands.items():
        section = pages["reference/command.md"].split(f"\n## {name}\n")[1].split("\n## ")[0]
        for option in command.params:
            if isinstance(option, click.Option):
                assert f"`{option.opts[-1]}" in section or f" {option.opts[-1]}" in section


def test_every_operation_and_schema_is_there(pages: dict[str, str]) -> None:
    document = load_document()
    for path, operations in document["paths"].items():
        for method in operations:
            assert f"### `{method.upper()} {path}`\n" in pages["reference/api.md"]
    for name in document["components"]["schemas"]:
        assert f"\n## {name}\n" in pages["reference/schemas.md"]


def test_every_setting_is_there(pages: dict[str, str]) -> None:
    for one in fields(Settings):
        assert pages["reference/settings.md"].count(f"| `{to_variable(one.name)}` |") == 1
    assert "| `PIXMILL_LEASE` | 60 | of a chunk; " in pages["reference/settings.md"]
    assert "\n## Crawling, in one instance\n" in pages["reference/settings.md"]


def test_classes_errors_and_limits_are_there(pages: dict[str, str]) -> None:
    for name in ("Client", "Project", "Crawl", "Export", "Model", "Dataset"):
        assert f"\n## {name}\n" in pages["reference/client.md"]
    for name in pixmill.__all__:
        kind = getattr(pixmill, name)
        if isinstance(kind, type) and issubclass(kind, pixmill.PixmillError):
            named = f"`pixmill.{name}`" in pages["reference/errors.md"]
            assert named == (kind is not pixmill.PixmillError)
    assert f"| projects | {QUOTAS.projects:,} |" in pages["reference/limits.md"]


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"$ref": "#/components/schemas/Rules"}, "[Rules](schemas.md#rules)"),
        (
            {"type": "array", "items": {"type": "string"}, "maxItems": 5},
            "list of string (at most 5)",
        ),
        ({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}, "integer (≥ 1) or null"),
        ({"const": "pages", "type": "string"}, '`"pages"`'),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "object of number"),
        ({}, "anything"),
    ],
)
def test_types(schema: object, text: str) -> None:
    assert describe_type(schema) == text
