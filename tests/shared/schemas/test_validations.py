"""Rules within their bounds."""

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from shared.schemas.errors import list_problems
from shared.schemas.validations import RuleName, Rules


def test_the_rules_are_those_of_the_contract() -> None:
    assert tuple(Rules.model_fields) == get_args(RuleName)


def test_no_rule_is_a_rule_of_its_own() -> None:
    assert Rules.model_validate({}).model_dump(exclude_defaults=True) == {}


def test_formats_have_one_spelling() -> None:
    assert Rules.model_validate({"allowed_formats": ["JPG", " png "]}).allowed_formats == [
        "jpeg",
        "png",
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"min_width": -1}, "/min_width"),
        ({"min_width": 1.5}, "/min_width"),
        ({"max_bytes": 2**63}, "/max_bytes"),
        ({"min_aspect_ratio": 0}, "/min_aspect_ratio"),
        ({"max_uniformity": 1.01}, "/max_uniformity"),
        ({"min_brightness": -0.1}, "/min_brightness"),
        ({"max_brightness": 1.1}, "/max_brightness"),
        ({"near_duplicate_distance": 17}, "/near_duplicate_distance"),
        ({"allowed_formats": []}, "/allowed_formats"),
        ({"allowed_formats": ["jpg", "jpeg"]}, "/allowed_formats"),
        ({"allowed_formats": ["image/png"]}, "/allowed_formats/0"),
        ({"allow_animated": None}, "/allow_animated"),
        ({"min_height": 2, "max_height": 1}, "/min_height"),
        ({"min_bytes": 2, "max_bytes": 1}, "/min_bytes"),
        ({"min_aspect_ratio": 2, "max_aspect_ratio": 1}, "/min_aspect_ratio"),
        ({"min_brightness": 0.6, "max_brightness": 0.5}, "/min_brightness"),
    ],
)
def test_rules_out_of_bounds(body: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Rules.model_validate(body)
    assert [one["pointer"] for one in list_problems(caught.value)] == [pointer]


@pytest.mark.parametrize("body", [{"min_width": 5, "max_width": 5}, {"min_width": None}])
def test_rules_at_their_bounds(body: dict[str, Any]) -> None:
    Rules.model_validate(body)
