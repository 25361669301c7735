"""Models in processes of their own: hostile ones lose, and nothing else is harmed."""

import json
import signal
import struct
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from shared.inference import worker as module
from shared.inference.errors import ModelRejected, PredictionFailed
from shared.inference.verification import Declared, verify
from shared.inference.worker import Bounds, Worker
from tests.registry import DATA, classifier, digits, digits_onnx, export_onnx
from tests.shared.inference import hostile

BOUNDS = Bounds(memory=512 * 1024 * 1024)
QUICK = replace(BOUNDS, run_seconds=1)  # for what does not end by itself
INPUT = {"x": np.ones((1, 4), np.float32)}
UNDECLARED = Declared("onnx", None, None, None)


def test_labels_and_scores_are_those_of_the_origin() -> None:
    with Worker("onnx") as worker:
        worker.load(digits_onnx())
        ran = worker.run({"X": digits()[2]})
    assert ran.outputs["label"].tolist() == classifier().predict(digits()[2]).tolist()
    wanted = classifier().predict_proba(digits()[2])
    np.testing.assert_allclose(ran.outputs["probabilities"], wanted, atol=1e-5)
    assert 0 < ran.ms < 1000


@pytest.mark.parametrize(
    ("estimator", "least"),
    [
        (RandomForestClassifier(100, random_state=0), 0.95),
        (make_pipeline(StandardScaler(), SVC(C=10)), 0.97),
        (make_pipeline(MinMaxScaler(), MLPClassifier((64,), random_state=0, max_iter=600)), 0.96),
        (KNeighborsClassifier(3), 0.97),
        (GradientBoostingClassifier(n_estimators=30, max_depth=3, random_state=0), 0.93),
    ],
    ids=["forest", "svc", "perceptron", "neighbours", "boosting"],
)
@pytest.mark.filterwarnings("ignore:Attribute `prob:FutureWarning")  # which skl2onnx reads
def test_parity_with_scikit_learn(estimator: BaseEstimator, least: float) -> None:
    images, labels, held_out, truth = digits()
    with threadpool_limits(1):
        estimator.fit(images, labels)
    with Worker("onnx") as worker:
        worker.load(export_onnx(estimator))
        found, _ = worker.run({"X": held_out}).outputs.values()
    assert found.tolist() == estimator.predict(held_out).tolist()
    assert (found == truth).mean() >= least


@pytest.mark.parametrize(
    ("file", "runtime", "shape"),
    [
        ("digits_pytorch.onnx", "onnx", (-1, 1, 8, 8)),
        ("digits_tensorflow.tflite", "litert", (-1, 8, 8, 1)),
    ],
)
def test_parity_with_pytorch_and_tensorflow(
    file: str, runtime: str, shape: tuple[int, ...]
) -> None:
    origin = json.loads((DATA / file).with_suffix(".json").read_text())
    with Worker(runtime) as worker:
        loaded = worker.load((DATA / file).read_bytes())
        pixels = (digits()[2] / 16).reshape(shape).astype(np.float32)
        (scores,) = worker.run({loaded.inputs[0]["name"]: pixels}).outputs.values()
    labels = scores.argmax(1)
    assert labels.tolist() == origin["labels"]
    accuracy = (labels == digits()[3]).mean()
    assert accuracy == pytest.approx(origin["accuracy"], abs=1e-4)
    assert accuracy > 0.98


def test_endless_model_is_ended_and_the_next_one_runs() -> None:
    with Worker("onnx", bounds=QUICK) as worker:
        worker.load(hostile.endless())
        started = time.monotonic()
        with pytest.raises(PredictionFailed, match="longer than 1 s") as caught:
            worker.run(INPUT)
        assert time.monotonic() - started < 20
        assert caught.value.code == "timeout"
        assert worker.dead
    test_labels_and_scores_are_those_of_the_origin()


def test_greedy_model_is_told_so() -> None:
    with Worker("onnx", bounds=BOUNDS) as worker:
        worker.load(hostile.greedy())
        with pytest.raises(PredictionFailed, match="more than 512 MiB") as caught:
            worker.run(INPUT)
    assert caught.value.code == "out_of_memory"


