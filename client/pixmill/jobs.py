"""Waiting for jobs: how often they are asked for, and who is told."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

ExportFormat = Literal["zip", "tar", "csv", "json", "parquet"]
Progress = Callable[[Mapping[str, Any]], None]  # gets the job each time that it is read

# Seconds between one look and the next: short jobs end soon, long ones are not asked for often.
POLLS = (0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.5, 0.5, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0)
