"""Tensors as bytes."""

import numpy as np
import pytest

from shared.inference.tensors import pack, unpack


def test_texts_that_utf_8_does_not_have_are_refused() -> None:
    assert pack(np.array(["é"])) == b"\2\0\0\0\xc3\xa9"
    with pytest.raises(ValueError, match="surrogates"):
        pack(np.array(["\ud800"], dtype=object))


def test_booleans_are_bytes_of_0_and_1() -> None:
    assert unpack("BOOL", [2], b"\1\0").tolist() == [True, False]
    with pytest.raises(ValueError, match="neither 0 nor 1"):
        unpack("BOOL", [2], b"\1\2")
