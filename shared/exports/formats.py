"""The writer of each format."""

from shared.exports import tar as tar_members
from shared.exports import zip as zip_members
from shared.exports.archives import ArchiveWriter
from shared.exports.parts import PartWriter, Sink
from shared.exports.plan import Plan, State
from shared.exports.tables import CsvWriter, JsonWriter

CONTENT_TYPES = {
    "zip": "application/zip",
    "tar": "application/x-tar",
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}


def part_writer(plan: Plan, state: State, sink: Sink) -> PartWriter:
    """Return the writer of the next part of an export, from where `state` stands."""
    match plan.format:
        case "zip":
            return ArchiveWriter(plan, state, sink, zip_members)
        case "tar":
            return ArchiveWriter(plan, state, sink, tar_members)
        case "csv":
            return CsvWriter(plan, state, sink)
        case "json":
            return JsonWriter(plan, state, sink)
        case "parquet":
            # pyarrow takes longer to load than all else that an export needs.
            from shared.exports.parquet import ParquetWriter

            return ParquetWriter(plan, state, sink)
