"""The page of settings, from the comments beside them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields

from infra.site.markdown import join_blocks, render_table
from infra.site.pages import ROOT
from shared.settings import Settings, to_variable

_FIELD = re.compile(r"^    (?P<name>\w+): (?P<rest>[^#]*)(?:#\s*(?P<comment>.*))?$")
_HEAD = """\
# Settings

Environment variables that the functions read, here and in the cloud, where Terraform's `settings` sets them. Durations are in
seconds unless named otherwise. What the local system reads besides stands in [The local system](../local.md).
"""


def render_settings() -> str:
    """Return the page."""
    return join_blocks(_HEAD, *_render_groups())


def _render_groups() -> Iterator[str]:
    defaults = {one.name: one.default for one in fields(Settings)}
    for title, lines in _list_groups():
        rows = [
            (f"`{to_variable(name)}`", _format_default(defaults[name]), comment)
            for name, comment in lines
        ]
        yield f"## {title}\n\n{render_table(('variable', 'default', 'meaning'), rows)}"


def _list_groups() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the title of each group of fields, and its fields with their comments."""
    title, group = "Always", list[tuple[str, str]]()
    above: list[str] = []  # comments over the next field
    for line in _read_class():
        text = line.strip()
        if text.startswith("#"):
            above.append(text.lstrip("# "))
        elif not text:
            if group:
                yield title, group
            title, group = "Others", []
        elif found := _FIELD.match(line):
            comment = found["comment"] or ""
            if not group and above:
                title = above.pop(0).rstrip(".")
            group.append((found["name"], _join([*above, comment])))
            above = []
    if group:
        yield title, group


def _read_class() -> list[str]:
    source = (ROOT / "shared" / "settings.py").read_text()
    (node,) = [
        one
        for one in ast.parse(source).body
        if isinstance(one, ast.ClassDef) and one.name == Settings.__name__
    ]
    statements = [one for one in node.body if isinstance(one, ast.AnnAssign)]
    return source.splitlines()[statements[0].lineno - 1 : statements[-1].end_lineno]


def _join(comments: list[str]) -> str:
    text = " ".join(filter(None, comments))
    return re.sub(r"\bdocs/(\w+)\.md\b", r"[\1](../\1.md)", text)


def _format_default(value: object) -> str:
    if value is MISSING:
        return "required"
    if value is None or value == "":
        return ""
    return f"{value:,}" if isinstance(value, int) else f"`{value}`"
