"""Pixmill's client: image datasets from web pages, lists of addresses and uploads.

    import pixmill

    with pixmill.Client("http://127.0.0.1:8080", key) as client:
        project = client.create_project("cats")
        crawl = project.crawl("cats.csv", columns={"url": "url", "label": "label"}).wait()
        crawl.export(options={"splits": {"train": 0.8, "test": 0.2}}).wait().download("cats.zip")

`AsyncClient` has the same methods, to be awaited. Every operation of the API is a function of
`pixmill.operations`, for `client.send`.
"""

from pixmill import operations, types
from pixmill.addresses import find_version
from pixmill.aio.client import AsyncClient
from pixmill.aio.images import AsyncImage
from pixmill.aio.jobs import AsyncCrawl, AsyncExport, AsyncJob, AsyncValidation, AsyncVersion
from pixmill.aio.models import AsyncModel
from pixmill.aio.projects import AsyncProject
from pixmill.aio.resources import AsyncResource
from pixmill.aio.webhooks import AsyncWebhook
from pixmill.calls import Call
from pixmill.datasets import Dataset
from pixmill.errors import (
    ApiError,
    BadSignature,
    BadSource,
    Conflict,
    FieldError,
    Invalid,
    JobFailed,
    JobUnfinished,
    NotFound,
    PixmillError,
    ServerFailed,
    Stale,
    TooMany,
    TransferFailed,
    Unauthorized,
    Unreachable,
)
from pixmill.retries import Retries
from pixmill.sync.client import Client
from pixmill.sync.images import Image
from pixmill.sync.jobs import Crawl, Export, Job, Validation, Version
from pixmill.sync.models import Model
from pixmill.sync.projects import Project
from pixmill.sync.resources import Resource
from pixmill.sync.webhooks import Webhook
from pixmill.webhooks import verify_webhook

__version__ = find_version()

__all__ = [
    "ApiError",
    "AsyncClient",
    "AsyncCrawl",
    "AsyncExport",
    "AsyncImage",
    "AsyncJob",
    "AsyncModel",
    "AsyncProject",
    "AsyncResource",
    "AsyncValidation",
    "AsyncVersion",
    "AsyncWebhook",
    "BadSignature",
    "BadSource",
    "Call",
    "Client",
    "Conflict",
    "Crawl",
    "Dataset",
    "Export",
    "FieldError",
    "Image",
    "Invalid",
    "Job",
    "JobFailed",
    "JobUnfinished",
    "Model",
    "NotFound",
    "PixmillError",
    "Project",
    "Resource",
    "Retries",
    "ServerFailed",
    "Stale",
    "TooMany",
    "TransferFailed",
    "Unauthorized",
    "Unreachable",
    "Validation",
    "Version",
    "Webhook",
    "operations",
    "types",
    "verify_webhook",
]
