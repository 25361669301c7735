"""Addresses of manifests: which objects a project may read, and jobs that wait for theirs."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_

from shared.errors import Invalid
from shared.models import CrawlJob
from shared.settings import Settings
from shared.storage.names import name_manifest_folder, parse_address

# A crawl job whose manifest is still to be uploaded.
AWAITS_FILE: ColumnElement[bool] = and_(
    CrawlJob.source["type"].astext == "manifest", ~CrawlJob.source.has_key("uri")
)


def check_manifest_address(uri: str, project_id: UUID, settings: Settings) -> tuple[str, str]:
    """Return bucket and name of a manifest. Raise `Invalid` unless the project may read it.

    In Pixmill's own bucket these are the project's manifests; other buckets are open to everybody
    who has an account, where the deployment names them (`PIXMILL_MANIFEST_BUCKETS`).
    """
    bucket, name = parse_address(uri) or ("", "")
    if bucket == settings.bucket:
        permitted = name.startswith(name_manifest_folder(project_id))
    else:
        permitted = bool(bucket) and bucket in settings.manifest_buckets.split(",")
    if not permitted:
        raise Invalid.at("/source/uri", "must be an object in a bucket that this system reads")
    return bucket, name
