"""A model's readiness."""

import tritonclient.http as triton


def test_tritonclient_finds_a_model_ready(
    client: triton.InferenceServerClient, headers: dict[str, str]
) -> None:
    assert client.is_model_ready("digits", headers=headers)
    assert not client.is_model_ready("cats", headers=headers)
