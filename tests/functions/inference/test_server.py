"""The server's name, version and extensions."""

import tritonclient.http as triton


def test_tritonclient_reads_the_extensions(client: triton.InferenceServerClient) -> None:
    about = client.get_server_metadata()
    assert about["name"] == "pixmill"
    assert about["extensions"] == ["binary_tensor_data"]
