"""Prepare the upload of a manifest: a crawl job that waits, and a signed address to send it to."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.start import await_manifest
from shared.errors import Invalid
from shared.projects.queries import check_active
from shared.queries.visible import visible_project
from shared.schemas.manifests import ManifestCreate, ManifestUpload
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.names import name_manifest

_CONTENT_TYPE = "application/octet-stream"


def handle(
    project_id: UUID,
    manifest: ManifestCreate,
    caller: Caller,
    session: Session,
    storage: Storage,
    settings: Settings,
) -> ManifestUpload:
    """Create a manifest."""
    if manifest.size > settings.max_manifest_bytes:
        raise Invalid.at("/size", f"must be {settings.max_manifest_bytes} or less")
    project = visible_project(session, caller, project_id)
    check_active(project)
    job = await_manifest(session, caller, project.id, manifest)
    url, headers = storage.sign_upload_url(
        name_manifest(project.id, job.id),
        life=settings.upload_life,
        content_type=_CONTENT_TYPE,
        size=manifest.size,
    )
    return ManifestUpload(
        crawl_job_id=job.id,
        upload_url=url,
        method="PUT",
        headers=headers,
        expires_at=datetime.now(UTC) + timedelta(seconds=settings.upload_life),
    )
