"""The bucket: content-addressed writes, streams, and addresses that clients may use directly."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, NamedTuple, cast

import google.cloud.storage as gcs
from google.api_core.exceptions import Forbidden, PreconditionFailed
from google.api_core.exceptions import NotFound as ObjectNotFound
from google.cloud.storage.retry import DEFAULT_RETRY
from requests.adapters import HTTPAdapter

from shared.settings import Settings
from shared.storage.ahead import read_ahead, try_call
from shared.storage.ranges import RangedReader
from shared.storage.signing import Signer, SteadyAddresses

_TIMEOUT = (5, 60)  # seconds to connect, and between bytes
_RETRY = DEFAULT_RETRY.with_timeout(60)
COMPOSE_LIMIT = 32  # source objects of one compose request
_AT_ONCE = 16  # requests; the client has connections for twice as many


@dataclass(frozen=True)
class StoredObject:
    """An object in the bucket; its size is in bytes."""

    generation: int
    size: int
    content_type: str | None
    storage_class: str


class Generation(NamedTuple):
    """An object by its name in one generation."""

    name: str
    generation: int


class Storage:
    """One bucket. Object names are relative to it and are never made from user input."""

    def __init__(self, bucket: gcs.Bucket, sign: Signer) -> None:
        self._bucket = bucket
        self._sign = sign
        self._steady = SteadyAddresses(sign)

    def put_once(
        self, name: str, data: bytes, content_type: str, *, cache_control: str | None = None
    ) -> bool:
        """Write an object unless it is there; return whether this call made it.

        For names that follow from the content, so an object that is there is the same one. An
        upload whose answer was lost is retried by the client and then also reports False.
        """
        blob = self._bucket.blob(name)
        blob.cache_control = cache_control
        try:
            blob.upload_from_string(
                data,
                content_type=content_type,
                if_generation_match=0,
                timeout=_TIMEOUT,
                retry=_RETRY,
                checksum="crc32c",
            )
        except PreconditionFailed:
            return False
        except Forbidden:
            # An account that may create objects and not delete them is not let near one that is
            # there, whatever its condition says.
            if self.find(name) is None:
                raise
            return False
        return True

    def read(self, name: str, *, generation: int | None = None) -> bytes:
        """Return a whole object. Raise `FileNotFoundError` when it is not there."""
        try:
            data = self._bucket.blob(name, generation=generation).download_as_bytes(
                timeout=_TIMEOUT, retry=_RETRY, raw_download=True
            )
        except ObjectNotFound:
            raise FileNotFoundError(name) from None
        return cast(bytes, data)

    def open_write(self, name: str, content_type: str) -> BinaryIO:
        """Open a stream that becomes the object when it is closed, replacing what was there."""
        blob = self._bucket.blob(name)
        stream = blob.open(
            "wb",
            content_type=content_type,
            ignore_flush=True,
            chunk_size=8 * 1024 * 1024,
            timeout=_TIMEOUT,
            retry=_RETRY,
        )
        return cast(BinaryIO, stream)

    def read_chunks(self, name: str, size: int = 8 * 1024 * 1024) -> Iterator[bytes]:
        """Yield an object in pieces of at most `size` bytes, read as they are asked for."""
        with self._bucket.blob(name).open("rb", chunk_size=size, timeout=_TIMEOUT) as stream:
            while piece := stream.read(size):
                yield piece

    def open_read(self, name: str, found: StoredObject, check: Callable[[], None]) -> BinaryIO:
        """Open what `find` has found, for reading by ranges.

        `check` is called before each request and may raise. A read raises `FileNotFoundError` once
        this generation of the object is gone.
        """
        blob = self._bucket.blob(name, generation=found.generation)
        return cast(BinaryIO, RangedReader(blob, found.size, check, _TIMEOUT, _RETRY))

    def open_other(self, bucket: str) -> "Storage":
        """Return another bucket, reached by the same client."""
        return Storage(self._bucket.client.bucket(bucket), self._sign)

    def compose(self, name: str, sources: Sequence[str | Generation], content_type: str) -> None:
        """Join any number of objects, in order, to one inside the bucket.

        All are of one storage class. Raise `FileNotFoundError` when one of them is not there, or
        not in the generation that is named.
        """
        level = list(sources)
        temporary: list[str] = []
        while len(level) > COMPOSE_LIMIT:
            joined: list[str | Generation] = []
            for index in range(0, len(level), COMPOSE_LIMIT):
                group = level[index : index + COMPOSE_LIMIT]
                if len(group) == 1:
                    joined += group
                    continue
                part = f"{name}.join-{len(temporary):06d}"
                self._compose(part, group, content_type)
                temporary.append(part)
                joined.append(part)
            level = joined
        self._compose(name, level, content_type)
        self.delete(temporary)

    def _compose(self, name: str, sources: Sequence[str | Generation], content_type: str) -> None:
        blob = self._bucket.blob(name)
        blob.content_type = content_type
        named = [(one, None) if isinstance(one, str) else one for one in sources]
        blobs = [self._bucket.blob(source, generation=version) for source, version in named]
        try:
            blob.compose(blobs, timeout=_TIMEOUT, retry=_RETRY)
        except ObjectNotFound:
            raise FileNotFoundError(name) from None

    def read_many(self, objects: Iterable[tuple[str, int | None]]) -> Iterator[bytes | Exception]:
        """Yield the contents of objects, given as (name, size in bytes if known), in order.

        In place of one that cannot be read stands why: `FileNotFoundError` when it is not there.
        A few are read ahead, 8 at once, and no more than 64 MiB beside the one that comes next.
        """
        return read_ahead((partial(self.read, name), size) for name, size in objects)

    def find_many(self, names: Iterable[str]) -> list[StoredObject | Exception | None]:
        """Return what `find` says about each name, in order, asking for 16 at once.

        In place of one that could not be asked for stands why.
        """
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="find") as pool:
            return list(pool.map(lambda name: try_call(partial(self.find, name)), names))

    def find(self, name: str) -> StoredObject | None:
        """Return what the bucket knows about an object, or None when there is no such object.

        Raise `PermissionError` when the bucket does not let this account look.
        """
        try:
            blob = self._bucket.get_blob(name, timeout=_TIMEOUT, retry=_RETRY)
        except Forbidden:
            raise PermissionError(name) from None
        if blob is None:
            return None
        return StoredObject(
            int(blob.generation), int(blob.size), blob.content_type, blob.storage_class
        )

    def check(self) -> None:
        """Raise when the bucket does not answer."""
        self._bucket.reload(timeout=(2, 5), retry=None)

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects, 16 at once; those that are gone already do not matter."""

        def delete(name: str) -> None:
            with suppress(ObjectNotFound):
                self._bucket.blob(name).delete(timeout=_TIMEOUT, retry=_RETRY)

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(delete, names))

    def list_names(self, prefix: str, limit: int | None = None) -> list[str]:
        """Return the names below a prefix, in order; at most `limit`."""
        blobs = self._bucket.list_blobs(
            prefix=prefix,
            max_results=limit,
            timeout=_TIMEOUT,
            retry=_RETRY,
            fields="items(name),nextPageToken",
        )
        return [blob.name for blob in blobs]

    def sign_download_url(self, name: str, *, life: int, file_name: str | None = None) -> str:
        """Sign an address from which anyone who has it can read the object for `life` seconds."""
        disposition = f'attachment; filename="{file_name}"' if file_name else None
        return self._sign(
            self._bucket.blob(name), "GET", life, {}, response_disposition=disposition
        )

    def sign_view_urls(self, names: Sequence[str], *, life: int) -> list[str]:
        """Sign an address for each object that stays the same for some minutes.

        A browser that is given it again need not fetch again. It works for `life` seconds at least,
        and for `STEADY` more at most. Objects are signed for 16 at once.
        """
        return self._steady.make(self._bucket.name, names, life)

    def sign_upload_url(
        self, name: str, *, life: int, content_type: str, size: int
    ) -> tuple[str, dict[str, str]]:
        """Sign an address to PUT one object of `size` bytes to; return it and its headers."""
        headers = {
            "Content-Type": content_type,
            "x-goog-content-length-range": f"{size},{size}",
            "x-goog-if-generation-match": "0",
        }
        return self._sign(self._bucket.blob(name), "PUT", life, headers), headers


def open_storage(settings: Settings) -> Storage:
    """Open the bucket that settings name."""
    client = gcs.Client(project=settings.project)
    # More threads than the default pool of 10 connections write at the same time.
    client._http.mount(client._connection.API_BASE_URL, HTTPAdapter(pool_maxsize=32))  # noqa: SLF001
    signer = Signer(settings.signing_account, settings.storage_origin)
    return Storage(client.bucket(settings.bucket), signer)
