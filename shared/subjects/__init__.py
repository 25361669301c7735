"""The rows that messages are about: whose they are, and how each ends as failed.

A failure is written when a handler says that its work cannot be done, and for messages that ended
as dead letters. Each row ends in a final state with a reason, and whoever waits for it is told.
"""

from typing import Any

from sqlalchemy.orm import Session

from shared.messaging.messages import (
    AnalysesWaiting,
    AnalysisJobRequested,
    ChunkWaiting,
    CrawlRequested,
    ExportPartReady,
    ExportPartsBuilt,
    ExportRequested,
    ManifestFinalized,
    Message,
    ModelFinalized,
    PredictionRequested,
    UploadFinalized,
    ValidationRequested,
    VariantsRequested,
    VerificationChunkReady,
    VerificationRequested,
    VersionRequested,
    WebhookReady,
)
from shared.messaging.outbox import Outbox
from shared.states import MAX_REASON
from shared.subjects.subject import Subject


def record_failure(session: Session, message: Message, reason: str, outbox: Outbox) -> None:
    """End what a message is about as failed; a row that has ended already stays as it is."""
    subject = find_subject(type(message))
    if subject is not None and subject.fail is not None:
        subject.fail(session, message, reason[:MAX_REASON], outbox)


def find_owner(session: Session, message: Message) -> Any | None:
    """Return a row of `user_id`, `crawl_job_id` and `image_id`; None where the subject is gone."""
    subject = find_subject(type(message))
    return session.execute(subject.select_owner(message)).first() if subject else None


def find_subject(kind: type[Message]) -> Subject | None:
    """Return the subject of a class of messages; None where such are about no row.

    Imports only the rules of that class, which a function that handles it has loaded mostly: at
    start-up no bundle loads the rules of the others.
    """
    if issubclass(kind, CrawlRequested | ChunkWaiting | ManifestFinalized):
        from shared.subjects.crawls import SUBJECTS
    elif issubclass(kind, UploadFinalized | VariantsRequested):
        from shared.subjects.images import SUBJECTS
    elif issubclass(kind, ValidationRequested):
        from shared.subjects.validations import SUBJECTS
    elif issubclass(kind, VerificationRequested | VerificationChunkReady):
        from shared.subjects.verifications import SUBJECTS
    elif issubclass(kind, AnalysisJobRequested | AnalysesWaiting):
        from shared.subjects.analyses import SUBJECTS
    elif issubclass(kind, VersionRequested):
        from shared.subjects.versions import SUBJECTS
    elif issubclass(kind, ExportRequested | ExportPartReady | ExportPartsBuilt):
        from shared.subjects.exports import SUBJECTS
    elif issubclass(kind, ModelFinalized | PredictionRequested):
        from shared.subjects.inference import SUBJECTS
    elif issubclass(kind, WebhookReady):
        from shared.subjects.webhooks import SUBJECTS
    else:
        return None
    return SUBJECTS.get(kind)
