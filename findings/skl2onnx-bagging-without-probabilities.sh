#!/usr/bin/env bash
# skl2onnx 1.20.0 exports a BaggingClassifier over machines without probabilities (SVC, SGD with hinge) that answers with as
# many labels as it has machines, for one row or a thousand. Over trees it gives one label for each row.
#
# Why it matters: the export succeeds, loads and runs without a warning. With a test batch of just as many rows as machines even
# the shape is right; a server that pairs labels with rows gives the first ten pictures answers that are not theirs.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet skl2onnx==1.20.0 onnxruntime==1.32.0 scikit-learn==1.9.1 numpy==2.4.6

"$work/venv/bin/python" -W ignore - <<'PYTHON'
import sys

import numpy as np
import onnxruntime
import skl2onnx
from sklearn.datasets import load_iris
from sklearn.ensemble import BaggingClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

rows, y = load_iris(return_X_y=True)
X = rows.astype(np.float32)
changed = False
print("skl2onnx", skl2onnx.__version__)
for inner in (SVC(), DecisionTreeClassifier(max_depth=3)):
    for machines in (4, 7):
        model = BaggingClassifier(inner, machines, random_state=0).fit(X, y)
        graph = skl2onnx.to_onnx(model, X[:1], options={"zipmap": False})
        session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
        shapes = [session.run(None, {"X": X[:count]})[0].shape for count in (1, 50)]
        print(f"{machines} x {type(inner).__name__}: labels for 1 row {shapes[0]}, for 50 rows {shapes[1]}")
        wanted = [(machines,), (machines,)] if isinstance(inner, SVC) else [(1,), (50,)]
        changed |= shapes != wanted
sys.exit("skl2onnx exports bagging otherwise now" if changed else 0)
PYTHON
