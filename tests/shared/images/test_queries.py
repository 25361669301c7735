"""An image with what is known about it."""

from sqlalchemy.orm import Session

from shared.images.queries import load_detail
from shared.models import ImageAnalysis
from tests import factories
from tests.harness import Person


def test_the_latest_analysis_of_each_analyzer(person: Person, session: Session) -> None:
    project = factories.project(session, person.id)
    image, other = factories.images(session, project, 2)
    for owner, analyzer, text in (
        (image, "basic", "old"),
        (image, "basic", "new"),
        (image, "gemini", "words"),
        (other, "basic", "of another image"),
    ):
        session.add(ImageAnalysis(image_id=owner.id, analyzer=analyzer, description=text))
        session.flush()
    found = load_detail(session, image)
    assert [(one.analyzer, one.description) for one in found.analyses] == [
        ("basic", "new"),
        ("gemini", "words"),
    ]
    assert (found.variants, found.validation) == ([], None)
