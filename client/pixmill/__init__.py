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
from pixmill.aio.jobs import AsyncCrawl, AsyncExport, AsyncJob, AsyncValidation, AsyncVersion
from pixmill.aio.models import AsyncModel
from pixmill.aio.projects import AsyncProject
from pixmill.calls import Call
from pixmill.datasets import Dataset
from pixmill.errors import (
    ApiError,
    BadSource,
    Conflict,
    FieldError,
    Invalid,
    JobFailed,
    JobUnfinished,
    NotFound,
    PixmillError,
    ServerFailed,
    TooMany,
    TransferFailed,
    Unauthorized,
    Unreachable,
)
from pixmill.retries import Retries
from pixmill.sync.client import Client
from pixmill.sync.jobs import Crawl, Export, Job, Validation, Version
from pixmill.sync.models import Model
from pixmill.sync.projects import Project

__version__ = find_version()

__all__ = [
    "ApiError",
    "AsyncClient",
    "AsyncCrawl",
    "AsyncExport",
    "AsyncJob",
    "AsyncModel",
    "AsyncProject",
    "AsyncValidation",
    "AsyncVersion",
    "BadSource",
    "Call",
    "Client",
    "Conflict",
    "Crawl",
    "Dataset",
    "Export",
    "FieldError",
    "Invalid",
    "Job",
    "JobFailed",
    "JobUnfinished",
    "Model",
    "NotFound",
    "PixmillError",
    "Project",
    "Retries",
    "ServerFailed",
    "TooMany",
    "TransferFailed",
    "Unauthorized",
    "Unreachable",
    "Validation",
    "Version",
    "operations",
    "types",
]
