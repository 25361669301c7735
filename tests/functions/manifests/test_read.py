"""Manifests as sources: read part by part under leases, each row with an outcome of its own."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from google.cloud.storage import Client
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.crawls import manifests
from shared.database.transactions import transaction
from shared.messaging.messages import ManifestChunkReady
from shared.models import CrawlChunk
from shared.services import services
from tests.harness import Person, System, in_parallel
from tests.shared.manifests.tables import to_parquet
from tests.sites import Site, allow_sites, photo

Crawl = Callable[..., Any]
DEAD = "http://127.0.0.1:9/{}.jpg"
BROKEN = gzip.compress(b"url\nhttp://a/b\n", mtime=0)[:-4]


def put(project: str, data: bytes, name: str = "mine.csv") -> str:
    """Put a manifest below a project's own; return its address."""
    services().storage.put_once(f"manifests/{project}/{name}", data, "text/csv")
    return f"gs://{services().settings.bucket}/manifests/{project}/{name}"


def chunks(session: Session) -> list[CrawlChunk]:
    session.expire_all()
    return list(session.scalars(select(CrawlChunk).order_by(CrawlChunk.position)))


def test_a_table_in_the_bucket_is_crawled_with_all_that_it_says(
    site: Site, crawl: Crawl, system: System, person: Person, project: str
) -> None:
    (url,) = site.photos(1)
    table = {
        "URL": [url],
        "TEXT": ["A cat"],
        "license": ["CC-BY-4.0"],
        "author": ["Ada"],
        "similarity": [0.5],
        "width": [640],
    }
    job = crawl({"type": "manifest", "uri": put(project, to_parquet(table))})
    assert (job["status"], job["downloaded_images"], job["error"]) == ("completed", 1, None)
    (image,) = person.get(f"/v1/projects/{project}/images")["items"]
    assert (image["caption"], image["license"]) == ("A cat", "CC-BY-4.0")
    assert image["attribution"] == "Ada"
    assert image["metadata"] == {"similarity": 0.5, "width": 640}
    body = {"name": "Cats", "format": "json"}
    export = person.post(f"/v1/crawl-jobs/{job['id']}/export-jobs", body, 202)
    system.drain()
    address = person.get(f"/v1/export-jobs/{export['id']}")["download_url"]
    (row,) = requests.get(address, timeout=10).json()["images"]
    assert json.loads(row["metadata"]) == image["metadata"]


def test_checksums_of_rows_are_compared(
    site: Site, crawl: Crawl, person: Person, project: str
) -> None:
    urls = site.photos(2)
    digests = [hashlib.sha256(photo(0)).hexdigest()] * 2
    table = {"url": urls, "sha256": digests}
    job = crawl({"type": "manifest", "uri": put(project, to_parquet(table))})
    assert (job["downloaded_images"], job["failed_images"]) == (1, 1)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert report["failure_reasons"] == {"checksum_mismatch": 1}


def test_columns_may_be_named_one_by_one(
    site: Site, crawl: Crawl, person: Person, project: str
) -> None:
    (url,) = site.photos(1)
    source = {
        "type": "manifest",
        "uri": put(project, f"url,src,title\nx,{url},Tom\n".encode()),
        "url_column": "src",
        "label_column": "title",
    }
    assert crawl(source)["downloaded_images"] == 1
    (image,) = person.get(f"/v1/projects/{project}/images")["items"]
    assert (image["label"], image["metadata"]) == ("Tom", {"url": "x"})


def test_a_bad_row_is_a_failure_of_its_own(
    site: Site, crawl: Crawl, person: Person, project: str
) -> None:
    good, other = site.photos(2)
    table = f'url,label\n{good},a\nnot an address,b\n{other},"c\n,d\nftp://x/y,e\n'
    job = crawl({"type": "manifest", "uri": put(project, table.encode())})
    assert (job["status"], job["total_images"], job["failed_images"]) == ("completed", 5, 4)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert report["failure_reasons"] == {"bad_url": 3, "bad_row": 1}
    failed = {one["position"]: one for one in report["failed_urls"]}
    assert failed[1]["url"] == "not an address"
    assert failed[1]["detail"].startswith("line 3: ")
    assert (failed[2]["reason"], failed[2]["detail"][:7]) == ("bad_row", "line 4:")
    assert failed[3]["detail"] == "line 5: there is no address"
    assert not any(one["retryable"] for one in failed.values())


