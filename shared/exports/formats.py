"""The writer of each format."""

from shared.exports.archives import ArchiveWriter
from shared.exports.container import Container
from shared.exports.parts import PartWriter, Read, Sink
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


def make_part_writer(plan: ExportPlan, state: ExportState, sink: Sink, read: Read) -> PartWriter:
    """Return the writer of the next part of an export, from where `state` stands.

    `read` gives the sections of earlier parts.
    """
    if plan.format in _CONTAINERS and plan.options.layout == "huggingface":
        # pyarrow takes longer to load than all else that an export needs.
        from shared.exports.parquet_files import ParquetFilesWriter

        return ParquetFilesWriter(plan, state, sink, _CONTAINERS[plan.format](), read)
    match plan.format:
        case "zip":
            return ArchiveWriter(plan, state, sink, ZipContainer())
        case "tar" if plan.options.layout == "webdataset" and plan.options.splits:
            return ShardWriter(plan, state, sink, read)
        case "tar":
            return ArchiveWriter(plan, state, sink, TarContainer())
        case "csv":
            return CsvWriter(plan, state, sink)
        case "json":
            return JsonWriter(plan, state, sink)
        case "parquet":
            from shared.exports.parquet import ParquetWriter

            return ParquetWriter(plan, state, sink)
