"""From a table to a folder that `datasets` reads, through the client."""

import asyncio
import zipfile
from pathlib import Path

import pixmill
import pytest

from tests.sites import Site, photo


def test_a_table_becomes_a_dataset(client: pixmill.Client, site: Site, tmp_path: Path) -> None:
    addresses = site.photos(6)
    rows = [f"{url},{'cat' if n % 2 else 'dog'}" for n, url in enumerate(addresses)]
    table = tmp_path / "pets.csv"
    table.write_text("\n".join(["where,kind", *rows, f"{site.base_url}/gone.jpg,cat"]))
    project = client.create_project("Pets", "From a table")
    crawl = project.crawl(table, columns={"url": "where", "label": "kind"}).wait(timeout=60)
    assert (crawl.row["downloaded_images"], crawl.row["failed_images"]) == (6, 1)
    assert crawl.report()["failure_reasons"] == {"http_404": 1}
    assert [failed["reason"] for failed in crawl.failures()] == ["http_404"]
    assert {image["label"] for image in crawl.images()} == {"cat", "dog"}
    validation = crawl.validate({"min_width": 10}).wait(timeout=60)
    assert [result["is_valid"] for result in validation.results(valid=False)] == []

    version = project.freeze("first", splits={"train": 0.5, "test": 0.5}).wait(timeout=60)
    assert version.row["image_count"] == 6
    assert list(version.diff(version)) == []
    assert version.export("csv").wait(timeout=60).row["exported_images"] == 6

    export = crawl.export(options={"splits": {"train": 0.5, "test": 0.5}}).wait(timeout=60)
    archive = export.download(tmp_path / "pets.zip")
    zipfile.ZipFile(archive).extractall(tmp_path / "pets")
    dataset = pixmill.Dataset(tmp_path / "pets")
    frame = dataset.to_pandas()
    assert len(frame) == 6
    assert set(frame["label"]) == {"cat", "dog"}
    loaded = dataset.to_datasets()
    assert sum(split.num_rows for split in loaded.values()) == 6
    assert frame["split"].value_counts().to_dict() == {
        name: split.num_rows for name, split in loaded.items()
    }


def test_files_are_uploaded_and_rejected(client: pixmill.Client, tmp_path: Path) -> None:
    project = client.create_project("Mine")
    file = tmp_path / "one.jpg"
    file.write_bytes(photo(0))
    image = project.upload(file, label="cat")
    assert (image["status"], image["label"]) == ("completed", "cat")
    assert project.reject([image["id"]], "blurred") == 1
    assert [one["id"] for one in project.images(rejected=True)] == [image["id"]]
    file.write_bytes(b"no picture")
    with pytest.raises(pixmill.TransferFailed, match="became no image"):
        project.upload(file)
    project.delete()
    with pytest.raises(pixmill.NotFound):
        client.get_project(project.id)


def test_the_same_is_awaited(address: str, key: str, site: Site) -> None:
    async def run() -> tuple[int, list[str]]:
        async with pixmill.AsyncClient(address, key) as client:
            project = await client.create_project("Async")
            crawl = await project.crawl([{"url": url, "label": "x"} for url in site.photos(2)])
            await crawl.wait(timeout=60)
            return crawl.row["downloaded_images"], [
                image["label"] or "" async for image in project.images()
            ]

    assert asyncio.run(run()) == (2, ["x", "x"])


@pytest.mark.parametrize("name", ["empty.csv", "missing.csv", "folder"])
def test_what_is_no_table_is_refused(client: pixmill.Client, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "folder").mkdir()
    project = client.create_project("Bad")
    with pytest.raises(pixmill.BadSource, match=name):
        project.crawl(tmp_path / name)


def test_a_folder_without_images_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(pixmill.BadSource, match="holds no images"):
        pixmill.Dataset(tmp_path)
