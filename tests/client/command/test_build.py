"""One command makes a dataset of a source, and goes on where it was."""

import gzip
import json
from pathlib import Path

import pixmill
import pytest
from pixmill.command import building, stages
from pixmill.command.uploads import upload_folder

from tests.client.command.conftest import Run
from tests.sites import Site, photo

SPLITS = ["--splits", "train=0.5,test=0.5"]


def write_table(site: Site, path: Path) -> None:
    """Write a table with a dead address, a copy and a near copy among five photographs."""
    addresses = site.photos(5)
    addresses += [
        site.put("/copy.jpg", photo(0)),
        site.put("/near.jpg", photo(0, side=120)),
        f"{site.base_url}/gone.jpg",
    ]
    lines = [f"{url},{'cat' if n % 2 else 'dog'}" for n, url in enumerate(addresses)]
    path.write_bytes(gzip.compress("\n".join(["where,kind", *lines]).encode()))


def test_a_table_becomes_a_dataset_with_one_command(
    signed_in: Run, site: Site, tmp_path: Path
) -> None:
    write_table(site, tmp_path / "pets.csv.gz")
    build = [
        *(
            "build",
            "pets.csv.gz",
            "--out",
            "pets",
            "--url-column",
            "where",
            "--dedup",
            "perceptual",
        ),
        *("--label-column", "kind", "--size", "64", "--min-width", "10", *SPLITS, "--json"),
    ]
    result = signed_in(build)
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert (summary["images"], summary["failed_addresses"]) == (5, 1)
    stages_seen = [line.split()[0] for line in result.stderr.splitlines()]
    assert stages_seen == ["crawl", "validate", "version", "export", "download", "unpack"]
    assert "5 images of 8 addresses, 2 copies, 1 failed (http_404 1)" in result.stderr
    assert not (tmp_path / "pets.building").exists()
    frame = pixmill.Dataset(tmp_path / "pets").to_pandas()
    assert len(frame) == 5
    assert set(frame["width"]) == {64}
    loaded = pixmill.Dataset(tmp_path / "pets").to_datasets()
    assert {split: len(rows) for split, rows in loaded.items()} == summary["splits"]

    again = signed_in(build)  # is done already
    assert json.loads(again.stdout) == summary
    assert again.stderr == ""
    other = signed_in([*build[:-1], "--max-images", "3"])
    assert "was built from another source or with other options" in other.output
    assert other.exit_code == 2


def test_a_build_goes_on_where_it_was_interrupted(
    signed_in: Run, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cats.txt").write_text("\n".join(site.photos(3)))
    build = ["build", "cats.txt", "--out", "cats", "--json"]

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for module, name in [
        (stages, "crawl"),
        (stages, "version"),
        (stages, "export"),
        (stages, "download"),
        (building, "unpack"),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(module, name, interrupt)
            result = signed_in(build)
        assert result.exit_code == 130
        assert "goes on where it was" in json.loads(result.stderr.splitlines()[-1])["error"]
        assert not (tmp_path / "cats").exists()
    other = signed_in([*build, "--max-images", "2"])
    assert "belongs to a build with another max_images" in other.output
    assert other.exit_code == 2
    result = signed_in(build)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["images"] == 3
    hits = [site.hits[f"/photos/{n}.jpg"] for n in range(3)]
    assert hits == [1, 1, 1]  # one crawl, whatever happened
    assert len(signed_in(["images", "--project", "cats"]).stdout.splitlines()) == 3


def test_failures_count_where_they_are_asked_to(signed_in: Run, site: Site, tmp_path: Path) -> None:
    addresses = "\n".join([*site.photos(2), f"{site.base_url}/gone.jpg"])
    result = signed_in(["build", "-", "--out", "cats", "--strict", "--layout", "csv"], addresses)
    assert "1 failed; see pixmill report" in result.output
    assert result.exit_code == 3
    assert (tmp_path / "cats" / "cats.csv").read_text().count("/photos/") == 2


def test_a_folder_becomes_a_dataset(signed_in: Run, tmp_path: Path) -> None:
    for number in range(4):
        folder = tmp_path / "mine" / ("cat" if number % 2 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.jpg").write_bytes(photo(number))
    (tmp_path / "mine" / "cat" / "broken.jpg").write_bytes(b"no picture")
    result = signed_in(["build", "mine", "--out", "pets", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["failed_addresses"] == 1
    assert "1 failed" in result.stderr
    frame = pixmill.Dataset(tmp_path / "pets").to_pandas()
    assert sorted(frame["label"]) == ["cat", "cat", "dog", "dog"]


def test_files_that_were_sent_are_not_sent_again(address: str, key: str, tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.jpg").write_bytes(photo(number))
    log = tmp_path / "log"
    with pixmill.Client(address, key) as client:
        project = client.create_project("Mine")
        # Somebody announced a file that never came: nobody waits for it.
        about = {"file_name": "lost.jpg", "content_type": "image/jpeg", "size": 10}
        client.send(pixmill.operations.images_create_upload(project.id, about))  # type: ignore[arg-type]
        first = tmp_path / "0.jpg"
        assert upload_folder(project, [first], tmp_path, "cat", log) == {}
        with log.open("a") as lines:
            lines.write('["1.j')  # where it was killed
        files = sorted(tmp_path.glob("*.jpg"))
        for _ in range(2):
            assert upload_folder(project, files, tmp_path, "cat", log) == {}
        assert sum(1 for _ in project.images(status="completed")) == 3


def test_pages_become_webdataset(signed_in: Run, site: Site, tmp_path: Path) -> None:
    for number in range(2):
        site.put(f"/{number}.jpg", photo(number))
    page = site.page("/cats.html", '<img src="/0.jpg"><img src="/1.jpg">')
    result = signed_in(["build", page, "--label", "cat", "--out", "w", "--layout", "webdataset"])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "w" / "w.tar").stat().st_size > 10_000
