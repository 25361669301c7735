"""Fields without a description and lists without a name are told in a sentence."""

from typing import Any, Literal, get_args

import pytest
from pydantic import BaseModel

from shared.contracts.schemas import REF, describe_fields, name_enums
from shared.declarations import DeclarationError
from shared.schemas.images import ImageRead, SimilarImage
from shared.statuses import JobStatus


class Undescribed(BaseModel):
    """A schema with a field that nobody has described."""

    id: int
    kind: Literal["a", "b"]


def test_a_field_without_a_description_is_named() -> None:
    with pytest.raises(DeclarationError, match="Undescribed does not describe id, kind"):
        describe_fields(Undescribed)


def test_fields_are_described_where_they_are_declared() -> None:
    assert describe_fields(SimilarImage).items() >= describe_fields(ImageRead).items()


def test_a_closed_list_becomes_a_schema_of_its_name() -> None:
    values = ["pending", "running", "completed", "failed", "cancelled"]
    field = {"enum": values, "type": "string", "description": "State."}
    schemas: dict[str, Any] = {"Job": {"properties": {"status": field}}}
    name_enums(schemas, schemas)
    assert field == {"$ref": REF.format(model="JobStatus"), "description": "State."}
    assert schemas["JobStatus"]["enum"] == values == list(get_args(JobStatus))


def test_a_closed_list_without_a_name_is_shown() -> None:
    with pytest.raises(DeclarationError, match="The values a, b have no name"):
        name_enums({"enum": ["a", "b"], "type": "string"}, {})
