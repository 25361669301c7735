"""Have variants and analyses made of images that took the place of others."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.analyses.analyzers import Analyzer
from shared.analyses.requests import write_requests
from shared.analyses.work import send_requests
from shared.images.variants import request_variants
from shared.imaging import Variant
from shared.messaging.messages import OriginalsChanged
from shared.messaging.outbox import Outbox
from shared.models import Image


def handle(changed: OriginalsChanged, session: Session, outbox: Outbox) -> None:
    """Ask for what images inherit, where they lack it and are still there."""
    heirs = {heir.image_id: heir for heir in changed.heirs}
    there = session.scalars(
        select(Image.id).where(
            Image.id.in_(heirs),
            Image.project_id == changed.project_id,
            Image.status == "completed",
        )
    ).all()
    variants = {one: [Variant.model_validate(v) for v in heirs[one].variants] for one in there}
    outbox.add(*request_variants(session, changed.project_id, variants))
    asked: defaultdict[Analyzer, list[UUID]] = defaultdict(list)
    for image_id in there:
        for analysis in heirs[image_id].analyses:
            asked[_to_analyzer(analysis)].append(image_id)
    for analyzer, image_ids in asked.items():
        send_requests(outbox, analyzer.name, write_requests(session, analyzer, image_ids), None)


def _to_analyzer(analysis: dict[str, Any]) -> Analyzer:
    model_id = analysis["model_id"]
    return Analyzer(
        analysis["analyzer"], analysis["model_version"], UUID(str(model_id)) if model_id else None
    )
