"""Says what the splits of an export lack."""

from collections.abc import Mapping
from typing import Any

from shared.exports.plan import ImageCounts

_NAMED = 5  # classes that one warning names


def describe_lacking_splits(counts: ImageCounts, splits: Mapping[str, Any] | None) -> list[str]:
    """Return warnings of splits without images, and of classes that some splits lack."""
    warnings = []
    for split in sorted(splits or ()):
        if split not in counts.splits:
            warnings.append(
                f"The split {split} has no image: there are too few groups of near copies. Collect "
                "more images, or give it a larger share."
            )
            continue
        lacking = sorted(set(counts.labels) - set(counts.split_labels.get(split, ())))
        if lacking:
            named = ", ".join(lacking[:_NAMED]) + (", …" if len(lacking) > _NAMED else "")
            warnings.append(
                f"The split {split} lacks {len(lacking)} of {len(counts.labels)} classes ({named}):"
                ' all their images are near copies, or too few. Try stratify: "label", collect '
                "more images of them, or give it a larger share."
            )
    return warnings
