"""A version's tensors."""

import pytest
import tritonclient.http as triton

from tests.harness import Person, expect


def test_versions_are_numbers_aliases_and_latest(
    client: triton.InferenceServerClient, headers: dict[str, str], person: Person
) -> None:
    alias = "/v1/models/by-name/digits/aliases/champion"
    expect(person.request("PUT", alias, {"version": 1}), 200)
    for version in ("1", "champion", "latest"):
        about = client.get_model_metadata("digits", version, headers=headers)
        assert about["versions"] == ["1"]
    with pytest.raises(triton.InferenceServerException, match="no version 2"):
        client.get_model_metadata("digits", "2", headers=headers)
