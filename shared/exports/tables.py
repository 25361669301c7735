"""CSV and JSON: the images' rows, without the images."""

from abc import abstractmethod

from shared.exports.entries import Entry, Row, columns, row
from shared.exports.layouts import layout
from shared.exports.lines import csv_line, to_json
from shared.exports.parts import PartWriter, Read, Sink
from shared.exports.plan import Plan, State, card


class TableWriter(PartWriter):
    """A part of a table that is written line by line."""

    def __init__(self, plan: Plan, state: State, sink: Sink) -> None:
        super().__init__(plan, state, sink)
        self._layout = layout(plan)
        self._names = [column.name for column in columns(plan.options.include_metadata)]
        if state.offset == 0:
            self._write(self._start())

    def add(self, entry: Entry, content: bytes = b"") -> None:
        """Write the image's row."""
        shown = row(entry, self._layout.name(entry))
        self._write(self._line({name: shown[name] for name in self._names}))
        self.state.add(entry)

    def finish(self, read: Read) -> None:
        """Write what follows the last row."""
        self._write(self._end())

    @abstractmethod
    def _start(self) -> bytes: ...

    @abstractmethod
    def _line(self, shown: Row) -> bytes: ...

    @abstractmethod
    def _end(self) -> bytes: ...


class CsvWriter(TableWriter):
    """A heading, and a line for each image."""

    def _start(self) -> bytes:
        return csv_line(self._names)

    def _line(self, shown: Row) -> bytes:
        return csv_line(shown.values())

    def _end(self) -> bytes:
        return b""


class JsonWriter(TableWriter):
    """`{"images": […], "dataset": card}`: the card comes last because it counts."""

    def _start(self) -> bytes:
        return b'{"images":[\n'

    def _line(self, shown: Row) -> bytes:
        return (b",\n" if self.state.images else b"") + to_json(shown)

    def _end(self) -> bytes:
        return b'\n],"dataset":' + to_json(card(self.plan, self.state)) + b"}\n"
