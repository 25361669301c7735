"""Signing in, and keys."""

import socket
import sys

import click

import pixmill
from pixmill import operations
from pixmill.addresses import check_base_url, is_private
from pixmill.command.profiles import Profile
from pixmill.command.refusals import WRONG_USE, Refusal
from pixmill.command.session import Session, common


@click.command()
@click.argument("address")
@click.option("--name", default="default", show_default=True, help="The profile's name.")
@click.option("--email", help="The account; asked for where it is missing.")
@click.option("--register", is_flag=True, help="Open the account first.")
@click.option("--key", "takes_key", is_flag=True, help="Take an API key from the standard input.")
@click.option("--insecure", is_flag=True, help="Allow http:// to another machine.")
@common
def login(
    session: Session,
    address: str,
    name: str,
    email: str | None,
    register: bool,
    takes_key: bool,
    insecure: bool,
) -> None:
    """Sign in to a deployment, and keep a key of it.

    The key is kept in a file that only you can read. A password is asked for, or read from the
    standard input where that is no terminal.
    """
    url = check_base_url(address)
    if not is_private(url) and not insecure:
        raise Refusal(
            f"{url} would send the password readably: use https://, or --insecure.", WRONG_USE
        )
    session.url = url
    if takes_key:
        key = sys.stdin.readline().strip()
        if not key:
            raise Refusal("No key came in the standard input.", WRONG_USE)
    else:
        key = _make_key(url, email, register)
    with session.open(Profile(url, key)) as client:
        profile = client.send(operations.accounts_profile_get())
    session.profiles.put(name, Profile(url, key), is_default=True)
    session.show(
        {"profile": name, "url": url, "email": profile["email"]},
        [f"Signed in to {url} as {profile['email']}; kept as profile {name}."],
    )


def _make_key(url: str, email: str | None, register: bool) -> str:
    is_terminal = sys.stdin.isatty()
    if email is None:
        if not is_terminal:
            raise Refusal("Name the account with --email, or take a key with --key.", WRONG_USE)
        email = click.prompt("E-mail")
    if is_terminal:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=register)
    else:
        password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise Refusal("No password came in the standard input.", WRONG_USE)
    with pixmill.Client(url) as client:
        try:
            return make_key(client, str(email), password, register=register)
        except pixmill.Unauthorized:
            raise Refusal(f"{url} knows no {email} with this password.") from None


def make_key(client: pixmill.Client, email: str, password: str, *, register: bool) -> str:
    """Return a new API key of an account, which is opened first where `register` says so."""
    if register:
        client.send(operations.accounts_register({"email": email, "password": password}))
    tokens = client.send(operations.accounts_sign_in({"email": email, "password": password}))
    with pixmill.Client(client.base_url, tokens["access_token"]) as own:
        name = f"pixmill on {socket.gethostname()}"[:200]
        return own.send(operations.accounts_api_key_create({"name": name}))["key"]


@click.command()
@click.option("--revoke", metavar="ID", help="End a key.")
@click.option("--create", metavar="NAME", help="Make another one, which is shown once.")
@common
def keys(session: Session, revoke: str | None, create: str | None) -> None:
    """List the account's API keys, make one, or end one."""
    with session.connect() as client:
        if revoke:
            client.send(operations.accounts_api_key_revoke(revoke))
            session.show({"revoked": revoke}, [f"{revoke} is no longer valid."])
        elif create:
            made = client.send(operations.accounts_api_key_create({"name": create}))
            session.show(made, [made["key"]])
        else:
            session.show_rows(
                client.iterate(operations.accounts_api_key_list(limit=200)),
                lambda row: (
                    f"{row['id']}  {row['prefix']}…  {row['created_at'][:10]}  {row['name']}"
                ),
            )


COMMANDS = (login, keys)
