"""Errors of the command, with their exit codes.

0 done, 1 failed, 2 wrong use, 3 done with failures that were asked to count, 130 interrupted.
"""

import json
import sys
from typing import IO, Any

import click

from pixmill.command.texts import make_printable
from pixmill.errors import (
    BadSource,
    Invalid,
    JobFailed,
    NotFound,
    PixmillError,
    TooMany,
    Unauthorized,
    Unreachable,
)

FAILED, WRONG_USE, COUNTED, INTERRUPTED = 1, 2, 3, 130
# Beginnings of a job's error that say that the command was given the wrong thing.
_OF_USERS = (
    *("no_column", "no_url_column", "bad_columns", "bad_format", "damaged", "empty"),
    "too_large",
)


class Refusal(click.ClickException):
    """An error with an exit code of its own."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        self.exit_code = exit_code  # type: ignore[misc]  # click means it for each class
        context = click.get_current_context(silent=True)
        self._is_json = context is not None and bool(context.meta.get("json"))
        super().__init__(message)

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the message; as JSON where `--json` was asked for."""
        text = f"pixmill: {make_printable(self.message)}"
        if self._is_json:
            text = json.dumps({"error": self.message, "exit_code": self.exit_code})
        click.echo(text, file=file or sys.stderr)


def make_refusal(error: PixmillError, url: str | None = None) -> Refusal:
    """Return what the command says of an error of the client."""
    where = f" of {url}" if url else ""
    match error:
        case BadSource():
            return Refusal(str(error), WRONG_USE)
        case Unauthorized():
            return Refusal(
                f"The key{where} is wrong, or has expired. Sign in again with pixmill login."
            )
        case NotFound():
            return Refusal(f"{error} It may be somebody else's, or on another deployment.")
        case Invalid():
            return Refusal(f"The API refuses this: {error}.".replace("..", "."), WRONG_USE)
        case TooMany():
            return Refusal(f"Too much at once: {error} Try again later.")
        case Unreachable():
            return Refusal(f"{error} Is the address right, and the system up? See pixmill status.")
        case JobFailed() if str(error).startswith(_OF_USERS):
            return Refusal(str(error), WRONG_USE)
    return Refusal(str(error))
