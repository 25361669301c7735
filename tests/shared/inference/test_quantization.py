"""Full-integer LiteRT models: images go in as their numbers say, and scores come out so."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from shared.imaging.limits import Limits
from shared.inference.errors import PredictionFailed
from shared.inference.labels import find_misfit
from shared.inference.outputs import find_labels, tensors_to_json
from shared.inference.preprocessing import make_image_tensor
from shared.inference.tensors import Array
from shared.inference.verification import Declared, verify
from shared.inference.worker import Bounds, Worker
from shared.schemas.models import ModelTensor, Quantization, TensorSchema
from shared.schemas.preprocessing import Preprocessing
from tests.registry import DATA

NAMES = [str(digit) for digit in range(10)]
SCALINGS = {
    "unit": Preprocessing(scale=1 / 255),
    "pixels": Preprocessing(scale=1.0),
    "centred": Preprocessing(scale=2 / 255, mean=[1.0]),
}


def picture(values: Array) -> bytes:
    """Return grey values as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(values.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("said", [False, True], ids=["unsaid", "said"])
@pytest.mark.parametrize("name", ["unit_int8", "unit_uint8", "pixels_int8", "centred_int8"])
def test_digits_are_recognised_as_at_home(name: str, said: bool) -> None:
    data = (DATA / f"digits_{name}.tflite").read_bytes()
    about = json.loads((DATA / "digits_quantized.json").read_text())
    found = verify(data, Declared("tensorflow", None, None, None, NAMES), Bounds())
    rows = np.array(about["rows"]).reshape(-1, 8, 8)
    scaling = SCALINGS[name.split("_")[0]] if said else Preprocessing()
    tensor = make_image_tensor(map(picture, rows), found.inputs[0], scaling, Limits())
    lowest = -128 if tensor.dtype == np.int8 else 0
    assert np.abs(tensor[..., 0].astype(int) - (rows + lowest)).max() <= 1
    with Worker("litert") as worker:
        worker.load(data)
        outputs = worker.run({found.inputs[0].name: tensor}).outputs
    [scores] = outputs.values()
    assert scores.dtype == tensor.dtype  # as at home
    labels = find_labels(outputs, found.outputs, NAMES) or []
    told = [row[0]["label"] for row in labels]
    agree = np.mean([one == str(wanted) for one, wanted in zip(told, about[name], strict=True)])
    assert agree >= 0.97
    for row, integers in zip(labels, scores, strict=True):
        assert row[0]["score"] == pytest.approx((int(integers.max()) - lowest) / 256, abs=1e-6)
    assert (find_labels(outputs, found.outputs, None) or [])[0][0]["label"] == told[0]


def quantized(datatype: str, scale: float, zero_point: int, *shape: int) -> ModelTensor:
    """Return a tensor of integers that stand for numbers."""
    numbers = Quantization(scale=scale, zero_point=zero_point)
    return ModelTensor.model_validate(
        {"name": "x", "datatype": datatype, "shape": list(shape), "quantization": numbers}
    )


def test_numbers_beyond_the_range_become_the_nearest() -> None:
    tensor = quantized("INT8", 1 / 255, -128, -1, 1, 4, 1)
    values = picture(np.array([[0, 100, 200, 255]]))
    made = make_image_tensor([values], tensor, Preprocessing(scale=2 / 255), Limits())
    assert made.ravel().tolist() == [-128, 72, 127, 127]


def test_a_range_that_is_none_of_pixels_asks_for_the_formula() -> None:
    tensor = quantized("INT8", 4.7 / 255, -14, -1, 1, 4, 1)
    values = picture(np.array([[0, 100, 200, 255]]))
    with pytest.raises(PredictionFailed, match=r"from -2\.101 to 2\.599, which are no") as one:
        make_image_tensor([values], tensor, Preprocessing(), Limits())
    assert one.value.code == "not_serving"
    scaling = Preprocessing(mean=[0.45], std=[0.225])
    made = make_image_tensor([values], tensor, scaling, Limits())
    assert made.ravel().tolist() == [-123, -28, 67, 119]


def test_whole_numbers_that_stand_for_themselves_are_not_wrapped() -> None:
    tensor = TensorSchema(name="x", datatype="INT8", shape=[-1, 1, 4, 1])
    values = picture(np.array([[0, 100, 200, 255]]))
    with pytest.raises(PredictionFailed, match="which pixels from 0 to 255 are not"):
        make_image_tensor([values], tensor, Preprocessing(), Limits())
    made = make_image_tensor([values], tensor, Preprocessing(scale=1.0, mean=[127.5]), Limits())
    assert made.ravel().tolist() == [-128, -28, 72, 127]


def test_quantised_logits_become_probabilities() -> None:
    tensor = quantized("INT8", 0.1, 0, -1, 2)
    outputs = {"x": np.array([[10, -10]], np.int8)}
    [[best, other]] = find_labels(outputs, [tensor], ["a", "b"]) or []
    assert (best["label"], other["label"]) == ("a", "b")
    assert best["score"] == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-5)
    assert tensors_to_json(outputs) == {"x": [[10, -10]]}


def test_integers_that_stand_for_nothing_known_only_tell_the_order() -> None:
    tensor = TensorSchema(name="x", datatype="UINT8", shape=[-1, 3])
    outputs = {"x": np.array([[1, 200, 50]], np.uint8)}
    [row] = find_labels(outputs, [tensor], ["a", "b", "c"]) or []
    assert [(one["label"], one["score"]) for one in row] == [("b", None), ("c", None), ("a", None)]
    assert find_labels(outputs, [tensor], None) is None


def test_names_are_held_against_quantised_scores_too() -> None:
    tensor = quantized("UINT8", 1 / 256, 0, -1, 3)
    assert find_misfit(["a", "b"], [tensor]) is not None
    assert find_misfit(["a", "b", "c"], [tensor]) is None


def test_one_quantised_number_a_row_is_no_label() -> None:
    tensor = quantized("INT8", 0.5, 0, -1)
    assert find_labels({"x": np.array([1, 2], np.int8)}, [tensor], None) is None
