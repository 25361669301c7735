"""Inference by the Open Inference Protocol: Triton's client, and plain JSON."""

import json
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton
from onnx import TensorProto

from tests.harness import Person, System, expect
from tests.registry import classifier, digits, register
from tests.shared.inference import hostile


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_tritonclient(
    client: triton.InferenceServerClient,
    headers: dict[str, str],
    person: Person,
    binary_in: bool,
    binary_out: bool,
) -> None:
    images = digits()[2][:20]
    tensor = triton.InferInput("X", list(images.shape), "FP32")
    tensor.set_data_from_numpy(images, binary_data=binary_in)
    wanted = [
        triton.InferRequestedOutput("label", binary_data=binary_out),
        triton.InferRequestedOutput("probabilities", binary_data=binary_out),
    ]
    result = client.infer("digits", [tensor], outputs=wanted, request_id="7", headers=headers)
    assert result.as_numpy("label").tolist() == classifier().predict(images).tolist()
    np.testing.assert_allclose(
        result.as_numpy("probabilities"), classifier().predict_proba(images), atol=1e-5
    )
    about = result.get_response()
    assert (about["model_name"], about["model_version"], about["id"]) == ("digits", "1", "7")
    (row,) = person.get("/v1/predictions")["items"]
    assert (row["status"], row["batch_size"]) == ("success", 20)


@pytest.mark.parametrize("coding", [None, "gzip"])
def test_tritonclient_without_wanted_outputs(
    client: triton.InferenceServerClient, headers: dict[str, str], coding: str | None
) -> None:
    tensor = triton.InferInput("X", [1, 64], "FP32")
    tensor.set_data_from_numpy(digits()[2][:1])
    result = client.infer(
        "digits",
        [tensor],
        headers=headers,
        request_compression_algorithm=coding,
        response_compression_algorithm=coding,
    )
    assert result.as_numpy("label").shape == (1,)


def test_errors_reach_tritonclient_in_words(
    client: triton.InferenceServerClient, headers: dict[str, str], person: Person
) -> None:
    tensor = triton.InferInput("X", [1, 63], "FP32")
    tensor.set_data_from_numpy(np.zeros((1, 63), np.float32))
    with pytest.raises(triton.InferenceServerException, match="it has the shape \\[1, 63\\]"):
        client.infer("digits", [tensor], headers=headers)
    with pytest.raises(triton.InferenceServerException, match="no model named cats"):
        client.infer("cats", [tensor], headers=headers)
    with pytest.raises(triton.InferenceServerException, match="Sign in"):
        client.infer("digits", [tensor])
    (row,) = person.get("/v1/predictions")["items"]
    assert (row["status"], row["error_code"]) == ("failed", "invalid_input")


def test_large_binary_request_is_summarised_and_stored(
    client: triton.InferenceServerClient, headers: dict[str, str], person: Person
) -> None:
    images = np.tile(digits()[2][:1], (1000, 1))
    tensor = triton.InferInput("X", list(images.shape), "FP32")
    tensor.set_data_from_numpy(images)
    assert client.infer("digits", [tensor], headers=headers).as_numpy("label").shape == (1000,)
    (row,) = person.get("/v1/predictions")["items"]
    assert row["input_data"]["inputs"]["X"]["shape"] == [1000, 64]
    assert row["input_data"]["inputs"]["X"]["max"] == images.max()


def test_repeats_of_bytes_are_told_apart_and_done_again(
    client: triton.InferenceServerClient, headers: dict[str, str], person: Person
) -> None:
    """Answers in bytes are not kept under an Idempotency-Key."""
    wanted = [triton.InferRequestedOutput("label")]
    for image in digits()[2][:2]:
        tensor = triton.InferInput("X", [1, 64], "FP32")
        tensor.set_data_from_numpy(image[None])
        key = headers | {"Idempotency-Key": "infer-1"}
        result = client.infer("digits", [tensor], outputs=wanted, headers=key)
        assert result.as_numpy("label").tolist() == classifier().predict(image[None]).tolist()
    assert len(person.get("/v1/predictions")["items"]) == 2


def ask(person: Person, body: Any, **more: Any) -> Any:
    """Post to the model."""
    return person.request("POST", "/v2/models/digits/infer", body, **more)


def test_plain_json_with_flat_and_nested_data(person: Person, system: System) -> None:
    register(person, system)
    flat = {"name": "X", "shape": [1, 64], "datatype": "FP32", "data": [0] * 64}
    answer = expect(ask(person, {"inputs": [flat], "outputs": [{"name": "label"}]}), 200)
    assert [one["name"] for one in answer["outputs"]] == ["label"]
    assert answer["outputs"][0]["shape"] == [1]
    nested = {**flat, "data": [[0] * 64]}
    assert expect(ask(person, {"inputs": [nested]}), 200)["outputs"][0] == answer["outputs"][0]


def texts(*elements: bytes) -> tuple[bytes, dict[str, str]]:
    """Return the body and headers of a request that sends strings as bytes."""
    data = b"".join(len(one).to_bytes(4, "little") + one for one in elements)
    tensor = {
        "name": "x",
        "shape": [1, len(elements)],
        "datatype": "BYTES",
        "parameters": {"binary_data_size": len(data)},
    }
    parameters = {"binary_data_output": True}
    header = json.dumps({"inputs": [tensor], "parameters": parameters}).encode()
    return header + data, {
        "Content-Type": "application/octet-stream",
        "Inference-Header-Content-Length": str(len(header)),
    }


