"""Asks Gemini on Vertex AI about an image; its answer is data that nobody trusts.

https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
"""

import io
import logging
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from shared.analyses.findings import AnalysisError, Findings, PassingError
from shared.analyses.pictures import decode_small
from shared.analyses.prompt import (
    ANSWER,
    CONFIG,
    MOST_DESCRIPTION,
    MOST_LABELS,
    MOST_NAME,
    MOST_OBJECTS,
    QUESTION,
    make_prompt_version,
)
from shared.imaging.limits import Limits
from shared.settings import Settings
from shared.texts import clean_line

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.genai import Client
    from google.genai.errors import APIError
    from google.genai.types import GenerateContentResponse

log = logging.getLogger(__name__)

# Pixels: up to this an image costs 258 tokens, beyond it as much for each of its tiles.
_SIDE = 384  # https://ai.google.dev/gemini-api/docs/image-understanding
_QUALITY = 90
_SCALE = 1000  # of boxes
_RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo"


class _Label(BaseModel):
    name: str
    score: Annotated[float, Field(ge=0, le=1)]


_Place = Annotated[int, Field(ge=0, le=_SCALE, strict=True)]


class _Object(BaseModel):
    """A box as (ymin, xmin, ymax, xmax) in thousandths of the picture."""

    box_2d: tuple[_Place, _Place, _Place, _Place]
    label: str


class _Answer(BaseModel):
    description: str
    labels: list[_Label]
    objects: list[Any]  # each is checked by itself: one wrong box is no reason to lose the rest


class Gemini:
    """One model of Gemini. The client is built when it is first asked; threads may share it."""

    def __init__(self, settings: Settings, credentials: "Credentials | None" = None) -> None:
        """Take `credentials`, or without any those of the environment (ADC)."""
        self._settings = settings
        self._credentials = credentials
        self._lock = threading.Lock()
        self._client: Client | None = None

    def analyze(self, data: bytes, version: str, limits: Limits) -> Findings:
        """Return what Gemini sees in an encoded image. Raises `AnalysisError`."""
        model = self._settings.gemini_model
        if not model:
            raise AnalysisError("not_configured", "The analyzer gemini is no longer set up here.")
        if version != make_prompt_version(model):
            raise AnalysisError(
                "outdated",
                f"The analyzer gemini is {make_prompt_version(model)} by now; ask again.",
            )
        return _read_findings(self._request_answer(model, _encode_jpeg(data, limits)))

    def _request_answer(self, model: str, jpeg: bytes) -> "GenerateContentResponse":
        from google.auth.exceptions import GoogleAuthError
        from google.genai import types
        from google.genai.errors import APIError
        from httpx2 import TransportError  # what google-genai sends requests with

        image = types.Part.from_bytes(data=jpeg, mime_type="image/jpeg")
        question = types.Part.from_text(text=QUESTION)
        try:
            return self._open_client().models.generate_content(
                model=model,
                contents=types.Content(role="user", parts=[image, question]),
                config=types.GenerateContentConfig(
                    **CONFIG, response_schema=types.Schema.model_validate(ANSWER)
                ),
            )
        except APIError as error:
            raise _to_gemini_error(error) from error
        except TransportError as error:
            kind = type(error).__name__
            raise PassingError("unavailable", f"Gemini does not answer ({kind}).") from error
        except GoogleAuthError as error:
            raise _to_permission_error(error) from error
        except ValueError as error:  # also of pydantic: an answer in no shape that is documented
            log.warning("Gemini's answer is in no shape that is documented: %s", error)
            raise _make_malformed_error() from error

    def _open_client(self) -> "Client":
        """Return the client, imported on first use: its library takes half a second to load."""
        with self._lock:
            if self._client is None:
                from google.genai import Client
                from google.genai.types import HttpOptions, HttpRetryOptions

                self._client = Client(
                    enterprise=True,
                    project=self._settings.project,
                    location=self._settings.gemini_location,
                    credentials=self._credentials,
                    http_options=HttpOptions(
                        base_url=self._settings.gemini_endpoint,
                        api_version="v1",
                        timeout=self._settings.gemini_timeout * 1000,
                        retry_options=HttpRetryOptions(attempts=1),  # the lease retries, and waits
                    ),
                )
            return self._client


