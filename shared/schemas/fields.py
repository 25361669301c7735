"""Field types that several schemas use, with the bounds of the HTTP contract."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    Strict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, core_schema

from shared.statuses import Ending as Ending  # noqa: PLC0414 (for all schemas)
from shared.statuses import JobStatus as JobStatus  # noqa: PLC0414

_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
# The pattern that HTML gives for <input type=email>, with a dot in the domain and none at the
# edges of the local part. Stricter than RFC 5322 on purpose: no quotes, comments or raw Unicode.
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
    re.ASCII | re.IGNORECASE,
)
_MAX_LOCAL_PART = 64


def make_refusal(message: str, *path: str, **shown: str) -> PydanticCustomError:
    """Return the error that a validator raises; `problems` shows `message` to the caller unchanged.

    `path` leads from the value being validated to the field that is to blame; `shown` fills places
    in braces.
    """
    return PydanticCustomError("refused", message, {"path": list(path), **shown})


@dataclass(frozen=True)
class Fits:
    """Text that fits a regular expression as a whole; whoever sends other text reads `words`."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Check after all else that is asked of the text."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the expression, for programs."""
        return {**handler(schema), "pattern": f"^{self.pattern}$"}

    def check(self, text: str) -> str:
        """Return a text that fits; refuse another."""
        if not re.fullmatch(self.pattern, text, re.ASCII):
            raise make_refusal(self.words)
        return text


def format_name(name: Any) -> Any:
    """Return the name that Pixmill has for an image format; anything but text as it is."""
    if not isinstance(name, str):
        return name
    return {"jpg": "jpeg", "tif": "tiff"}.get(name.lower(), name.lower())


def _check_storable(text: str) -> str:
    if "\0" in text:
        raise make_refusal("must not contain the character U+0000")
    return text


def _check_single_line(text: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text):
        raise make_refusal("must not contain control characters or line breaks")
    return text


def _normalise_email(text: str) -> str:
    local, _, domain = text.rpartition("@")
    if len(local) > _MAX_LOCAL_PART or not _EMAIL.fullmatch(text):
        raise make_refusal("must be an e-mail address")
    return f"{local}@{domain.lower()}"


def _parse_time(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _RFC3339.fullmatch(value.strip()):
        raise make_refusal("must be an RFC 3339 time such as 2026-01-31T12:00:00Z")
    try:
        return datetime.fromisoformat(value.strip().upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise make_refusal("must be a time that exists") from None


def _check_future(time: datetime) -> datetime:
    if time <= datetime.now(UTC):
        raise make_refusal("must be in the future")
    return time


def format_rfc3339(time: datetime) -> str:
    """Format a time in UTC with microseconds: ``2026-01-31T12:00:00.000000Z`` (RFC 3339)."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def format_phash(value: int) -> str:
    """Return a perceptual hash, which may be signed, as 16 hex digits."""
    return f"{value & 0xFFFF_FFFF_FFFF_FFFF:016x}"


def _format_hash(value: Any) -> Any:
    return format_phash(value) if isinstance(value, int) else value


def _format_color(value: Any) -> Any:
    return f"#{value:06x}" if isinstance(value, int) else value


def check_unique(items: list[Any]) -> list[Any]:
    """Refuse a list with equal items."""
    if any(item in items[:index] for index, item in enumerate(items)):
        raise make_refusal("must not contain the same item twice")
    return items


# Text. PostgreSQL cannot store U+0000; pydantic itself refuses lone surrogates.
Text = Annotated[str, AfterValidator(_check_storable)]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(_check_single_line)
]
Description = Annotated[Text, Field(max_length=5000)]
# Kept as typed except for the domain, which is lower-cased; compare without regard to case.
Email = Annotated[Text, Field(max_length=254), AfterValidator(_normalise_email)]
# Eight to 128 characters of any kind, taken exactly as typed: neither stripped nor normalised.
Password = Annotated[
    str,
    StringConstraints(min_length=8, max_length=128, strip_whitespace=False),
    AfterValidator(_check_storable),
]
# A password that somebody tries: a wrong one is 401 whatever its length, within reason.
PasswordAttempt = Annotated[
    str,
    StringConstraints(min_length=1, max_length=128, strip_whitespace=False),
    AfterValidator(_check_storable),
]
# A short machine name: a variant, a split.
Key = Annotated[
    str,
    Fits(
        r"[a-z0-9][a-z0-9_-]{0,31}",
        "must be up to 32 of a-z, 0-9, _ and -, beginning with a letter or digit",
    ),
]

# Checksums of a file and of a picture, as hex in either case.
Sha256 = Annotated[
    str,
    Fits(r"[0-9a-f]{64}", "must be 64 hex digits"),
    BeforeValidator(_lower, json_schema_input_type=str),
]
Phash = Annotated[
    str,
    Fits(r"[0-9a-f]{16}", "must be 16 hex digits"),
    BeforeValidator(_lower, json_schema_input_type=str),
]

_UNITS = {"h": 3600, "d": 86_400, "w": 604_800}


def parse_interval(text: str) -> int:
    """Return an interval such as `12h`, `1d` or `2w` in seconds: hours, days of 24 h, weeks."""
    return int(text[:-1]) * _UNITS[text[-1]]


def _check_interval(text: str) -> str:
    if parse_interval(text) > _MOST_SECONDS:
        raise make_refusal("must be a year (8784h, 366d, 52w) or less")
    return text


_MOST_SECONDS = 366 * 86_400
Interval = Annotated[
    str,
    Fits(r"[1-9][0-9]{0,3}[hdw]", "must be hours, days or weeks, such as 12h, 1d or 2w"),
    AfterValidator(_check_interval),
]

# Numbers. PostgreSQL's integer ends at 2**31 - 1; no side of an image comes near a million.
Pixels = Annotated[int, Field(ge=0, le=1_000_000)]
Bytes = Annotated[int, Field(ge=0, le=2**53 - 1)]
Measure = Annotated[float, Field(ge=0, le=1_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]

# Differing bits of 64 between perceptual hashes, up to which two pictures are near duplicates.
NearDuplicateDistance = Annotated[int, Field(ge=0, le=16)]
DEFAULT_DISTANCE = 4  # where neither a request nor the project says another

# Identifiers and times of requests.
Id = Annotated[UUID, Strict(False)]
TimeInput = Annotated[AwareDatetime, BeforeValidator(_parse_time, json_schema_input_type=str)]
FutureTime = Annotated[TimeInput, AfterValidator(_check_future)]

# Times and perceptual hashes of answers. A signed 64-bit number would lose digits in JavaScript.
Time = Annotated[
    AwareDatetime,
    PlainSerializer(format_rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
PerceptualHash = Annotated[str, BeforeValidator(_format_hash)]
Color = Annotated[str, BeforeValidator(_format_color)]
