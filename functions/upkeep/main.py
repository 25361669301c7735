"""Upkeep functions: what keeps promises after a crash, and what cleans up."""

from functions.upkeep import (
    dead_letter,
    expire,
    partition,
    relay_outbox,
    remove_objects,
    remove_rows,
    roll_up,
    run_schedules,
    sweep_stuck,
)
from shared.messaging.messages import (
    AnalysesRequested,
    AnalysisJobCompleted,
    AnalysisJobRequested,
    ChunkReady,
    CrawlCompleted,
    CrawlRequested,
    DeadLettered,
    ExpiryDue,
    ExportCompleted,
    ExportRequested,
    KeywordChunkReady,
    ManifestChunkReady,
    ManifestFinalized,
    ModelAnalysesRequested,
    ModelFinalized,
    ObjectsReleased,
    OriginalsChanged,
    PageChunkReady,
    PartitionDue,
    PredictionRequested,
    RelayDue,
    RemovalRequested,
    RollUpDue,
    SchedulesDue,
    SweepDue,
    UploadFinalized,
    ValidationRequested,
    VariantChunkReady,
    VerificationChunkReady,
    VerificationJobCompleted,
    VerificationRequested,
    VersionRequested,
    WorkSettled,
)
from shared.operations import on

upkeep_relay_outbox = on(RelayDue, relay_outbox.handle, concurrency=1, max_instances=2)
upkeep_sweep_stuck = on(
    SweepDue,
    sweep_stuck.handle,
    publishes=(
        AnalysesRequested,
        AnalysisJobCompleted,
        AnalysisJobRequested,
        ChunkReady,
        WorkSettled,
        CrawlRequested,
        ExportRequested,
        KeywordChunkReady,
        ManifestChunkReady,
        ModelAnalysesRequested,
        ModelFinalized,
        PageChunkReady,
        PredictionRequested,
        ValidationRequested,
        VariantChunkReady,
        VersionRequested,
        VerificationChunkReady,
        VerificationJobCompleted,
        VerificationRequested,
    ),
    concurrency=1,
    max_instances=1,
)
upkeep_run_schedules = on(
    SchedulesDue,
    run_schedules.handle,
    publishes=(CrawlRequested,),
    concurrency=1,
    max_instances=1,
)
upkeep_expire = on(
    ExpiryDue,
    expire.handle,
    publishes=(
        CrawlCompleted,
        ManifestFinalized,
        ObjectsReleased,
        RemovalRequested,
        UploadFinalized,
    ),
    timeout=300,
    concurrency=1,
    max_instances=1,
)
upkeep_partition = on(PartitionDue, partition.handle, timeout=300, concurrency=1, max_instances=1)
upkeep_roll_up = on(RollUpDue, roll_up.handle, concurrency=1, max_instances=1)
upkeep_dead_letter = on(
    DeadLettered,
    dead_letter.handle,
    publishes=(
        AnalysisJobCompleted,
        WorkSettled,
        CrawlCompleted,
        ExportCompleted,
        ExportRequested,
        ObjectsReleased,
        VerificationJobCompleted,
    ),
    max_instances=2,
)
upkeep_remove_objects = on(
    ObjectsReleased,
    remove_objects.handle,
    publishes=(ObjectsReleased,),
    timeout=300,
    concurrency=1,
    max_instances=5,
)
upkeep_remove_rows = on(
    RemovalRequested,
    remove_rows.handle,
    publishes=(ObjectsReleased, OriginalsChanged, RemovalRequested),
    concurrency=1,
    max_instances=5,
)
