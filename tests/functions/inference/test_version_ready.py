"""A version's readiness."""

import tritonclient.http as triton

from tests.harness import Person, System
from tests.registry import register


def test_archived_version_is_not_ready(
    client: triton.InferenceServerClient, headers: dict[str, str], person: Person, system: System
) -> None:
    second = register(person, system)
    assert client.is_model_ready("digits", "2", headers=headers)
    person.request("DELETE", f"/v1/models/{second['id']}")
    assert not client.is_model_ready("digits", "2", headers=headers)
    assert client.is_model_ready("digits", headers=headers)
