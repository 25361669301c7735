#!/usr/bin/env bash
# skl2onnx 1.20.0 exports a binary SVC or NuSVC whose scores contradict its own label output: in every row the higher
# of the two scores is that of the other class. With three classes, and with probability=True, the two agree.
#
# scikit-learn's decision_function is positive for the second class; the graph gives it in the first column, and its
# negative in the second. The label comes from the same number, read the right way round.
# Why it matters: who takes the argmax of the scores, as every serving example does, gets all predictions of a binary
# machine wrong, while the accuracy of the label output, which tests look at, is as at home.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet skl2onnx==1.20.0 onnxruntime==1.23.2 scikit-learn==1.7.2 numpy==2.3.5

"$work/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
import onnxruntime
import skl2onnx
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, NuSVC

rows, labels = load_wine(return_X_y=True)
changed = False
print("skl2onnx", skl2onnx.__version__)
for classes in (2, 3):
    X, y = rows[labels < classes].astype(np.float32), labels[labels < classes]
    for last in (SVC(), SVC(kernel="linear"), NuSVC(), LogisticRegression()):
        model = make_pipeline(StandardScaler(), last).fit(X, y)
        graph = skl2onnx.to_onnx(model, X[:1], options={id(last): {"zipmap": False}})
        session = onnxruntime.InferenceSession(graph.SerializeToString())
        said, scores = session.run(None, {"X": X})
        assert (said == model.predict(X)).mean() > 0.99
        agree = (scores.argmax(axis=1) == said).mean()
        reversed_ = classes == 2 and not isinstance(last, LogisticRegression)
        changed |= agree > 0.05 if reversed_ else agree < 0.95
        print(f"{classes} classes, {last!s:22} label right, highest score is the label's in {agree:.0%} of the rows")
sys.exit("skl2onnx orders these scores differently now" if changed else 0)
PYTHON
