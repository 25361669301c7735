"""The manifest that the deployment reads is consistent."""

from shared.contracts.manifest import build_manifest


def test_every_published_topic_exists() -> None:
    found = build_manifest()
    for name, function in found["functions"].items():
        assert set(function["publishes"]) <= set(found["topics"]), name
        if "message" in function:
            assert function["message"]["topic"] in found["topics"]
            assert function["message"]["ack_deadline"] <= 600
