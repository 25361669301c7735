"""Finding Google's emulator."""

from pathlib import Path

import pytest

from infra.emulators.pubsub import google


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a machine with Java and nothing else; SDKs are made by the tests."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.delenv("CLOUDSDK_ROOT_DIR", raising=False)
    executable(tmp_path / "bin" / "java")
    return tmp_path


def executable(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)


def component(sdk: Path, *versions: str) -> list[Path]:
    library = sdk / "platform" / "pubsub-emulator" / "lib"
    library.mkdir(parents=True)
    jars = [library / f"cloud-pubsub-emulator-{version}-all.jar" for version in versions]
    for jar in jars:
        jar.touch()
    return jars


def test_the_newest_jar_beside_the_resolved_gcloud(machine: Path) -> None:
    sdk = machine / "opt" / "sdk"
    executable(sdk / "bin" / "gcloud")
    (machine / "bin" / "gcloud").symlink_to(sdk / "bin" / "gcloud")
    jars = component(sdk, "0.8.9", "0.8.20", "0.8.3")
    found = google.find_google_emulator()
    assert found is not None
    assert (found.jar, found.java) == (jars[1], machine / "bin" / "java")


def test_a_configured_sdk_comes_first(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    component(machine / "home" / "google-cloud-sdk", "0.9.0")
    (jar,) = component(machine / "mine", "0.8.0")
    assert google.find_google_emulator() != google.GoogleEmulator(machine / "bin" / "java", jar)
    monkeypatch.setenv("CLOUDSDK_ROOT_DIR", str(machine / "mine"))
    assert google.find_google_emulator() == google.GoogleEmulator(machine / "bin" / "java", jar)


def test_without_java_there_is_none(machine: Path) -> None:
    component(machine / "home" / "google-cloud-sdk", "0.9.0")
    (machine / "bin" / "java").unlink()
    assert google.find_google_emulator() is None
