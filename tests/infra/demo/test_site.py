"""The demo's photo site has what real sites have, good and bad."""

import io
from collections.abc import Iterator

import pytest
import requests
from PIL import Image

from infra.demo.site import PhotoSite, serve_site
from shared.pages.reading import read_page

PHOTOS = ("coffee.png", "rocket.jpg")


@pytest.fixture(scope="module")
def site() -> PhotoSite:
    return PhotoSite(PHOTOS)


@pytest.fixture(scope="module")
def address(site: PhotoSite) -> Iterator[str]:
    with serve_site(site) as address:
        yield address


def test_photographs_come_whole_and_in_quarters_in_three_sizes(site: PhotoSite) -> None:
    photos = {path: file for path, file in site.files.items() if path.startswith("/photos/")}
    assert len(photos) == len(PHOTOS) * 5 * 3
    wholes = {file.body for path, file in photos.items() if "-whole-" in path}
    assert len(wholes) == len(PHOTOS) * 3
    for path, file in photos.items():
        with Image.open(io.BytesIO(file.body)) as picture:
            picture.load()
            side = int(path.rpartition("-")[2].partition(".")[0])
            assert 100 < max(picture.size) <= side
            assert file.media_type == f"image/{(picture.format or '').lower()}"


def test_every_link_and_picture_is_there_but_the_missing_one(site: PhotoSite, address: str) -> None:
    index = read_page(site.files["/"].body, f"{address}/", "text/html")
    linked = {link for link in index.links if link.startswith(address)}
    assert linked == {f"{address}/gallery/{name.split('.')[0]}.html" for name in PHOTOS}
    shown = {image.url for image in index.images}
    for page in linked:
        gallery = read_page(site.files[page.removeprefix(address)].body, page, "text/html")
        assert f"{address}/" in gallery.links
        assert len(gallery.images) == 15
        for image in gallery.images:
            assert image.license == "https://creativecommons.org/publicdomain/zero/1.0/"
            assert "pixels" in (image.caption or "")
        shown |= {image.url for image in gallery.images}
    absent = {url for url in shown if url.removeprefix(address) not in site.files}
    assert absent == {f"{address}/broken/missing.jpg"}


def test_broken_files_are_broken(site: PhotoSite) -> None:
    first = next(file for path, file in site.files.items() if path.startswith("/photos/"))
    assert site.files["/copies/again.jpg"] == site.files["/copies/once-more.jpg"] == first
    assert first.body.startswith(site.files["/broken/truncated.jpg"].body)
    assert site.files["/broken/empty.png"].body == b""
    assert b"<html>" in site.files["/broken/page.jpg"].body
    assert b"/private/" in site.files["/robots.txt"].body


def test_it_answers_on_one_connection(address: str, site: PhotoSite) -> None:
    with requests.Session() as session:
        found = session.get(f"{address}/photos/rocket-whole-640.jpg?again=1", timeout=30)
        assert found.content == site.files["/photos/rocket-whole-640.jpg"].body
        assert found.headers["Content-Type"] == "image/jpeg"
        assert session.get(f"{address}/broken/missing.jpg", timeout=30).status_code == 404
        assert session.get(f"{address}/../../etc/passwd", timeout=30).status_code == 404


def test_it_is_gone_afterwards(site: PhotoSite) -> None:
    with serve_site(site) as address:
        requests.get(address, timeout=30).raise_for_status()
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=30)
