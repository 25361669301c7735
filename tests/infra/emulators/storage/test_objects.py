"""Objects through the client library: content, metadata, preconditions, joins."""

import base64
import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import google_crc32c
import pytest
import requests
from google.api_core.exceptions import (
    BadRequest,
    Conflict,
    MethodNotImplemented,
    NotFound,
    NotModified,
    PreconditionFailed,
    RequestRangeNotSatisfiable,
)
from google.cloud.storage.exceptions import InvalidResponse

DATA = bytes(range(256)) * 64


def put(bucket: Any, name: str, data: bytes = DATA, **options: Any) -> Any:
    blob = bucket.blob(name)
    blob.upload_from_string(data, content_type="image/png", **options)
    return blob


def test_shows_what_was_stored(bucket: Any) -> None:
    blob = bucket.blob("a/b.png")
    blob.metadata = {"owner": "é"}
    blob.cache_control = "private, max-age=60"
    blob.content_disposition = "attachment"
    blob.content_encoding = "identity"
    blob.custom_time = datetime(2026, 1, 2, tzinfo=UTC)
    before = datetime.now(UTC)
    blob.upload_from_string(DATA, content_type="image/png")

    found = bucket.get_blob("a/b.png")
    assert found.size == len(DATA)
    assert found.content_type == "image/png"
    assert found.metadata == {"owner": "é"}
    assert found.cache_control == "private, max-age=60"
    assert found.content_disposition == "attachment"
    assert found.content_encoding == "identity"
    assert found.custom_time == datetime(2026, 1, 2, tzinfo=UTC)
    assert found.storage_class == "STANDARD"
    assert found.md5_hash == base64.b64encode(hashlib.md5(DATA).digest()).decode()  # noqa: S324
    assert found.crc32c == base64.b64encode(google_crc32c.value(DATA).to_bytes(4, "big")).decode()
    assert found.metageneration == 1
    assert abs((found.time_created - before).total_seconds()) < 10
    assert found.generation == pytest.approx(before.timestamp() * 1e6, abs=1e7)
    assert found.etag


def test_64_bit_numbers_are_strings(bucket: Any, emulator: Any) -> None:
    put(bucket, "n")
    resource = requests.get(f"{emulator.url}/storage/v1/b/{bucket.name}/o/n", timeout=30).json()
    assert {type(resource[key]) for key in ("size", "generation", "metageneration")} == {str}


def test_downloads_whole_and_parts(bucket: Any) -> None:
    blob = put(bucket, "x")
    assert blob.download_as_bytes() == DATA
    assert blob.download_as_bytes(start=10, end=19) == DATA[10:20]
    assert blob.download_as_bytes(start=16_380) == DATA[16_380:]
    assert blob.download_as_bytes(start=-5) == DATA[-5:]
    assert blob.download_as_bytes(start=len(DATA) - 1, end=10**9) == DATA[-1:]
    with pytest.raises(RequestRangeNotSatisfiable):
        blob.download_as_bytes(start=len(DATA))
    with blob.open("rb", chunk_size=1000) as stream:
        assert stream.read() == DATA


def test_an_empty_object_reads_as_nothing(bucket: Any) -> None:
    blob = put(bucket, "empty", b"")
    assert blob.download_as_bytes() == b""
    with blob.open("rb") as stream:
        assert stream.read() == b""


def test_generations_grow_and_old_ones_are_gone(bucket: Any) -> None:
    generations = [put(bucket, "x", bytes([n])).generation for n in range(5)]
    assert generations == sorted(set(generations))
    assert bucket.blob("x", generation=generations[-1]).download_as_bytes() == b"\x04"
    with pytest.raises(NotFound):
        bucket.blob("x", generation=generations[0]).download_as_bytes()


def test_one_of_ten_writers_wins(bucket: Any) -> None:
    def write(number: int) -> bool:
        try:
            put(bucket, "race", bytes([number]) * 50_000, if_generation_match=0)
        except PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        won = list(pool.map(write, range(10)))
    assert won.count(True) == 1
    assert bucket.blob("race").download_as_bytes() == bytes([won.index(True)]) * 50_000


