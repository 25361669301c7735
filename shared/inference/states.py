"""States of a model version, and the moves between them that its owner may make."""

from shared.schemas.models import ModelStatus

_MOVES: dict[ModelStatus, tuple[ModelStatus, ...]] = {
    "pending": ("archived",),
    "active": ("deprecated", "archived"),
    "deprecated": ("active", "archived"),
    "archived": (),
    "rejected": ("archived",),
}


def can_move(old: ModelStatus, new: ModelStatus) -> bool:
    """Return whether the owner may change the one state to the other; staying is no change."""
    return new == old or new in _MOVES[old]
