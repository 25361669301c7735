"""Tensors as bytes."""

import numpy as np
import pytest

from shared.inference.tensors import pack


def test_texts_that_utf_8_does_not_have_are_refused() -> None:
    assert pack(np.array(["é"])) == b"\2\0\0\0\xc3\xa9"
    with pytest.raises(ValueError, match="surrogates"):
        pack(np.array(["\ud800"], dtype=object))
