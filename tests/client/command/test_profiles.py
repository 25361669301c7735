"""Profiles, and the memory of a build."""

import json
from pathlib import Path

import pytest
from pixmill.command.ledger import Ledger
from pixmill.command.profiles import Profile, Profiles
from pixmill.errors import BadSource


def test_profiles_are_kept(tmp_path: Path) -> None:
    profiles = Profiles(tmp_path / "config")
    assert profiles.find(None) is None
    profiles.put("local", Profile("http://127.0.0.1:8080", "a"), is_default=False)
    profiles.put("work", Profile("https://pixmill.example.org", "b"), is_default=True)
    profiles.put("local", Profile("http://127.0.0.1:9000", "a"), is_default=False)
    again = Profiles(tmp_path / "config")
    assert again.find(None) == Profile("https://pixmill.example.org", "b")
    assert again.find("local") == Profile("http://127.0.0.1:9000", "a")
    assert [path.name for path in (tmp_path / "config").iterdir()] == ["profiles.json"]


def test_a_job_is_begun_under_one_key_until_its_id_is_known(tmp_path: Path) -> None:
    keys: list[str] = []

    def fail(key: str) -> str:
        keys.append(key)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Ledger(tmp_path, {"a": 1}).begin("crawl", fail)
    assert (
        Ledger(tmp_path, {"a": 1}).begin("crawl", lambda key: f"id of {key}") == f"id of {keys[0]}"
    )
    assert Ledger(tmp_path, {"a": 1}).begin("crawl", fail) == f"id of {keys[0]}"
    with pytest.raises(BadSource, match="another a"):
        Ledger(tmp_path, {"a": 2})
    Ledger(tmp_path, {"a": 1}).forget("crawl")
    assert Ledger(tmp_path, {"a": 2}).begin("crawl", lambda key: key) != keys[0]


def test_a_damaged_memory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "build.json").write_text(json.dumps({"wanted": {}}))
    with pytest.raises(BadSource, match="is damaged"):
        Ledger(tmp_path, {})
