"""A terminal's screen over time, and an SVG that plays it without any script."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|[\r\n\t]|[^\x1b\r\n\t]+|\x1b")
_CHARACTER, _LINE, _MARGIN = 8.4, 20, 14  # pixels of the drawing
_HOLD = 5.0  # seconds for which the last frame stands
_STYLE = """\
text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;\
fill:#d4d7dd;white-space:pre}}
.command{{fill:#fff;font-weight:600}}
#frames{{animation:play {seconds:.2f}s step-end infinite}}
@keyframes play{{{steps}}}
@media (prefers-reduced-motion:reduce){{#frames{{animation:none;transform:translateY({last}px)}}}}\
"""


@dataclass(frozen=True)
class Frame:
    """The screen from a time on, in seconds."""

    at: float
    lines: tuple[str, ...]


class TerminalScreen:
    """Lines as a terminal shows them: it knows text, tabs, line ends, returns and erasing."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._lines = [""]
        self._column = 0

    def write(self, text: str) -> None:
        """Take output; sequences that only colour or move are passed over."""
        for part in _SEQUENCE.findall(text):
            if part == "\n":
                self._lines.append("")
                self._column = 0
            elif part == "\r":
                self._column = 0
            elif part == "\t":
                self._put(" " * (8 - self._column % 8))
            elif part in ("\x1b[K", "\x1b[0K"):
                self._lines[-1] = self._lines[-1][: self._column]
            elif part[0] != "\x1b":
                self._put(part)

    def _put(self, text: str) -> None:
        while text:
            if self._column == self._columns:
                self.write("\n")
            line, some = self._lines[-1], text[: self._columns - self._column]
            before = line[: self._column].ljust(self._column)
            self._lines[-1] = before + some + line[self._column + len(some) :]
            self._column += len(some)
            text = text[len(some) :]

    @property
    def lines(self) -> tuple[str, ...]:
        """Return what it shows."""
        return tuple(line.rstrip() for line in self._lines)


def thin_frames(
    frames: Iterable[Frame], *, least: float = 0.1, longest: float = 1.5
) -> list[Frame]:
    """Return frames of which each stands for at least and at most so many seconds.

    Of several within the least time the last one counts; one that equals the frame before it is
    left out.
    """
    kept: list[Frame] = []
    for frame in frames:
        if kept and frame.at - kept[-1].at < least:
            kept[-1] = Frame(kept[-1].at, frame.lines)
        elif not kept or frame.lines != kept[-1].lines:
            kept.append(frame)
    now = 0.0
    thin: list[Frame] = []
    for before, frame in zip([None, *kept], kept, strict=False):
        now += min(longest, frame.at - before.at) if before else 0.0
        thin.append(Frame(now, frame.lines))
    return thin


def render_svg(frames: Sequence[Frame], columns: int, title: str) -> str:
    """Return a picture that plays the frames over and over; styles alone move it."""
    rows = max(len(frame.lines) for frame in frames)
    width, height = round(columns * _CHARACTER) + 2 * _MARGIN, rows * _LINE + 2 * _MARGIN
    seconds = frames[-1].at + _HOLD
    steps = "".join(
        f"{100 * frame.at / seconds:.3f}%{{transform:translateY({-height * number}px)}}"
        for number, frame in enumerate(frames)
    )
    style = _STYLE.format(seconds=seconds, steps=steps, last=-height * (len(frames) - 1))
    names = {
        line: f"l{number}"
        for number, line in enumerate(dict.fromkeys(one for f in frames for one in f.lines if one))
    }
    texts = "".join(
        f'<text id="{name}"{_choose_class(line)}>{escape(line)}</text>'
        for line, name in names.items()
    )
    drawn = "".join(
        f'<g transform="translate(0 {height * number})">'
        + "".join(
            f'<use href="#{names[line]}" x="{_MARGIN}" y="{_MARGIN + _LINE * (row + 1) - 5}"/>'
            for row, line in enumerate(frame.lines)
            if line
        )
        + "</g>\n"
        for number, frame in enumerate(frames)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">\n<title>{escape(title)}</title>\n'
        f"<style>{style}</style>\n<defs>{texts}</defs>\n"
        f'<rect width="100%" height="100%" rx="8" fill="#1d2129"/>\n'
        f'<g id="frames">\n{drawn}</g>\n</svg>\n'
    )


def _choose_class(line: str) -> str:
    return ' class="command"' if line.startswith(("$ ", "> ")) else ""
