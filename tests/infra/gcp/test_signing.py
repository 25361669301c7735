"""Signed addresses without a key: the IAM API signs, and the bucket believes it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from shared.settings import Settings
from shared.storage.bucket import Storage, open_storage
from tests.infra.gcp.certificates import Authority
from tests.infra.gcp.standins import PROJECT, Google, Iam


@pytest.fixture(scope="module")
def account(storage_server: str) -> dict[str, str]:
    """Return the service account whose signatures the storage emulator knows."""
    read: dict[str, str] = json.loads(
        Path(os.environ["GOOGLE_APPLICATION_CREDENTIALS"]).read_text()
    )
    return read


@pytest.fixture
def iam(
    account: dict[str, str], cloud: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Iam]:
    """Yield the IAM API, where a proxy leads to it."""
    authority = Authority("proxy")
    roots = tmp_path / "roots.pem"
    roots.write_text(authority.pem)
    server = Iam(authority, account, tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(roots))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.port}")
    monkeypatch.setattr(cloud, "account", account["client_email"])
    yield server
    server.close()


@pytest.fixture
def storage(iam: Iam, storage_server: str, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """Return the bucket as a function in the cloud opens it: it has a token and no key."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage_server)
    return open_storage(
        Settings(project=PROJECT, bucket=PROJECT, storage_emulator_host=storage_server)
    )


def test_a_client_uploads_and_downloads_at_addresses_that_iam_signed(
    storage: Storage, iam: Iam, account: dict[str, str]
) -> None:
    url, headers = storage.sign_upload_url("uploads/a", life=60, content_type="image/png", size=3)
    assert requests.put(url, data=b"abc", headers=headers, timeout=30).status_code == 200
    found = requests.get(storage.sign_download_url("uploads/a", life=60), timeout=30)
    assert found.content == b"abc"
    assert (
        iam.asked[0]
        .split()[1]
        .startswith(f"/v1/projects/-/serviceAccounts/{account['client_email']}:signBlob")
    )
    assert len([line for line in iam.asked if line.startswith("Bearer ")]) == 2
    query = parse_qs(urlsplit(url).query)
    assert query["X-Goog-Algorithm"] == ["GOOG4-RSA-SHA256"]
    assert query["X-Goog-Credential"][0].startswith(account["client_email"])


def test_another_size_or_object_is_not_what_was_signed(storage: Storage) -> None:
    url, headers = storage.sign_upload_url("uploads/b", life=60, content_type="image/png", size=3)
    assert requests.put(url, data=b"abcd", headers=headers, timeout=30).status_code == 400
    elsewhere = url.replace("uploads/b", "uploads/c")
    assert requests.put(elsewhere, data=b"abc", headers=headers, timeout=30).status_code == 403


def test_a_passing_failure_of_iam_is_waited_out(storage: Storage, iam: Iam) -> None:
    iam.broken = 1
    assert storage.sign_download_url("uploads/d", life=60).startswith("http")
    assert len([line for line in iam.asked if line.startswith("POST ")]) == 2
