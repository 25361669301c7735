"""An export says under which signals each of its images was taken, and who made it."""

import csv
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pandas
import PIL.Image

from tests.embedding import PLUS, save, xmp
from tests.functions.exports.conftest import download
from tests.harness import Person, System
from tests.sites import Site, photo

COLUMNS = ["source", "value", "allows", "decision", "address", "evidence_hash"]


def test_archives_hold_what_the_crawl_was_told(
    site: Site, crawl: Callable[..., Any], system: System, person: Person
) -> None:
    site.put("/robots.txt", b"User-agent: *\nContent-Usage: /a train-ai=y\n", "text/plain")
    packet = xmp(plus_DataMining=f"{PLUS}DMI-ALLOWED", dc_creator="Ann")
    picture = PIL.Image.open(io.BytesIO(photo(0)))
    urls = [
        site.put("/a.jpg", save(picture, "jpeg", packet)),
        site.put("/b.jpg", photo(1), headers=[("X-Robots-Tag", "nosnippet")]),
        site.put("/c.jpg", photo(1)),  # a copy, which has signals of its own
    ]
    job = crawl(urls)
    body = {"name": "x", "format": "zip", "options": {"include_duplicates": True}}
    export = person.post(f"/v1/crawl-jobs/{job['id']}/export-jobs", body, 202)
    system.drain()
    archive = zipfile.ZipFile(
        io.BytesIO(download(person.get(f"/v1/export-jobs/{export['id']}"))),
    )
    table = pandas.read_parquet(io.BytesIO(archive.read("RIGHTS.parquet")))
    terms = csv.DictReader(io.StringIO(archive.read("LICENSES.csv").decode(), newline=""))
    creators = {row["original_url"]: row["creator"] for row in terms}
    assert creators == {urls[0]: "Ann", urls[1]: "", urls[2]: ""}
    items = person.get(f"/v1/projects/{job['project_id']}/images")["items"]
    assert len(items) == 3
    shown = table.astype(object).where(table.notna(), None)
    for image in items:
        signals = person.get(f"/v1/images/{image['id']}/rights")["items"]
        rows = shown[shown["image_id"] == image["id"]][COLUMNS].to_dict("records")
        assert len(rows) == len(signals) >= 1
        for signal in signals:
            assert {name: signal[name] for name in COLUMNS} in rows
        assert set(table[table["image_id"] == image["id"]]["file_name"]) <= set(archive.namelist())
