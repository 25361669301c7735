"""Images become tensors, but not without bounds."""

import io

import pytest
from PIL import Image

from shared.imaging.limits import Limits
from shared.inference import preprocessing
from shared.inference.errors import PredictionFailed
from shared.inference.preprocessing import image_tensor
from shared.schemas.models import Preprocessing, TensorSchema

ANY_SIZE = TensorSchema(name="x", datatype="FP32", shape=[-1, 3, -1, -1])


def picture() -> bytes:
    """Return a small PNG file."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


def test_as_many_as_fit_and_no_more() -> None:
    wanted = Preprocessing(width=2048, height=2048)  # 48 MiB
    made = image_tensor([picture()], ANY_SIZE, wanted, Limits())
    assert made.shape == (1, 3, 2048, 2048)
    with pytest.raises(PredictionFailed, match="At most 1 images of 2048 x 2048") as caught:
        image_tensor([picture()] * 2, ANY_SIZE, wanted, Limits())
    assert caught.value.code == "out_of_memory"


def test_an_image_that_is_too_large_for_any_call() -> None:
    wanted = Preprocessing(width=4096, height=4096)
    with pytest.raises(PredictionFailed, match="more than 64 MiB") as caught:
        image_tensor([picture()], ANY_SIZE, wanted, Limits())
    assert caught.value.code == "not_serving"


def test_what_cannot_be_prepared_after_all_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("operands could not be broadcast together")

    for name, code in (("_pixels", "image_unusable"), ("_scaled", "not_serving")):
        with monkeypatch.context() as patch:
            patch.setattr(preprocessing, name, fail)
            with pytest.raises(PredictionFailed, match=r"prepared.*ValueError") as caught:
                image_tensor([picture()], ANY_SIZE, Preprocessing(width=8, height=8), Limits())
            assert caught.value.code == code
