"""Failures of models and predictions, each with a code that is counted.

Invalid 422
├── ModelRejected      the file is refused, for good
└── PredictionFailed   a model did not predict, for the reason in its code; 409 where the model's
                       state forbids it, 503 where waiting helps
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from shared.errors import Invalid

Code = Literal[
    "invalid_input",
    "image_unusable",
    "model_error",
    "invalid_output",
    "timeout",
    "out_of_memory",
    "crashed",
    "busy",
    "unavailable",
    "not_serving",
]

_STATUS = {"busy": (503, "Service Unavailable"), "not_serving": (409, "Conflict")}


class ModelRejected(Invalid):
    """The file is not a model that can be served."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail=detail)


class ModelBusyError(Exception):
    """The model had no time for a message, which is to come again."""


class PredictionFailed(Invalid):
    """The model did not predict."""

    def __init__(
        self, code: Code, detail: str | None = None, errors: Sequence[Mapping[str, str]] = ()
    ) -> None:
        super().__init__(errors, detail)
        self.code: Code = code
        self.status, self.title = _STATUS.get(code, (self.status, self.title))

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers that say when to try again, where that helps."""
        return {"Retry-After": "5"} if self.status == 503 else {}
