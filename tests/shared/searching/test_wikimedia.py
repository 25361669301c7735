"""Answers in the shape of https://www.mediawiki.org/wiki/API:Imageinfo with generator=search."""

from typing import Any

import pytest

from shared.searching.answers import MalformedAnswer
from shared.searching.engines import SearchError
from tests.shared.searching.asked import get_engine, query, read_parameters

ENGINE = get_engine("wikimedia")


def file(index: int, **facts: str) -> dict[str, Any]:
    known = {"License": "cc-by-sa-4.0", "Artist": '<a href="//x">Grace &amp; Co</a>', **facts}
    return {
        "pageid": 100 + index,
        "ns": 6,
        "title": f"File:Cat {index}.jpg",
        "index": index,
        "imagerepository": "local",
        "imageinfo": [
            {
                "url": f"https://upload.wikimedia.org/cat-{index}.jpg",
                "descriptionurl": f"https://commons.wikimedia.org/wiki/File:Cat_{index}.jpg",
                "descriptionshorturl": "https://commons.wikimedia.org/w/index.php?curid=1",
                "extmetadata": {
                    name: {"value": value, "source": "commons-desc-page"}
                    for name, value in known.items()
                },
            }
        ],
    }


def answer(*files: Any, offset: int | None = 50) -> dict[str, Any]:
    more = {"continue": {"gsroffset": offset, "continue": "gsroffset||"}} if offset else {}
    return {"batchcomplete": True, **more, "query": {"pages": list(files)}}


def test_it_asks_for_pictures_politely() -> None:
    address = ENGINE.build_address(query(50))
    assert address.startswith("https://commons.wikimedia.org/w/api.php?")
    asked = read_parameters(address)
    assert asked["gsrsearch"] == "filetype:bitmap black cat"
    assert (asked["generator"], asked["gsrnamespace"], asked["gsroffset"]) == ("search", "6", "50")
    assert (asked["gsrlimit"], asked["maxlag"], asked["formatversion"]) == ("50", "5", "2")
    assert (asked["iiprop"], asked["iiurlwidth"]) == ("url|size|extmetadata", "250")


def test_it_reads_files_in_the_order_of_their_index() -> None:
    page = ENGINE.read_page(
        answer(file(2), file(1, ImageDescription="<p>A <b>cat</b></p>", LicenseUrl="https://l/")),
        query(0),
    )
    first, second = page.results
    assert (first.rank, first.url) == (1, "https://upload.wikimedia.org/cat-1.jpg")
    assert (first.title, first.creator) == ("A cat", "Grace & Co")
    assert first.license == "https://l/"
    assert second.license == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert first.attribution == "Grace & Co, via Wikimedia Commons"
    assert first.source_page == "https://commons.wikimedia.org/wiki/File:Cat_1.jpg"
    assert page.following == 50


@pytest.mark.parametrize("offset", [None, 0, 20, 10_000])
def test_it_never_goes_back_nor_beyond_the_index(offset: int | None) -> None:
    assert ENGINE.read_page(answer(file(21), offset=offset), query(20)).following is None


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        (None, [1, 2, 3, 4, 5]),
        ("commercial", [1, 2, 3, 4, 5]),
        ("by", [2]),
        ("by-sa", [1]),
        ("cc0", [3]),
        ("pdm", [4]),
        ("public-domain", [3, 4]),
    ],
)
def test_licences_are_told_apart_here(choice: str | None, kept: list[int]) -> None:
    codes = ("cc-by-sa-3.0-de", "cc-by-2.0", "cc0", "pd-old-100", "gfdl")
    files = [file(index, License=code) for index, code in enumerate(codes, 1)]
    page = ENGINE.read_page(answer(*files), query(0, choice))
    assert [one.rank for one in page.results] == kept
    assert page.passed == 5 - len(kept)


def test_licences_without_files() -> None:
    for choice in ("by-nc", "by-nd", "by-nc-sa", "by-nc-nd"):
        assert choice not in ENGINE.licenses
    assert "by-sa" in ENGINE.licenses


def test_a_licence_that_has_only_a_name() -> None:
    given = answer(file(1, License="gfdl", LicenseShortName="GFDL 1.2"))
    assert ENGINE.read_page(given, query(0)).results[0].license == "GFDL 1.2"


def test_nothing_fits() -> None:
    assert ENGINE.read_page({"batchcomplete": True}, query(0)).results == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [("maxlag", "busy"), ("ratelimited", "rate_limited"), ("cirrussearch-x", "bad_query")],
)
def test_errors_come_with_success(code: str, reason: str) -> None:
    given = {"error": {"code": code, "info": "Something is\nwrong"}, "docref": "…"}
    with pytest.raises(SearchError) as error:
        ENGINE.read_page(given, query(0))
    assert error.value.reason == reason


def test_files_of_any_shape() -> None:
    page = ENGINE.read_page(answer(None, {"imageinfo": []}, {"imageinfo": [7]}), query(0))
    assert [one.reason for one in page.results] == ["bad_url"] * 3
    with pytest.raises(MalformedAnswer):
        ENGINE.read_page({"query": {"pages": {"1": file(1)}}}, query(0))
