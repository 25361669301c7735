"""The analyzers, and the version in which each of them works now."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.analyses.prompt import make_prompt_version
from shared.errors import Conflict, NotFound
from shared.inference.image_form import find_image_form
from shared.models import Model
from shared.queries.named import find_model_id
from shared.schemas.models import SERVING, ModelTensor
from shared.schemas.preprocessing import ModelMetadata
from shared.settings import Settings

BASIC = "basic"
GEMINI = "gemini"

# Raise when the same image starts to get other findings; what an older version found is kept.
BASIC_VERSION = "basic-1"


@dataclass(frozen=True)
class Analyzer:
    """An analyzer in one version: what is written on the analyses that it makes."""

    name: str
    version: str
    model_id: UUID | None = None


def find_analyzer(session: Session, settings: Settings, name: str, user_id: UUID) -> Analyzer:
    """Return the analyzer of that name as it would work for this person now.

    Raises `NotFound` for a model that is not there, `Conflict` for what is not set up here or
    cannot be run, and `PredictionFailed` for a model that takes no images.
    """
    if name == BASIC:
        return Analyzer(name, BASIC_VERSION)
    if name == GEMINI:
        if not settings.gemini_model:
            raise Conflict(
                "The analyzer gemini is not set up here: whoever runs this installation sets "
                "PIXMILL_GEMINI_MODEL."
            )
        return Analyzer(name, make_prompt_version(settings.gemini_model))
    model = session.scalar(
        select(Model).where(Model.id == find_model_id(name), Model.user_id == user_id)
    )
    if model is None:
        raise NotFound("There is no such model.")
    if model.status not in SERVING:
        raise Conflict(f"The model cannot be run: it is {model.status}.")
    inputs = [ModelTensor.model_validate(one) for one in model.input_schema or []]
    find_image_form(inputs, ModelMetadata.model_validate(model.metadata_))
    return Analyzer(name, str(model.version), model.id)
