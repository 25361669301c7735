"""`python -m infra.emulators.storage`: the emulator in the foreground, until SIGINT or SIGTERM."""

import argparse
import logging
from pathlib import Path

from infra.emulators.storage.server import ServerOptions, serve


def main() -> None:
    """Read the command line and serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="infra.emulators.storage", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--bucket", action="append", default=[], help="made unless it is there")
    parser.add_argument(
        "--service-account", type=Path, action="append", default=[], help="whose signatures count"
    )
    parser.add_argument(
        "--notify",
        type=_parse_notification,
        action="append",
        default=[],
        metavar="PREFIX=TOPIC",
        help="new objects below a prefix go to projects/P/topics/T",
    )
    parser.add_argument("--threads", type=int, default=32)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    serve(
        ServerOptions(
            arguments.directory.absolute(),
            arguments.port,
            tuple(arguments.bucket),
            tuple(arguments.service_account),
            dict(arguments.notify),
            arguments.threads,
        )
    )


def _parse_notification(text: str) -> tuple[str, str]:
    prefix, separator, topic = text.rpartition("=")
    if not separator or not topic.startswith("projects/"):
        raise argparse.ArgumentTypeError(f"{text!r} is not PREFIX=projects/P/topics/T")
    return prefix, topic


if __name__ == "__main__":
    main()
