#!/usr/bin/env bash
# onnxmltools 1.16.0 gives the trees of an XGBoost forest to the wrong classes: XGBRFClassifier, or any classifier with
# num_parallel_tree above 1, of three classes or more converts, loads and answers, with a fifth of the labels changed, and no word is said.
#
# XGBoost grows num_parallel_tree trees for the first class, then as many for the second; the converter takes class = number of
# the tree modulo classes, which is right only where each round grows one tree a class. A forest of two classes has one
# group of trees, so that a trial on a yes-or-no problem shows nothing.
# Why it matters: forests over embeddings of pictures are common; the converted model serves at the same speed, and lies.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet onnxmltools==1.16.0 xgboost-cpu==3.2.0 onnx==1.23.2 onnxruntime==1.32.0 scikit-learn==1.9.1

cat > "$work/forest.py" <<'PYTHON'
import numpy as np
import onnxruntime
from onnxmltools import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from xgboost import XGBClassifier, XGBRFClassifier

random = np.random.default_rng(0)
rows = random.normal(size=(600, 4)).astype(np.float32)
three = (rows[:, 0] > 1).astype(int) + (rows[:, 1] > 1)


def count_changed(model, classes):
    model.fit(rows, classes)
    converted = convert_xgboost(model, initial_types=[("x", FloatTensorType([None, 4]))], target_opset=15)
    session = onnxruntime.InferenceSession(converted.SerializeToString())
    return int((session.run(None, {"x": rows})[0] != model.predict(rows)).sum())


boosted, forest = XGBClassifier(n_estimators=20), XGBRFClassifier(n_estimators=20)
print(count_changed(boosted, three), count_changed(forest, three > 0), count_changed(forest, three))
PYTHON
read -r boosted two three <<< "$("$work/venv/bin/python" -W ignore "$work/forest.py" 2> "$work/errors" || cat "$work/errors")"
echo "onnxmltools 1.16.0, labels of 600 that differ after conversion: boosted trees $boosted, a forest of two classes $two, of three $three"
[ "$boosted $two" = "0 0" ] && [ "$three" -gt 60 ] || { echo "onnxmltools converts forests otherwise now"; exit 1; }