def test_file_that_a_library_refuses() -> None:
    broken = hostile.graph([hostile.node("NoSuchOperator")])
    with pytest.raises(ModelRejected, match="NoSuchOperator") as caught:
        verify(broken, UNDECLARED, BOUNDS)
    assert "/" not in caught.value.detail


def test_reason_is_not_where_in_the_library_it_was_found() -> None:
    with Worker("onnx", bounds=BOUNDS) as worker:
        worker.load(hostile.roomy())
        with pytest.raises(PredictionFailed, match="must be >= 0") as caught:
            worker.run({"x": np.full((1, 4), -5, np.float32)})
    assert caught.value.code == "model_error"
    assert "::" not in caught.value.detail


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (hostile.greedy(), "more than 512 MiB"),
        (hostile.graph([hostile.node("Log", ["n"], outputs=["y"]),
                        hostile.node("Neg", outputs=["n"])][::-1]), "holds NaN"),
        (hostile.external("/etc/passwd"), "another file"),
        (hostile.wide(101), "has 101 inputs or outputs; 100 of each are served"),
        (b"\x80\x04.", "pickle"),
    ],
)  # fmt: skip
def test_hostile_files_are_rejected(data: bytes, reason: str) -> None:
    with pytest.raises(ModelRejected, match=reason):
        verify(data, UNDECLARED, BOUNDS)


def test_endless_file_is_rejected() -> None:
    with pytest.raises(ModelRejected, match="longer than 1 s"):
        verify(hostile.endless(), UNDECLARED, QUICK)


def test_process_that_dies_is_reported() -> None:
    worker = Worker("onnx", bounds=BOUNDS)
    worker.load(digits_onnx())
    worker.process.kill()
    with pytest.raises(PredictionFailed):
        worker.run({"X": digits()[2][:1]})
    assert worker.dead


@pytest.mark.skipif(sys.platform != "linux", reason="system calls are filtered on Linux")
def test_process_has_no_files_network_or_processes() -> None:
    """Our own code tries what a taken-over library could do, under the same confinement."""
    program = """
import os, socket, sys
sys.path.insert(0, sys.argv[1])
from shared.inference.sandbox import Memory, confine
assert confine(Memory(), 2**28, 10)
def refused(call):
    try:
        call()
    except OSError as error:
        return error.errno == 1
    return False
done = [
    refused(lambda: open("/etc/passwd")),
    refused(lambda: socket.socket()),
    refused(os.fork),
    refused(lambda: os.execv("/bin/true", ["true"])),
    refused(lambda: os.kill(1, 0)),
    refused(lambda: os.listdir("/")),
]
try:
    bytearray(2**30)
except MemoryError:
    done.append(True)
os.write(1, repr(done).encode())
os._exit(0)
"""
    root = str(Path(__file__).resolve().parents[3])
    found = subprocess.run(
        [sys.executable, "-c", program, root], capture_output=True, check=False, env={}
    )
    assert found.stdout == repr([True] * 7).encode(), found.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="system calls are filtered on Linux")
def test_process_signals_nobody_but_itself() -> None:
    """A process of ours stands by that only a signal can end; each call that sends one is tried."""
    program = """
import ctypes, os, signal, sys
sys.path.insert(0, sys.argv[1])
other = int(sys.argv[2])
handle = os.pidfd_open(other)
libc = ctypes.CDLL(None, use_errno=True)
numbers = {"kill": 129, "tkill": 130, "tgkill": 131, "rt_sigqueueinfo": 138}
if os.uname().machine == "x86_64":
    numbers = {"kill": 62, "tkill": 200, "tgkill": 234, "rt_sigqueueinfo": 129}
from shared.inference.sandbox import Memory, confine
assert confine(Memory(), 2**28, 10)
def send(name, *arguments):
    ctypes.set_errno(0)
    answer = libc.syscall(numbers.get(name, 424), *arguments)
    return (answer, ctypes.get_errno())
found = [
    send("kill", other, signal.SIGTERM),
    send("kill", -1, signal.SIGTERM),
    send("tkill", other, signal.SIGTERM),
    send("tgkill", other, other, signal.SIGTERM),
    send("tgkill", other, other, 0),
    send("rt_sigqueueinfo", other, signal.SIGTERM, None),
    send("pidfd_send_signal", handle, signal.SIGTERM, None, 0),
]
own = send("tgkill", os.getpid(), os.getpid(), 0)
os.write(1, repr((set(found), own)).encode())
os.abort()
"""
    root = str(Path(__file__).resolve().parents[3])
    waiting = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE) as other:
        found = subprocess.run(
            [sys.executable, "-c", program, root, str(other.pid)],
            capture_output=True,
            check=False,
            env={},
        )
        assert found.stdout == b"({(-1, 1)}, (0, 0))", found.stderr
        assert found.returncode == -signal.SIGABRT
        assert other.poll() is None
        other.communicate()
    assert other.returncode == 0


