"""The bucket: content-addressed writes, streams, and addresses that clients may use directly."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO, cast

import google.auth
import google.cloud.storage as gcs
from google.api_core.exceptions import Forbidden, PreconditionFailed
from google.api_core.exceptions import NotFound as ObjectNotFound
from google.api_core.retry import Retry, if_exception_type
from google.auth.exceptions import TransportError
from google.auth.transport.requests import Request
from google.cloud.storage.retry import DEFAULT_RETRY
from requests.adapters import HTTPAdapter

from shared.settings import Settings

_TIMEOUT = (5, 60)  # seconds to connect, and between bytes
_RETRY = DEFAULT_RETRY.with_timeout(60)
# The client tries again when IAM cannot be reached, but not when it answers with an error.
_RETRY_SIGNING = Retry(if_exception_type(TransportError), initial=0.2, timeout=5)
_COMPOSE_LIMIT = 32  # source objects of one compose request
_AT_ONCE = 16  # deletions


@dataclass(frozen=True)
class Found:
    """An object in the bucket; its size is in bytes."""

    generation: int
    size: int
    content_type: str | None


class Storage:
    """One bucket. Object names are relative to it and are never made from user input."""

    def __init__(self, bucket: gcs.Bucket, sign: "Signer") -> None:
        self._bucket = bucket
        self._sign = sign

    def put_once(self, name: str, data: bytes, content_type: str) -> bool:
        """Writes an object unless it is there; returns whether this call made it.

        For names that follow from the content, so an object that is there is the same one. An
        upload whose answer was lost is retried by the client and then also reports False.
        """
        blob = self._bucket.blob(name)
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
        """A whole object. Raises `FileNotFoundError` when it is not there."""
        try:
            data = self._bucket.blob(name, generation=generation).download_as_bytes(
                timeout=_TIMEOUT, retry=_RETRY, raw_download=True
            )
        except ObjectNotFound:
            raise FileNotFoundError(name) from None
        return cast(bytes, data)

    def open_write(self, name: str, content_type: str) -> BinaryIO:
        """A stream that becomes the object when it is closed, replacing what was there."""
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
        """An object in pieces of at most `size` bytes, read as they are asked for."""
        with self._bucket.blob(name).open("rb", chunk_size=size, timeout=_TIMEOUT) as stream:
            while piece := stream.read(size):
                yield piece

    def compose(self, name: str, sources: Sequence[str], content_type: str) -> None:
        """Makes one object of several, in order, inside the bucket; any number of sources."""
        level = list(sources)
        temporary: list[str] = []
        while len(level) > _COMPOSE_LIMIT:
            joined: list[str] = []
            for index in range(0, len(level), _COMPOSE_LIMIT):
                group = level[index : index + _COMPOSE_LIMIT]
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

    def _compose(self, name: str, sources: Sequence[str], content_type: str) -> None:
        blob = self._bucket.blob(name)
        blob.content_type = content_type
        blob.compose(
            [self._bucket.blob(source) for source in sources], timeout=_TIMEOUT, retry=_RETRY
        )

    def find(self, name: str) -> Found | None:
        """What the bucket knows about an object, or None when there is no such object."""
        blob = self._bucket.get_blob(name, timeout=_TIMEOUT, retry=_RETRY)
        if blob is None:
            return None
        return Found(int(blob.generation), int(blob.size), blob.content_type)

    def check(self) -> None:
        """Raises when the bucket does not answer."""
        self._bucket.reload(timeout=(2, 5), retry=None)

    def delete(self, names: Iterable[str]) -> None:
        """Deletes objects, several at a time; those that are gone already do not matter."""

        def delete(name: str) -> None:
            with suppress(ObjectNotFound):
                self._bucket.blob(name).delete(timeout=_TIMEOUT, retry=_RETRY)

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(delete, names))

    def names(self, prefix: str, limit: int | None = None) -> list[str]:
        """The names below a prefix, in order; at most `limit`."""
        blobs = self._bucket.list_blobs(
            prefix=prefix,
            max_results=limit,
            timeout=_TIMEOUT,
            retry=_RETRY,
            fields="items(name),nextPageToken",
        )
        return [blob.name for blob in blobs]

    def download_url(self, name: str, *, life: int, file_name: str | None = None) -> str:
        """An address from which anyone who has it can read the object for `life` seconds."""
        disposition = f'attachment; filename="{file_name}"' if file_name else None
        return self._sign(
            self._bucket.blob(name), "GET", life, {}, response_disposition=disposition
        )

    def upload_url(
        self, name: str, *, life: int, content_type: str, size: int
    ) -> tuple[str, dict[str, str]]:
        """An address to PUT one new object of exactly `size` bytes to, and the headers to send."""
        headers = {
            "Content-Type": content_type,
            "x-goog-content-length-range": f"{size},{size}",
            "x-goog-if-generation-match": "0",
        }
        return self._sign(self._bucket.blob(name), "PUT", life, headers), headers


class Signer:
    """Signs addresses (V4), with the account's key where there is one, else through IAM.

    Functions in the cloud hold no private key: the IAM signBlob API signs for the service account
    that they run as.
    """

    def __init__(self, account: str | None, endpoint: str) -> None:
        self._account = account
        self._endpoint = endpoint
        self._credentials: Any
        self._credentials, _ = google.auth.default(
            scopes=["https://www.googleapis.com/auth/cloud-platform"]
        )

    def __call__(
        self,
        blob: gcs.Blob,
        method: str,
        life: int,
        headers: Mapping[str, str],
        response_disposition: str | None = None,
    ) -> str:
        """A signed address for one object, method and set of headers."""
        if hasattr(self._credentials, "signer"):
            credentials: dict[str, Any] = {"credentials": self._credentials}
        else:
            if not self._credentials.valid:
                self._credentials.refresh(Request())
            credentials = {
                "service_account_email": self._account or self._credentials.service_account_email,
                "access_token": self._credentials.token,
            }
        content_type = headers.get("Content-Type")
        return cast(
            str,
            _RETRY_SIGNING(blob.generate_signed_url)(
                version="v4",
                method=method,
                expiration=timedelta(seconds=life),
                headers={k: v for k, v in headers.items() if k != "Content-Type"},
                content_type=content_type,
                response_disposition=response_disposition,
                api_access_endpoint=self._endpoint,
                **credentials,
            ),
        )


def open_storage(settings: Settings) -> Storage:
    """The bucket that settings name."""
    client = gcs.Client(project=settings.project)
    # More threads than the default pool of 10 connections write at the same time.
    client._http.mount(client._connection.API_BASE_URL, HTTPAdapter(pool_maxsize=32))
    endpoint = settings.storage_emulator_host or "https://storage.googleapis.com"
    return Storage(client.bucket(settings.bucket), Signer(settings.signing_account, endpoint))
