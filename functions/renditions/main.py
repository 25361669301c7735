"""Rendition functions: uploads become images, images become variants."""

from functions.renditions import derive, derive_chunk, ingest
from shared.messaging.messages import (
    ObjectsReleased,
    UploadFinalized,
    VariantChunkReady,
    VariantsRequested,
    WorkSettled,
)
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
renditions_derive_chunk = on(
    VariantChunkReady,
    derive_chunk.handle,
    prepare=derive_chunk.prepare,
    publishes=(ObjectsReleased, VariantChunkReady, WorkSettled),
    tracked=True,
    memory="1Gi",
    timeout=300,
    concurrency=1,
    max_instances=50,
)
