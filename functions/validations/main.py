"""Validation functions: images judged by rules, on measures taken when they were fetched."""

from functions.validations import check, create, get, list_, list_results, preview
from shared.messaging.messages import ValidationRequested, WebhookReady, WorkSettled
from shared.models import ValidationJob
from shared.operations import http, on

validations_create = http(
    "POST /v1/crawl-jobs/{crawl_job_id}/validation-jobs",
    create.handle,
    status=202,
    location="/v1/validation-jobs/{id}",
    action="validation_job.create",
    publishes=(ValidationRequested,),
)
validations_list = http("GET /v1/crawl-jobs/{crawl_job_id}/validation-jobs", list_.handle)
validations_get = http(
    "GET /v1/validation-jobs/{validation_job_id}", get.handle, waits_for=ValidationJob
)
validations_list_results = http(
    "GET /v1/validation-jobs/{validation_job_id}/results", list_results.handle
)
validations_preview = http(
    "POST /v1/projects/{project_id}/validation-previews", preview.handle, concurrency=4
)
validations_check = on(
    ValidationRequested,
    check.handle,
    publishes=(ValidationRequested, WebhookReady, WorkSettled),
    tracked=True,
    timeout=300,
    concurrency=4,
)
