"""Project functions: datasets and their counts."""

from functions.projects import create, delete, get, list_, update
from shared.messaging.messages import ObjectsReleased, RemovalRequested
from shared.operations import http

projects_create = http(
    "POST /v1/projects",
    create.handle,
    status=201,
    location="/v1/projects/{id}",
    action="project.create",
)
projects_list = http("GET /v1/projects", list_.handle)
projects_get = http("GET /v1/projects/{project_id}", get.handle)
projects_update = http("PATCH /v1/projects/{project_id}", update.handle, action="project.update")
projects_delete = http(
    "DELETE /v1/projects/{project_id}",
    delete.handle,
    status=204,
    action="project.delete",
    publishes=(ObjectsReleased, RemovalRequested),
)
