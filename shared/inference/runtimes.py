"""The libraries that run models; each is loaded only in the process of a model that needs it."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from shared.inference.skops_types import TRUSTED
from shared.inference.tensors import DTYPES, Array, datatype_of

Spec = dict[str, Any]  # name, datatype, shape (-1: any size), perhaps labels, quantization


# An ONNX model that answers with its input, for warming up: one node, Identity.
_IDENTITY = (
    b'\x08\x08:7\n\x10\n\x01x\x12\x01y"\x08Identity\x12\x01gZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04'
    b"\n\x02\x08\x01b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\x11"
)


class ModelError(Exception):
    """The library refuses the model or its input; the message is for the model's owner."""


class Runtime(Protocol):
    """A library with a model in it."""

    inputs: list[Spec]
    outputs: list[Spec]

    def warm(self) -> None:
        """Do everything once on a model of our own: what is read on first use is read then."""
        ...

    def load(self, data: bytes) -> None:
        """Read a model. Raises `ModelError`."""
        ...

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Return outputs by name. Raises `ModelError`."""
        ...


class Onnx:
    """ONNX Runtime, on one thread of the processor."""

    # type(x) = tensor(...) in the words of ONNX Runtime
    _TYPES: Mapping[str, str] = {
        "bool": "BOOL", "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32",
        "uint64": "UINT64", "int8": "INT8", "int16": "INT16", "int32": "INT32",
        "int64": "INT64", "float16": "FP16", "float": "FP32", "double": "FP64",
        "string": "BYTES",
    }  # fmt: skip

    def __init__(self, modules: Sequence[str]) -> None:
        import onnxruntime

        self._library = onnxruntime
        self._session: Any = None
        self.inputs: list[Spec] = []
        self.outputs: list[Spec] = []

    def warm(self) -> None:
        """Answer with an input."""
        ready = Onnx([])
        ready.load(_IDENTITY)
        ready.run({"x": np.zeros(1, np.float32)})

    def load(self, data: bytes) -> None:
        """Read an ONNX file."""
        options = self._library.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        # Else it looks for its own format by itself, which nobody has checked.
        options.add_session_config_entry("session.load_model_format", "ONNX")
        try:
            self._session = self._library.InferenceSession(
                data, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the library's errors have no base class of their own
            raise ModelError(str(error)) from None
        self.inputs = [self._spec(one) for one in self._session.get_inputs()]
        self.outputs = [self._spec(one) for one in self._session.get_outputs()]

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Run the graph; a classifier's maps (ZipMap) become one column for each class."""
        given = {name: _decode_texts(array) for name, array in inputs.items()}
        try:
            values = self._session.run(None, given)
        except Exception as error:
            raise ModelError(str(error)) from None
        return {
            spec["name"]: _stack_scores(spec, value)
            if isinstance(value, list)
            else np.asarray(value)
            for spec, value in zip(self.outputs, values, strict=True)
        }

    def _spec(self, value: Any) -> Spec:
        kind = value.type
        if kind.startswith("seq(map("):
            return {"name": value.name, "datatype": "FP32", "shape": [-1, -1]}
        inner = kind.removeprefix("tensor(").removesuffix(")")
        if not kind.startswith("tensor(") or inner not in self._TYPES:
            raise ModelError(f"{value.name} is of type {kind}, which cannot be sent.")
        shape = [side if isinstance(side, int) and side >= 0 else -1 for side in value.shape]
        return {"name": value.name, "datatype": self._TYPES[inner], "shape": shape}


