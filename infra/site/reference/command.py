"""The page of the command, from the command itself."""

from collections.abc import Iterator

import click
from pixmill.command.main import main

from infra.site.markdown import join_blocks, render_table, to_markdown

_HEAD = """\
# The command's options

What `pixmill COMMAND --help` says. How to use it: [The command](../command.md).
"""


def render_command() -> str:
    """Return the page."""
    root = click.Context(main, info_name="pixmill")
    parts = (_render(name, main.commands[name], root) for name in sorted(main.commands))
    return join_blocks(_HEAD, *(text for part in parts for text in part))


def _render(name: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    text = to_markdown((command.help or "").replace("\b\n", ""))
    rows = [
        _describe(one, context)
        for one in command.get_params(context)
        if isinstance(one, click.Option) and not one.hidden
    ]
    if isinstance(command, click.Group):
        for inner in sorted(command.commands):
            yield from _render(inner, command.commands[inner], context)
        return
    title = context.command_path.partition(" ")[2]
    yield f"## {title}\n\n```text\n{usage}\n```"
    yield text
    yield render_table(("option", "meaning"), rows)


def _describe(option: click.Option, context: click.Context) -> tuple[str, str]:
    name, text = option.get_help_record(context) or ("", "")
    return f"`{name}`", text
