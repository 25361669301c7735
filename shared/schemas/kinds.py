"""The four kinds of schema: request body, partial update, query string, answer.

Validators are built on first use (`defer_build`): an instance serves one function of its bundle.
"""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.schemas.fields import make_refusal


class Input(BaseModel):
    """A request body: unknown fields and wrong JSON types are refused, strings are stripped.

    Validate what `json.loads` returned with `model_validate`. NaN and Infinity are refused. Input
    values do not appear in the text of an error.
    """

    model_config = ConfigDict(
        defer_build=True,
        extra="forbid",
        strict=True,
        frozen=True,
        str_strip_whitespace=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        serialize_by_alias=True,
    )


class Nothing(Input):
    """The body of a route that takes none: what it cannot heed is refused, not passed over."""


class Update(Input):
    """A PATCH body: an absent field (`MISSING`) stays as it is, null clears a nullable one."""

    def get_changes(self) -> dict[str, Any]:
        """Return the fields that were sent with their new values; empty for an empty PATCH."""
        return {name: getattr(self, name) for name in sorted(self.model_fields_set)}


_PAGING = ("limit", "cursor")  # which select nothing: empty they are absent, as on a first page


class Query(BaseModel):
    """A query string: values arrive as text and are converted; an empty filter is refused."""

    model_config = ConfigDict(
        defer_build=True,
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_empty_values(cls, values: Any) -> Any:
        """Refuse a filter that was meant and is empty: it must not select everything."""
        if not isinstance(values, dict):
            return values
        for name, value in values.items():
            if value == "" and name not in _PAGING:
                raise make_refusal("is empty; give a value or leave it out", name)
        return {name: value for name, value in values.items() if value != ""}


MAX_WAIT = 60  # seconds


class WaitQuery(Query):
    """The parameter of every route that shows one job."""

    wait: Annotated[
        int,
        Field(
            ge=0,
            le=MAX_WAIT,
            description="Seconds to wait for the job's end. The answer comes with it or after that"
            " time, or at once where too many requests wait already.",
        ),
    ] = 0
    """Seconds to wait for the job's end. The answer comes with it or after that time, or at once
    where too many requests wait already.
    """


class ListQuery(Query):
    """Parameters of every list route beside its own filters."""

    limit: Annotated[int, Field(ge=1, le=200, description="Items of the page, at most.")] = 50
    """Items of the page, at most."""
    # One that no page gave is a 400, whatever is wrong with it.
    cursor: Annotated[
        str | None, Field(description="The `next_cursor` of the page before this one.")
    ] = None
    """The `next_cursor` of the page before this one; left out for the first."""


class Read(BaseModel):
    """An answer: read from a row's attributes, every field always present."""

    model_config = ConfigDict(
        defer_build=True, from_attributes=True, frozen=True, serialize_by_alias=True
    )

    @classmethod
    def of(cls, row: object, **more: Any) -> Self:
        """Build the answer from `row`'s attributes and, for those it lacks, from `more`."""
        own = {
            name: getattr(row, str(field.validation_alias or name))
            for name, field in cls.model_fields.items()
            if name not in more
        }
        return cls.model_validate(own | more, by_name=True)
