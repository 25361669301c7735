"""Batches through the client library."""

from typing import Any

import pytest
import requests


def test_every_part_is_carried_out(client: Any, bucket: Any) -> None:
    for number in range(120):
        bucket.blob(f"é/{number}").upload_from_string(b"x")
    with client.batch():
        for number in range(119):
            bucket.blob(f"é/{number}").delete()
    assert [blob.name for blob in bucket.list_blobs()] == ["é/119"]


def test_one_failure_does_not_stop_the_others(client: Any, bucket: Any) -> None:
    bucket.blob("a").upload_from_string(b"x")
    bucket.blob("b").upload_from_string(b"x")
    with client.batch(raise_exception=False) as batch:
        for name in ("a", "absent", "b"):
            bucket.blob(name).delete()
    assert [answer.status_code for answer in batch._responses] == [204, 404, 204]
    assert list(bucket.list_blobs()) == []


def test_patches_return_the_new_metadata(client: Any, bucket: Any) -> None:
    blob = bucket.blob("a")
    blob.upload_from_string(b"x")
    with client.batch():
        blob.metadata = {"k": "ü"}
        blob.patch()
    assert blob.metageneration == 2
    assert bucket.get_blob("a").metadata == {"k": "ü"}


@pytest.mark.parametrize(
    "part",
    ["", "DELETE", "DELETE http://x/b/o HTTP/1.1", "GET /storage/v1/b/b/o/x?alt=media HTTP/1.1"],
)
def test_other_parts_are_refused(emulator: Any, part: str) -> None:
    answer = requests.post(
        f"{emulator.url}/batch/storage/v1",
        data=f"--B\r\nContent-Type: application/http\r\n\r\n{part}\r\n\r\n--B--",
        headers={"Content-Type": "multipart/mixed; boundary=B"},
        timeout=30,
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 400
