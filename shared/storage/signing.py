"""Signed addresses of objects (V4 signatures), which anyone who has them may use for a while."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cached_property
from threading import Lock
from typing import Any, cast
from urllib.parse import quote

import google.auth
import google.cloud.storage as gcs
from google.api_core.retry import Retry, if_exception_type
from google.auth.exceptions import TransportError
from google.auth.transport.requests import Request
from google.cloud.storage._signing import generate_signed_url_v4

STEADY = 300  # seconds for which an object's address stays the same
_AT_ONCE = 16  # signatures, each of which is a request to IAM where there is no key
_KEPT = 20_000  # addresses of one process, of about 1 KB each
# The client tries again when IAM cannot be reached, but not when it answers with an error.
_RETRY_SIGNING = Retry(if_exception_type(TransportError), initial=0.2, timeout=5)


class Signer:
    """Signs addresses (V4), with the account's key where there is one, else through IAM.

    Functions in the cloud hold no private key: the IAM signBlob API signs for the service account
    that they run as.
    """

    def __init__(self, account: str | None, endpoint: str) -> None:
        self._account = account
        self._endpoint = endpoint
        self._refreshing = Lock()

    @cached_property
    def _credentials(self) -> Any:
        """The account's credentials, found when something is first signed.

        Reading a private key takes 36 ms, and most functions sign nothing.
        """
        scopes = ["https://www.googleapis.com/auth/cloud-platform"]
        return google.auth.default(scopes=scopes)[0]

    def __call__(
        self,
        blob: gcs.Blob,
        method: str,
        life: int,
        headers: Mapping[str, str],
        response_disposition: str | None = None,
    ) -> str:
        """Return a signed address for one object, method and set of headers."""
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
                **self._find_credentials(),
            ),
        )

    def sign_view(self, bucket: str, name: str, begin: int, life: int) -> str:
        """Return an address to read an object for `life` seconds from a Unix time on.

        The library's own method of a blob always begins now.
        """
        return cast(
            str,
            _RETRY_SIGNING(generate_signed_url_v4)(
                **{"credentials": None, **self._find_credentials()},
                resource=f"/{bucket}/{quote(name, safe='/~')}",
                expiration=timedelta(seconds=life),
                api_access_endpoint=self._endpoint,
                _request_timestamp=datetime.fromtimestamp(begin, UTC).strftime("%Y%m%dT%H%M%SZ"),
            ),
        )

    def _find_credentials(self) -> dict[str, Any]:
        if hasattr(self._credentials, "signer"):
            return {"credentials": self._credentials}
        with self._refreshing:
            if not self._credentials.valid:
                self._credentials.refresh(Request())
        return {
            "service_account_email": self._account or self._credentials.service_account_email,
            "access_token": self._credentials.token,
        }


class SteadyAddresses:
    """Addresses to read objects, each the same for `STEADY` seconds; several threads may ask."""

    def __init__(self, sign: Signer) -> None:
        self._sign = sign
        self._lock = Lock()
        self._begin = 0
        self._made: dict[tuple[str, str, int], str] = {}

    def make(self, bucket: str, names: Sequence[str], life: int) -> list[str]:
        """Return an address for each name, in order, that works for `life` seconds or more.

        Each process signs for an object once in that time, 16 at once.
        """
        begin = int(time.time()) // STEADY * STEADY
        made = self._recall(begin, [(bucket, name, life) for name in names])
        missing = [name for name in dict.fromkeys(names) if (bucket, name, life) not in made]
        if missing:
            with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sign") as pool:
                signed = pool.map(
                    lambda name: self._sign.sign_view(bucket, name, begin, life + STEADY), missing
                )
                fresh = {
                    (bucket, name, life): url for name, url in zip(missing, signed, strict=True)
                }
            made |= fresh
            self._keep(begin, fresh)
        return [made[bucket, name, life] for name in names]

    def _recall(
        self, begin: int, keys: Sequence[tuple[str, str, int]]
    ) -> dict[tuple[str, str, int], str]:
        with self._lock:
            if begin != self._begin:
                self._begin, self._made = begin, {}
            return {key: self._made[key] for key in keys if key in self._made}

    def _keep(self, begin: int, fresh: Mapping[tuple[str, str, int], str]) -> None:
        with self._lock:
            if begin == self._begin and len(self._made) + len(fresh) <= _KEPT:
                self._made |= fresh
