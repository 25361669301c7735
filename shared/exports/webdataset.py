"""The layout of a tar of samples."""

from collections.abc import Iterator

from shared.exports.entries import ExportEntry, Row
from shared.exports.layout import ArchiveMember, Layout
from shared.exports.lines import to_json
from shared.exports.plan import ExportState


class WebDataset(Layout):
    """`[split/]<key>.<ext>`, then its `.json`, `.txt` (caption) and `.cls` (class index).

    Readers take every file for a part of a sample, so there are no others, and all samples have the
    same: an unknown text is empty, an unknown class −1, and images end in `plan.extension` also
    where they are of another format, which readers know by content.
    """

    def find_extension(self, entry: ExportEntry) -> str:
        """Return what all images' names end in."""
        return self.plan.extension or entry.extension

    def make_companions(self, entry: ExportEntry, row: Row) -> Iterator[tuple[str, bytes]]:
        """Yield the files of the sample beside the image."""
        key = str(row["file_name"]).rpartition(".")[0]
        shown = {name: "" if row[name] is None else row[name] for name in self.names}
        yield f"{key}.json", to_json(shown)
        if self.plan.options.include_metadata:
            yield f"{key}.txt", (entry.caption or "").encode()
        if self.classes:
            index = self.find_class_index(entry)
            yield f"{key}.cls", b"%d" % (-1 if index is None else index)

    def make_records(
        self, entry: ExportEntry, row: Row, state: ExportState
    ) -> Iterator[tuple[str, bytes]]:
        """Yield nothing: the sample says all."""
        yield from ()

    def make_closing_members(self, state: ExportState) -> Iterator[ArchiveMember]:
        """Yield nothing, as it would be a sample."""
        yield from ()
