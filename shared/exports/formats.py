"""The writer of each format."""

from shared.exports.archives import ArchiveWriter
from shared.exports.container import Container
from shared.exports.parts import PartWriter, Sink
from shared.exports.plan import ExportPlan, ExportState
from shared.exports.shards import ShardWriter
from shared.exports.tables import CsvWriter, JsonWriter
from shared.exports.tar import TarContainer
from shared.exports.zip import ZipContainer

CONTENT_TYPES = {
    "zip": "application/zip",
    "tar": "application/x-tar",
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
_CONTAINERS: dict[str, type[Container]] = {"zip": ZipContainer, "tar": TarContainer}


def make_part_writer(plan: ExportPlan, sink: Sink, state: ExportState | None = None) -> PartWriter:
    """Return the writer of a part of an export, or of what follows them: see `PartWriter`."""
    if plan.format in _CONTAINERS and plan.options.layout == "huggingface":
        # pyarrow takes longer to load than all else that an export needs.
        from shared.exports.parquet_files import ParquetFilesWriter

        return ParquetFilesWriter(plan, sink, _CONTAINERS[plan.format](), state)
    match plan.format:
        case "zip":
            return ArchiveWriter(plan, sink, ZipContainer(), state)
        case "tar" if plan.options.is_sharded:
            return ShardWriter(plan, sink, state)
        case "tar":
            return ArchiveWriter(plan, sink, TarContainer(), state)
        case "csv":
            return CsvWriter(plan, sink, state)
        case "json":
            return JsonWriter(plan, sink, state)
        case "parquet":
            # As above.
            from shared.exports.parquet import ParquetWriter

            return ParquetWriter(plan, sink, state)
