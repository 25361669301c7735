"""The demo's summary, and its messages when something failed."""

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pixmill
import pytest
from PIL import Image
from rich.console import Console
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from infra.demo.__main__ import main
from infra.demo.account import open_account
from infra.demo.output import choose_output
from infra.demo.screen import Screen, StepFailed, count_images, explain_nothing
from infra.demo.sheet import choose_images, draw_sheet, fetch_thumbnails
from shared.models import CrawlJob
from tests import factories
from tests.harness import System
from tests.infra.demo.test_report import EXPORT, JOB, REPORT


@pytest.fixture
def client(system: System) -> Iterator[pixmill.Client]:
    """Somebody new's client of the API, which is served."""
    server = make_server("127.0.0.1", 0, system.client.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with open_account(f"http://127.0.0.1:{server.server_port}", "demo") as client:
            yield client
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def said() -> io.StringIO:
    """Return what goes to the screen."""
    return io.StringIO()


@pytest.fixture
def screen(said: io.StringIO) -> Screen:
    return Screen(Console(file=said, width=120))


def test_the_contact_sheet_shows_every_picture_once(
    client: pixmill.Client, system: System, tmp_path: Path
) -> None:
    project = client.create_project("Demo")
    for number in (1, 2):
        file = tmp_path / f"{number}.jpg"
        file.write_bytes(factories.picture(number, (320, 240)))
        system.uploaded(f"uploads/{project.id}/{project.start_upload(file)}")
    system.drain()
    thumbnails = fetch_thumbnails(client, [image["id"] for image in project.images()])
    first, *_ = thumbnails.values()
    with Image.open(io.BytesIO(draw_sheet([first]))) as one:
        alone = one.size
    with Image.open(io.BytesIO(draw_sheet(thumbnails.values()))) as both:
        assert both.format == "JPEG"
        # Side by side, with a gap of 4 pixels around each.
        assert both.size == (2 * alone[0] - 4, alone[1])


@pytest.mark.parametrize(("count", "chosen"), [(0, 0), (1, 1), (96, 96), (97, 49), (1000, 91)])
def test_of_many_images_an_even_choice_is_shown(count: int, chosen: int) -> None:
    ids = choose_images([{"image_id": str(n)} for n in range(count)])
    assert len(ids) == chosen
    assert len(set(ids)) == chosen


def test_no_run_touches_the_results_of_another(tmp_path: Path) -> None:
    first = choose_output(tmp_path / "demo-output")
    assert first == choose_output(first) == tmp_path / "demo-output"  # nothing is in it yet
    (first / "report.html").touch()
    second = choose_output(first)
    assert second.name == "demo-output-2"
    (second / "report.html").touch()
    assert choose_output(first).name == "demo-output-3"


def test_the_summary_shows_the_figures(screen: Screen, said: io.StringIO) -> None:
    screen.show_summary(JOB, REPORT, EXPORT)
    lines = {" ".join(line.split()[1:-1]) for line in said.getvalue().splitlines()}
    shown = {line.replace("│ ", "") for line in lines}
    for wanted in ("addresses 12", "images 7", "valid 6", "http_404 2", "exported 5"):
        assert wanted in shown, shown
    assert "images per second 0" in shown


def test_the_locations_can_be_copied(screen: Screen, said: io.StringIO, tmp_path: Path) -> None:
    output = tmp_path / ("deep" * 20) / ("deeper" * 20)
    screen.show_locations(output)
    for name in ("dataset.zip", "contact-sheet.jpg", "report.html"):
        assert f"{output / name}\n" in said.getvalue()


def test_a_job_that_failed_ends_the_demo(
    client: pixmill.Client, screen: Screen, said: io.StringIO, session: Session
) -> None:
    crawl = client.create_project("Demo").crawl(["https://example.com/a.jpg"])
    session.query(CrawlJob).update({"status": "failed", "error": "the reason"})
    session.commit()
    with pytest.raises(StepFailed, match="Crawling has failed: the reason"):
        screen.show_progress("Crawling", crawl, count_images)
    assert "0 images, 0 duplicates, 0 failed of 0" in said.getvalue()


@pytest.mark.parametrize(
    ("error", "reasons", "pages", "why"),
    [
        ("the last chunk's error", {}, {}, "the last chunk's error"),
        (None, {"http_404": 2, "robots": 1}, {}, "http_404 2, robots 1"),
        (None, {}, {}, "the pages name no images"),
        ("1 of 1 pages", {}, {"http_404": "answered 404"}, "https://a.test/: answered 404"),
    ],
)
def test_a_crawl_without_images_says_why(
    error: str | None, reasons: dict[str, int], pages: dict[str, str], why: str
) -> None:
    report = {
        "failure_reasons": reasons,
        "failed_pages": [
            {"url": "https://a.test/", "reason": reason, "detail": detail}
            for reason, detail in pages.items()
        ],
    }
    said = explain_nothing({"error": error}, report)
    assert said.startswith(f"No image was collected: {why}")


def test_a_message_is_shown_as_it_is(
    said: io.StringIO, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: object) -> None:
        raise pixmill.PixmillError(f"[bold] {'long ' * 40}end")

    monkeypatch.setattr("sys.argv", ["demo", "--output", str(tmp_path)])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert main(Console(file=said, width=120), run=refuse) == 1
    assert said.getvalue() == f"pixmill: [bold] {'long ' * 40}end\n"
