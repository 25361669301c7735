"""Previews of sources: what a crawl would bring, under its rules, with nothing stored."""

import base64
import io
import threading
from typing import Any

from PIL import Image as Picture
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.crawls.previews import MAX_CANDIDATES
from shared.models import CrawlJob, Image, RightsRecord
from shared.services import services
from tests.engines import Engines, Refusal
from tests.functions.previews.conftest import View
from tests.harness import Person, System
from tests.sites import Site, photo, serve


def read_picture(candidate: Any) -> Picture.Image:
    """Return the picture that a candidate comes with."""
    prefix, _, text = candidate["thumbnail"].partition(",")
    assert prefix == "data:image/webp;base64"
    return Picture.open(io.BytesIO(base64.b64decode(text, validate=True)))


def urls(*given: Any) -> dict[str, Any]:
    return {"type": "urls", "urls": list(given)}


def pages(*given: str, **more: Any) -> dict[str, Any]:
    return {"type": "pages", "pages": list(given), **more}


def keywords(*given: str, **more: Any) -> dict[str, Any]:
    return {"type": "keywords", "keywords": list(given), **more}


def test_a_page_with_its_images_and_what_it_leads_to(
    site: Site, view: View, session: Session
) -> None:
    site.photos(2)
    site.put("/large.jpg", photo(2, side=400))
    links = '<a href="/second">2</a><a href="/private/3">3</a><a href="http://10.0.0.1/">4</a>'
    images = '<img src="/large.jpg" alt="A cat"><img src="/photos/0.jpg"><img src="/gone.jpg">'
    page = site.page("/", f"{links}{images}")
    seen = view(pages(page, max_depth=1, exclude=["/private/"], label="cat"))
    (read,) = seen["pages"]
    assert (read["title"], read["images"], read["links"]) == ("Photographs", 3, 3)
    assert (read["further_pages"], read["reason"]) == (1, None)
    first, second, third = seen["candidates"]
    assert (first["url"], first["caption"]) == (f"{site.base_url}/large.jpg", "A cat")
    assert (first["label"], first["source_page"]) == ("cat", f"{site.base_url}/")
    assert (max(first["width"], first["height"]), first["format"]) == (400, "jpeg")
    assert max(read_picture(first).size) == 160
    assert site.headers["/large.jpg"]["referer"] == page
    assert second["reason"] is None
    assert (third["reason"], third["thumbnail"]) == ("http_404", None)
    assert (seen["found"], seen["left_out"], seen["searches"]) == (3, 0, [])
    assert site.hits["/second"] == 0
    for table in (CrawlJob, Image, RightsRecord):
        assert session.scalar(select(func.count()).select_from(table)) == 0


def test_the_wishes_of_a_site_are_heeded(site: Site, view: View) -> None:
    site.photos(1)
    site.put("/robots.txt", b"User-agent: *\nDisallow: /private/", "text/plain")
    refusing = site.page("/", '<img src="/private/1.jpg"><img src="/photos/0.jpg">')
    shut = site.page("/private/", '<img src="/photos/0.jpg">')
    unwilling = site.page("/no", '<meta name="robots" content="noai"><img src="/photos/0.jpg">')
    site.put("/private/1.jpg", photo(1))
    seen = view(pages(refusing, shut, unwilling))
    assert [one["reason"] for one in seen["pages"]] == [None, "robots", "opted_out"]
    assert [one["reason"] for one in seen["candidates"]] == ["robots", None]
    assert site.hits["/private/"] == site.hits["/private/1.jpg"] == 0
    bold = view(pages(shut), respect_robots=False, rights="ignore")
    assert [one["reason"] for one in bold["candidates"]] == [None]


def test_nothing_within_the_network_is_reached(site: Site, view: View) -> None:
    with serve() as inside:
        secret = inside.put("/secret.jpg", photo(1))
        inner = inside.page("/", "<img src=/secret.jpg>")
        outer = site.page("/", f'<img src="{secret}">')
        site.put("/away", b"", status=302, headers=[("Location", secret)])
        metadata = "http://169.254.169.254/latest/"
        seen = view(urls(secret, metadata, f"{site.base_url}/away", "ftp://host/x", "cat"))
        reasons = [one["reason"] for one in seen["candidates"]]
        assert reasons == ["blocked_address"] * 3 + ["bad_url"] * 2
        seen = view(pages(inner, outer))
        assert [one["reason"] for one in seen["pages"]] == ["blocked_address", None]
        assert [one["reason"] for one in seen["candidates"]] == ["blocked_address"]
        assert not inside.hits


