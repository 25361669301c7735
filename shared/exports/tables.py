"""CSV and JSON: the images' rows, without the images."""

from abc import abstractmethod

from shared.exports.entries import ExportEntry, Row, list_columns, to_row
from shared.exports.layouts import make_layout
from shared.exports.lines import to_csv_line, to_json, to_sheet_line
from shared.exports.parts import PartWriter, Read, Sink
from shared.exports.plan import ExportPlan, ExportState, to_card
from shared.texts import starts_formula


class TableWriter(PartWriter):
    """A part of a table that is written line by line."""

    def __init__(self, plan: ExportPlan, sink: Sink, state: ExportState | None = None) -> None:
        super().__init__(plan, sink, state)
        self._layout = make_layout(plan)
        self._names = [column.name for column in list_columns(plan.options.include_metadata)]

    def add(self, entry: ExportEntry, content: bytes = b"") -> None:
        """Write the image's row."""
        shown = to_row(entry, self._layout.name_image(entry))
        self._write(self._format_line({name: shown[name] for name in self._names}))
        self.state.add(entry)

    def finish(self, read: Read) -> None:
        """Write what follows the last row."""
        self._write(self._end())

    @abstractmethod
    def _format_line(self, shown: Row) -> bytes: ...

    @abstractmethod
    def _end(self) -> bytes: ...


class CsvWriter(TableWriter):
    """A heading, and a line for each image, with every text as it is unless options escape them."""

    @property
    def opening(self) -> bytes:
        """The heading."""
        return to_csv_line(self._names)

    def _format_line(self, shown: Row) -> bytes:
        if self.plan.options.escape_formulas:
            return to_sheet_line(shown.values())
        texts = (cell for cell in shown.values() if isinstance(cell, str))
        self.state.formulas += any(map(starts_formula, texts))
        return to_csv_line(shown.values())

    def _end(self) -> bytes:
        return b""


class JsonWriter(TableWriter):
    """`{"images": […], "dataset": card}`: the card comes last because it counts."""

    separator = b",\n"

    @property
    def opening(self) -> bytes:
        """The beginning of the list."""
        return b'{"images":[\n'

    def _format_line(self, shown: Row) -> bytes:
        return (self.separator if self.state.images else b"") + to_json(shown)

    def _end(self) -> bytes:
        return b'\n],"dataset":' + to_json(to_card(self.plan, self.state)) + b"}\n"
