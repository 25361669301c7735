"""Analyzer functions: analysis jobs are planned, and images are analysed in batches."""

from functions.analyzer import plan, run
from shared.analyses.batches import TIMEOUT
from shared.messaging.messages import (
    AnalysesRequested,
    AnalysisJobCompleted,
    AnalysisJobRequested,
    ModelAnalysesRequested,
    WebhookReady,
    WorkSettled,
)
from shared.operations import on

analyzer_plan = on(
    AnalysisJobRequested,
    plan.handle,
    publishes=(
        AnalysesRequested,
        AnalysisJobCompleted,
        AnalysisJobRequested,
        ModelAnalysesRequested,
        WebhookReady,
        WorkSettled,
    ),
    tracked=True,
    timeout=120,
    concurrency=4,
)
analyzer_run = on(
    AnalysesRequested,
    run.handle,
    prepare=run.prepare,
    publishes=(AnalysesRequested, AnalysisJobCompleted, WebhookReady, WorkSettled),
    tracked=True,
    memory="1Gi",
    timeout=TIMEOUT,
    concurrency=1,
    max_instances=50,
)
