"""Names of objects and what can be read from them."""

from uuid import UUID

import pytest

from shared.storage.names import (
    format_address,
    list_project_prefixes,
    name_image,
    name_manifest,
    name_manifest_folder,
    name_thumbnail,
    name_upload,
    name_variant,
    parse_address,
    parse_content,
    parse_manifest,
    parse_upload,
)

PROJECT = UUID("01a1fc0f-0c8a-70de-9ef6-4a5c52d3b860")
IMAGE = UUID("01a1fc0f-0c8b-7216-880b-d31ade9cf140")
DIGEST = "ab" * 32


def test_names_and_back() -> None:
    assert name_image(PROJECT, DIGEST, "jpg") == f"images/{PROJECT}/ab/{DIGEST}.jpg"
    assert parse_content(name_image(PROJECT, DIGEST, "jpg")) == DIGEST
    assert parse_content(name_variant(PROJECT, DIGEST, "small", "0" * 12, "webp")) == DIGEST
    assert parse_upload(name_upload(PROJECT, IMAGE)) == (PROJECT, IMAGE)
    assert all(
        str(PROJECT) in prefix and prefix[-1] == "/" for prefix in list_project_prefixes(PROJECT)
    )


@pytest.mark.parametrize(
    "name",
    [
        "",
        "uploads/",
        f"uploads/{IMAGE}",
        f"uploads/{PROJECT}/{IMAGE}/",
        f"x/uploads/{PROJECT}/{IMAGE}",
        f"uploads/{PROJECT}/{IMAGE}\n",
        f"uploads/{PROJECT}/{'-' * 36}",
        f"uploads/{str(PROJECT).upper()}/{IMAGE}",
        f"images/{PROJECT}/{IMAGE}",
    ],
)
def test_other_names_are_no_uploads(name: str) -> None:
    assert parse_upload(name) is None
    assert parse_content(name) is None


def test_a_thumbnail_is_named_by_content_and_specification() -> None:
    name = name_thumbnail(PROJECT, DIGEST)
    assert name.startswith(f"variants/{PROJECT}/ab/{DIGEST}/thumbnail-")
    assert name.endswith(".webp")


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("gs://tables/a.csv", ("tables", "a.csv")),
        ("gs://my-tables.example.com/a b/c?d#e", ("my-tables.example.com", "a b/c?d#e")),
        ("gs://tables/", None),
        ("gs://tables", None),
        ("gs:///a.csv", None),
        ("gs://Tables/a.csv", None),
        ("gs://a@b/c", None),
        ("s3://tables/a.csv", None),
        ("gs://tables/" + "a" * 1025, None),
    ],
)
def test_addresses_of_objects(address: str, parts: tuple[str, str] | None) -> None:
    assert parse_address(address) == parts
    assert parts is None or format_address(*parts) == address


def test_names_of_manifests_tell_whose_they_are() -> None:
    project, job = UUID(int=1), UUID(int=2)
    name = name_manifest(project, job)
    assert name.startswith(name_manifest_folder(project))
    assert parse_manifest(name) == (project, job)
    assert parse_manifest(f"{name}x") is None
    assert parse_manifest(f"manifests/{'-' * 36}/{job}") is None
