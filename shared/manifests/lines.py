"""Lines of a text that arrives in pieces: numbered, of bounded length, decoded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.manifests.limits import MAX_LINES, MAX_RECORD, ManifestError
from shared.manifests.rows import START, Position

_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its end, without what ends it; `text` is None when it is too long.

    `is_recoded` tells that it is not UTF-8 and was read as Windows-1252.
    """

    number: int
    end: int  # offset behind it
    text: str | None
    is_recoded: bool = False

    @property
    def position(self) -> Position:
        """Return where reading goes on behind this line."""
        return Position(self.end, self.number + 1)


def split_lines(
    pieces: Iterable[bytes],
    start: Position = START,
    terminator: bytes = b"\n",
) -> Iterator[Line]:
    """Yield the lines of a text whose pieces begin at `start`; each holds at most 64 KiB.

    Raise `ManifestError` for more lines than a manifest of a million rows has.
    """
    number, end = start.line, start.offset
    rest: list[bytes] = []
    length = 0
    for piece in pieces:
        *whole, last = piece.split(terminator)
        for part in whole:
            length += len(part)
            end += length + 1
            yield _make_line(number, end, b"".join((*rest, part)) if rest else part, length)
            number += 1
            if number > MAX_LINES:
                raise ManifestError("too_large", f"it has more than {MAX_LINES} lines")
            rest.clear()
            length = 0
        length += len(last)
        if last and length <= MAX_RECORD:
            rest.append(last)
    if length:
        yield _make_line(number, end + length, b"".join(rest), length)


def _make_line(number: int, end: int, content: bytes, length: int) -> Line:
    if length > MAX_RECORD:
        return Line(number, end, None)
    recoded = False
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text, recoded = content.decode("cp1252", "replace"), True
    if number == 1:
        text = text.removeprefix(_MARK)
    return Line(number, end, text.removesuffix("\r"), recoded)


def find_terminator(head: bytes) -> bytes:
    """Return what ends lines: a carriage return only where there is no line feed at all."""
    return b"\r" if b"\r" in head and b"\n" not in head else b"\n"
