"""Problems point at the field and say what is wanted, hardly repeating what was sent."""

import math
from typing import Any

import pytest
from pydantic import ValidationError

from shared.errors import Invalid
from shared.schemas.crawls import CrawlJobCreate
from shared.schemas.errors import Problem, list_problems, make_pointer
from shared.schemas.exports import ExportJobCreate
from shared.schemas.kinds import Input
from shared.schemas.predictions import PredictionCreate
from tests.shared.schemas.bodies import OPTIONS, SOURCES

SOURCE = "must be urls, pages, manifest or keywords"


def list_details(schema: type[Input], body: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        schema.model_validate(body)
    return {one["pointer"]: one["detail"] for one in list_problems(caught.value)}


def crawl(source: Any = SOURCES["urls"], **options: Any) -> dict[str, Any]:
    return {"name": "cats", "source": source, "options": OPTIONS | options}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("a", 0), "/a/0"),
        (("",), "/"),
        (("a/b", "m~n"), "/a~1b/m~0n"),
        (("~1",), "/~01"),
    ],
)
def test_pointers_are_those_of_rfc_6901(path: tuple[str | int, ...], text: str) -> None:
    assert make_pointer(path) == text


@pytest.mark.parametrize(
    ("inputs", "where", "what"),
    [
        ({"X": math.inf}, "/inputs/X", "must be a finite number"),
        ({"X": [[0, 1], [2, math.inf]]}, "/inputs/X/1/1", "must be a finite number"),
        ({"X": {"list": [0, math.inf]}}, "/inputs/X/list/1", "must be a finite number"),
        ({"dict": {"float": math.inf}}, "/inputs/dict/float", "must be a finite number"),
        ({"list": [["\ud800"]]}, "/inputs/list/0/0", "must be valid Unicode text"),
        ({"float": math.inf}, "/inputs/float", "must be a finite number"),
    ],
)
def test_pointers_into_any_json_lead_to_the_value(
    inputs: dict[str, Any], where: str, what: str
) -> None:
    assert list_details(PredictionCreate, {"inputs": inputs}) == {where: what}


@pytest.mark.parametrize(
    ("body", "where", "what"),
    [
        ({}, "/name", "is required"),
        ({}, "/source", "is required"),
        ([], "", "must be an object"),
        (crawl(chunk_size=0), "/options/chunk_size", "must be 1 or more"),
        (crawl(dedup="some"), "/options/dedup", "must be 'none', 'exact' or 'perceptual'"),
        (crawl(validate={"min_bytes": -1}), "/options/validate/min_bytes", "must be 0 or more"),
        (crawl(validate_={}), "/options/validate_", "is not a known field"),
        (crawl({"type": "nope"}), "/source/type", SOURCE),
        (crawl({}), "/source/type", SOURCE),
        (crawl({"type": ["urls"]}), "/source/type", SOURCE),
        (crawl("urls"), "/source", "must be an object"),
        (crawl({"type": "urls"}), "/source/urls", "is required"),
        (crawl({"type": "urls", "urls": []}), "/source/urls", "must have 1 or more items"),
        (crawl({"type": "urls", "urls": "x"}), "/source/urls", "must be a list"),
        (
            crawl(analyze=["clip"]),
            "/options/analyze/0",
            "must be basic, gemini or model: and a model's id",
        ),
        (crawl({"type": "urls", "urls": [7]}), "/source/urls/0", "must be an object"),
        (crawl({"type": "urls", "urls": [{}]}), "/source/urls/0/url", "is required"),
        (
            crawl({"type": "pages", "pages": ["http://a"], "max_depth": 11}),
            "/source/max_depth",
            "must be 10 or less",
        ),
        (
            crawl(validate={"min_width": 2, "max_width": 1}),
            "/options/validate/min_width",
            "must not be greater than max_width",
        ),
        (crawl(variants=["big"]), "/options/variants/0", "must be 'thumbnail'"),
        (
            crawl(variants=[{"name": "big"}]),
            "/options/variants/0",
            "give at least one of width and height",
        ),
    ],
)
def test_each_problem_has_its_place_and_its_words(body: Any, where: str, what: str) -> None:
    assert list_details(CrawlJobCreate, body)[where] == what


def test_a_key_of_the_callers_is_escaped_and_marked_once() -> None:
    splits = {"a/b~": 0.5, "test": 0.5}
    found = list_details(
        ExportJobCreate, {"name": "v1", "format": "zip", "options": {"splits": splits}}
    )
    assert list(found) == ["/options/splits/a~1b~0"]


def test_the_list_is_short_whatever_was_sent() -> None:
    with pytest.raises(ValidationError) as caught:
        CrawlJobCreate.model_validate(crawl({"type": "urls", "urls": [7] * 5000}))
    assert len(list_problems(caught.value)) == 100


def test_problems_make_an_error_of_ours() -> None:
    with pytest.raises(ValidationError) as caught:
        CrawlJobCreate.model_validate(crawl(chunk_size=0))
    error = Invalid(list_problems(caught.value))
    assert error.errors == [{"pointer": "/options/chunk_size", "detail": "must be 1 or more"}]
    problem = Problem(
        title=error.title,
        status=error.status,
        detail=error.detail,
        instance="r1",
        errors=error.errors,
    )
    assert problem.model_dump()["errors"] == error.errors
