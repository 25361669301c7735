"""A built site asks nothing of other hosts, and leads to nothing that is not there."""

from pathlib import Path

from infra.site.check import find_faults


def test_what_is_found(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "page.html").write_text(
        '<link rel="canonical" href="https://example.org/"><link rel="icon" href="../icon.png">'
        '<script src="https://unpkg.com/x"></script><img src="//cdn.example.org/y.png">'
        '<a href="https://example.org">out</a><a href="../a/page.html#x">here</a>'
        '<a href="#x">up</a><a href="gone.html">gone</a>'
    )
    assert sorted(find_faults(tmp_path)) == [
        "a/page.html leads to ../icon.png, which is not there.",
        "a/page.html leads to gone.html, which is not there.",
        "a/page.html loads //cdn.example.org/y.png of another host.",
        "a/page.html loads https://unpkg.com/x of another host.",
    ]