def test_preconditions_of_writes(bucket: Any) -> None:
    blob = put(bucket, "x")
    wrong = blob.generation - 1
    refused: list[Callable[[], Any]] = [
        lambda: put(bucket, "x", if_generation_match=wrong),
        lambda: put(bucket, "x", if_generation_not_match=blob.generation),
        lambda: put(bucket, "x", if_metageneration_match=7),
        lambda: put(bucket, "new", if_generation_not_match=0),
        lambda: bucket.blob("x").delete(if_generation_match=wrong),
        lambda: bucket.blob("x").delete(if_metageneration_match=9),
        lambda: bucket.blob("y").compose([blob], if_generation_match=4),
        lambda: bucket.blob("y").compose([blob], if_source_generation_match=[wrong]),
    ]
    for request in refused:
        with pytest.raises(PreconditionFailed):
            request()
    assert {found.name for found in bucket.list_blobs()} == {"x"}
    put(bucket, "x", b"new", if_generation_match=blob.generation)
    with (
        pytest.raises(InvalidResponse) as caught,
        bucket.blob("x").open("wb", if_generation_match=0) as stream,
    ):
        stream.write(b"late")
    assert caught.value.response.status_code == 412
    assert bucket.blob("x").download_as_bytes() == b"new"


def test_preconditions_of_reads(bucket: Any) -> None:
    blob = put(bucket, "x")
    other = bucket.blob("x")
    with pytest.raises(PreconditionFailed):
        other.reload(if_generation_match=1)
    with pytest.raises(NotModified):
        other.reload(if_generation_not_match=blob.generation)
    with pytest.raises(PreconditionFailed):
        other.download_as_bytes(if_generation_match=1)
    with pytest.raises(NotModified):
        other.download_as_bytes(if_etag_not_match=blob.etag)
    assert other.download_as_bytes(if_etag_match=blob.etag) == DATA


def test_hashes_of_the_client_are_checked(bucket: Any, emulator: Any) -> None:
    blob = bucket.blob("x")
    blob.crc32c = "AAAAAA=="
    with pytest.raises(BadRequest, match="CRC32C"):
        blob.upload_from_string(b"data", checksum=None)
    url = f"{emulator.url}/upload/storage/v1/b/{bucket.name}/o"
    answer = requests.post(
        url,
        params={"uploadType": "media", "name": "x"},
        data=b"data",
        headers={"x-goog-hash": "md5=AAAAAAAAAAAAAAAAAAAAAA=="},
        timeout=30,
    )
    assert answer.status_code == 400
    assert not bucket.blob("x").exists()


def test_downloads_carry_hashes(bucket: Any, emulator: Any) -> None:
    blob = put(bucket, "x")
    answer = requests.get(blob.media_link, timeout=30)
    assert answer.headers["X-Goog-Hash"] == f"crc32c={blob.crc32c},md5={blob.md5_hash}"
    assert answer.headers["X-Goog-Generation"] == str(blob.generation)
    assert answer.headers["X-Goog-Metageneration"] == "1"


def test_media_upload(bucket: Any, emulator: Any) -> None:
    url = f"{emulator.url}/upload/storage/v1/b/{bucket.name}/o"
    requests.post(
        url,
        params={"uploadType": "media", "name": "m", "ifGenerationMatch": "0"},
        data=DATA,
        headers={"content-type": "image/gif"},
        timeout=30,
    ).raise_for_status()
    found = bucket.get_blob("m")
    assert (found.content_type, found.download_as_bytes()) == ("image/gif", DATA)


def test_compose_joins_in_order(bucket: Any) -> None:
    parts = [put(bucket, f"part-{n}", os.urandom(300_000)) for n in range(3)]
    whole = bucket.blob("whole")
    whole.content_type = "application/zip"
    whole.compose(parts, if_generation_match=0)
    joined = b"".join(part.download_as_bytes() for part in parts)
    assert bucket.blob("whole").download_as_bytes() == joined
    assert (whole.component_count, whole.md5_hash) == (3, None)
    assert whole.content_type == "application/zip"
    assert whole.crc32c == base64.b64encode(google_crc32c.value(joined).to_bytes(4, "big")).decode()
    twice = bucket.blob("twice")
    twice.compose([whole, whole])
    assert twice.component_count == 6


def test_compose_takes_1_to_32_sources_that_exist(bucket: Any) -> None:
    part = put(bucket, "part", b"x")
    bucket.blob("32").compose([part] * 32)
    assert bucket.blob("32").download_as_bytes() == b"x" * 32
    for sources in ([], [part] * 33):
        with pytest.raises(BadRequest):
            bucket.blob("no").compose(sources)
    with pytest.raises(NotFound):
        bucket.blob("no").compose([part, bucket.blob("absent")])


