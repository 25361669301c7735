"""A version is deleted; its images are not."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import Image, VersionImage
from tests.functions.versions.conftest import Freeze
from tests.harness import Person, System


def test_its_images_stay(
    freeze: Freeze, pets: list[Image], session: Session, person: Person, system: System
) -> None:
    kept, gone = freeze(name="kept"), freeze(name="gone")
    path = f"/v1/versions/{gone['id']}"
    assert system.person().request("DELETE", path).status_code == 404
    assert person.request("DELETE", path).status_code == 204
    assert person.request("GET", path).status_code == 404
    assert person.get(f"/v1/versions/{kept['id']}")["missing_images"] == 0
    held = select(func.count()).where(VersionImage.version_id == gone["id"])
    assert session.scalar(held) == 0
