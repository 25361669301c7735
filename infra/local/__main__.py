"""`python -m infra.local`: starts the system and stays until it is told to end."""

import os
import signal
import sys
import threading

from infra.local.children import StackError
from infra.local.stack import Choices, Stack


def main() -> int:
    """Returns the process's exit status."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        stack = Stack(Choices.read(os.environ))
        addresses = stack.start()
    except StackError as error:
        print(f"pixmill: {error}", file=sys.stderr)
        return 1
    print(f"Pixmill runs at   {addresses.base_url}")
    print(f"database          {addresses.database_url}")
    print(f"Pub/Sub           {addresses.pubsub_emulator_host}")
    print(f"Cloud Storage     {addresses.storage_emulator_host}")
    print("Ctrl-C stops it; the data stays.", flush=True)
    failed = None
    while not ended.wait(1.0) and failed is None:
        failed = stack.dead()
    stack.stop()
    if failed is not None:
        print(f"pixmill: {failed.name} has ended; see {failed.log}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