def test_format_of_the_library_itself_is_not_read(tmp_path: Path) -> None:
    """ONNX Runtime's own format can hold what ONNX files are refused for."""
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "model.ort")
    options.add_session_config_entry("session.save_model_format", "ORT")
    graph = hostile.graph([hostile.node("Relu")])
    onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    data = (tmp_path / "model.ort").read_bytes()
    assert onnxruntime.InferenceSession(data).run(None, INPUT)
    with Worker("onnx") as worker, pytest.raises(PredictionFailed, match="protobuf") as caught:
        worker.load(data)
    assert caught.value.code == "model_error"


def test_output_that_is_called_like_an_input() -> None:
    data = (DATA / "digits_tensorflow.tflite").read_bytes()
    name, other = (
        struct.pack("<I", len(text)) + text.ljust(9, b"\0") for text in (b"image", b"output_0")
    )
    assert data.count(other) == 1
    pixels = (digits()[2][:9] / 16).reshape(-1, 8, 8, 1).astype(np.float32)
    with Worker("litert") as worker:
        (given,) = worker.load(data).inputs
        expected = worker.run({given["name"]: pixels}).outputs["output_0"]
    with Worker("litert") as worker:
        loaded = worker.load(data.replace(other, name))
        assert loaded.inputs[0]["name"] == loaded.outputs[0]["name"] == "image"
        assert np.array_equal(worker.run({"image": pixels}).outputs["image"], expected)


SILENT = """
import json, os, struct, time
text = b'{"confined": true}'
os.write(0, struct.pack("<IQ", len(text), 0) + text)
"""
LYING = """
left = sum(struct.unpack("<IQ", os.read(0, 12)))
while left:
    left -= len(os.read(0, left))
text = %r
os.write(0, struct.pack("<IQ", len(text), 0) + text)
time.sleep(60)
"""


def lie(memory: str = "1", ms: str = "1") -> str:
    """Return what a process does that answers anything with this."""
    text = f'{{"memory": {memory}, "ms": {ms}, "labels": {{}}, "tensors": []}}'
    return LYING % text.encode()


@pytest.mark.parametrize(
    ("then", "code"),
    [
        pytest.param("os.read(0, 10); os.close(0); time.sleep(60)", "crashed", id="hangs up"),
        pytest.param("time.sleep(60)", "timeout", id="does not listen"),
        pytest.param(lie(ms="NaN"), "crashed", id="took no time at all"),
        pytest.param(lie(memory="-1"), "crashed", id="has less memory than none"),
        pytest.param(lie(memory="[]"), "crashed", id="has no number of memory"),
    ],
)
def test_process_that_was_taken_over(monkeypatch: pytest.MonkeyPatch, then: str, code: str) -> None:
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", SILENT + then))
    monkeypatch.setattr(module, "CLOSING_SECONDS", 0.1)
    with Worker("onnx", bounds=QUICK if code == "timeout" else BOUNDS) as worker:
        with pytest.raises(PredictionFailed) as caught:
            worker.run({"x": np.zeros((2**20, 4), np.float32)})
        assert caught.value.code == code
        assert worker.dead
        assert worker.process.returncode is not None


@pytest.mark.parametrize("memory", ["1", "-1"])
def test_process_that_was_taken_over_while_it_loads(
    monkeypatch: pytest.MonkeyPatch, memory: str
) -> None:
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", SILENT + lie(memory)))
    with Worker("onnx", bounds=BOUNDS) as worker:
        with pytest.raises(PredictionFailed, match="answered nonsense"):
            worker.load(b"x")  # a true answer names inputs and outputs
        assert worker.dead
