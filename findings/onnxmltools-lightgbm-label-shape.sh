#!/usr/bin/env bash
# onnxmltools 1.16.0 exports LightGBM classifiers that declare one label ([1]) for inputs of any number of rows; they
# give one label for each row, and ONNX Runtime only warns. XGBoost's exporter, beside it, declares [None].
#
# Why it matters: a server that holds answers against declared shapes refuses all of these models, one that allocates
# outputs by them has no room for the second label, and one that tries a model with a single row sees nothing.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet onnxmltools==1.16.0 lightgbm==4.6.0 skl2onnx==1.20.0 onnxruntime==1.23.2 \
  scikit-learn==1.7.2 numpy==2.3.5

"$work/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
import onnxmltools
import onnxruntime
from lightgbm import LGBMClassifier, LGBMRegressor
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.datasets import load_iris

rows, labels = load_iris(return_X_y=True)
options = onnxruntime.SessionOptions()
options.log_severity_level = 3  # else a warning for each run: "Expected shape from model of {1} …"
changed = False
print("onnxmltools", onnxmltools.__version__)
for kind in (LGBMClassifier, LGBMRegressor):
    for zipmap in (True, False):
        model = kind(n_estimators=3, verbose=-1).fit(rows, labels)
        tensor = [("input", FloatTensorType([None, rows.shape[1]]))]
        graph = onnxmltools.convert_lightgbm(model, initial_types=tensor, zipmap=zipmap)
        session = onnxruntime.InferenceSession(graph.SerializeToString(), options)
        declared = session.get_outputs()[0].shape
        for count in (1, 5):
            (given, *_) = session.run(None, {"input": rows[:count].astype(np.float32)})
            print(f"{kind.__name__:14} zipmap={zipmap!s:5} {count} rows: declared {declared}, given {list(given.shape)}")
        changed |= (declared == [1]) is not (kind is LGBMClassifier)
sys.exit("onnxmltools declares these shapes differently now" if changed else 0)
PYTHON
