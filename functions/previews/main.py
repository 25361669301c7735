"""Preview functions: what a source would bring, before a crawl starts."""

from functions.previews import create
from shared.operations import http

# One instance, so that each account has its few turns and engines are asked at their pace.
previews_create = http(
    "POST /v1/projects/{project_id}/source-previews",
    create.handle,
    prepare=create.prepare,
    memory="1Gi",
    timeout=60,
    concurrency=8,
    max_instances=1,
)
