"""Model functions: the registry, and what becomes of a file that is uploaded to it."""

from functions.models import (
    by_alias,
    create,
    delete,
    get,
    latest,
    list_,
    remove_alias,
    set_alias,
    update,
    verify,
)
from shared.messaging.messages import ModelFinalized, ObjectsReleased, WebhookReady
from shared.operations import http, on

models_create = http(
    "POST /v1/models", create.handle, status=201, location="/v1/models/{id}", action="model.create"
)
models_list = http("GET /v1/models", list_.handle)
models_get = http("GET /v1/models/{model_id}", get.handle)
models_latest = http("GET /v1/models/by-name/{name}/latest", latest.handle)
models_by_alias = http("GET /v1/models/by-name/{name}/aliases/{alias}", by_alias.handle)
models_set_alias = http(
    "PUT /v1/models/by-name/{name}/aliases/{alias}", set_alias.handle, action="model.set_alias"
)
models_remove_alias = http(
    "DELETE /v1/models/by-name/{name}/aliases/{alias}",
    remove_alias.handle,
    status=204,
    action="model.remove_alias",
)
models_update = http("PATCH /v1/models/{model_id}", update.handle, action="model.update")
models_delete = http(
    "DELETE /v1/models/{model_id}", delete.handle, status=204, action="model.archive"
)
models_verify = on(
    ModelFinalized,
    verify.handle,
    prepare=verify.prepare,
    publishes=(ObjectsReleased, WebhookReady),
    tracked=True,
    memory="2Gi",
    timeout=180,
    concurrency=1,
)
