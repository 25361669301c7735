"""Inference with a version."""

import pytest
import tritonclient.http as triton

from tests.harness import Person, System
from tests.registry import digits, register


def test_version_that_is_asked_for_answers(
    client: triton.InferenceServerClient, headers: dict[str, str], person: Person, system: System
) -> None:
    register(person, system)
    tensor = triton.InferInput("X", [1, 64], "FP32")
    tensor.set_data_from_numpy(digits()[2][:1])
    for version, answered in (("1", "1"), ("2", "2"), ("latest", "2"), ("", "2")):
        result = client.infer("digits", [tensor], model_version=version, headers=headers)
        assert result.get_response()["model_version"] == answered
    with pytest.raises(triton.InferenceServerException, match="no version 3"):
        client.infer("digits", [tensor], model_version="3", headers=headers)


def test_only_a_deprecated_version_warns(person: Person, system: System) -> None:
    first, _ = register(person, system), register(person, system)
    person.request("PATCH", f"/v1/models/{first['id']}", {"status": "deprecated"})
    one = {"name": "X", "shape": [1, 64], "datatype": "FP32", "data": [0] * 64}
    warnings = []
    for version in (1, 2):
        path = f"/v2/models/digits/versions/{version}/infer"
        response = person.request("POST", path, {"inputs": [one]})
        assert response.status_code == 200
        assert ("Deprecation" in response.headers) == (version == 1)
        warnings.append(response.headers.get("Warning"))
    assert warnings == ['299 - "Version 1 of this model is deprecated"', None]
