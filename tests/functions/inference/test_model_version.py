"""A version's tensors."""

import pytest
import tritonclient.http as triton

from tests.harness import Person, System, expect
from tests.registry import register


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


def test_only_a_deprecated_version_is_described_with_a_warning(
    person: Person, system: System
) -> None:
    first, _ = register(person, system), register(person, system)
    person.request("PATCH", f"/v1/models/{first['id']}", {"status": "deprecated"})
    warned = {
        version: "Deprecation"
        in person.request("GET", f"/v2/models/digits/versions/{version}").headers
        for version in (1, 2, "latest")
    }
    assert warned == {1: True, 2: False, "latest": False}
