"""Says what the splits of a dataset lack."""

from collections.abc import Collection, Mapping

from shared.schemas.splits import SplitOptions

_NAMED = 5  # classes that one warning names


def describe_lacking_splits(
    labels: Collection[str], found: Mapping[str, Collection[str]], options: SplitOptions
) -> list[str]:
    """Return warnings of splits without images, and of classes that some splits lack.

    `labels` are all classes of the dataset, `found` those of each split that has images.
    """
    warnings = []
    remedy = "Collect" if options.stratify else 'Try stratify: "label", collect'
    for split in sorted(options.splits or ()):
        if split not in found:
            warnings.append(
                f"The split {split} has no image: there are too few groups of near copies. Collect "
                "more images, or give it a larger share."
            )
            continue
        lacking = sorted(set(labels) - set(found[split]))
        if lacking:
            named = ", ".join(lacking[:_NAMED]) + (", …" if len(lacking) > _NAMED else "")
            warnings.append(
                f"The split {split} lacks {len(lacking)} of {len(labels)} classes ({named}):"
                f" all their images are near copies, or too few. {remedy} more images of them, or "
                "give it a larger share."
            )
    return warnings
