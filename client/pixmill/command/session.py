"""One run of the command: which deployment it speaks to, and how it prints."""

import functools
import json
import os
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

import pixmill
from pixmill.command.profiles import Profile, Profiles, find_folder
from pixmill.command.refusals import Refusal
from pixmill.command.texts import make_printable

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Session:
    """The deployment and the manner of printing of one run."""

    def __init__(self, profile: str | None, *, is_json: bool) -> None:
        self.is_json = is_json
        self.profile_name = profile
        self.profiles = Profiles(find_folder())
        self.url: str | None = None

    def find_profile(self) -> Profile | None:
        """Return the deployment and the key to use, if any was named or kept."""
        url, key = os.environ.get("PIXMILL_URL"), os.environ.get("PIXMILL_KEY")
        if url and key:
            return Profile(url, key)
        if url or key:
            missing = "PIXMILL_KEY" if url else "PIXMILL_URL"
            raise Refusal(f"Set {missing} too: PIXMILL_URL and PIXMILL_KEY belong together.", 2)
        return self.profiles.find(self.profile_name)

    def connect(self) -> pixmill.Client:
        """Return a client. Raises `Refusal` where no deployment is known."""
        profile = self.find_profile()
        if profile is None:
            raise Refusal(
                "No deployment is known. Sign in with pixmill login ADDRESS, or start the system "
                "here with pixmill up."
            )
        return self.open(profile)

    def open(self, profile: Profile) -> pixmill.Client:
        """Return a client of a profile."""
        self.url = profile.url
        attempts = int(os.environ.get("PIXMILL_ATTEMPTS") or 5)
        return pixmill.Client(
            profile.url, profile.key, retries=pixmill.Retries(attempts=attempts, first=0.25)
        )

    def show(self, value: Any, lines: Iterable[str]) -> None:
        """Print a result: as JSON for scripts, or in lines for people."""
        if self.is_json:
            click.echo(json.dumps(value))
            return
        for line in lines:
            click.echo(make_printable(line))

    def show_rows(self, rows: Iterable[Any], describe: Callable[[Any], str]) -> None:
        """Print rows as they come: a JSON object in each line, or a line for people."""
        for row in rows:
            click.echo(json.dumps(row) if self.is_json else make_printable(describe(row)))


def common(function: _Function) -> _Function:
    """Give a command the options `--profile` and `--json`, and a `Session` as first argument."""

    @click.option("--profile", metavar="NAME", help="The deployment, as pixmill login named it.")
    @click.option("--json", "is_json", is_flag=True, help="Print JSON, for scripts.")
    @functools.wraps(function)
    def run(*args: Any, profile: str | None, is_json: bool, **kwargs: Any) -> Any:
        context = click.get_current_context()
        context.meta["json"] = is_json
        session = Session(profile, is_json=is_json)
        context.meta["session"] = session
        return function(session, *args, **kwargs)

    return run  # type: ignore[return-value]
