"""Waiting for jobs: how long a request waits, and who is told."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

ExportFormat = Literal["zip", "tar", "csv", "json", "parquet"]
Progress = Callable[[Mapping[str, Any]], None]  # gets the job each time that it is read

# Seconds that the API waits for a job's end within one request: where somebody wants to see how it
# goes on, and where not. Both stay below the usual limit of a client's time for an answer.
WATCHED, UNWATCHED = 2, 30

# Seconds between two requests where the API answers at once: it waits for too many already.
PAUSES = (0.1, 0.2, 0.3, 0.5, 1.0, 2.0)