def test_addresses_in_their_order_and_why_they_have_no_picture(site: Site, view: View) -> None:
    site.photos(15)
    listed: list[Any] = [f"{site.base_url}/photos/{n}.jpg" for n in range(15)]
    listed[1] = {"url": site.put("/a.html", b"<p>no", "text/html"), "label": "cat"}
    listed[2] = site.put("/large.png", b"\x89PNG\r\n\x1a\n" + bytes(9 * 1024 * 1024), "image/png")
    seen = view(urls(*listed))
    assert (len(seen["candidates"]), seen["found"], seen["left_out"]) == (12, MAX_CANDIDATES, 3)
    first, second, third, *_ = seen["candidates"]
    assert (first["reason"], first["detail"]) == (None, None)
    assert (second["reason"], second["label"]) == ("not_an_image", "cat")
    assert (third["reason"], third["thumbnail"]) == (None, None)
    assert "8 MiB" in third["detail"]


def test_results_of_engines_in_turn_with_their_small_pictures(
    engines: Engines, site: Site, view: View
) -> None:
    first, second, third = site.photos(3)
    engines.know("openverse", "cat", first)
    engines.know("wikimedia", "cat", second)
    engines.know("openverse", "dog", third, "not an address")
    engines.pictures[1] = photo(7, side=100)
    seen = view(keywords("cat", "dog", "emu", "yak", engines=["openverse", "wikimedia"]))
    found = [(one["keyword"], one["engine"], one["reason"]) for one in seen["candidates"]]
    assert found == [
        ("cat", "openverse", None),
        ("dog", "openverse", None),
        ("cat", "wikimedia", None),
        ("dog", "openverse", "bad_url"),
    ]
    of_openverse, _, of_commons, _ = seen["candidates"]
    assert (of_openverse["width"], of_openverse["height"]) == (1200, 800)
    assert read_picture(of_openverse).size == Picture.open(io.BytesIO(engines.pictures[1])).size
    assert of_openverse["license"] == "https://creativecommons.org/licenses/by/2.0/"
    assert of_openverse["attribution"].startswith('"Photo 1" by Ada')
    assert read_picture(of_commons).size == Picture.open(io.BytesIO(photo(1))).size
    assert site.hits["/photos/0.jpg"] == 0  # the engine's own picture stood for it
    assert (len(seen["searches"]), seen["left_out"]) == (6, 1)
    again = view(keywords("cat", "dog", engines=["openverse", "wikimedia"]))
    assert engines.count() == {"openverse": 3, "wikimedia": 3}
    assert again["candidates"][0]["thumbnail"] == of_openverse["thumbnail"]


def test_an_engine_that_refuses_is_named(engines: Engines, site: Site, view: View) -> None:
    engines.know("wikimedia", "cat", *site.photos(1))
    engines.refusals["openverse"] = Refusal(429, {"Retry-After": "900"})
    seen = view(keywords("cat"))
    refused, answered = seen["searches"]
    assert (refused["engine"], refused["reason"]) == ("openverse", "rate_limited")
    assert "quota is used up" in refused["detail"]
    assert (answered["found"], answered["reason"]) == (1, None)
    assert len(seen["candidates"]) == 1
    assert engines.count()["openverse"] == 1  # nobody waits for it here
    wrong = view(keywords("cat", engines=["google"]), 422)
    assert wrong["errors"][0]["pointer"] == "/source/engines/0"


def test_what_cannot_be_previewed_is_refused(
    view: View, person: Person, system: System, project: str
) -> None:
    for source in ({"type": "manifest", "uri": "gs://b/o"}, {"type": "urls"}, {}, "cats"):
        view(source, 422)
    path = f"/v1/projects/{project}/source-previews"
    body = {"source": urls("https://example.org/1.jpg")}
    system.person().post(path, body, 404)
    assert system.client.post(path, json=body).status_code == 401
    person.request("PATCH", f"/v1/projects/{project}", {"status": "archived"})
    view(body["source"], 409)


def test_an_account_has_two_turns(site: Site, view: View, person: Person, system: System) -> None:
    gate = threading.Event()
    slow = [site.put(f"/slow/{n}.jpg", photo(n), gate=gate) for n in range(2)]
    runs = [threading.Thread(target=view, args=(urls(one),)) for one in slow]
    for run in runs:
        run.start()
    for place in range(2):
        site.wait_for(f"/slow/{place}.jpg")
    try:
        assert "still running" in view(urls(slow[0]), 429)["detail"]
        other = system.person()
        theirs = other.post("/v1/projects", {"name": "Theirs"})["id"]
        other.post(f"/v1/projects/{theirs}/source-previews", {"source": urls("cat")}, 200)
    finally:
        gate.set()
        for run in runs:
            run.join()
    assert services().desk.take_turn(person.id).__enter__() is None
    view(urls(slow[0]))
