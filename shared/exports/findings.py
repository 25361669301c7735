"""Reads what analyzers last said of images."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shared.models import ImageAnalysis


def read_findings(session: Session, image_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what each analyzer last said of each image, by the analyzer's name.

    Images of which none said anything are not there, nor `objects` of an analyzer without boxes.
    """
    analysis = ImageAnalysis
    rows = session.execute(
        select(
            analysis.image_id,
            analysis.analyzer,
            analysis.model_version,
            analysis.description,
            analysis.labels,
            analysis.metrics,
            analysis.objects,
        )
        .where(analysis.image_id.in_(image_ids), analysis.status == "completed")
        .ext(distinct_on(analysis.image_id, analysis.analyzer))
        .order_by(analysis.image_id, analysis.analyzer, analysis.id.desc())
    )
    found: defaultdict[UUID, dict[str, Any]] = defaultdict(dict)
    for image_id, analyzer, version, description, labels, metrics, objects in rows:
        said = {
            "version": version,
            "description": description,
            "labels": labels,
            "metrics": metrics,
        }
        found[image_id][analyzer] = said if objects is None else said | {"objects": objects}
    return dict(found)
