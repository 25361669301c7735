"""Trains the LightGBM models of the tests and converts them: `python train_lightgbm.py`.

Run by hand, where lightgbm 4.7, onnxmltools 1.16, skl2onnx 1.20 and scikit-learn are installed;
what it writes is kept beside it, so that the tests can compare labels with LightGBM's own.
"""

import json
from pathlib import Path

import numpy as np
from lightgbm import LGBMClassifier
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.datasets import load_digits

_HERE = Path(__file__).parent


def main() -> None:
    """Write digits_lightgbm.onnx, the same with ZipMap, and digits_lightgbm.json."""
    images, labels = load_digits(return_X_y=True)
    small = labels < 3
    images, labels = images[small].astype(np.float32), labels[small]
    held_out = np.arange(len(labels)) % 16 == 0
    model = LGBMClassifier(n_estimators=4, num_leaves=8, verbose=-1, random_state=0)
    model.fit(images[~held_out], labels[~held_out])
    kind = [("input", FloatTensorType([None, images.shape[1]]))]
    for name, zipmap in (("digits_lightgbm", False), ("digits_lightgbm_zipmap", True)):
        converted = convert_lightgbm(model, initial_types=kind, zipmap=zipmap)
        (_HERE / f"{name}.onnx").write_bytes(converted.SerializeToString())
    found = model.predict(images[held_out])
    about = {"rows": images[held_out].astype(int).tolist(), "labels": found.tolist()}
    (_HERE / "digits_lightgbm.json").write_text(json.dumps(about) + "\n")


if __name__ == "__main__":
    main()
