"""Tries the commands that refusals of models name, for libraries too large for the tests.

`python try_advice.py torch` (or tensorflow, boosters), run by hand where these are installed: torch
with onnxscript, tensorflow with tf2onnx, or lightgbm and xgboost with onnxmltools and skl2onnx. The
files that the commands write are kept beside it, and advice.json says which command wrote which,
with which versions, and which labels the original model gives. The tests hold the refusals to it.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

_HERE = Path(__file__).parent
_RECORD = _HERE / "advice.json"
_FLOATS = "onnxmltools.convert.common.data_types.FloatTensorType([None, X.shape[1]])"
X = np.random.default_rng(0).random((60, 4)).astype("float32")
y = X[:, :3].argmax(1)


def try_torch() -> None:
    """Write a network's file."""
    import torch

    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Dropout(0.9))
    example = torch.zeros(2, 4)
    labels = model.eval()(torch.tensor(X)).argmax(1).tolist()
    command = (
        "torch.onnx.export(model.eval(), (example,), 'model.onnx', external_data=False, "
        "dynamic_shapes=({0: torch.export.Dim('batch')},))"
    )
    _run("torch", command, "model.onnx", labels, ["torch", "onnxscript"], locals())


def try_tensorflow() -> None:
    """Write the files of a Keras network, from itself and from its SavedModel."""
    import keras
    import tensorflow as tf

    model = keras.Sequential([keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")])
    example = X[:1]
    labels = model(X).numpy().argmax(1).tolist()
    model.export("DIRECTORY")
    names = locals()
    for name, command, file, made_by in (
        (
            "keras_onnx",
            "model(example) and after that model.export('model.onnx', format='onnx')",
            "model.onnx",
            ["keras", "tf2onnx"],
        ),
        ("keras_tflite", _convert("keras_model(model)"), "model.tflite", ["keras"]),
        (
            "saved_model_onnx",
            "python -m tf2onnx.convert --saved-model DIRECTORY --output model.onnx",
            "model.onnx",
            ["tf2onnx"],
        ),
        ("saved_model_tflite", _convert("saved_model('DIRECTORY')"), "model.tflite", []),
    ):
        _run(name, command, file, labels, ["tensorflow-cpu", *made_by], names)
    for name, ops in (("flex", "SELECT_TF_OPS"), ("builtins", "TFLITE_BUILTINS")):
        converter = tf.lite.TFLiteConverter.from_saved_model("DIRECTORY")
        command = f"converter.target_spec.supported_ops = [tf.lite.OpsSet.{ops}]"
        exec(command, names | {"converter": converter})  # noqa: S102
        Path("model.tflite").write_bytes(converter.convert())
        _keep(name, command, "model.tflite", labels, ["tensorflow-cpu"])


def try_boosters() -> None:
    """Write the files of LightGBM's and XGBoost's classifiers."""
    import lightgbm
    import onnx
    import onnxmltools
    import xgboost

    for library, classifier in (
        ("lightgbm", lightgbm.LGBMClassifier(n_estimators=4, min_child_samples=3, verbose=-1)),
        ("xgboost", xgboost.XGBClassifier(n_estimators=4)),
    ):
        model = classifier.fit(X, y)
        labels = model.predict(X).tolist()
        command = (
            f"onnx.save(onnxmltools.convert_{library}(model, initial_types=[('X', {_FLOATS})]), "
            "'model.onnx')"
        )
        names = {"onnx": onnx, "onnxmltools": onnxmltools, "model": model, "X": X}
        _run(library, command, "model.onnx", labels, [library, "onnxmltools"], names)


def _convert(source: str) -> str:
    return f"open('model.tflite', 'wb').write(tf.lite.TFLiteConverter.from_{source}.convert())"


def _run(
    name: str, command: str, file: str, labels: list[int], made_by: list[str], names: dict[str, Any]
) -> None:
    """Run a command as it stands and keep what it wrote."""
    if command.startswith("python "):
        subprocess.run([sys.executable, *command.split()[1:]], check=True)
    for line in () if command.startswith("python ") else command.split(" and after that "):
        eval(line, {**names, "X": X})  # noqa: S307
    _keep(name, command, file, labels, made_by)


def _keep(name: str, command: str, file: str, labels: list[int], made_by: list[str]) -> None:
    record = json.loads(_RECORD.read_text()) if _RECORD.exists() else {"rows": X.tolist()}
    kept = f"advice_{name}{Path(file).suffix}"
    os.replace(file, _HERE / kept)
    versions = {one: version(one) for one in made_by}
    record[name] = {"command": command, "file": kept, "versions": versions, "labels": labels}
    _RECORD.write_text(json.dumps(record, indent=1) + "\n")


_TRIALS: dict[str, Callable[[], None]] = {
    "torch": try_torch,
    "tensorflow": try_tensorflow,
    "boosters": try_boosters,
}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        _TRIALS[sys.argv[1]]()
