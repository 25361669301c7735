"""The layout that describes images as COCO does."""

import json
from collections.abc import Iterator

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
from shared.exports.plan import UNKNOWN, ExportState

_ROWS = "rows"


class Coco(Layout):
    """`images/` or `<split>/`, and `annotations/<split>.json` as COCO describes data.

    An annotation gives an image its category, by a box around all of it but padding: readers and
    evaluation tools ask for `bbox`, `area` (pixels), `segmentation` and `iscrowd`. Ids of images
    and of annotations are unique over all splits. License 0 is unknown, or beyond the first 1000
    (`LICENSES.csv` has them all). What else is known of images stands in a table beside them.
    """

    def find_folder(self, entry: ExportEntry) -> str:
        """Return the split's folder, or `images/`."""
        return name_split_folder(entry.split) or "images/"

    def make_records(
        self, entry: ExportEntry, row: Row, state: ExportState
    ) -> Iterator[tuple[str, bytes]]:
        """Yield a line of the licences, an image, and an annotation when the class is known."""
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
        items = {"images": image}
        if (index := self.find_class_index(entry)) is not None:
            left, top, width, height = entry.box or (0, 0, entry.width, entry.height)
            right, bottom = left + width, top + height
            items["annotations"] = {
                "id": number,
                "image_id": number,
                "category_id": index + 1,
                "bbox": [left, top, width, height],
                "segmentation": [[left, top, right, top, right, bottom, left, bottom]],
                "area": width * height,
                "iscrowd": 0,
            }
        yield _ROWS, to_json({name: row[name] for name in self.names}) + b"\n"
        for kind, item in items.items():
            section = name_section(kind, entry.split)
            yield section, (b",\n" if section in state.sections else b"") + to_json(item)

    def is_numbered(self, section: str, base: Preceding) -> bool:
        """Return whether a section holds images or annotations, and others precede the part."""
        return base.images > 0 and section.partition("-")[0] in ("images", "annotations")

    def number(self, section: str, data: bytes, base: Preceding) -> bytes:
        """Return images or annotations with the ids and licenses that they have in the export."""
        lines = []
        for line in data.split(b",\n"):
            item = json.loads(line)
            for name in {"id", "image_id"} & item.keys():
                item[name] += base.images
            if "license" in item:
                item["license"] = base.licenses[item["license"]]
            lines.append(to_json(item))
        return (b",\n" if section in base.sections else b"") + b",\n".join(lines)

    def make_closing_members(self, state: ExportState) -> Iterator[ArchiveMember]:
        """Yield a document for each split, the licences and the card."""
        rest = {
            "categories": [{"id": i + 1, "name": label} for label, i in self.classes.items()],
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
