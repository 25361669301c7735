"""Lines on a terminal, and the picture that plays them."""

import re
from xml.etree import ElementTree

import pytest

from infra.site.terminal import Frame, TerminalScreen, render_svg, thin_frames


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("one\ntwo", ("one", "two")),
        ("one\r\ntwo\r\n", ("one", "two", "")),
        ("crawl 10\r\x1b[Kdone", ("done",)),
        ("abcdef\rxy", ("xycdef",)),
        ("abc\r\x1b[0K", ("",)),
        ("a\tb", ("a       b",)),
        ("12345678901", ("1234567890", "1")),
        ("1234567890\n1", ("1234567890", "1")),
        ("\x1b[1;32mgreen\x1b[0m", ("green",)),
        ("broken \x1b", ("broken",)),
    ],
)
def test_lines_are_as_a_terminal_shows_them(written: str, shown: tuple[str, ...]) -> None:
    terminal = TerminalScreen(10)
    terminal.write(written)
    assert terminal.lines == shown


def test_frames_are_neither_too_short_nor_too_long() -> None:
    frames = [
        Frame(50.0, ("a",)),
        Frame(50.0, ("b",)),
        Frame(51.0, ("c",)),
        Frame(51.05, ("d",)),
        Frame(51.2, ("d",)),
        Frame(90.0, ("e",)),
    ]
    assert thin_frames(frames) == [Frame(0.0, ("b",)), Frame(1.0, ("d",)), Frame(2.5, ("e",))]


def test_the_picture_holds_each_frame_and_no_markup_of_strangers() -> None:
    frames = [Frame(0.0, ("$ a <b>",)), Frame(1.0, ("$ a <b>", "<script>&\x20"))]
    picture = render_svg(frames, 20, "a & b")
    root = ElementTree.fromstring(picture)  # noqa: S314 - our own
    name = "{http://www.w3.org/2000/svg}"
    texts = [text.text for text in root.iter(f"{name}text")]
    assert texts == ["$ a <b>", "<script>& "]
    assert [one.get("class") for one in root.iter(f"{name}text")] == ["command", None]
    shown = [[use.get("href") for use in group] for group in root.findall(f"{name}g/{name}g")]
    assert shown == [["#l0"], ["#l0", "#l1"]]
    assert not list(root.iter(f"{name}script"))
    height = float(root.get("height") or 0)
    assert f"translateY(-{height:.0f}px)" in picture
    assert re.search(r"animation:play 6\.00s step-end infinite", picture)
