"""Manifest functions: tables of addresses are uploaded, and read part by part."""

from functions.manifests import arrive, create, read
from shared.messaging.messages import (
    ChunkReady,
    CrawlCompleted,
    CrawlRequested,
    ManifestChunkReady,
    ManifestFinalized,
    ObjectsReleased,
    WebhookReady,
    WorkSettled,
)
from shared.operations import http, on

manifests_create = http(
    "POST /v1/projects/{project_id}/manifests",
    create.handle,
    status=201,
    location="/v1/crawl-jobs/{crawl_job_id}",
    action="manifest.create",
)
manifests_arrive = on(
    ManifestFinalized,
    arrive.handle,
    publishes=(CrawlCompleted, CrawlRequested, ObjectsReleased, WebhookReady),
)
manifests_read = on(
    ManifestChunkReady,
    read.handle,
    prepare=read.prepare,
    publishes=(ChunkReady, ManifestChunkReady, WorkSettled),
    tracked=True,
    memory="1Gi",
    timeout=540,
    concurrency=1,
)
