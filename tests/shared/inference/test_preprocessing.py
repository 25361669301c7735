"""Images become tensors, but not without bounds."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from shared.imaging.limits import Limits
from shared.inference import preprocessing
from shared.inference.errors import PredictionFailed
from shared.inference.preprocessing import make_image_tensor
from shared.schemas.models import TensorSchema
from shared.schemas.preprocessing import Preprocessing
from tests.shared.imaging.color_files import gamma_chunk
from tests.shared.imaging.tiff_files import WHITE_IS_ZERO, make_tiff

ANY_SIZE = TensorSchema(name="x", datatype="FP32", shape=[-1, 3, -1, -1])


def picture() -> bytes:
    """Return a small PNG file."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


def test_as_many_as_fit_and_no_more() -> None:
    wanted = Preprocessing(width=2048, height=2048)  # 48 MiB
    made = make_image_tensor([picture()], ANY_SIZE, wanted, Limits())
    assert made.shape == (1, 3, 2048, 2048)
    with pytest.raises(PredictionFailed, match="At most 1 images of 2048 x 2048") as caught:
        make_image_tensor([picture()] * 2, ANY_SIZE, wanted, Limits())
    assert caught.value.code == "out_of_memory"


def test_an_image_that_is_too_large_for_any_call() -> None:
    wanted = Preprocessing(width=4096, height=4096)
    with pytest.raises(PredictionFailed, match="more than 64 MiB") as caught:
        make_image_tensor([picture()], ANY_SIZE, wanted, Limits())
    assert caught.value.code == "not_serving"


def test_what_cannot_be_prepared_after_all_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("operands could not be broadcast together")

    for name, code in (("_read_pixels", "image_unusable"), ("_scale_pixels", "not_serving")):
        with monkeypatch.context() as patch:
            patch.setattr(preprocessing, name, fail)
            with pytest.raises(PredictionFailed, match=r"prepared.*ValueError") as caught:
                make_image_tensor([picture()], ANY_SIZE, Preprocessing(width=8, height=8), Limits())
            assert caught.value.code == code


DEEP = np.array([[0, 32768, 65535, 16384]])


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("PNG", Image.fromarray(DEEP.astype(np.uint16))),
        ("TIFF", Image.fromarray(DEEP.astype(np.uint16))),
        ("TIFF", Image.frombytes("I;16B", (4, 1), DEEP.astype(">u2").tobytes())),
        ("TIFF", Image.fromarray(DEEP.astype(np.int32))),
        ("TIFF", Image.fromarray((DEEP / 65535).astype(np.float32))),
        ("PNG", Image.fromarray((DEEP >> 8).astype(np.uint8))),
        ("PNG", Image.fromarray((DEEP >> 8).astype(np.uint8)).convert("LA")),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_greys_reach_a_model_at_their_own_level(
    name: str, image: Image.Image, channels: int
) -> None:
    """32768 of 65535 is half of white, however deep the samples are."""
    file = io.BytesIO()
    image.save(file, name)
    tensor = TensorSchema(name="x", datatype="FP32", shape=[-1, channels, 1, 4])
    made = make_image_tensor([file.getvalue()], tensor, Preprocessing(resample="nearest"), Limits())
    for channel in made[0]:
        assert channel[0].tolist() == pytest.approx([0, 0.5, 1, 0.25], abs=0.004)


def test_white_may_be_zero_in_what_reaches_a_model() -> None:
    samples = struct.pack("<4H", 0, 0x8000, 0xFFFF, 0x4000)
    data = make_tiff(samples, width=4, bits=16, photometric=WHITE_IS_ZERO)
    tensor = TensorSchema(name="x", datatype="FP32", shape=[-1, 1, 1, 4])
    made = make_image_tensor([data], tensor, Preprocessing(resample="nearest"), Limits())
    assert made[0, 0, 0].tolist() == pytest.approx([1, 0.5, 0, 0.75], abs=0.004)


def test_colours_reach_a_model_as_they_are_stored() -> None:
    """Without conversion and without alpha, as the readers of training data give them."""
    picture = Image.new("RGBA", (4, 1), (200, 100, 50, 0))
    file = io.BytesIO()
    picture.save(file, "PNG")
    tensor = TensorSchema(name="x", datatype="UINT8", shape=[-1, 1, 4, 3])
    data = file.getvalue()
    linear = data[:33] + gamma_chunk(1.0) + data[33:]
    for one in (data, linear):
        made = make_image_tensor([one], tensor, Preprocessing(), Limits())
        assert made[0, 0, 0].tolist() == [200, 100, 50]
