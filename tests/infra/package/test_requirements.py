"""A bundle's part of the lock."""

from pathlib import Path

import pytest

from infra.package.requirements import (
    LOCK,
    RequirementError,
    find_package,
    read_lock,
    select_requirements,
)


def pins(text: str) -> set[str]:
    return {line.split("==")[0] for line in text.splitlines() if "==" in line}


def test_a_module_is_found_in_the_package_that_brings_it() -> None:
    assert find_package("PIL.Image") == "pillow"
    assert find_package("google.cloud.storage.retry.DEFAULT_RETRY") == "google-cloud-storage"
    assert find_package("google.pubsub_v1.types.PubsubMessage") == "google-cloud-pubsub"
    assert find_package("no_such_module") is None


def test_a_package_brings_all_that_it_depends_on_with_hashes() -> None:
    text = select_requirements("x", ["argon2.PasswordHasher"])
    assert pins(text) == {"argon2-cffi", "argon2-cffi-bindings", "cffi", "pycparser"}
    assert all("--hash=sha256:" in block for block in text.split("\n\n")[-1].split("==")[1:])


def test_a_module_that_the_lock_does_not_bring_is_refused() -> None:
    with pytest.raises(RequirementError, match="x imports pytest"):
        select_requirements("x", ["pytest"])
    with pytest.raises(RequirementError, match="x imports nothing_like_it"):
        select_requirements("x", ["nothing_like_it"])


def test_only_the_platforms_lines_of_the_lock_count(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(
        "colorama==0.4 ; sys_platform == 'win32' \\\n    --hash=sha256:aa\n    # via click\n"
        "numpy==1.0 ; python_full_version < '3.12' \\\n    --hash=sha256:bb\n"
        "    # via\n    #   a.package\n    #   Another_One\n"
        "numpy==2.0 ; python_full_version >= '3.12' \\\n    --hash=sha256:cc\n    # via a\n"
    )
    locked = read_lock(lock)
    assert locked.keys() == {"numpy"}
    assert locked["numpy"].pin == "numpy==1.0"
    assert locked["numpy"].hashes == ("--hash=sha256:bb",)
    assert {"a-package", "another-one"} <= locked["numpy"].wanted_by


def test_every_line_of_the_lock_has_hashes() -> None:
    assert all(line.hashes for line in read_lock(LOCK).values())
