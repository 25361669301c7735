"""A model's tensors."""

import tritonclient.http as triton

from tests.harness import Person, System
from tests.registry import register


def test_tritonclient_reads_the_tensors(
    client: triton.InferenceServerClient, headers: dict[str, str]
) -> None:
    about = client.get_model_metadata("digits", headers=headers)
    assert (about["name"], about["versions"]) == ("digits", ["1"])
    assert about["platform"] == "onnxruntime_onnx"
    assert about["inputs"] == [{"name": "X", "datatype": "FP32", "shape": [-1, 64]}]
    assert [one["name"] for one in about["outputs"]] == ["label", "probabilities"]


def test_deprecated_is_described_with_a_warning(person: Person, system: System) -> None:
    model = register(person, system)
    headers = person.request("GET", "/v2/models/digits").headers
    assert "Deprecation" not in headers
    person.request("PATCH", f"/v1/models/{model['id']}", {"status": "deprecated"})
    headers = person.request("GET", "/v2/models/digits").headers
    assert headers["Deprecation"].startswith("@1")
    assert headers["Warning"] == '299 - "Version 1 of this model is deprecated"'
