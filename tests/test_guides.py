"""The guides' code does what they say."""

import json
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

from shared.schemas.exports import ExportJobCreate
from tests.harness import System
from tests.installation import address
from tests.sites import allow_sites, photo, serve

__all__ = ["address"]  # a fixture

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_walk_through_models(address: str, system: System) -> None:
    key = system.person().post("/v1/api-keys", {"name": "walk"})["key"]
    with threadpool_limits(1):  # where other tests run beside it, training on more takes long
        names, said = run_walk("models.md", address, key)
    model, truth = names["model"], names["truth"]
    assert model["status"] == "active"
    predicted = names["made"]["output_data"]["outputs"]["label"]
    assert sum(predicted == truth[:150]) > 135
    assert names["accuracy"] > 0.9
    best = names["seen"]["output_data"]["images"][0]["labels"][0]
    assert best["label"] == f"digit {truth[0]}"
    history = [(row["status"], row["batch_size"]) for row in names["history"]]
    assert history == [("success", 1), ("success", len(truth)), ("success", 150)]
    assert said[0].startswith(f"{model['id']} active None [{{'name': 'X'")
    assert len(said) == 8
    assert "models_verify" in said[-1]


def run_walk(name: str, address: str, key: str) -> tuple[dict[str, Any], list[str]]:
    """Run the Python of a guide; return its names and what it printed."""
    page = (DOCS / name).read_text()
    walk = "\n".join(re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE))
    for shown, actual in (("http://127.0.0.1:8080", address), ("pxk_…", key)):
        assert walk.count(shown) == 1
        walk = walk.replace(shown, actual)
    said: list[str] = []
    names: dict[str, Any] = {"print": lambda *values: said.append(" ".join(map(str, values)))}
    exec(compile(walk, f"docs/{name}", "exec"), names)  # noqa: S102
    return names, said


def test_the_consequences_of_a_verification(address: str, system: System) -> None:
    person = system.person()
    key = person.post("/v1/api-keys", {"name": "walk"})["key"]
    project = person.post("/v1/projects", {"name": "Animals"})["id"]
    with serve() as site, allow_sites(site):
        source = {"type": "urls", "urls": site.photos(3)}
        person.post(f"/v1/projects/{project}/crawl-jobs", {"name": "c", "source": source}, 202)
        system.drain()
        site.put("/photos/0.jpg", photo(0), headers=[("X-Robots-Tag", "noai")])
        del site.replies["/photos/1.jpg"]
        names, said = run_walk("verification.md", address, key)
    assert names["job"]["status"] == "completed"
    assert "'same_bytes': 1" in said[0]
    assert said[1:] == ["{'changed': 1, 'remaining': False}", "127.0.0.1 3 50.0"]
    (rejected,) = person.get(f"/v1/projects/{project}/images?rejected=true")["items"]
    assert rejected["original_url"].endswith("/photos/0.jpg")
    assert rejected["reject_reason"] == "opted out since"


def test_the_walk_through_versions(address: str, system: System) -> None:
    person = system.person()
    key = person.post("/v1/api-keys", {"name": "walk"})["key"]
    project = person.post("/v1/projects", {"name": "Animals"})["id"]
    with serve() as site, allow_sites(site):
        urls = [{"url": url, "label": "cat"} for url in site.photos(6)]
        source = {"type": "urls", "urls": urls}
        person.post(f"/v1/projects/{project}/crawl-jobs", {"name": "c", "source": source}, 202)
        system.drain()
    names, said = run_walk("versions.md", address, key)
    assert names["before"]["image_count"] == 6
    assert names["first"]["status"] == "completed"
    assert said[1] == "True"
    (change,) = names["diff"]["items"]
    assert (change["before"]["label"], change["after"]["label"]) == ("cat", "lion")
    assert said[2].startswith(f"changed {change['sha256']}")


def test_the_example_of_splits_is_taken() -> None:
    page = (DOCS / "splits.md").read_text()
    (example,) = re.findall(r"^```json\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    wanted = ExportJobCreate.model_validate(json.loads(example))
    assert wanted.options.group_by == ["source_page"]


def test_every_layout_is_read_as_the_guide_says(
    address: str, system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    person = system.person()
    key = person.post("/v1/api-keys", {"name": "walk"})["key"]
    project = person.post("/v1/projects", {"name": "Pets"})["id"]
    with serve() as site, allow_sites(site):
        labels = ("NA", "None", "cat")
        entries = [
            {"url": url, "label": labels[number % 3]} for number, url in enumerate(site.photos(6))
        ]
        source = {"type": "urls", "urls": entries}
        person.post(f"/v1/projects/{project}/crawl-jobs", {"name": "c", "source": source}, 202)
        system.drain()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the readers' own libraries
        names, said = run_walk("exports.md", address, key)
    assert said[0].endswith("(224, 224)")
    assert names["pets"].features["label"].names == ["NA", "None", "cat"]
    assert [*names["table"]["label"]].count("NA") == 2
    sizes = {
        *(row["image"].size for row in names["pets"]),
        *(row["image"].size for row in names["folders"]),
        *(sample["jpg"].size for sample in names["samples"]),
        *(row["jpg"].size for row in names["tar"]),
        *(record["images/image"].size for record in names["records"]),
    }
    assert sizes == {(224, 224)}
    counted = ("pets", "folders", "samples", "tar", "records", "table")
    assert {len(names[name]) for name in counted} == {6}
    for row in names["folders"]:
        assert row["label"] in labels
    truth = names["truth"]
    assert [len(one) for one in (truth.imgs, truth.anns, truth.cats)] == [6, 6, 3]
    assert {(one["width"], one["height"]) for one in truth.imgs.values()} == {(224, 224)}
