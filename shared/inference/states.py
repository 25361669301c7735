"""Which states a model version may be moved to by its owner."""

from shared.schemas.models import ModelStatus

_MOVES: dict[ModelStatus, tuple[ModelStatus, ...]] = {
    "pending": ("archived",),
    "active": ("deprecated", "archived"),
    "deprecated": ("active", "archived"),
    "archived": (),
    "rejected": ("archived",),
}


def can_move(old: ModelStatus, new: ModelStatus) -> bool:
    """Whether the owner may change the one state to the other; staying is no change."""
    return new == old or new in _MOVES[old]
