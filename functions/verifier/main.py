"""Verifier functions: a verification job is planned, and its chunks ask for their images again."""

from functions.verifier import check, plan
from shared.messaging.messages import (
    ExportRequested,
    VerificationChunkReady,
    VerificationJobCompleted,
    VerificationRequested,
    WebhookReady,
)
from shared.operations import on

verifier_plan = on(
    VerificationRequested,
    plan.handle,
    publishes=(
        ExportRequested,
        VerificationChunkReady,
        VerificationJobCompleted,
        VerificationRequested,
        WebhookReady,
    ),
    tracked=True,
    max_instances=5,
)
verifier_check = on(
    VerificationChunkReady,
    check.handle,
    prepare=check.prepare,
    publishes=(ExportRequested, VerificationChunkReady, VerificationJobCompleted, WebhookReady),
    tracked=True,
    memory="1Gi",
    timeout=540,
    concurrency=1,
)
