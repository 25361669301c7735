"""`python -m infra.emulators.pubsub`: the embedded emulator in the foreground."""

import argparse
import dataclasses
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from infra.emulators.pubsub import DeliveryFaults, EmbeddedPubSub


def main(given: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT, as the arguments given or those of the process say."""
    arguments = _make_parser().parse_args(given)
    faults = DeliveryFaults(
        **{name: getattr(arguments, name) for name in dataclasses.asdict(DeliveryFaults())}
    )
    pubsub = EmbeddedPubSub(
        arguments.port, arguments.directory, faults, window=arguments.window, host=arguments.host
    )
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        pubsub.start()
    except OSError as error:
        print(f"Pub/Sub emulator: {error}", file=sys.stderr)
        return 1
    print(f"Pub/Sub emulator ready at {pubsub.address}", flush=True)
    ended.wait()
    pubsub.stop()
    return 0


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.emulators.pubsub", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8085)
    parser.add_argument("--directory", type=Path, help="keep topics and messages here")
    parser.add_argument("--window", type=int, default=8, help="pushes at a time per subscription")
    for name, default in dataclasses.asdict(DeliveryFaults()).items():
        # Also from the environment, for a stack that starts this process by itself.
        value = type(default)(os.environ.get(f"PUBSUB_FAULT_{name.upper()}") or default)
        option = f"--{name.replace('_', '-')}"
        if isinstance(default, bool):
            parser.add_argument(option, action="store_true", default=value, help="fault")
        else:
            parser.add_argument(option, type=type(default), default=value, help="fault")
    return parser


if __name__ == "__main__":
    sys.exit(main())
