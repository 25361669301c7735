"""Rendition functions: uploads become images, images become variants."""

from functions.renditions import derive, ingest
from shared.messaging.messages import ObjectsReleased, UploadFinalized, VariantsRequested
from shared.operations import on

renditions_ingest = on(
    UploadFinalized,
    ingest.handle,
    prepare=ingest.prepare,
    publishes=(ObjectsReleased,),
    tracked=True,
    memory="1Gi",
    timeout=120,
    concurrency=1,
)
renditions_derive = on(
    VariantsRequested,
    derive.handle,
    prepare=derive.prepare,
    publishes=(ObjectsReleased,),
    tracked=True,
    memory="1Gi",
    timeout=300,
    concurrency=1,
)