class LiteRt:
    """LiteRT (TensorFlow Lite), on one thread of the processor."""

    def __init__(self, modules: Sequence[str]) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._library = Interpreter
        self._interpreter: Any = None
        self._input_places: dict[str, int] = {}  # by name; an output may be called like an input
        self._output_places: dict[str, int] = {}
        self.inputs: list[Spec] = []
        self.outputs: list[Spec] = []

    def warm(self) -> None:
        """Do nothing: nothing is left for later here."""

    def load(self, data: bytes) -> None:
        """Read a `.tflite` file. Tensors are called as in its signature, if it has just one."""
        try:
            self._interpreter = self._library(model_content=data, num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(str(error)) from None
        signatures = self._interpreter._get_full_signature_list()  # noqa: SLF001
        signature = next(iter(signatures.values())) if len(signatures) == 1 else {}
        self.inputs, self._input_places = _read_details(
            self._interpreter.get_input_details(), signature.get("inputs", {})
        )
        self.outputs, self._output_places = _read_details(
            self._interpreter.get_output_details(), signature.get("outputs", {})
        )

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Run the graph, for whatever batch size comes."""
        try:
            details = {one["index"]: one for one in self._interpreter.get_input_details()}
            resized = False
            for name, array in inputs.items():
                index = self._input_places[name]
                if tuple(details[index]["shape"]) != array.shape:
                    self._interpreter.resize_tensor_input(index, array.shape, strict=True)
                    resized = True
            if resized:
                self._interpreter.allocate_tensors()
            for name, array in inputs.items():
                self._interpreter.set_tensor(self._input_places[name], array)
            self._interpreter.invoke()
            return {
                name: self._interpreter.get_tensor(index)
                for name, index in self._output_places.items()
            }
        except (ValueError, RuntimeError) as error:
            raise ModelError(str(error)) from None


class Skops:
    """scikit-learn estimators from skops files.

    `modules` are those that the file names; the function has held them against the allow-list, and
    they are imported before the process gives up reading files.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        import skops.io

        for name in modules:
            importlib.import_module(name)
        self._library = skops.io
        self._estimator: Any = None
        self.inputs: list[Spec] = []
        self.outputs: list[Spec] = []

    def warm(self) -> None:
        """Learn that two is more than one, and write that down and read it."""
        from sklearn.linear_model import LogisticRegression

        rows = np.array([[1.0], [2.0], [1.1], [1.9]])
        ready = Skops([])
        ready.load(self._library.dumps(LogisticRegression().fit(rows, [0, 1, 0, 1])))
        ready.run({"X": rows})

    def load(self, data: bytes) -> None:
        """Read a skops file that the allow-list has let through."""
        try:
            self._take(self._library.loads(data, trusted=TRUSTED))
        except (ModelError, MemoryError):
            raise
        except Exception as error:  # whatever a constructor raises, or what a file has made of it
            raise ModelError(f"{type(error).__name__}: {error}") from None

    def _take(self, estimator: Any) -> None:
        self._estimator = estimator
        features = getattr(estimator, "n_features_in_", None)
        if features is None or not hasattr(estimator, "predict"):
            raise ModelError("It is not a fitted estimator with predict.")
        estimator.set_params(
            **{name: 1 for name in estimator.get_params() if name.endswith("n_jobs")}
        )
        self.inputs = [{"name": "X", "datatype": "FP64", "shape": [-1, int(features)]}]
        classes = getattr(estimator, "classes_", None)
        if isinstance(classes, np.ndarray) and hasattr(estimator, "predict_proba"):
            self.outputs = [
                {"name": "label", "datatype": datatype_of(classes), "shape": [-1]},
                {
                    "name": "probabilities",
                    "datatype": "FP64",
                    "shape": [-1, len(classes)],
                    "labels": [str(one) for one in classes],
                },
            ]
        else:
            sample = np.asarray(estimator.predict(np.zeros((1, int(features)))))
            shape = [-1, *sample.shape[1:]]
            name = "variable" if classes is None else "label"
            self.outputs = [{"name": name, "datatype": datatype_of(sample), "shape": shape}]

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Predict, under the names that skl2onnx gives to the same things."""
        try:
            names = [spec["name"] for spec in self.outputs]
            if names == ["label", "probabilities"]:
                probabilities = self._estimator.predict_proba(inputs["X"])
                # One pass for both; voting and calibrated classifiers may decide otherwise.
                return {
                    "label": np.asarray(self._estimator.predict(inputs["X"])),
                    "probabilities": np.asarray(probabilities, DTYPES["FP64"]),
                }
            return {names[0]: np.asarray(self._estimator.predict(inputs["X"]))}
        except Exception as error:
            raise ModelError(f"{type(error).__name__}: {error}") from None


RUNTIMES: Mapping[str, type[Onnx] | type[LiteRt] | type[Skops]] = {
    "onnx": Onnx,
    "litert": LiteRt,
    "skops": Skops,
}


def _read_details(
    details: Sequence[Mapping[str, Any]], signature: Mapping[str, int]
) -> tuple[list[Spec], dict[str, int]]:
    """Return LiteRT's tensors, and their indices by name.

    Tensors that a signature names have its names.
    """
    named = {index: name for name, index in signature.items()}
    specs: list[Spec] = []
    places: dict[str, int] = {}
    for one in details:
        name = named.get(one["index"], one["name"])
        try:
            datatype = datatype_of(np.empty(0, one["dtype"]))
        except ValueError as error:
            raise ModelError(f"{name}: {error}") from None
        shape = one["shape_signature"] if len(one["shape_signature"]) else one["shape"]
        spec = {"name": name, "datatype": datatype, "shape": [int(side) for side in shape]}
        scale, zero_point = one["quantization"]  # 0 and 0 for what is not, or not as one whole
        if scale > 0 and np.dtype(one["dtype"]).kind in "iu":
            spec["quantization"] = {"scale": float(scale), "zero_point": int(zero_point)}
        specs.append(spec)
        places[name] = one["index"]
    return specs, places


def _decode_texts(array: Array) -> Array:
    """Return strings as `str`, which ONNX Runtime takes. Raises `ValueError` for other bytes."""
    if array.dtype.kind != "O":
        return array
    texts = np.empty(array.size, dtype=object)
    texts[:] = [one.decode() for one in array.ravel().tolist()]
    return texts.reshape(array.shape)


def _stack_scores(spec: Spec, rows: list[Any]) -> Array:
    """Return ZipMap's maps from class to score, one a row, as a matrix.

    Writes the classes and the shape into `spec`.
    """
    if not rows or not isinstance(rows[0], dict):
        raise ModelError(f"{spec['name']} is a sequence, which cannot be sent.")
    classes = list(rows[0])
    spec["labels"] = [str(one) for one in classes]
    spec["shape"] = [-1, len(classes)]
    return np.array([[row[one] for one in classes] for row in rows], DTYPES["FP32"])
