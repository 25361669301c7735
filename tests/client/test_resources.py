"""Changes to what was read: made once, and not over those of somebody else."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pixmill
import pytest

from tests.client.test_client import make_problem
from tests.sites import photo

Answer = Callable[[httpx2.Request], httpx2.Response]


def test_a_change_is_not_made_over_another(client: pixmill.Client) -> None:
    mine, theirs = (client.create_project("Cats") for _ in range(2))
    theirs = client.get_project(mine.id)
    mine.refresh()
    mine.update(name="Lions")
    assert mine.row["name"] == "Lions"
    with pytest.raises(pixmill.Stale, match=r"Read it again with refresh\(\)") as caught:
        theirs.update(name="Tigers", description="striped")
    assert caught.value.status == 412
    theirs.refresh()
    assert theirs.row["name"] == "Lions"
    theirs.update(name="Tigers")
    theirs.update(description=None, status="archived")  # the tag follows its own changes
    assert client.get_project(mine.id).row["status"] == "archived"


def test_what_comes_from_a_list_is_changed_only_as_it_was_listed(client: pixmill.Client) -> None:
    client.create_project("Cats").update(name="Dogs")  # new, and nobody has changed it
    (listed,) = client.list_projects()
    (other,) = client.list_projects()
    other.update(name="Wolves")
    with pytest.raises(pixmill.Stale):
        listed.update(name="Foxes")
    (other,) = client.list_projects()
    other.update(name="Foxes")
    assert other.row["name"] == "Foxes"


def test_images_are_changed(client: pixmill.Client, tmp_path: Path) -> None:
    (tmp_path / "one.jpg").write_bytes(photo(0))
    project = client.create_project("Cats")
    image = client.get_image(project.upload(tmp_path / "one.jpg", label="cat")["id"])
    same = client.get_image(image.id)
    image.update(label="lion", caption="It roars.")
    assert (image.row["label"], image.row["caption"]) == ("lion", "It roars.")
    with pytest.raises(pixmill.Stale):
        same.update(rejected=True)
    image.delete()
    with pytest.raises(pixmill.NotFound):
        image.refresh()


def test_a_change_is_awaited(address: str, key: str) -> None:
    async def run() -> str:
        async with pixmill.AsyncClient(address, key) as client:
            project = await client.create_project("Cats")
            same = await client.get_project(project.id)
            await project.update(name="Lions")
            with pytest.raises(pixmill.Stale):
                await same.update(name="Tigers")
            await same.refresh()
            return same.row["name"]

    assert asyncio.run(run()) == "Lions"


class Deployment:
    """Answers about one model, whose answer to the first change is lost on its way."""

    def __init__(self, *, foreign: bool) -> None:
        self.row = {"id": "m", "description": "old", "updated_at": "1"}
        self.foreign = foreign  # whether somebody else changes it before the second attempt
        self.tags: list[str | None] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        tag = f'"{self.row["updated_at"]}.x"'
        if request.method == "GET":
            return httpx2.Response(200, json=self.row, headers={"ETag": tag})
        self.tags.append(request.headers.get("If-Match"))
        if len(self.tags) > 1:
            if self.foreign:
                self.row |= {"description": "theirs", "updated_at": "3"}
            return make_problem(412, "It has changed since you read it.")
        assert self.tags == [tag]
        self.row |= {**json.loads(request.content), "updated_at": "2"}
        raise httpx2.ReadError("reset")


@pytest.mark.parametrize("foreign", [False, True])
def test_a_change_whose_answer_was_lost_is_not_taken_for_somebody_elses(foreign: bool) -> None:
    deployment = Deployment(foreign=foreign)
    transport = httpx2.MockTransport(deployment.answer)
    retries = pixmill.Retries(first=0.0)
    with pixmill.Client("http://pixmill.test", retries=retries, transport=transport) as client:
        model = client.get_model("pets")
        if foreign:
            with pytest.raises(pixmill.Stale):
                model.update(description="new")
        else:
            model.update(description="new")
            assert model.row["description"] == "new"
            assert model.tag == '"2.x"'
    assert deployment.tags == ['"1.x"'] * 2
