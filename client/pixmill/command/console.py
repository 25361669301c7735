"""The console, in the browser."""

import webbrowser

import click

from pixmill import operations
from pixmill.command.session import Session, common


@click.command("open")
@click.option("--print", "prints", is_flag=True, help="Print the link; open nothing.")
@common
def open_console(session: Session, prints: bool) -> None:
    """Open the console in the browser, signed in.

    The link works once, within five minutes. Where no browser opens, it is printed.
    """
    with session.connect() as client:
        made = client.send(operations.accounts_sign_in_code_create())
        link = f"{client.base_url}/#code={made['code']}"
        address = client.base_url
    opened = not prints and _open(link)
    shown = {"url": link, "expires_at": made["expires_at"], "opened": opened}
    session.show(shown, [f"{address} opens in the browser." if opened else link])


def _open(link: str) -> bool:
    try:
        return webbrowser.open(link)
    except webbrowser.Error:
        return False


COMMANDS = (open_console,)
