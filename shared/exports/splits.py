"""The splits of an export's images: found in its first part, kept for the others."""

from dataclasses import replace

from sqlalchemy import Engine

from shared.exports.building import ExportPart
from shared.storage.bucket import Storage


def open_splits(part: ExportPart, engine: Engine, storage: Storage) -> ExportPart:
    """Return the part with its images' splits and what proves them, where the export has some.

    Raises `Conflict` when the images cannot be split as the options say.
    """
    options = part.plan.options
    if options.splits is None or part.span.version_id is not None:  # its rows tell
        return part
    # numpy takes long to load, and most exports do without.
    from shared.splitting.splits import SplitBook, split_images

    if part.splits is not None:
        book = SplitBook.from_bytes(sorted(options.splits), storage.read(part.splits))
        return replace(part, span=replace(part.span, splits=book))
    outcome = split_images(engine, part.span.project_id, options)
    return replace(
        part,
        span=replace(part.span, splits=outcome.book),
        plan=replace(part.plan, proof=outcome.proof),
        warnings=tuple(outcome.warnings),
    )


def put_splits(part: ExportPart, storage: Storage) -> ExportPart:
    """Put the splits away for the parts that follow; return the part that says where."""
    if part.span.splits is None or part.splits is not None:
        return part
    name = f"{part.object}.splits"
    storage.put_once(name, part.span.splits.to_bytes(), "application/octet-stream")
    return replace(part, splits=name)
