"""Webhook functions: addresses that hear of jobs that end, and what was sent to them."""

from functions.webhooks import (
    create,
    delete,
    get,
    list_,
    list_deliveries,
    replay,
    rotate_secret,
    send_test,
    update,
)
from shared.messaging.messages import WebhookReady
from shared.operations import http

webhooks_create = http(
    "POST /v1/webhooks",
    create.handle,
    status=201,
    location="/v1/webhooks/{id}",
    action="webhook.create",
    secret=True,
)
webhooks_list = http("GET /v1/webhooks", list_.handle)
webhooks_get = http("GET /v1/webhooks/{webhook_id}", get.handle)
webhooks_update = http(
    "PATCH /v1/webhooks/{webhook_id}",
    update.handle,
    action="webhook.update",
    publishes=(WebhookReady,),
)
webhooks_delete = http(
    "DELETE /v1/webhooks/{webhook_id}", delete.handle, status=204, action="webhook.delete"
)
webhooks_rotate_secret = http(
    "POST /v1/webhooks/{webhook_id}/secret",
    rotate_secret.handle,
    action="webhook.rotate_secret",
    secret=True,
)
webhooks_send_test = http(
    "POST /v1/webhooks/{webhook_id}/test",
    send_test.handle,
    status=202,
    location="/v1/webhooks/{webhook_id}/deliveries",
    action="webhook.test",
    publishes=(WebhookReady,),
)
webhooks_list_deliveries = http("GET /v1/webhooks/{webhook_id}/deliveries", list_deliveries.handle)
webhooks_replay = http(
    "POST /v1/webhook-deliveries/{delivery_id}/replay",
    replay.handle,
    status=202,
    location="/v1/webhooks/{webhook_id}/deliveries",
    action="webhook.replay",
    publishes=(WebhookReady,),
)
