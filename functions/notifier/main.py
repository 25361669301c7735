"""Notifier functions: what webhooks wait for is sent."""

from functions.notifier import deliver
from shared.messaging.messages import WebhookReady
from shared.operations import on

notifier_deliver = on(
    WebhookReady,
    deliver.handle,
    prepare=deliver.prepare,
    publishes=(WebhookReady,),
    concurrency=16,  # it waits for others most of its time
    max_instances=10,
)
