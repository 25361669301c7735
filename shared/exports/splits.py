"""The splits of an export's images: found in its first part, kept for the others."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from shared.exports.building import ExportPart
from shared.exports.plan import ImageCounts
from shared.storage.bucket import Storage

if TYPE_CHECKING:
    from shared.splitting.splits import SplitBook

_NAMED = 5  # classes that one warning names


def open_splits(
    part: ExportPart, engine: Engine, storage: Storage
) -> tuple[ExportPart, "SplitBook | None"]:
    """Return the part with what proves its splits, and these; None where it has none.

    Raises `Conflict` when the images cannot be split as the options say.
    """
    options = part.plan.options
    if options.splits is None:
        return part, None
    # numpy takes long to load, and most exports do without.
    from shared.splitting.splits import SplitBook, split_images

    if part.splits is not None:
        return part, SplitBook.from_bytes(sorted(options.splits), storage.read(part.splits))
    outcome = split_images(engine, part.span.project_id, options)
    plan = replace(part.plan, proof=outcome.proof)
    return replace(part, plan=plan, warnings=tuple(outcome.warnings)), outcome.book


def put_splits(part: ExportPart, book: "SplitBook | None", storage: Storage) -> ExportPart:
    """Put the splits away for the parts that follow; return the part that says where."""
    if book is None or part.splits is not None:
        return part
    name = f"{part.object}.splits"
    storage.put_once(name, book.to_bytes(), "application/octet-stream")
    return replace(part, splits=name)


def warn_of_lacks(counts: ImageCounts, splits: Mapping[str, Any] | None) -> list[str]:
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