def test_strings_come_back_as_they_are_or_are_refused(person: Person, system: System) -> None:
    register(person, system, hostile.echo(TensorProto.STRING), model_type="onnx")
    sent = (b"", "é".encode(), b"a\0b", b"<>")
    body, headers = texts(*sent)
    answer = ask(person, None, data=body, headers=headers)
    assert answer.status_code == 200
    assert answer.data.endswith(body[int(headers["Inference-Header-Content-Length"]) :])
    (row,) = person.get("/v1/predictions")["items"]
    assert (row["status"], row["output_data"]["summarised"]) == ("success", True)
    body, headers = texts(b"", b"caf\xe9", b"", b"")
    answer = ask(person, None, data=body, headers=headers)
    assert answer.status_code == 422
    assert "must be texts in UTF-8; element 1 is none" in answer.text


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"shape": [1, 63]}, "holds 64 values"),
    ({"datatype": "FP64"}, "must be FP32 of shape [-1, 64]; it is FP64"),
    ({"datatype": "FLOAT"}, "/inputs/0/datatype must be"),
    ({"name": "Y"}, "is not an input of this model"),
    ({"name": "X\0"}, "/inputs/0/name must not contain the character U+0000"),
    ({"data": ["a"] * 64}, "strings"),
    ({"parameters": {"binary_data_size": 256}, "data": None}, "does not hold the data"),
]


def test_wrong_input_is_told_in_the_protocols_form(
    person: Person, system: System, subtests: pytest.Subtests
) -> None:
    register(person, system)
    for change, text in WRONG:
        with subtests.test(text):
            one = {"name": "X", "shape": [1, 64], "datatype": "FP32", "data": [0] * 64, **change}
            response = ask(person, {"inputs": [one]})
            assert response.status_code in (400, 422)
            assert text in json.loads(response.data)["error"]


def test_extensions_that_are_not_served_are_refused(
    client: triton.InferenceServerClient, headers: dict[str, str]
) -> None:
    tensor = triton.InferInput("X", [1, 64], "FP32")
    tensor.set_data_from_numpy(digits()[2][:1])
    sorted_ = [triton.InferRequestedOutput("probabilities", class_count=3)]
    with pytest.raises(triton.InferenceServerException, match="leave class_count out"):
        client.infer("digits", [tensor], outputs=sorted_, headers=dict(headers))
    tensor.set_shared_memory("region", 256)
    with pytest.raises(triton.InferenceServerException, match="Shared memory is not served"):
        client.infer("digits", [tensor], headers=dict(headers))


def test_input_that_comes_twice(person: Person, system: System) -> None:
    register(person, system)
    one = {"name": "X", "shape": [1, 64], "datatype": "FP32", "data": [0] * 64}
    answer = expect(ask(person, {"inputs": [one, {**one, "data": [1] * 64}]}), 400)
    assert answer["error"] == "The input X comes twice."


def test_data_that_comes_twice(person: Person, system: System) -> None:
    register(person, system)
    one = {"name": "X", "shape": [1, 64], "datatype": "FP32", "data": [0] * 64}
    body = {"inputs": [{**one, "parameters": {"binary_data_size": 0}}]}
    answer = expect(ask(person, body), 400)
    assert answer["error"] == "The input X has its data twice, in JSON and as bytes."


def test_headers_and_sizes_that_lie(person: Person, system: System) -> None:
    register(person, system)
    body = {"inputs": [{"name": "X", "shape": [1, 64], "datatype": "FP32", "data": [0] * 64}]}
    for size in ("9" * 5000, "999999", "-1", "+5", "0x10"):
        response = ask(person, body, headers={"Inference-Header-Content-Length": size})
        assert "does not fit the body" in expect(response, 400)["error"]
    large = {**body, "id": "x" * 5 * 2**20}
    assert "send tensors as bytes" in expect(ask(person, large), 400)["error"]
    assert len(person.get("/v1/predictions?status=failed")["items"]) == 6
    response = ask(person, body, headers={"Content-Encoding": "gzip"})
    assert "not gzip" in expect(response, 400)["error"]
    for encoding in ("deflate", "br"):
        response = ask(person, body, headers={"Content-Encoding": encoding})
        assert "gzip" in expect(response, 415)["error"]


def test_deprecated_infers_with_a_warning(person: Person, system: System) -> None:
    model = register(person, system)
    person.request("PATCH", f"/v1/models/{model['id']}", {"status": "deprecated"})
    one = {"name": "X", "shape": [1, 64], "datatype": "FP32", "data": [0] * 64}
    predicted = person.request(
        "POST", f"/v1/models/{model['id']}/predictions", {"inputs": {"X": [[0] * 64]}}
    )
    for binary in (True, False):
        response = ask(person, {"inputs": [one], "parameters": {"binary_data_output": binary}})
        assert response.status_code == 200
        for name in ("Deprecation", "Warning"):
            assert response.headers[name] == predicted.headers[name]
        assert ("Inference-Header-Content-Length" in response.headers) == binary


@pytest.mark.usefixtures("headers")
def test_half_of_a_surrogate_pair_is_refused_where_it_stands(person: Person) -> None:
    body = {"inputs": [{"name": "X\ud83d", "datatype": "FP32", "shape": [1], "data": [1]}]}
    answer = person.request("POST", "/v2/models/digits/infer", body)
    assert "/inputs/0/name must be valid Unicode text" in expect(answer, 400)["error"]
