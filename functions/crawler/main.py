"""Crawler functions: a crawl job is planned, its chunks are fetched, and it is settled."""

from functions.crawler import fetch, plan, settle
from shared.messaging.messages import (
    AnalysisJobRequested,
    ChunkReady,
    CrawlCompleted,
    CrawlRequested,
    KeywordChunkReady,
    ManifestChunkReady,
    ObjectsReleased,
    OriginalsChanged,
    PageChunkReady,
    ValidationRequested,
    VariantChunkReady,
    WebhookReady,
    WorkSettled,
)
from shared.operations import on

crawler_plan = on(
    CrawlRequested,
    plan.handle,
    publishes=(
        ChunkReady,
        CrawlCompleted,
        KeywordChunkReady,
        ManifestChunkReady,
        PageChunkReady,
        WebhookReady,
    ),
    tracked=True,
)
crawler_fetch = on(
    ChunkReady,
    fetch.handle,
    prepare=fetch.prepare,
    publishes=(ChunkReady, ObjectsReleased, OriginalsChanged, VariantChunkReady, WorkSettled),
    tracked=True,
    memory="1Gi",
    timeout=540,
    concurrency=1,
    max_instances=100,
)
crawler_settle = on(
    WorkSettled,
    settle.handle,
    publishes=(AnalysisJobRequested, CrawlCompleted, ValidationRequested, WebhookReady),
)
