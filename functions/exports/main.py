"""Export functions: datasets as files that training code reads."""

from functions.exports import (
    build,
    create_for_crawl_job,
    create_for_project,
    create_for_version,
    delete,
    finish,
    get,
    list_,
    plan,
)
from shared.messaging.messages import (
    ExportCompleted,
    ExportPartReady,
    ExportPartsBuilt,
    ExportRequested,
    ObjectsReleased,
    RemovalRequested,
    VerificationRequested,
    WebhookReady,
)
from shared.models import ExportJob
from shared.operations import http, on

exports_create_for_crawl_job = http(
    "POST /v1/crawl-jobs/{crawl_job_id}/export-jobs",
    create_for_crawl_job.handle,
    status=202,
    location="/v1/export-jobs/{id}",
    action="export_job.create",
    publishes=(ExportRequested,),
)
exports_create_for_project = http(
    "POST /v1/projects/{project_id}/export-jobs",
    create_for_project.handle,
    status=202,
    location="/v1/export-jobs/{id}",
    action="export_job.create",
    publishes=(ExportRequested,),
)
exports_create_for_version = http(
    "POST /v1/versions/{version_id}/export-jobs",
    create_for_version.handle,
    status=202,
    location="/v1/export-jobs/{id}",
    action="export_job.create",
    publishes=(ExportRequested,),
)
exports_list = http("GET /v1/export-jobs", list_.handle)
exports_get = http("GET /v1/export-jobs/{export_job_id}", get.handle, waits_for=ExportJob)
exports_delete = http(
    "DELETE /v1/export-jobs/{export_job_id}",
    delete.handle,
    status=204,
    action="export_job.delete",
    publishes=(ObjectsReleased, RemovalRequested),
)
exports_plan = on(
    ExportRequested,
    plan.handle,
    prepare=plan.prepare,
    publishes=(
        ExportPartReady,
        ExportCompleted,
        ObjectsReleased,
        VerificationRequested,
        WebhookReady,
    ),
    tracked=True,
    memory="2Gi",
    timeout=540,
    concurrency=1,
    max_instances=5,
)
exports_build = on(
    ExportPartReady,
    build.handle,
    prepare=build.prepare,
    publishes=(ExportPartReady, ExportPartsBuilt, ExportCompleted, ObjectsReleased, WebhookReady),
    tracked=True,
    memory="2Gi",
    timeout=540,
    concurrency=1,
)
exports_finish = on(
    ExportPartsBuilt,
    finish.handle,
    prepare=finish.prepare,
    publishes=(ExportCompleted, ObjectsReleased, WebhookReady),
    tracked=True,
    memory="2Gi",
    timeout=540,
    concurrency=1,
    max_instances=5,
)
