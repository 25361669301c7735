"""Tells the format of a model's file by its content, and what to do about those that are refused.

Only formats that are data are served. Loaders of the others have all run attackers' code (pickle by
design; TorchScript, `.pt2`, Keras and SavedModel by defects), so such files are never opened.
"""

import io
import zipfile
from collections.abc import Callable
from typing import Literal

from shared.inference.errors import ModelRejected

Format = Literal["onnx", "litert", "skops"]

# As float32: of float64, which most training data is, skl2onnx makes graphs that do not load.
TO_ONNX = "to_onnx(model, X[:1].astype('float32'))"
# Which skl2onnx does not convert all: not HistGradientBoosting, nor VotingClassifier by default.
_SKLEARN = (
    f"skl2onnx: onnx.save({TO_ONNX}, 'model.onnx'), or what it does not "
    "convert with skops: skops.io.dump(model, 'model.skops')"
)
_TORCH = (
    "with an example of two rows, torch.onnx.export(model.eval(), (example,), 'model.onnx', "
    "external_data=False, dynamic_shapes=({0: torch.export.Dim('batch')},))"
)
_TFLITE = "open('model.tflite', 'wb').write(tf.lite.TFLiteConverter.from_{}.convert())"
_KERAS = (
    "model(example) and after that model.export('model.onnx', format='onnx'), or "
    + _TFLITE.format("keras_model(model)")
)
_SAVED_MODEL = (
    "python -m tf2onnx.convert --saved-model DIRECTORY --output model.onnx, or "
    + _TFLITE.format("saved_model('DIRECTORY')")
)
_TYPES = "[('X', onnxmltools.convert.common.data_types.FloatTensorType([None, X.shape[1]]))]"
_BOOSTERS = " or ".join(
    f"onnx.save(onnxmltools.convert_{library}(model, initial_types={_TYPES}), 'model.onnx')"
    for library in ("xgboost", "lightgbm")
)
_SERVED = "Served are ONNX (.onnx), LiteRT (.tflite) and skops (.skops) files."

_PICKLE = (
    "a pickle (joblib, cloudpickle and old torch.save files are pickles too)",
    f"for scikit-learn, {_SKLEARN}; for PyTorch, {_TORCH}",
)

_Names = set[str]
# What lies in a zip archive, told by the names in it; the first that fits counts.
_ARCHIVES: list[tuple[str, Callable[[_Names], bool], str]] = [
    (
        "a Keras archive",
        lambda names: "config.json" in names and _has_any_ending(names, ".h5"),
        _KERAS,
    ),
    ("TorchScript", lambda names: _has_any_ending(names, "constants.pkl"), _TORCH),
    (
        "a PyTorch export (.pt2)",
        lambda names: _has_any_ending(names, "archive_format", "serialized_exported_program.json"),
        _TORCH,
    ),
    ("a PyTorch checkpoint", lambda names: _has_any_ending(names, "data.pkl"), _TORCH),
    ("a zipped SavedModel", lambda names: _has_any_ending(names, "saved_model.pb"), _SAVED_MODEL),
    ("an MLflow model", lambda names: _has_any_ending(names, "MLmodel"), _SKLEARN),
    ("an archive of numpy arrays", lambda names: _has_any_ending(names, ".npy"), _SKLEARN),
]
# What a file is by its first bytes.
_STARTS: list[tuple[tuple[bytes, ...], str, str]] = [
    ((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"), *_PICKLE),
    (
        (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda",
         b"\x04\x22\x4d\x18", b"\x28\xb5\x2f\xfd", b"\x5d\x00\x00"),
        "compressed, as joblib and tar do it",
        f"for scikit-learn, {_SKLEARN}; upload the file as it comes out, not packed",
    ),
    ((b"\x89HDF\r\n\x1a\n",), "an HDF5 file (Keras .h5)", _KERAS),
    ((b"\x08\x01\x12",), "a TensorFlow SavedModel", _SAVED_MODEL),
    ((b"GGUF", b"ggml"), "weights for llama.cpp", "language models are not served"),
    ((b'{"learner"', b"{L\0\0", b"tree\n"), "a booster of XGBoost or LightGBM", _BOOSTERS),
    ((b"{", b"["), "JSON or text", _SKLEARN),
    ((b"\x93NUMPY",), "a numpy array", _SKLEARN),
]  # fmt: skip
_MAX_NAMES = 20_000  # entries of an archive


def identify(data: bytes) -> Format:
    """Return the format of a file that may be served.

    Raises `ModelRejected`, which says what the file is instead and how to convert it.
    """
    if data[4:8] == b"TFL3":
        return "litert"
    if data[:4] == b"PK\x03\x04":
        return _identify_archive(data)
    for starts, kind, remedy in _STARTS:
        if data.startswith(starts):
            raise _make_rejection(kind, remedy)
    if data[:1] in b"(]}c" and data[-1:] == b".":  # protocols 0 and 1 have no mark of their own
        raise _make_rejection(*_PICKLE)
    if data[8:9] == b"{" and int.from_bytes(data[:8], "little") < len(data):
        raise _make_rejection("a safetensors file, which holds weights and no graph", _TORCH)
    if data[:1] not in (b"\x08", b"\x12", b"\x1a", b"\x3a", b"\x42"):  # ModelProto's first fields
        raise ModelRejected(f"The file is in no known format of models. {_SERVED}")
    return "onnx"


def add_remedy(reason: str) -> str:
    """Return why a model failed when it was tried, and what to do where that is known."""
    if "tensor(double)" not in reason:
        return reason
    return f"{reason} It was exported for float64; for scikit-learn, {TO_ONNX} makes it float32."


def _identify_archive(data: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ModelRejected(f"The file is a damaged zip archive: {error}.") from None
    if len(entries) > _MAX_NAMES:
        raise ModelRejected(f"The file is an archive of more than {_MAX_NAMES} entries.")
    names = set(entries)
    if "schema.json" in names:
        return "skops"
    for kind, fits, remedy in _ARCHIVES:
        if fits(names):
            raise _make_rejection(kind, remedy)
    raise ModelRejected(f"The file is a zip archive, and no model. {_SERVED}")


def _has_any_ending(names: _Names, *ends: str) -> bool:
    return any(name.endswith(end) for name in names for end in ends)


def _make_rejection(kind: str, remedy: str) -> ModelRejected:
    return ModelRejected(f"The file is {kind}. {_SERVED} Convert it: {remedy}.")
