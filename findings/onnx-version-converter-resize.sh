#!/usr/bin/env bash
# onnx 1.23.2's version_converter moves what linear Resize and Upsample give by a part of a pixel: a model of opset 9 or 10 that is
# converted to 11 or later loads, checks and answers otherwise than before, and no word is said.
#
# Up to opset 10 an output pixel x read the input at x / scale; since 11 the operator has a coordinate_transformation_mode whose
# default is half_pixel. The adapters add the inputs that Resize-11 wants and leave that attribute out, where "asymmetric" would
# have kept the old meaning. Nearest is the same by luck at whole scales.
# Why it matters: upgrading old segmentation, pose and super-resolution models (many end in one upsampling) for a new
# runtime shifts masks and key points by a quarter of a source pixel each way, which is 1.25 on this ramp of 0 to 15.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet onnx==1.23.2 onnxruntime==1.32.0

cat > "$work/convert.py" <<'PYTHON'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

onnxruntime.set_default_logger_severity(3)
ramp = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)


def answer(model):
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": ramp})[0]


def upsampler(operator, opset, mode):
    twice = helper.make_tensor("twice", TensorProto.FLOAT, [4], [1, 1, 2, 2])
    ends = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 4, 4])], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 8, 8])]
    graph = helper.make_graph([helper.make_node(operator, ["x", "twice"], ["y"], mode=mode)], "up", *ends, [twice])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=4)


for operator, opset in (("Upsample", 9), ("Resize", 10)):
    for mode in ("nearest", "linear"):
        model = upsampler(operator, opset, mode)
        changes = [float(np.abs(answer(model) - answer(onnx.version_converter.convert_version(model, to))).max()) for to in (11, 13, 19)]
        print(f"{operator}-{opset} {mode}: {changes}")
PYTHON
seen=$("$work/venv/bin/python" -W ignore "$work/convert.py")
echo "onnx 1.23.2, largest change of an answer (of 0 to 15) after conversion to opset 11, 13 and 19:"
echo "$seen"
[ "$seen" = "Upsample-9 nearest: [0.0, 0.0, 0.0]
Upsample-9 linear: [1.25, 1.25, 1.25]
Resize-10 nearest: [0.0, 0.0, 0.0]
Resize-10 linear: [1.25, 1.25, 1.25]" ] || { echo "onnx converts resizing otherwise now"; exit 1; }
