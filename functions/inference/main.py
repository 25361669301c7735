"""Inference functions: predictions, and the Open Inference Protocol."""

from functions.inference import (
    analyze,
    get,
    infer,
    infer_version,
    list_,
    live,
    model,
    model_ready,
    model_version,
    predict,
    predict_later,
    ready,
    server,
    version_ready,
)
from shared.analyses.batches import TIMEOUT
from shared.inference.protocol import MAX_REQUEST, encode_error
from shared.messaging.messages import (
    AnalysisJobCompleted,
    ModelAnalysesRequested,
    PredictionRequested,
    WebhookReady,
    WorkSettled,
)
from shared.models import Prediction
from shared.operations import http, on

inference_predict = http(
    "POST /v1/models/{model_id}/predictions",
    predict.handle,
    prepare=predict.prepare,
    status=201,
    location="/v1/predictions/{id}",
    or_status=202,
    publishes=(PredictionRequested,),
    if_larger="Send tensors as bytes to /v2/models/{name}/infer, which takes 16 MiB, or image_ids.",
    memory="2Gi",
    timeout=120,
    concurrency=8,
)
inference_list = http("GET /v1/predictions", list_.handle)
inference_get = http("GET /v1/predictions/{prediction_id}", get.handle, waits_for=Prediction)
inference_predict_later = on(
    PredictionRequested,
    predict_later.handle,
    prepare=predict_later.prepare,
    tracked=True,
    memory="2Gi",
    timeout=180,
    concurrency=4,
)
inference_analyze = on(
    ModelAnalysesRequested,
    analyze.handle,
    prepare=analyze.prepare,
    publishes=(AnalysisJobCompleted, ModelAnalysesRequested, WebhookReady, WorkSettled),
    tracked=True,
    memory="2Gi",
    timeout=TIMEOUT,
    concurrency=1,
)

inference_server = http("GET /v2", server.handle, public=True, errors=encode_error)
inference_live = http("GET /v2/health/live", live.handle, public=True, errors=encode_error)
inference_ready = http("GET /v2/health/ready", ready.handle, public=True, errors=encode_error)
inference_model = http("GET /v2/models/{name}", model.handle, errors=encode_error)
inference_model_ready = http("GET /v2/models/{name}/ready", model_ready.handle, errors=encode_error)
inference_model_version = http(
    "GET /v2/models/{name}/versions/{version}", model_version.handle, errors=encode_error
)
inference_version_ready = http(
    "GET /v2/models/{name}/versions/{version}/ready", version_ready.handle, errors=encode_error
)
inference_infer = http(
    "POST /v2/models/{name}/infer",
    infer.handle,
    prepare=infer.prepare,
    errors=encode_error,
    media_types=("application/json", "application/octet-stream"),
    max_body=MAX_REQUEST,
    memory="2Gi",
    timeout=120,
    concurrency=8,
)
inference_infer_version = http(
    "POST /v2/models/{name}/versions/{version}/infer",
    infer_version.handle,
    prepare=infer_version.prepare,
    errors=encode_error,
    media_types=("application/json", "application/octet-stream"),
    max_body=MAX_REQUEST,
    memory="2Gi",
    timeout=120,
    concurrency=8,
)
