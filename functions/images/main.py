"""Image functions: what is in a project, and where its bytes are."""

from functions.images import (
    anchors,
    content,
    create_upload,
    create_variants,
    delete,
    facets,
    get,
    list_,
    list_rights,
    measures,
    similar,
    update,
    update_many,
)
from shared.messaging.messages import ObjectsReleased, OriginalsChanged, VariantsRequested
from shared.operations import http

_FEW = 4  # of the requests that read all rows of a project at once in one instance

images_create_upload = http(
    "POST /v1/projects/{project_id}/uploads",
    create_upload.handle,
    status=201,
    location="/v1/images/{image_id}",
    action="image.upload",
)
images_list = http("GET /v1/projects/{project_id}/images", list_.handle, prepare=list_.prepare)
images_anchors = http(
    "GET /v1/projects/{project_id}/images/anchors", anchors.handle, concurrency=_FEW
)
images_facets = http("GET /v1/projects/{project_id}/images/facets", facets.handle, concurrency=_FEW)
images_measures = http(
    "GET /v1/projects/{project_id}/images/measures", measures.handle, concurrency=_FEW
)
images_get = http("GET /v1/images/{image_id}", get.handle, prepare=get.prepare)
images_update = http(
    "PATCH /v1/images/{image_id}",
    update.handle,
    action="image.update",
    publishes=(OriginalsChanged,),
)
images_update_many = http(
    "PATCH /v1/projects/{project_id}/images",
    update_many.handle,
    action="image.update",
    publishes=(OriginalsChanged,),
)
images_delete = http(
    "DELETE /v1/images/{image_id}",
    delete.handle,
    status=204,
    action="image.delete",
    publishes=(ObjectsReleased, OriginalsChanged),
)
images_content = http("GET /v1/images/{image_id}/content", content.handle)
images_list_rights = http("GET /v1/images/{image_id}/rights", list_rights.handle)
images_similar = http("GET /v1/images/{image_id}/similar", similar.handle)
images_create_variants = http(
    "POST /v1/images/{image_id}/variants",
    create_variants.handle,
    status=202,
    location="/v1/images/{id}",
    action="image.create_variants",
    publishes=(VariantsRequested,),
)
