"""Crawl functions: jobs that fill a project with images, their chunks and their report."""

from functions.crawls import (
    cancel,
    create,
    delete,
    delete_schedule,
    get,
    get_schedule,
    list_,
    list_chunks,
    list_schedules,
    report,
    retry,
)
from shared.messaging.messages import (
    AnalysisJobCompleted,
    ChunkReady,
    CrawlCompleted,
    CrawlRequested,
    KeywordChunkReady,
    ManifestChunkReady,
    ObjectsReleased,
    OriginalsChanged,
    PageChunkReady,
    RemovalRequested,
    VariantChunkReady,
    WebhookReady,
    WorkSettled,
)
from shared.models import CrawlJob
from shared.operations import http

crawls_create = http(
    "POST /v1/projects/{project_id}/crawl-jobs",
    create.handle,
    status=202,
    location="/v1/crawl-jobs/{id}",
    action="crawl_job.create",
    publishes=(CrawlRequested,),
    max_body=16 * 1024 * 1024,  # 10,000 addresses, each with a label and a caption
    if_larger="Send a manifest to /v1/projects/{project_id}/manifests, or name one in a bucket.",
    memory="1Gi",
    concurrency=4,
)
crawls_list = http("GET /v1/projects/{project_id}/crawl-jobs", list_.handle)
crawls_get = http("GET /v1/crawl-jobs/{crawl_job_id}", get.handle, waits_for=CrawlJob)
crawls_delete = http(
    "DELETE /v1/crawl-jobs/{crawl_job_id}",
    delete.handle,
    status=204,
    action="crawl_job.delete",
    publishes=(ObjectsReleased, OriginalsChanged, RemovalRequested),
)
crawls_cancel = http(
    "POST /v1/crawl-jobs/{crawl_job_id}/cancel",
    cancel.handle,
    status=202,
    location="/v1/crawl-jobs/{id}",
    action="crawl_job.cancel",
    publishes=(AnalysisJobCompleted, CrawlCompleted, WebhookReady, WorkSettled),
)
crawls_retry = http(
    "POST /v1/crawl-jobs/{crawl_job_id}/retry",
    retry.handle,
    status=202,
    location="/v1/crawl-jobs/{id}",
    action="crawl_job.retry",
    publishes=(
        ChunkReady,
        CrawlRequested,
        KeywordChunkReady,
        ManifestChunkReady,
        PageChunkReady,
        VariantChunkReady,
        WorkSettled,
    ),
)
crawls_list_chunks = http("GET /v1/crawl-jobs/{crawl_job_id}/chunks", list_chunks.handle)
crawls_report = http("GET /v1/crawl-jobs/{crawl_job_id}/report", report.handle)
crawls_list_schedules = http("GET /v1/projects/{project_id}/schedules", list_schedules.handle)
crawls_get_schedule = http("GET /v1/schedules/{schedule_id}", get_schedule.handle)
crawls_delete_schedule = http(
    "DELETE /v1/schedules/{schedule_id}",
    delete_schedule.handle,
    status=204,
    action="schedule.delete",
)
