#!/usr/bin/env bash
# onnxmltools 1.16.0 converts an XGBoost regressor of two targets to a model whose second target is always 0: all trees are added up into
# the first one, and no word is said.
#
# The node says n_targets = 2 while its target_ids are all 0, so not even the second base value is left of it. A classifier of several labels at once is converted as one of exclusive classes,
# so that its probabilities add up to 1 where XGBoost's do not.
# Why it matters: corners of boxes, key points and several tags a picture are predicted so; the shape is right, the numbers are not.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet onnxmltools==1.16.0 xgboost-cpu==3.2.0 onnx==1.23.2 onnxruntime==1.32.0 scikit-learn==1.9.1

cat > "$work/targets.py" <<'PYTHON'
import numpy as np
import onnxruntime
from onnxmltools import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from xgboost import XGBClassifier, XGBRegressor

rows = np.random.default_rng(0).normal(size=(600, 4)).astype(np.float32)


def convert(model):
    converted = convert_xgboost(model, initial_types=[("x", FloatTensorType([None, 4]))], target_opset=15)
    return onnxruntime.InferenceSession(converted.SerializeToString()).run(None, {"x": rows})[-1]


corners = XGBRegressor(n_estimators=20).fit(rows, np.stack([rows[:, 0] + 5, rows[:, 1] - 20], 1))
found = convert(corners)
tags = XGBClassifier(n_estimators=20).fit(rows, np.stack([rows[:, 0] > 0, rows[:, 1] > 0], 1).astype(int))
print(found.shape == (600, 2), float(np.ptp(found[:, 1])), float(np.ptp(corners.predict(rows)[:, 1])) > 4,
      bool(np.allclose(convert(tags).sum(1), 1, atol=1e-4)), bool(np.allclose(tags.predict_proba(rows).sum(1), 1, atol=1e-4)))
PYTHON
seen=$("$work/venv/bin/python" -W ignore "$work/targets.py" 2> "$work/errors" || cat "$work/errors")
echo "onnxmltools 1.16.0: two columns, spread of the second as converted, whether XGBoost's own spreads over 4,"
echo "whether the probabilities of two tags add up to 1 as converted, and with XGBoost: $seen"
[ "$seen" = "True 0.0 True True False" ] || { echo "onnxmltools converts several targets otherwise now"; exit 1; }
