"""What an analyzer found in an image."""

from uuid import UUID

from pydantic import JsonValue

from shared.schemas.fields import Time
from shared.schemas.kinds import Read


class AnalysisRead(Read):
    """One analysis of one image."""

    id: UUID
    image_id: UUID
    analyzer: str
    model_version: str | None
    description: str | None
    labels: list[JsonValue]
    metrics: dict[str, JsonValue]
    processing_time_ms: float | None
    created_at: Time
