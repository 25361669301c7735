"""Models: registered from a file, tried on a picture, watched."""

from pathlib import Path

from playwright.sync_api import expect

from tests.console.browsing import Visitor
from tests.sites import Site

DIGITS = Path(__file__).resolve().parents[1] / "data" / "models" / "digits_pytorch.onnx"


def test_register_a_model_and_try_it(somebody: Visitor, photo_site: Site) -> None:
    somebody.collect(photo_site.photos(6))
    page = somebody.page
    somebody.go("/models")
    page.get_by_role("button", name="Register a model").click()
    page.get_by_label("File").set_input_files(DIGITS)
    expect(page.get_by_label("Name")).to_have_value("digits_pytorch")
    page.get_by_label("Trained with").select_option("pytorch")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("heading", name="digits_pytorch, version 1")).to_be_visible()
    expect(page.get_by_text("active", exact=True)).to_be_visible()
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("button", name="Predict").first.click()
    expect(page.locator(".pick-result")).to_contain_text("ms")
    page.keyboard.press("Escape")
    expect(page.get_by_role("cell", name="success").first).to_be_visible()
    somebody.check_accessibility()
    somebody.take_screenshots("model")
    page.get_by_role("link", name="Models").first.click()
    expect(page.get_by_role("link", name="digits_pytorch")).to_be_visible()
    somebody.check_accessibility()
    somebody.take_screenshots("models")


def test_a_file_that_is_no_model(somebody: Visitor) -> None:
    page = somebody.page
    somebody.go("/models")
    page.get_by_role("button", name="Register a model").click()
    page.get_by_label("File").set_input_files(
        {"name": "notes.onnx", "mimeType": "text/plain", "buffer": b"these are notes"}
    )
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_text("rejected", exact=True)).to_be_visible()
    expect(page.locator(".banner.bad")).to_be_visible()
