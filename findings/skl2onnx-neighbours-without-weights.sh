#!/usr/bin/env bash
# skl2onnx 1.20.0 exports neighbours with weights="distance" as if they had no weights: every neighbour counts the same. A
# classifier's scores are multiples of 1/k and some labels are others; a regressor answers with plain means.
#
# Why it matters: nothing fails or warns. Classifiers over embeddings of pictures are often of this kind, and with weights
# because near ones should count for more; what is served is another model than the one that was measured.
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
from sklearn.datasets import make_classification
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

X, y = make_classification(400, 8, n_informative=6, n_classes=3, random_state=0)
X = X.astype(np.float32)


def run(model):
    options = {"zipmap": False} if isinstance(model, KNeighborsClassifier) else None
    graph = skl2onnx.to_onnx(model, X[:1], options=options)
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"X": X[1::2]})


weighted = KNeighborsClassifier(3, weights="distance").fit(X[::2], y[::2])
plain = KNeighborsClassifier(3).fit(X[::2], y[::2])
regressor = KNeighborsRegressor(3, weights="distance").fit(X[::2], y[::2])
means = KNeighborsRegressor(3).fit(X[::2], y[::2]).predict(X[1::2])
label, scores = run(weighted)
to_weighted = np.abs(scores - weighted.predict_proba(X[1::2])).max()
to_plain = np.abs(scores - plain.predict_proba(X[1::2])).max()
others = int((label != weighted.predict(X[1::2])).sum())
answers = run(regressor)[0].ravel()
off, off_means = (float(np.abs(answers - one).max()) for one in (regressor.predict(X[1::2]), means))
print("skl2onnx", skl2onnx.__version__)
print(f"classifier: scores differ by up to {to_weighted:.3f} from its own, by {to_plain:.6f} from those without weights")
print(f"classifier: {others} of {len(label)} labels are others")
print(f"regressor: differs by up to {off:.3f} from its own, by {off_means:.6f} from plain means")
same = to_weighted > 0.1 and to_plain < 1e-4 and others > 0 and off > 0.1 and off_means < 1e-4
sys.exit(0 if same else "skl2onnx treats the weights of neighbours otherwise now")
PYTHON
