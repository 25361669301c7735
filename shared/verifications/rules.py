"""The outcome of asking an origin again, decided from its answer alone."""

from dataclasses import dataclass

from shared.fetching.exchange import Failure
from shared.imaging.limits import ImageRejected
from shared.schemas.verifications import Outcome

# The host says that there is nothing (RFC 9110 §15.5.5 and 15.5.11, RFC 7725), or what is there
# instead of an image leads nowhere, today and tomorrow. Any other status may be about us or about
# today: with 401, 403 and 429 hosts keep programs out.
_GONE_REASONS = frozenset(
    {
        "http_404",
        "http_410",
        "http_451",
        "bad_url",
        "blocked_address",
        "blocked_port",
        "empty",
        "no_such_host",
        "not_an_image",
        "too_many_redirects",
        "unsupported_scheme",
    }
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one origin; the fields are those of `verification_results`."""

    outcome: Outcome
    reason: str | None = None
    detail: str | None = None
    http_status: int | None = None
    sha256: str | None = None
    distance: int | None = None


def judge_failure(failure: Failure) -> Verdict:
    """Return the outcome of an origin that brought no bytes.

    A robots.txt that cannot be read forbids everything too, but nobody has opted out by it.
    """
    outcome: Outcome = "unreachable"
    forbidden = failure.reason == "robots" and failure.http_status is None
    if forbidden or failure.reason == "opted_out":
        outcome = "opted_out"
    elif failure.reason in _GONE_REASONS:
        outcome = "gone"
    elif failure.reason == "too_large":
        outcome = "different_picture"
    return Verdict(outcome, failure.reason, failure.detail, failure.http_status)


def judge_rejection(error: ImageRejected, media_type: str, status: int | None) -> Verdict:
    """Return the outcome of an origin that serves bytes which are no image that is accepted.

    `media_type` is what the answer calls itself: a page that says "not found" comes with 200.
    """
    outcome: Outcome = "gone" if error.reason in _GONE_REASONS else "different_picture"
    said = f", served as {media_type}" if media_type else ""
    return Verdict(outcome, error.reason, f"{error.detail}{said}", status)


def judge_picture(distance: int | None, max_distance: int) -> Verdict:
    """Return the outcome of an origin that serves another image; None is a hash that is unknown."""
    if distance is None:
        return Verdict("different_picture", "unknown_hash", "the stored image has no hash")
    if distance <= max_distance:
        return Verdict("same_picture", distance=distance)
    detail = f"the pictures differ in {distance} of 64 bits, and {max_distance} count as the same"
    return Verdict("different_picture", "other_picture", detail, distance=distance)
