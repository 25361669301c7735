"""The local system: up, down, status."""

from pathlib import Path

import click
import httpx2

from pixmill.addresses import find_version
from pixmill.command.local import LocalSystem
from pixmill.command.profiles import LOCAL
from pixmill.command.session import Session, common

_state = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of its data; PIXMILL_STATE, or ~/.local/share/pixmill.",
)


@click.command()
@_state
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Where it listens; 8080 if that is free."
)
@click.option(
    "--allow", metavar="HOST:PORT", multiple=True, help="Let crawls ask this of this machine."
)
@common
def up(session: Session, state: Path | None, port: int | None, allow: tuple[str, ...]) -> None:
    """Start the whole system here, in the background, and sign in to it.

    Needs pip install 'pixmill[local]'. Its data stays from one start to the next.
    """
    system = LocalSystem(state)
    was_running = system.find_running() is not None
    settings = {"PIXMILL_CRAWL_ALLOW": ",".join(allow)} if allow else {}
    running = system.start(port, settings)
    profile = system.sign_in(session.profiles, running)
    already = "runs already" if was_running else "runs"
    session.show(
        {"url": profile.url, "pid": running.pid, "state": str(system.state), "profile": LOCAL},
        [
            f"Pixmill {already} at {profile.url}; its data lies in {system.state}.",
            "pixmill open --profile local shows it in the browser; pixmill down ends it.",
        ],
    )


@click.command()
@_state
@common
def down(session: Session, state: Path | None) -> None:
    """End the local system; its data stays."""
    was_running = LocalSystem(state).stop()
    session.show(
        {"was_running": was_running}, ["Pixmill has ended." if was_running else "It did not run."]
    )


@click.command()
@_state
@common
def status(session: Session, state: Path | None) -> None:
    """Show the local system, the profiles, and whether the deployment in use answers."""
    system = LocalSystem(state)
    running = system.find_running()
    profile = session.find_profile()
    health = _ask(profile.url) if profile else None
    told = {
        "version": find_version(),
        "local": {"url": running.base_url, "state": str(system.state)} if running else None,
        "profiles": {name: one.url for name, one in session.profiles.by_name.items()},
        "deployment": {"url": profile.url, "health": health} if profile else None,
    }
    lines = [
        f"local     {running.base_url}, data in {system.state}" if running else "local     not up",
        *(f"profile   {name}: {one.url}" for name, one in session.profiles.by_name.items()),
    ]
    if profile:
        lines.append(f"in use    {profile.url}: {health}")
    session.show(told, lines)


def _ask(url: str) -> str:
    try:
        answer = httpx2.get(f"{url}/healthz", timeout=10)
    except httpx2.TransportError:
        return "does not answer"
    return "answers" if answer.status_code == 200 else f"answers {answer.status_code}"


COMMANDS = (up, down, status)
