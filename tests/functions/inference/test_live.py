"""Liveness, as the protocol asks for it."""

import tritonclient.http as triton


def test_tritonclient_finds_it_live(client: triton.InferenceServerClient) -> None:
    assert client.is_server_live()
