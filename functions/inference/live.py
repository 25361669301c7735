"""Say that the server runs."""

from shared.schemas.inference import Live


def handle() -> Live:
    """Check liveness."""
    return Live(live=True)