@pytest.mark.parametrize("kind", ["csv", "gz", "parquet"])
def test_others_start_on_chunks_while_planning_goes_on(
    system: System,
    start: Callable[..., str],
    session: Session,
    person: Person,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    monkeypatch.setattr(manifests, "ROWS", 40)
    urls = [DEAD.format(n) for n in range(100)]
    text = ("url\n" + "\n".join(urls)).encode()
    data = {"csv": text, "gz": gzip.compress(text), "parquet": to_parquet({"url": urls})}[kind]
    job_id = start({"type": "manifest", "uri": put(project, data)}, chunk_size=15)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (first,) = system.mailbox.take()
    assert first.topic == "manifest-chunk-ready"
    system.deliver(first)
    assert [(one.kind, one.url_count, one.status) for one in chunks(session)] == [
        ("manifest", 0, "completed"),
        ("urls", 15, "pending"),
        ("urls", 15, "pending"),
        ("urls", 10, "pending"),
        ("manifest", 0, "pending"),
    ]
    system.drain(copies=2)
    entries = [one for chunk in chunks(session) if chunk.kind == "urls" for one in chunk.urls or []]
    assert [one["url"] for one in entries] == urls
    assert [one["position"] for one in entries] == list(range(100))
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["total_images"], job["failed_images"]) == ("completed", 100, 100)


def test_no_more_rows_are_read_than_wanted(
    crawl: Crawl, person: Person, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifests, "ROWS", 4)
    data = ("url\n" + "\n".join(DEAD.format(n) for n in range(50))).encode()
    job = crawl({"type": "manifest", "uri": put(project, data)}, max_images=10)
    assert (job["status"], job["total_images"]) == ("completed", 10)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert report["max_images_reached"]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"a,b\n1,2\n", "no_url_column: there is no column of addresses; the columns are a, b."),
        (b"url\n", "empty: there is no row in it"),
        (b"", "empty: there is nothing in it"),
        (BROKEN, "damaged: it ends within a member of gzip"),
    ],
)
def test_a_manifest_that_cannot_be_read_fails_its_job(
    crawl: Crawl, system: System, project: str, data: bytes, error: str
) -> None:
    job = crawl({"type": "manifest", "uri": put(project, data)})
    assert job["status"] == "failed"
    assert job["error"].startswith(error)
    assert set(system.statuses) == {204}


def test_an_object_that_is_not_there_fails_the_job(crawl: Crawl, project: str) -> None:
    uri = f"gs://{services().settings.bucket}/manifests/{project}/none.csv"
    job = crawl({"type": "manifest", "uri": uri})
    assert (job["status"], job["error"]) == ("failed", "missing: there is no such object")


def test_what_breaks_in_the_middle_keeps_what_came_before(
    crawl: Crawl, person: Person, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifests, "ROWS", 50)
    rows = "".join(f"{DEAD.format(f'{n:0>500}')}\n" for n in range(3000))
    data = gzip.compress(b"url\n" + rows.encode(), compresslevel=0)[:-700_000]
    job = crawl({"type": "manifest", "uri": put(project, data)}, max_images=2000, chunk_size=1000)
    assert job["status"] == "completed"
    assert job["error"].startswith("The manifest could not be read to its end: damaged: ")
    assert job["total_images"] == job["failed_images"] > 1000


def test_text_that_is_not_utf_8_is_read_and_said(crawl: Crawl, project: str) -> None:
    data = f"url,caption\n{DEAD.format(1)},Käse\n".encode("cp1252")
    job = crawl({"type": "manifest", "uri": put(project, data)})
    assert job["error"] == "Lines that are not UTF-8 were read as Windows-1252."


@pytest.mark.parametrize(
    ("data", "columns", "options", "error"),
    [
        (
            '{"url": "%s", "phash": "0123456789abcdef"}',
            {},
            {},
            "Without the option phash_distance its rows' phash is not compared with pictures.",
        ),
        (
            '{"url": "%s"}',
            {},
            {"phash_distance": 8},
            "phash_distance compares nothing: of the first 1 rows none has a phash.",
        ),
        (
            '{"url": "%s", "kind": "cat"}',
            {"label": "kin"},
            {},
            "Of the first 1 rows none says anything in the column kin.",
        ),
        ("url,kind\n%s,", {"label": "kind"}, {}, "Of the first 1 rows none says anything"),
        ('{"url": "%s", "kind": "cat"}', {"label": "kind"}, {}, None),
        ("url,label\n%s,cat", {"label": None}, {}, None),
    ],
    ids=range(6),
)
def test_what_is_passed_over_is_said(
    crawl: Crawl,
    project: str,
    data: str,
    columns: dict[str, str | None],
    options: dict[str, int],
    error: str | None,
) -> None:
    uri = put(project, (data % DEAD.format(1)).encode(), "mine.data")
    job = crawl({"type": "manifest", "uri": uri, "columns": columns}, **options)
    assert (job["status"], job["total_images"]) == ("completed", 1)
    assert (job["error"] or "").startswith(error or "")
    assert bool(job["error"]) == bool(error)