def test_compose_keeps_the_one_storage_class_of_its_sources(bucket: Any) -> None:
    cold = []
    for name in ("a", "b"):
        blob = bucket.blob(name)
        blob.storage_class = "NEARLINE"
        blob.upload_from_string(b"x")
        cold.append(blob)
    whole = bucket.blob("whole")
    whole.compose(cold)
    assert whole.storage_class == "NEARLINE"
    with pytest.raises(BadRequest, match="same storage class"):
        bucket.blob("no").compose([*cold, put(bucket, "warm", b"x")])


def test_delete(bucket: Any) -> None:
    blob = put(bucket, "x")
    blob.delete()
    assert not blob.exists()
    with pytest.raises(NotFound, match=f"No such object: {bucket.name}/x"):
        blob.delete()


def test_a_reader_keeps_what_it_opened(bucket: Any, emulator: Any) -> None:
    data = os.urandom(8 * 1024 * 1024)
    blob = put(bucket, "x", data)
    with requests.get(blob.media_link, stream=True, timeout=30) as answer:
        head = answer.raw.read(1000)
        put(bucket, "x", b"replaced")
        blob.bucket.blob("x").delete()
        assert head + answer.raw.read() == data


def test_buckets(client: Any, bucket: Any) -> None:
    with pytest.raises(Conflict):
        client.create_bucket(bucket.name)
    bucket.cors = [{"origin": ["*"], "method": ["GET"]}]
    bucket.labels = {"team": "a"}
    bucket.patch()
    found = client.get_bucket(bucket.name)
    assert found.cors == [{"origin": ["*"], "method": ["GET"]}]
    assert (found.labels, found.metageneration) == ({"team": "a"}, 2)
    with pytest.raises(PreconditionFailed):
        bucket.patch(if_metageneration_match=1)
    with pytest.raises(NotFound):
        put(client.bucket("absent-bucket"), "x")


def test_metadata_is_read_under_etags(bucket: Any) -> None:
    blob = put(bucket, "a")
    with pytest.raises(NotModified):
        blob.reload(if_etag_not_match=blob.etag)
    with pytest.raises(PreconditionFailed):
        blob.reload(if_etag_match="another")
    blob.reload(if_etag_match=blob.etag, if_etag_not_match="another")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"predefined_acl": "publicRead"}, "predefinedAcl"),
        ({"if_generation_match": 0, "key": b"k" * 32}, "x-goog-encryption-algorithm"),
        ({"kms": "projects/p/locations/l/keyRings/r/cryptoKeys/k"}, "kmsKeyName"),
    ],
)
def test_what_would_have_no_effect_is_not_there(
    bucket: Any, options: dict[str, Any], named: str
) -> None:
    key, kms = options.pop("key", None), options.pop("kms", None)
    blob = bucket.blob("a", encryption_key=key, kms_key_name=kms)
    with pytest.raises(MethodNotImplemented, match=named):
        blob.upload_from_string(DATA, **options)
    assert not bucket.blob("a").exists()


@pytest.mark.parametrize(
    "field", ["acl", "eventBasedHold", "kmsKeyName", "retention", "temporaryHold"]
)
def test_fields_that_would_have_no_effect_are_not_there(
    emulator: Any, bucket: Any, field: str
) -> None:
    address = f"{emulator.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=resumable&name=a"
    answer = requests.post(address, json={field: "true"}, timeout=30)
    assert (answer.status_code, field in answer.text) == (501, True)
    assert requests.post(address, json={field: None}, timeout=30).ok


def test_paths_of_nodes_client(emulator: Any, bucket: Any) -> None:
    """Node takes STORAGE_EMULATOR_HOST for the whole of the JSON API's address."""
    put(bucket, "d/a")
    objects = f"{emulator.url}/b/{bucket.name}/o"
    assert requests.get(objects, timeout=30).json()["items"][0]["name"] == "d/a"
    assert requests.get(f"{objects}/d%2Fa?alt=media", timeout=30).content == DATA
    assert requests.delete(f"{objects}/d%2Fa", timeout=30).status_code == 204
    assert requests.get(f"{emulator.url}/b/{bucket.name}", timeout=30).ok
