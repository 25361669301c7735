"""Inputs that a model must not see changed."""

import numpy as np
import pytest

from shared.inference.errors import PredictionFailed
from shared.inference.inputs import check_inputs
from shared.schemas.models import TensorSchema

TEXTS = TensorSchema(name="x", datatype="BYTES", shape=[-1, 2])


def test_bytes_that_are_no_texts_are_refused_by_their_place() -> None:
    good = np.array([["é".encode(), b"a\0b"], [b"", b"\xf0\x9f\x98\x80"]], dtype=object)
    check_inputs({"x": good}, [TEXTS], 2)
    for bad in (b"caf\xe9", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf0\x9f"):
        array = good.copy()
        array[1, 0] = bad
        with pytest.raises(PredictionFailed, match=r"texts in UTF-8; element 2 is none") as caught:
            check_inputs({"x": array}, [TEXTS], 2)
        assert caught.value.code == "invalid_input"
