"""A model's tensors."""

import tritonclient.http as triton


def test_tritonclient_reads_the_tensors(
    client: triton.InferenceServerClient, headers: dict[str, str]
) -> None:
    about = client.get_model_metadata("digits", headers=headers)
    assert (about["name"], about["versions"]) == ("digits", ["1"])
    assert about["platform"] == "onnxruntime_onnx"
    assert about["inputs"] == [{"name": "X", "datatype": "FP32", "shape": [-1, 64]}]
    assert [one["name"] for one in about["outputs"]] == ["label", "probabilities"]
