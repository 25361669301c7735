"""Analysis functions: an analyzer is asked about one image, or about a crawl job's images."""

from functions.analyses import (
    cancel_job,
    create,
    create_job,
    get_job,
    list_,
    list_jobs,
    list_of_job,
)
from shared.messaging.messages import (
    AnalysesRequested,
    AnalysisJobCompleted,
    AnalysisJobRequested,
    ModelAnalysesRequested,
    WebhookReady,
    WorkSettled,
)
from shared.models import AnalysisJob
from shared.operations import http

analyses_create = http(
    "POST /v1/images/{image_id}/analyses",
    create.handle,
    status=202,
    location="/v1/images/{image_id}/analyses",
    action="analysis.create",
    publishes=(AnalysesRequested, ModelAnalysesRequested),
)
analyses_list = http("GET /v1/images/{image_id}/analyses", list_.handle)
analyses_create_job = http(
    "POST /v1/crawl-jobs/{crawl_job_id}/analysis-jobs",
    create_job.handle,
    status=202,
    location="/v1/analysis-jobs/{id}",
    action="analysis_job.create",
    publishes=(AnalysisJobRequested,),
)
analyses_list_jobs = http("GET /v1/crawl-jobs/{crawl_job_id}/analysis-jobs", list_jobs.handle)
analyses_get_job = http(
    "GET /v1/analysis-jobs/{analysis_job_id}", get_job.handle, waits_for=AnalysisJob
)
analyses_list_of_job = http("GET /v1/analysis-jobs/{analysis_job_id}/analyses", list_of_job.handle)
analyses_cancel_job = http(
    "POST /v1/analysis-jobs/{analysis_job_id}/cancel",
    cancel_job.handle,
    status=202,
    location="/v1/analysis-jobs/{id}",
    action="analysis_job.cancel",
    publishes=(AnalysisJobCompleted, WebhookReady, WorkSettled),
)