def _encode_jpeg(data: bytes, limits: Limits) -> bytes:
    """Return the picture as JPEG: without metadata, and no larger than the lowest price allows.

    Raises `AnalysisError` for bytes that are not an image.
    """
    file = io.BytesIO()
    decode_small(data, _SIDE, limits).save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def _read_findings(response: "GenerateContentResponse") -> Findings:
    """Return the answer, cut to the limits. Raises `AnalysisError` where there is none."""
    feedback = response.prompt_feedback
    if feedback is not None and feedback.block_reason is not None:
        raise _make_blocked_error(feedback.block_reason.value)
    candidate = response.candidates[0] if response.candidates else None
    if candidate is None:
        raise AnalysisError("empty_answer", "Gemini gave no answer.")
    ended = candidate.finish_reason.value if candidate.finish_reason else "STOP"
    if ended == "MAX_TOKENS":
        raise AnalysisError("truncated", "Gemini's answer was longer than it may be.")
    if ended != "STOP":
        raise _make_blocked_error(ended)
    parts = candidate.content.parts if candidate.content else None
    text = "".join(part.text or "" for part in parts or () if not part.thought)
    if not text.strip():
        raise AnalysisError("empty_answer", "Gemini gave no answer.")
    try:
        answer = _Answer.model_validate_json(text)
    except ValidationError as error:
        raise _make_malformed_error() from error
    labels = [
        {"name": clean_line(one.name, MOST_NAME), "score": one.score}
        for one in answer.labels[:MOST_LABELS]
    ]
    objects = _read_objects(answer.objects)
    lost = len(answer.objects) - len(objects)
    return Findings(
        description=clean_line(answer.description, MOST_DESCRIPTION),
        labels=[one for one in labels if one["name"]],
        metrics=_read_usage(response) | ({"objects_left_out": lost} if lost else {}),
        objects=objects,
    )


def _read_objects(answered: list[Any]) -> list[dict[str, Any]]:
    """Return objects with their boxes as shares of the picture: the first so many, each once.

    Left out are those without a name or with a box that is none: beyond the picture, or of no area.
    """
    found: list[dict[str, Any]] = []
    for one in answered:
        try:
            read = _Object.model_validate(one)
        except ValidationError:
            continue
        top, left, bottom, right = read.box_2d
        label = clean_line(read.label, MOST_NAME)
        if not label or right <= left or bottom <= top:
            continue
        sides = (left, top, right - left, bottom - top)
        seen = {"label": label, "box": [side / _SCALE for side in sides], "score": None}
        if seen not in found:
            found.append(seen)
        if len(found) == MOST_OBJECTS:
            break
    return found


def _read_usage(response: "GenerateContentResponse") -> dict[str, Any]:
    """Return the model that answered, and the tokens that are paid for."""
    used = response.usage_metadata
    counted = {
        "model": clean_line(response.model_version, MOST_NAME) if response.model_version else None,
        "prompt_tokens": used.prompt_token_count if used else None,
        "answer_tokens": used.candidates_token_count if used else None,
        "thought_tokens": used.thoughts_token_count if used else None,
    }
    return {name: value for name, value in counted.items() if value is not None}


def _to_gemini_error(error: "APIError") -> AnalysisError:
    """Return why Gemini did not answer; its own words name the project and only go to the log."""
    log.warning("Gemini answered %s %s: %s", error.code, error.status, error.message)
    match error.code:
        case 429:
            return PassingError(
                "rate_limited",
                "Gemini's quota is used up for now.",
                _read_retry_delay(error.details),
            )
        case 408 | 499 | 500 | 502 | 503 | 504:
            return PassingError("unavailable", f"Gemini does not answer ({error.code}).")
        case 401 | 403:
            return _to_permission_error(error)
        case 404:
            return AnalysisError("not_configured", "There is no such model of Gemini here.")
    return AnalysisError("refused", f"Gemini refuses the request ({error.code}).")


def _read_retry_delay(details: Any) -> float:
    """Return the seconds to wait before another try (google.rpc.RetryInfo), or 0."""
    inner = details.get("error", details) if isinstance(details, Mapping) else {}
    for detail in inner.get("details") or () if isinstance(inner, Mapping) else ():
        if isinstance(detail, Mapping) and detail.get("@type") == _RETRY_INFO:
            text = str(detail.get("retryDelay", "")).removesuffix("s")
            return float(text) if text.replace(".", "", 1).isdecimal() else 0
    return 0


def _to_permission_error(error: Exception) -> AnalysisError:
    """Return a passing error where credentials may be had later, else one for the operator."""
    if getattr(error, "retryable", False):
        return PassingError("unavailable", "Gemini's credentials cannot be had now.")
    log.error("Gemini may not be used: %s", error)
    return AnalysisError(
        "not_permitted", "This installation may not use Gemini; its operator finds why in the log."
    )


def _make_blocked_error(reason: str) -> AnalysisError:
    return AnalysisError("blocked", f"Gemini does not describe this image ({reason}).")


def _make_malformed_error() -> AnalysisError:
    return AnalysisError("malformed_answer", "Gemini's answer is not in the form it was asked for.")
