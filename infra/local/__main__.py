"""`python -m infra.local`: starts the system and stays until it is told to end."""

import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from infra.local.addresses import Addresses
from infra.local.children import Child, StackError
from infra.local.choices import Choices
from infra.local.ending import EndedError, ignore_signals, listen
from infra.local.stack import Stack

if TYPE_CHECKING:
    from infra.local.console import ConsoleLink


def main() -> int:
    """Return the process's exit status."""
    listen()
    failed: Child | None = None
    stack: Stack | None = None
    link: ConsoleLink | None = None
    try:
        stack = Stack(Choices.read(os.environ))
        addresses = stack.start()
        link = _prepare_link(addresses)
        print(f"Console: {link.make(stack.state, addresses.base_url)}")
        print(f"Pixmill runs at   {addresses.base_url}")
        print(f"database          {addresses.database_url}")
        print(f"Pub/Sub           {addresses.pubsub_emulator_host}")
        print(f"Cloud Storage     {addresses.storage_emulator_host}")
        print("Ctrl-C stops it; the data stays.", flush=True)
        while (failed := stack.find_dead()) is None:
            time.sleep(1)
    except StackError as error:
        print(f"pixmill: {error}", file=sys.stderr)
        return 1
    except EndedError:
        pass
    finally:
        ignore_signals()
    if link is not None:
        _remove_link(link)
    if stack is not None:
        stack.stop()
    if failed is not None:
        print(f"pixmill: {failed.name} has ended; see {failed.log}.", file=sys.stderr)
        return 1
    return 0


def _prepare_link(addresses: Addresses) -> "ConsoleLink":
    from infra.local.console import ConsoleLink

    return ConsoleLink(addresses.database_url)


def _remove_link(link: "ConsoleLink") -> None:
    from sqlalchemy.exc import DBAPIError

    with suppress(DBAPIError):  # the database may be what has ended
        link.remove()


if __name__ == "__main__":
    raise SystemExit(main())
