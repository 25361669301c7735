"""Images as a version holds them, for its exports: of the images themselves only the bytes."""

from datetime import datetime
from typing import Any

from shared.exports.boxes import find_shown_part
from shared.exports.entries import ExportEntry, ExportImage, ExportSignal
from shared.models import Image, ImageVariant, VersionImage


def describe_frozen(
    held: VersionImage, image: Image | None, variant: ImageVariant | None, *, is_variant: bool
) -> ExportImage:
    """Return an image as it was when it was frozen; `image` is None where it was deleted.

    `is_variant` tells that the export is by a variant, which `image` may lack.
    """
    record = dict(held.record or {})
    created_at, signals = record.pop("created_at"), record.pop("rights") or ()
    quality = {  # JSON writes 300.0 as 300
        name: None if value is None else float(value)
        for name, value in (record.pop("quality", None) or {}).items()
    }
    shown: dict[str, Any] = {}
    if variant is not None:
        ending = variant.object.rsplit(".", 1)[-1]
        shown = {
            "extension": ending,
            "format": variant.spec.get("format") or ending,
            "file_size": variant.file_size,
            "width": variant.width,
            "height": variant.height,
            "shown_part": find_shown_part(variant.spec, record["width"], record["height"]),
        }
    stored = image.file_path or "" if image else ""
    name = variant.object if variant else stored
    return ExportImage(
        position=held.image_id,
        entry=ExportEntry(
            id=held.image_id,
            sha256=held.sha256.hex(),
            label=held.label,
            caption=held.caption,
            split=held.split,
            license=held.license,
            attribution=held.attribution,
            created_at=datetime.fromisoformat(created_at),
            rights=tuple(map(_read_signal, signals)),
            quality=quality,
            **record | shown,
        ),
        original=stored,
        object=name if variant or not is_variant else None,
        crc32=image.crc32 if image else None,
        extras=image.extras if image else None,
    )


def _read_signal(signal: dict[str, Any]) -> ExportSignal:
    fetched_at = datetime.fromisoformat(signal["fetched_at"])
    return ExportSignal(**signal | {"fetched_at": fetched_at})
