"""Version functions: datasets frozen under a hash, and compared."""

from functions.versions import create, delete, diff, freeze, get, list_
from shared.messaging.messages import ObjectsReleased, VersionRequested, WebhookReady
from shared.models import DatasetVersion
from shared.operations import http, on

versions_create = http(
    "POST /v1/projects/{project_id}/versions",
    create.handle,
    status=202,
    location="/v1/versions/{id}",
    action="version.create",
    publishes=(VersionRequested,),
)
versions_list = http("GET /v1/projects/{project_id}/versions", list_.handle)
versions_get = http("GET /v1/versions/{version_id}", get.handle, waits_for=DatasetVersion)
versions_diff = http("GET /v1/versions/{before_id}/diff/{after_id}", diff.handle)
versions_delete = http(
    "DELETE /v1/versions/{version_id}",
    delete.handle,
    status=204,
    action="version.delete",
    publishes=(ObjectsReleased,),
)
versions_freeze = on(
    VersionRequested,
    freeze.handle,
    prepare=freeze.prepare,
    publishes=(WebhookReady,),
    tracked=True,
    memory="2Gi",
    timeout=540,
    concurrency=1,
)
