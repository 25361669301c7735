"""Ask an analyzer about an image."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.analyses.analyzers import find_analyzer
from shared.analyses.requests import request_analysis
from shared.analyses.work import send_requests
from shared.calls import Caller
from shared.images.queries import check_ready
from shared.messaging.outbox import Outbox
from shared.queries.named import check_analyzers
from shared.queries.visible import visible_image
from shared.schemas.analyses import AnalysisCreate, AnalysisRead
from shared.settings import Settings
from shared.versions.references import check_version


def handle(
    image_id: UUID,
    wanted: AnalysisCreate,
    caller: Caller,
    session: Session,
    settings: Settings,
    outbox: Outbox,
) -> AnalysisRead:
    """Analyse an image.

    An image is analysed once by each version of an analyzer: a second request answers with what
    the first one has brought, or still waits for, unless it says `force`.
    """
    image = visible_image(session, caller, image_id)
    check_analyzers(session, caller, [wanted.analyzer])
    check_version(session, caller, wanted.version_id, [image.id])
    check_ready(image)
    analyzer = find_analyzer(session, settings, wanted.analyzer, caller.id)
    analysis, is_new = request_analysis(
        session, analyzer, image.id, force=wanted.force, version_id=wanted.version_id
    )
    if is_new:
        send_requests(outbox, analyzer.name, [analysis.id], None)
    return AnalysisRead.of(analysis)
