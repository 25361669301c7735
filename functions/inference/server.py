"""Say what serves, and which extensions of the protocol it knows."""

from shared.inference.open_protocol import describe_server
from shared.schemas.inference import Server


def handle() -> Server:
    """Get the server's metadata."""
    return describe_server()
