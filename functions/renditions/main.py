"""Rendition functions: uploads become images, images become variants."""

from functions.renditions import derive, derive_chunk, ingest, inherit
from shared.messaging.messages import (
    AnalysesRequested,
    ModelAnalysesRequested,
    ObjectsReleased,
    OriginalsChanged,
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
    publishes=(ObjectsReleased, OriginalsChanged),
    tracked=True,
    memory="1Gi",
    timeout=120,
    concurrency=1,
)
renditions_derive = on(
    VariantsRequested,
    derive.handle,
    prepare=derive.prepare,
    publishes=(ObjectsReleased, VariantsRequested),
    tracked=True,
    memory="1Gi",
    timeout=300,
    concurrency=1,
)
renditions_inherit = on(
    OriginalsChanged,
    inherit.handle,
    publishes=(AnalysesRequested, ModelAnalysesRequested, VariantsRequested),
)
renditions_derive_chunk = on(
    VariantChunkReady,
    derive_chunk.handle,
    prepare=derive_chunk.prepare,
    publishes=(ObjectsReleased, VariantChunkReady, VariantsRequested, WorkSettled),
    tracked=True,
    memory="1Gi",
    timeout=300,
    concurrency=1,
    max_instances=50,
)
