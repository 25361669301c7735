"""Tables of real photographs, as Parquet."""

import io
import json
from dataclasses import replace

import pandas
from pyarrow import parquet

from shared.exports.entries import COLUMNS
from shared.exports.plan import ExportPlan
from tests.shared.exports.building import HOSTILE, build, photographs, relabel


def test_pandas_reads_it() -> None:
    table = pandas.read_parquet(
        io.BytesIO(build(ExportPlan("photographs", "parquet"), photographs(), 3))
    )

    assert list(table.columns) == [column.name for column in COLUMNS]
    for (entry, _), row in zip(photographs(), table.to_dict("records"), strict=True):
        assert row["sha256"] == entry.sha256
        assert row["width"] == entry.width
        assert (None if pandas.isna(row["caption"]) else row["caption"]) == entry.caption


def test_the_schema_tells_what_it_is() -> None:
    data = build(ExportPlan("photographs", "parquet"), relabel(photographs(), HOSTILE))

    table = parquet.read_table(io.BytesIO(data))

    assert json.loads(table.schema.metadata[b"dataset"])["images"] == len(table)
    assert table.schema.field("width").metadata[b"description"] == b"Pixels"
    assert table["label"].to_pylist() == HOSTILE[: len(table)]


def test_row_groups_are_bounded_and_independent_of_parts() -> None:
    entry, _ = photographs()[0]
    images = [(replace(entry, sha256=f"{number:064x}"), b"") for number in range(20_000)]

    data = build(ExportPlan("photographs", "parquet"), images, 3)

    groups = parquet.ParquetFile(io.BytesIO(data)).metadata
    assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups)] == [16_384, 3_616]


def test_an_empty_table() -> None:
    assert len(pandas.read_parquet(io.BytesIO(build(ExportPlan("nothing", "parquet"), ())))) == 0
