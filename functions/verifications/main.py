"""Verification functions: jobs that ask the origins of images again, and their report."""

from functions.verifications import (
    cancel,
    create,
    delete,
    get,
    list_,
    list_results,
    report,
    retry,
)
from shared.messaging.messages import (
    ExportRequested,
    RemovalRequested,
    VerificationChunkReady,
    VerificationJobCompleted,
    VerificationRequested,
    WebhookReady,
)
from shared.models import VerificationJob
from shared.operations import http

verifications_create = http(
    "POST /v1/projects/{project_id}/verification-jobs",
    create.handle,
    status=202,
    location="/v1/verification-jobs/{id}",
    action="verification_job.create",
    publishes=(VerificationRequested,),
)
verifications_list = http("GET /v1/projects/{project_id}/verification-jobs", list_.handle)
verifications_get = http(
    "GET /v1/verification-jobs/{verification_job_id}", get.handle, waits_for=VerificationJob
)
verifications_cancel = http(
    "POST /v1/verification-jobs/{verification_job_id}/cancel",
    cancel.handle,
    status=202,
    location="/v1/verification-jobs/{id}",
    action="verification_job.cancel",
    publishes=(ExportRequested, VerificationJobCompleted, WebhookReady),
)
verifications_retry = http(
    "POST /v1/verification-jobs/{verification_job_id}/retry",
    retry.handle,
    status=202,
    location="/v1/verification-jobs/{id}",
    action="verification_job.retry",
    publishes=(VerificationChunkReady, VerificationRequested),
)
verifications_delete = http(
    "DELETE /v1/verification-jobs/{verification_job_id}",
    delete.handle,
    status=204,
    action="verification_job.delete",
    publishes=(RemovalRequested,),
)
verifications_list_results = http(
    "GET /v1/verification-jobs/{verification_job_id}/results", list_results.handle
)
verifications_report = http("GET /v1/verification-jobs/{verification_job_id}/report", report.handle)
