"""A source is looked at while its form is filled in."""

import threading

from playwright.sync_api import Locator, expect

from tests.console.browsing import Visitor
from tests.engines import Engines, Refusal
from tests.sites import Site, photo

SCRIPT = "<img src=x onerror=alert(1)>"


def open_form(somebody: Visitor, kind: str) -> Locator:
    """Go to the form of a new crawl; return where its preview stands."""
    project = somebody.post("/v1/projects", {"name": "Street cats"})["id"]
    somebody.go(f"/projects/{project}/crawls/new?type={kind}")
    preview = somebody.page.get_by_role("region", name="First pictures")
    expect(preview).to_be_visible()
    return preview


def test_what_is_found_on_pages(somebody: Visitor, photo_site: Site) -> None:
    page, preview = somebody.page, open_form(somebody, "pages")
    urls = [photo_site.put(f"/seen/{n}.jpg", photo(n, side=320)) for n in range(8)]
    images = "".join(f'<img src="{url}" alt="Photograph {n}">' for n, url in enumerate(urls))
    whole = photo_site.page("/seen", f'{images}<img src="/seen/gone.jpg" alt="{SCRIPT}">')
    bare = photo_site.page("/bare", "<p>Nothing")
    expect(preview).to_contain_text("Type the address of a page")
    somebody.check_accessibility()
    page.get_by_label("Pages", exact=True).fill(whole)
    expect(preview).to_contain_text("9 images found. 1 of them would bring none.")
    expect(preview.get_by_text("Photographs")).to_be_visible()
    expect(preview.get_by_role("img")).to_have_count(8)
    expect(preview.get_by_role("img", name="Photograph 7")).to_have_js_property("complete", True)
    assert preview.get_by_role("img").first.evaluate("(one) => one.naturalWidth") == 160
    expect(preview.get_by_text("It is gone (404)")).to_be_visible()
    somebody.check_accessibility()
    somebody.take_screenshots("crawl-new-preview-pages", full=True)
    page.get_by_label("Pages", exact=True).fill(bare)
    expect(preview).to_contain_text("No images were found on it.")
    page.get_by_label("Pages", exact=True).fill("http://10.0.0.1/")
    expect(preview).to_contain_text("It leads to a private network")
    somebody.check_accessibility()


def test_the_first_pictures_of_words(somebody: Visitor, photo_site: Site, engines: Engines) -> None:
    page, preview = somebody.page, open_form(somebody, "keywords")
    urls = [photo_site.put(f"/cats/{n}.jpg", photo(n, side=400)) for n in range(24)]
    engines.pictures |= {n + 1: photo(n, side=320) for n in range(12)}
    engines.know("openverse", "red panda", *urls[:12])
    engines.know("wikimedia", "red panda", *urls[12:])
    expect(preview).to_contain_text("Type a word")
    page.get_by_role("textbox", name="Words").first.fill("red panda")
    expect(preview).to_contain_text("24 images found so far; these are the first 12.")
    expect(preview.get_by_role("img")).to_have_count(12)
    expect(preview).to_contain_text("Licences: CC BY 2.0 (6), CC BY-SA 4.0 (6).")
    expect(preview.get_by_role("link").first).to_have_attribute("rel", "noopener noreferrer")
    somebody.check_accessibility()
    somebody.take_screenshots("crawl-new-preview", full=True)
    engines.refusals["openverse"] = Refusal(429, {"Retry-After": "900"})
    page.get_by_role("textbox", name="Words").first.fill("zebra crossing")
    expect(preview).to_contain_text("Nothing was found")
    expect(preview).to_contain_text("Openverse has had enough for now.")
    del engines.refusals["openverse"]
    page.get_by_label("Only these").check()
    page.get_by_label("Google").check()
    expect(preview).to_contain_text("Google is not set up here")
    expect(preview.get_by_role("img")).to_have_count(0)
    somebody.check_accessibility()
    somebody.forgive("422")


def test_a_change_gives_up_what_is_looked_for(somebody: Visitor, photo_site: Site) -> None:
    page, preview = somebody.page, open_form(somebody, "urls")
    gate = threading.Event()
    slow = photo_site.put("/held/1.jpg", photo(1), gate=gate)
    quick = photo_site.put("/held/2.jpg", photo(2))
    page.get_by_label("Addresses of images").fill(slow)
    expect(preview).to_contain_text("Looking …")
    expect(preview.locator(".preview-place")).to_have_count(12)
    photo_site.wait_for("/held/1.jpg")
    page.get_by_label("Addresses of images").fill(f"{quick}, a cat\n{quick}x")
    expect(preview).to_contain_text("The first 2 addresses. 1 of them would bring none.")
    expect(preview.get_by_role("img", name="a cat")).to_be_visible()
    gate.set()
    page.get_by_label("Addresses of images").fill("")
    expect(preview).to_contain_text("Paste addresses")
