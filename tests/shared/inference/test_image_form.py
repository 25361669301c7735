"""Statements about preprocessing, held against what models take."""

from typing import Any

import pytest

from shared.errors import Invalid
from shared.inference.errors import PredictionFailed
from shared.inference.image_form import (
    check_preprocessing,
    decide_image_form,
    find_contradictions,
)
from shared.schemas.models import TensorSchema
from shared.schemas.preprocessing import ModelMetadata, Preprocessing


def tensor(*shape: int) -> TensorSchema:
    return TensorSchema(name="x", datatype="FP32", shape=list(shape))


COLOURS = tensor(-1, 3, 32, 32)
LAST = tensor(-1, 32, 32, 3)
ANY = tensor(-1, 3, -1, -1)
DIGITS = tensor(-1, 64)
EIGHT: dict[str, Any] = {"width": 8, "height": 8}


@pytest.mark.parametrize(
    ("shape", "said", "field", "why"),
    [
        (COLOURS, {"mean": [1, 2]}, "mean", "is of length 2, and the channels are 3"),
        (ANY, {"std": [1, 2]}, "std", "is of length 2, and the channels are 3"),
        (tensor(-1, -1, 9, 9), {"mean": [1, 2]}, "mean", "and the channels are 1 or 3"),
        (tensor(-1, 1, 9, 9), {"mean": [1, 2, 3]}, "mean", "length 3, and the channels are 1;"),
        (DIGITS, EIGHT | {"mean": [1, 2, 3]}, "mean", "length 3, and the channels are 1;"),
        (COLOURS, {"width": 31}, "width", "is 31, not 32"),
        (LAST, {"height": 31}, "height", "is 31, not 32"),
        (COLOURS, {"color": "grayscale"}, "color", "is grayscale, and the channels are 3"),
        (tensor(-1, 1, 9, 9), {"color": "bgr"}, "color", "is bgr, and the channels are 1"),
        (COLOURS, {"layout": "NHWC"}, "layout", "is NHWC, in which 32 is the number of channels"),
        (LAST, {"layout": "NCHW"}, "layout", "is NCHW, in which 32 is the number of channels"),
        (COLOURS, {"layout": "flat"}, "layout", "is flat, which has 2 dimensions"),
        (DIGITS, {"layout": "NCHW"}, "layout", "is NCHW, which has 4 dimensions"),
        (DIGITS, {"width": 8, "height": 9}, "width", "times 1 or 3 (the channels) is not 64"),
        (DIGITS, EIGHT | {"color": "rgb"}, "width", "height times 3 (the channels) is not 64"),
    ],
)  # fmt: skip
def test_what_contradicts_the_input_is_named(
    shape: TensorSchema, said: dict[str, Any], field: str, why: str
) -> None:
    found = find_contradictions(shape, Preprocessing.model_validate(said))
    assert list(found) == [field]
    assert why in found[field]
    assert found[field].endswith(f"; the model's input is {shape}")
    with pytest.raises(PredictionFailed, match=f"metadata.preprocessing.{field} ") as caught:
        decide_image_form(shape, Preprocessing.model_validate(said))
    assert caught.value.code == "not_serving"


@pytest.mark.parametrize(
    ("shape", "said", "form"),
    [
        (COLOURS, {"mean": [1, 2, 3], "std": [1]}, ("NCHW", 32, 32, 3)),
        (COLOURS, {"width": 32, "color": "bgr"}, ("NCHW", 32, 32, 3)),
        (LAST, {"layout": "NHWC"}, ("NHWC", 32, 32, 3)),
        (ANY, {"width": 31, "height": 7}, ("NCHW", 31, 7, 3)),
        (tensor(-1, -1, -1, -1), EIGHT | {"color": "grayscale"}, ("NCHW", 8, 8, 1)),
        (DIGITS, EIGHT | {"mean": [1]}, ("flat", 8, 8, 1)),
        (tensor(-1, 192), EIGHT | {"mean": [1, 2, 3]}, ("flat", 8, 8, 3)),
        (tensor(-1, -1), EIGHT | {"color": "rgb"}, ("flat", 8, 8, 3)),
        (tensor(), EIGHT | {"color": "rgb"}, ("NCHW", 8, 8, 3)),
    ],
)  # fmt: skip
def test_what_agrees_is_taken(
    shape: TensorSchema, said: dict[str, Any], form: tuple[str, int, int, int]
) -> None:
    found = decide_image_form(shape, Preprocessing.model_validate(said))
    assert (found.layout, found.width, found.height, found.channels) == form


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (DIGITS, {}),
        (ANY, {}),
        (tensor(-1, -1), EIGHT),
        (tensor(-1, 9, 9), EIGHT | {"color": "rgb"}),
        (tensor(-1, 4, 9, 9), {}),
        (tensor(-1), EIGHT | {"layout": "flat", "color": "rgb"}),
    ],
)
def test_what_neither_says_is_asked_for(shape: TensorSchema, said: dict[str, Any]) -> None:
    with pytest.raises(PredictionFailed) as caught:
        decide_image_form(shape, Preprocessing.model_validate(said))
    assert caught.value.code == "not_serving"


@pytest.mark.parametrize(
    ("inputs", "named"),
    [([COLOURS, DIGITS.model_copy(update={"name": "y"})], "x, y"), ([], "none")],
)
def test_it_is_refused_for_other_than_one_input(inputs: list[TensorSchema], named: str) -> None:
    check_preprocessing(inputs, ModelMetadata())
    with pytest.raises(Invalid, match=f"one input; the inputs of this are: {named}.") as caught:
        check_preprocessing(inputs, ModelMetadata.model_validate({"preprocessing": {"width": 32}}))
    assert caught.value.errors[0]["pointer"] == "/metadata/preprocessing"
