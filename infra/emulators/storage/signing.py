"""V4 signed URLs: the service accounts that sign, and the check of what they signed.

https://cloud.google.com/storage/docs/authentication/canonical-requests
"""

import hashlib
import itertools
import json
import os
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from infra.emulators.storage.errors import Forbidden, InvalidArgument

_ALGORITHM = "GOOG4-RSA-SHA256"
_LONGEST = 7 * 24 * 3600  # seconds that a signed URL can be valid
_SKEW = timedelta(minutes=15)
_FIELDS = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")


def create_service_account(path: Path, email: str) -> None:
    """Write a service account's key file for Google's libraries; keep one that is there.

    Only the signatures of such an account are accepted here; no other service knows it.
    """
    if path.exists() and json.loads(path.read_text())["client_email"] == email:
        return
    key = generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    account = {
        "type": "service_account",
        "project_id": email.partition("@")[2].partition(".")[0],
        "private_key_id": secrets.token_hex(20),
        "private_key": pem.decode(),
        "client_email": email,
        "client_id": str(secrets.randbelow(10**21)),
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(account, indent=2) + "\n")
    os.replace(fresh, path)


class Verifier:
    """The public keys of the accounts whose signatures count."""

    def __init__(self, key_files: Iterable[Path]) -> None:
        self._keys: dict[str, RSAPublicKey] = {}
        for path in key_files:
            account = json.loads(path.read_text())
            key = load_pem_private_key(account["private_key"].encode(), None)
            if not isinstance(key, RSAPrivateKey):
                raise ValueError(f"{path} has no RSA key")
            self._keys[account["client_email"]] = key.public_key()

    def verify(
        self,
        methods: tuple[str, ...],
        raw_path: str,
        raw_query: str,
        headers: Mapping[str, str],
        now: datetime,
    ) -> None:
        """Return when the signature covers exactly this request; otherwise raise an `ApiError`.

        `headers` has lower-case names. A URL signed for any of `methods` is accepted.
        """
        pairs = [_split(part) for part in raw_query.split("&") if part]
        fields = _read_fields(pairs)
        signed_headers = fields["SignedHeaders"].split(";")
        _check_times(fields, now)
        _check_headers(signed_headers, headers)
        email, _, scope = fields["Credential"].partition("/")
        if not re.fullmatch(rf"{fields['Date'][:8]}/[^/]+/storage/goog4_request", scope):
            raise _make_malformed_error("X-Goog-Credential", "The credential scope is not valid.")
        query = sorted(
            f"{_encode(name)}={_encode(value)}"
            for name, value in pairs
            if name.lower() != b"x-goog-signature"
        )
        path = quote(unquote_to_bytes(raw_path.encode("latin-1")), safe="/~")
        key = self._keys.get(email)
        # Node's client signs an endpoint's host without its port.
        hosts = dict.fromkeys((headers["host"].partition(":")[0], headers["host"]))
        for method, host in itertools.product(methods, hosts):
            values = {**headers, "host": host}
            request = "\n".join(
                (
                    method,
                    path,
                    "&".join(query),
                    *(f"{name}:{' '.join(values[name].split())}" for name in signed_headers),
                    "",
                    ";".join(signed_headers),
                    headers.get("x-goog-content-sha256", "UNSIGNED-PAYLOAD"),
                )
            )
            digest = hashlib.sha256(request.encode("latin-1", "replace")).hexdigest()
            to_sign = "\n".join((_ALGORITHM, fields["Date"], scope, digest))
            if key and _is_signed(key, fields["Signature"], to_sign):
                return
        raise Forbidden(
            "The request signature we calculated does not match the signature you provided. "
            "Check your Google secret key and signing method.",
            code="SignatureDoesNotMatch",
            details={"StringToSign": to_sign, "CanonicalRequest": request},
        )


def is_signed(raw_query: str) -> bool:
    """Return whether a request claims a V4 signature."""
    return any(_split(part)[0].lower() == b"x-goog-signature" for part in raw_query.split("&"))


def _split(part: str) -> tuple[bytes, bytes]:
    name, _, value = part.encode("latin-1").partition(b"=")
    return unquote_to_bytes(name), unquote_to_bytes(value)


def _encode(text: bytes) -> str:
    return quote(text, safe="~")


def _read_fields(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the six parameters of a signature, each exactly once; their names in any case."""
    lower = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in pairs}
    counts = Counter(name.lower().decode("latin-1") for name, _ in pairs)
    fields = {}
    for field in _FIELDS:
        name = f"x-goog-{field}".lower()
        if counts[name] != 1:
            raise _make_malformed_error(
                f"X-Goog-{field}", "The parameter must be there exactly once."
            )
        fields[field] = lower[name]
    if fields["Algorithm"] != _ALGORITHM:
        raise _make_malformed_error("X-Goog-Algorithm", f"The algorithm must be {_ALGORITHM}.")
    return fields


def _check_times(fields: Mapping[str, str], now: datetime) -> None:
    try:
        signed_at = datetime.strptime(fields["Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise _make_malformed_error("X-Goog-Date", "The date must be YYYYMMDDTHHMMSSZ.") from None
    life = fields["Expires"]
    if not re.fullmatch("[0-9]{1,6}", life) or not 1 <= int(life) <= _LONGEST:
        raise _make_malformed_error("X-Goog-Expires", f"The value must be 1 to {_LONGEST} seconds.")
    if signed_at > now + _SKEW:
        raise Forbidden("The request is not valid yet.", code="RequestTimeTooSkewed")
    end = signed_at + timedelta(seconds=int(life))
    if now >= end:
        raise InvalidArgument(
            "The provided token has expired.",
            code="ExpiredToken",
            details={"Details": f"Request signature expired at: {end.isoformat()}"},
        )


def _check_headers(signed: list[str], headers: Mapping[str, str]) -> None:
    if "host" not in signed:
        raise _make_malformed_error("host", "The header must be signed.")
    for name in signed:
        if name not in headers:
            raise _make_malformed_error(
                name, "Header was included in signedheaders, but not in the request."
            )
    for name in headers:
        if name.startswith("x-goog-") and name not in signed:
            raise _make_malformed_error(
                name, "Header was included in the request, but not in signedheaders."
            )


def _is_signed(key: RSAPublicKey, signature: str, text: str) -> bool:
    try:
        key.verify(bytes.fromhex(signature), text.encode("latin-1"), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _make_malformed_error(name: str, details: str) -> InvalidArgument:
    return InvalidArgument(
        "Your request has a malformed header.",
        code="MalformedSecurityHeader",
        details={"ParameterName": name, "Details": details},
    )
