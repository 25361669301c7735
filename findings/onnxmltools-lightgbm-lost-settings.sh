#!/usr/bin/env bash
# onnxmltools 1.16.0 leaves out four settings that change what a LightGBM model answers: linear_tree, boosting_type="rf",
# reg_sqrt and sigmoid. The model converts, loads and answers numbers of the right shape and sign, and no word is said.
#
# Leaves of linear trees hold a formula of which only the constant is kept; the trees of a random forest are added up instead of
# averaged; a target that was trained by its root is not squared again; a probability's slope is taken as 1. What the
# converter does refuse, by a RuntimeError, are objectives that it does not know (cross_entropy, mape).
# Why it matters: a converter that refuses some models looks as if what it lets pass were right. Compare rows before serving.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet onnxmltools==1.16.0 lightgbm==4.7.0 onnx==1.23.2 onnxruntime==1.32.0 scikit-learn==1.9.1

cat > "$work/settings.py" <<'PYTHON'
import numpy as np
import onnxruntime
from lightgbm import LGBMClassifier, LGBMRegressor
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

rows = np.random.default_rng(0).normal(size=(900, 4)).astype(np.float32)
value = np.abs(3 * rows[:, 0] + rows[:, 1])
few = {"n_estimators": 20, "num_leaves": 7, "verbose": -1}
forest = {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}


def differs(model, target):
    model.fit(rows, target)
    converted = convert_lightgbm(model, initial_types=[("x", FloatTensorType([None, 4]))], zipmap=False, target_opset=15)
    answers = onnxruntime.InferenceSession(converted.SerializeToString()).run(None, {"x": rows})[-1]
    own = model.predict_proba(rows) if hasattr(model, "predict_proba") else model.predict(rows)
    return float(np.abs(answers.reshape(own.shape) - own).max()) > 0.05


regressors = [differs(LGBMRegressor(**few, **more), value) for more in ({}, {"linear_tree": True}, forest, {"reg_sqrt": True})]
print(*regressors, *[differs(LGBMClassifier(sigmoid=slope, **few), (value > 2).astype(int)) for slope in (1.0, 2.0)])
PYTHON
seen=$("$work/venv/bin/python" -W ignore "$work/settings.py" 2> "$work/errors" || cat "$work/errors")
echo "onnxmltools 1.16.0, whether answers differ by more than 0.05 after conversion: plain, linear_tree, rf, reg_sqrt; sigmoid 1, sigmoid 2:"
echo "$seen"
[ "$seen" = "False True True True False True" ] || { echo "onnxmltools converts these settings otherwise now"; exit 1; }
