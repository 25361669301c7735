#!/usr/bin/env bash
# skl2onnx 1.20.0 exports a OneVsOneClassifier that answers with the places of the classes, from 0, in place of the
# classes themselves: one fitted to 10, 20 and 30 says 0, 1 and 2. The same estimators in a OneVsRestClassifier keep
# them, and so do they alone. With texts as classes the graph does not load.
#
# Why it matters: nothing fails. Where classes are 0, 1, 2, … all is right, so that tests on toy data pass; where they
# are 1, 2, 3, … every answer is wrong, and most are another class that exists. The label also stands in a column of its own.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet skl2onnx==1.20.0 onnxruntime==1.32.0 scikit-learn==1.9.1 numpy==2.4.6

"$work/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
import onnxruntime
import skl2onnx
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier

onnxruntime.set_default_logger_severity(3)
rows, places = load_iris(return_X_y=True)
X = rows.astype(np.float32)
changed = False
print("skl2onnx", skl2onnx.__version__)
for classes in ([0, 1, 2], [1, 2, 3], [10, 20, 30]):
    y = np.array(classes)[places]
    for whole in (OneVsOneClassifier, OneVsRestClassifier):
        model = whole(LogisticRegression(max_iter=500)).fit(X, y)
        graph = skl2onnx.to_onnx(model, X[:1], options={"zipmap": False})
        session = onnxruntime.InferenceSession(graph.SerializeToString())
        said = session.run(None, {"X": X})[0]
        right = float((said.ravel() == model.predict(X)).mean())
        found = sorted(set(said.ravel().tolist()))
        wrong = whole is OneVsOneClassifier and classes[0] != 0
        changed |= (right > 0.1) if wrong else (right < 0.98)
        print(f"{whole.__name__:19} of {classes}: label of shape {said.shape}, says {found}, right in {right:.0%}")
sys.exit("skl2onnx names the classes of OneVsOneClassifier otherwise now" if changed else 0)
PYTHON
