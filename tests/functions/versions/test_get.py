"""A version as its owner sees it, also when its images are gone."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.models import Image
from tests.functions.versions.conftest import Freeze
from tests.harness import Person, System


def test_it_says_what_it_lost(
    freeze: Freeze, pets: list[Image], session: Session, person: Person
) -> None:
    version = freeze()
    assert version["missing_images"] == 0
    session.execute(delete(Image).where(Image.id.in_([pets[0].id, pets[4].id])))
    session.commit()
    again = person.get(f"/v1/versions/{version['id']}")
    assert (again["missing_images"], again["image_count"]) == (2, 4)
    assert again["hash"] == version["hash"]


def test_somebody_elses_is_not_there(freeze: Freeze, pets: list[Image], system: System) -> None:
    version = freeze()
    stranger = system.person()
    for path in (version["id"], str(UUID(int=1))):
        assert stranger.request("GET", f"/v1/versions/{path}").status_code == 404