def test_a_text_file_with_named_columns_is_a_table(
    crawl: Crawl, person: Person, project: str
) -> None:
    uri = put(project, f"picture\tkind\n{DEAD.format(1)}\tcat\n".encode(), "mine.txt")
    source = {"type": "manifest", "uri": uri, "url_column": "picture"}
    job = crawl(source)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert [one["url"] for one in report["failed_urls"]] == [DEAD.format(1)]


def test_only_a_projects_own_objects_and_named_buckets_are_read(
    person: Person, system: System, project: str
) -> None:
    other = system.person()
    theirs = other.post("/v1/projects", {"name": "Theirs"})["id"]
    bucket = services().settings.bucket
    path = f"/v1/projects/{project}/crawl-jobs"
    uris = [
        put(theirs, b"url\nhttp://a/b\n"),
        f"gs://{bucket}/images/{project}/ab/x.jpg",
        f"gs://{bucket}/manifests/{project}",
        f"gs://{bucket}/manifests/{project}-/x",
        "gs://somebody-elses/x.csv",
        "https://example.com/x.csv",
        "gs:///x.csv",
        "gs://x",
    ]
    for uri in uris:
        body = {"name": "x", "source": {"type": "manifest", "uri": uri}}
        (error,) = person.post(path, body, 422)["errors"]
        assert error["pointer"] == "/source/uri", uri


def test_buckets_that_the_deployment_names_are_read(site: Site, crawl: Crawl, project: str) -> None:
    (url,) = site.photos(1)
    other = services().storage.open_other("shared-tables")
    Client(services().settings.project).create_bucket("shared-tables")
    other.put_once("cats/a b.csv", f"url\n{url}\n".encode(), "text/csv")
    with allow_sites(site, manifest_buckets="one,shared-tables"):
        job = crawl({"type": "manifest", "uri": "gs://shared-tables/cats/a b.csv"})
    assert (job["status"], job["downloaded_images"]) == ("completed", 1)


def test_a_manifest_that_is_replaced_while_it_is_read(
    crawl: Crawl,
    start: Callable[..., str],
    system: System,
    person: Person,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(manifests, "ROWS", 2)
    data = ("url\n" + "\n".join(DEAD.format(n) for n in range(5))).encode()
    uri = put(project, data)
    job_id = start({"type": "manifest", "uri": uri})
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (first,) = system.mailbox.take()
    system.deliver(first)
    name = uri.split("/", 3)[3]
    services().storage.delete([name])
    services().storage.put_once(name, data + b"\n", "text/csv")
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["total_images"]) == ("completed", 2)
    assert "replaced while it was read" in job["error"]


def test_a_part_is_read_once_by_whoever_comes_first(
    start: Callable[..., str], system: System, session: Session, project: str
) -> None:
    data = ("url\n" + "\n".join(DEAD.format(n) for n in range(30))).encode()
    start({"type": "manifest", "uri": put(project, data)}, chunk_size=10)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (first,) = system.mailbox.take()
    in_parallel([lambda: system.deliver(first) for _ in range(4)])
    message = ManifestChunkReady.model_validate(first.body)
    system.send(message)
    system.drain()
    assert [one.url_count for one in chunks(session)] == [0, 10, 10, 10]


def test_a_worker_that_dies_is_followed_by_another(
    start: Callable[..., str], system: System, session: Session, person: Person, project: str
) -> None:
    data = ("url\n" + "\n".join(DEAD.format(n) for n in range(5))).encode()
    job_id = start({"type": "manifest", "uri": put(project, data)})
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    for attempts in (1, 2):
        with transaction(services().engine) as other:
            other.execute(
                update(CrawlChunk).values(
                    status="running", attempts=attempts, lease_expires_at="2026-01-01"
                )
            )
        (message,) = [one for one in system.mailbox.take() if "chunk_id" in one.body]
        system.deliver(message)
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert job["status"] == "failed"
    assert "died" in job["error"]
    person.post(f"/v1/crawl-jobs/{job_id}/retry", status=409)


def test_a_job_that_failed_is_read_again_where_it_stopped(
    crawl: Crawl, system: System, person: Person, project: str
) -> None:
    uri = f"gs://{services().settings.bucket}/manifests/{project}/later.csv"
    job = crawl({"type": "manifest", "uri": uri})
    assert job["status"] == "failed"
    put(project, b"url\nhttp://127.0.0.1:9/1.jpg\n", "later.csv")
    person.post(f"/v1/crawl-jobs/{job['id']}/retry", status=202)
    system.drain()
    again = person.get(f"/v1/crawl-jobs/{job['id']}")
    assert (again["status"], again["total_images"], again["error"]) == ("completed", 1, None)
    assert json.dumps(again["source"]).count("later.csv") == 1
