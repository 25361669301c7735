"""The layout that describes images as COCO does."""

import json
from collections.abc import Iterator
from typing import Any

from shared.exports.boxes import Detection, find_detection, place_objects
from shared.exports.entries import ExportEntry, Row
from shared.exports.image_files import make_image_table
from shared.exports.layout import (
    LEFT_OUT,
    ArchiveMember,
    Layout,
    Preceding,
    name_section,
    name_split_folder,
)
from shared.exports.lines import to_json
from shared.exports.plan import UNKNOWN, ExportPlan, ExportState

MOST_BOXES = 100  # of an image; ids of annotations are that far apart from one image to the next
_ROWS = "rows"


class Coco(Layout):
    """`images/` or `<split>/`, and `annotations/<split>.json` as COCO describes data.

    Annotations are the objects that an analysis found in an image, by their boxes; `annotated_by`
    names who found them, also where there were none. Of other images the annotation gives the
    label, by a box around all of it but padding. Readers and evaluation tools ask for `bbox`,
    `area` (pixels), `segmentation` and `iscrowd`. Ids of images and of annotations are unique over
    all splits. License 0 is unknown, or beyond the first 1000 (`LICENSES.csv` has them all). What
    else is known of images stands in a table beside them.
    """

    def __init__(self, plan: ExportPlan) -> None:
        super().__init__(plan)
        names = plan.labels if plan.categories is None else plan.categories
        self._categories = {name: number for number, name in enumerate(names, 1)}

    def find_folder(self, entry: ExportEntry) -> str:
        """Return the split's folder, or `images/`."""
        return name_split_folder(entry.split) or "images/"

    def make_records(
        self, entry: ExportEntry, row: Row, state: ExportState
    ) -> Iterator[tuple[str, bytes]]:
        """Yield a line of the licences, an image, and its annotations."""
        yield from super().make_records(entry, row, state)
        number = state.images + 1
        image = {
            "id": number,
            "file_name": str(row["file_name"]).rpartition("/")[2],
            "width": entry.width,
            "height": entry.height,
            "coco_url": entry.original_url or "",
            "license": state.number_license(entry.license),
        }
        if entry.left_out:
            image[LEFT_OUT] = entry.left_out
        if self.plan.options.include_metadata:
            image["caption"] = entry.caption or ""
        items = {"images": [image]}
        if (detection := self._find_detection(entry)) is not None:
            image["annotated_by"] = f"{detection.analyzer}, {detection.version}"
            items["annotations"] = self._annotate_objects(entry, detection, number)
        elif entry.label is not None and entry.label in self._categories:
            category = self._categories[entry.label]
            whole = entry.box or (0, 0, entry.width, entry.height)
            items["annotations"] = [_annotate(number, 0, category, whole)]
        yield _ROWS, to_json({name: row[name] for name in self.names}) + b"\n"
        for kind, found in items.items():
            if found:
                section = name_section(kind, entry.split)
                first = b",\n" if section in state.sections else b""
                yield section, first + b",\n".join(map(to_json, found))

    def _find_detection(self, entry: ExportEntry) -> Detection | None:
        """Return the objects that an analysis found, unless it came after the export's plan."""
        found = find_detection(entry.analyses)
        if found is None or any(one["label"] not in self._categories for one in found.objects):
            return None
        return found

    def _annotate_objects(
        self, entry: ExportEntry, detection: Detection, number: int
    ) -> list[dict[str, Any]]:
        """Return an annotation of each object that the exported picture shows."""
        placed = place_objects(entry, detection)[:MOST_BOXES]
        return [
            _annotate(number, place, self._categories[one.label], one.box)
            | ({} if one.score is None else {"score": one.score})
            for place, one in enumerate(placed)
        ]

    def is_numbered(self, section: str, base: Preceding) -> bool:
        """Return whether a section holds images or annotations, and others precede the part."""
        return base.images > 0 and section.partition("-")[0] in ("images", "annotations")

    def number(self, section: str, data: bytes, base: Preceding) -> bytes:
        """Return images or annotations with the ids and licenses that they have in the export."""
        lines = []
        for line in data.split(b",\n"):
            item = json.loads(line)
            if "image_id" in item:
                item["image_id"] += base.images
                item["id"] += base.images * MOST_BOXES
            else:
                item["id"] += base.images
            if "license" in item:
                item["license"] = base.licenses[item["license"]]
            lines.append(to_json(item))
        return (b",\n" if section in base.sections else b"") + b",\n".join(lines)

    def make_closing_members(self, state: ExportState) -> Iterator[ArchiveMember]:
        """Yield a document for each split, the licences and the card."""
        rest = {
            "categories": [{"id": i, "name": name} for name, i in self._categories.items()],
            "licenses": [
                {"id": i, "name": name, "url": name if name.startswith("https://") else ""}
                for i, name in enumerate([UNKNOWN, *state.licenses])
            ],
            "info": {"description": self.plan.name, "version": self.plan.version},
        }
        for split in [None, *self.splits]:
            images, annotations = name_section("images", split), name_section("annotations", split)
            if images in state.sections:
                pieces: tuple[bytes | str, ...] = (
                    b'{"images":[\n',
                    images,
                    b'\n],"annotations":[\n',
                    *([annotations] if annotations in state.sections else []),
                    b"\n]," + to_json(rest)[1:] + b"\n",
                )
                yield ArchiveMember(f"annotations/{split or 'images'}.json", pieces)
        yield from super().make_closing_members(state)
        yield from make_image_table(self.plan, state, [_ROWS], lambda _, row: row)


def _annotate(
    image: int, place: int, category: int, box: tuple[float, float, float, float]
) -> dict[str, Any]:
    """Return the annotation of a box (left, top, width, height); `place` counts those of an image.

    Its id is a number that no box of another image has, however many that one has.
    """
    left, top, width, height = box
    right, bottom = round(left + width, 2), round(top + height, 2)
    return {
        "id": (image - 1) * MOST_BOXES + place + 1,
        "image_id": image,
        "category_id": category,
        "bbox": [left, top, width, height],
        "segmentation": [[left, top, right, top, right, bottom, left, bottom]],
        "area": round(width * height, 2),
        "iscrowd": 0,
    }
