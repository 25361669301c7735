"""Rules of every request body, every query string and every answer."""

import copy
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError, create_model
from pydantic_core import from_json

from shared.messaging.messages import Message
from shared.models.base import new_id
from shared.schemas.accounts import ApiKeyCreated, ProfileRead, ProfileUpdate
from shared.schemas.activity import ActivityQuery, ActivityRead
from shared.schemas.errors import list_problems, make_pointer
from shared.schemas.image_changes import ImageUpdate
from shared.schemas.images import ImageQuery, SimilarImage, SimilarQuery
from shared.schemas.kinds import Input, ListQuery, Read
from shared.schemas.projects import ProjectRead, ProjectUpdate
from tests.harness import in_parallel
from tests.shared.schemas.bodies import BODIES

Path = tuple[str | int, ...]
SECRET = "hunter2-9f3a"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
each_body = pytest.mark.parametrize(
    ("schema", "body"),
    BODIES,
    ids=[f"{index}-{one[0].__name__}" for index, one in enumerate(BODIES)],
)


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value inside a JSON value with its path, the whole first."""
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def get_at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def replace_at(body: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    body = copy.deepcopy(body)
    get_at(body, path[:-1])[path[-1]] = new
    return body


def refusals(schema: type[Input], body: Any) -> list[dict[str, str]]:
    with pytest.raises(ValidationError) as caught:
        schema.model_validate(body)
    assert SECRET not in str(caught.value), "an error that is logged shows what was typed"
    found = list_problems(caught.value)
    assert found
    assert SECRET not in "".join(one["detail"] for one in found)
    return found


@each_body
def test_a_full_body_is_valid_and_keeps_its_values(
    schema: type[Input], body: dict[str, Any]
) -> None:
    parsed = schema.model_validate(body)
    bodies = [one for kind, one in BODIES if kind is schema]  # some fields exclude each other
    assert set().union(*bodies) == set(schema.model_fields)
    assert parsed.model_fields_set == set(body)
    again = schema.model_validate(parsed.model_dump(mode="json"))
    assert again == parsed, "what is stored can be read again"


def is_address(path: Path) -> bool:
    """Return whether a place is that of an address in a list, which any text may be."""
    return path[:2] in {("source", "urls"), ("source", "pages")} and (
        len(path) == 3 or path[-1] == "url"
    )


@each_body
def test_text_that_cannot_be_stored_is_refused_where_it_stands(
    schema: type[Input], body: dict[str, Any]
) -> None:
    for path, value in places(body):
        if not isinstance(value, str) or is_address(path):
            continue
        for character in ("\0", "\ud800"):
            found = refusals(schema, replace_at(body, path, f"{value[:2]}{character}{value[2:]}"))
            expected = path[:2] if path[-1] == "type" else path
            assert make_pointer(expected) in {one["pointer"] for one in found}


@each_body
def test_a_value_of_another_json_type_is_refused_where_it_stands(
    schema: type[Input], body: dict[str, Any]
) -> None:
    values: list[Any] = [SECRET * 20, 7, 7.5, True, [SECRET], {SECRET: SECRET}]
    for path, value in places(body):
        for other in values:
            same = type(other) is type(value) or {type(other), type(value)} == {int, float}
            if same or (isinstance(value, str | dict) and isinstance(other, str | dict)):
                continue
            # With another type of source the whole source is another.
            where = make_pointer(path)
            found = refusals(schema, replace_at(body, path, other))
            assert where in {one["pointer"] for one in found}, (where, found)


@each_body
@pytest.mark.parametrize("name", ["nope", "a/b~c", "[key]", "<urls>", ""])
def test_an_unknown_field_is_refused_at_every_depth(
    schema: type[Input], body: dict[str, Any], name: str
) -> None:
    for path, value in places(body):
        if isinstance(value, dict) and path[-1:] not in (("splits",), ("categories",)):
            found = refusals(schema, replace_at(body, path, value | {name: SECRET}))
            expected = {"pointer": make_pointer((*path, name)), "detail": "is not a known field"}
            assert expected in found


@each_body
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_json_does_not_know_are_refused(
    schema: type[Input], body: dict[str, Any], number: str
) -> None:
    for path, value in places(body):
        if isinstance(value, float):
            refusals(schema, replace_at(body, path, json.loads(number)))
            assert refusals(schema, replace_at(body, path, from_json(number)))


@each_body
@settings(max_examples=40)
@given(data=st.data())
def test_any_json_is_valid_or_explained(
    schema: type[Input], body: dict[str, Any], data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from([path for path, _ in places(body)]))
    strange = replace_at(body, path, data.draw(JSON))
    try:
        schema.model_validate(strange)
    except ValidationError as error:
        pointers = {make_pointer(path) for path, _ in places(strange)}
        for one in list_problems(error):
            parent = one["pointer"].rpartition("/")[0]
            assert one["pointer"] in pointers or parent in pointers
            assert one["detail"] != "is not valid"


@pytest.mark.parametrize("schema", [ProfileUpdate, ProjectUpdate, ImageUpdate])
def test_an_empty_patch_changes_nothing(schema: type[ProjectUpdate]) -> None:
    assert schema.model_validate({}).get_changes() == {}


def test_absent_stays_null_clears() -> None:
    assert ProjectUpdate.model_validate({"description": None}).get_changes() == {
        "description": None
    }
    assert ImageUpdate.model_validate({"label": " cat "}).get_changes() == {"label": "cat"}


def test_null_is_refused_where_something_is_needed() -> None:
    assert refusals(ProjectUpdate, {"name": None}) == [
        {"pointer": "/name", "detail": "must be a string"}
    ]


def test_absent_fields_are_absent_from_the_published_schema_too() -> None:
    assert "default" not in json.dumps(ProjectUpdate.model_json_schema())


def test_a_query_is_converted_from_text() -> None:
    crawl_job_id = new_id()
    query = ImageQuery.model_validate(
        {"limit": "5", "valid": "true", "min_width": "10", "crawl_job_id": str(crawl_job_id)}
    )
    assert (query.limit, query.valid, query.min_width) == (5, True, 10)
    assert query.crawl_job_id == crawl_job_id


def test_an_empty_cursor_begins_at_the_first_page() -> None:
    assert ImageQuery.model_validate({"limit": "", "cursor": ""}) == ImageQuery()


@pytest.mark.parametrize("name", ["label", "valid", "crawl_job_id", "min_width"])
def test_an_empty_filter_is_refused(name: str) -> None:
    """Somebody meant a filter: without it everything would be selected."""
    with pytest.raises(ValidationError) as caught:
        ImageQuery.model_validate({name: ""})
    (problem,) = list_problems(caught.value)
    assert problem == {
        "pointer": f"/{name}",
        "detail": "is empty; give a value or leave it out",
    }


@pytest.mark.parametrize(
    ("schema", "query", "at"),
    [
        (ListQuery, {"limit": "0"}, "/limit"),
        (ListQuery, {"limit": "201"}, "/limit"),
        (ListQuery, {"limit": "many"}, "/limit"),
        (ListQuery, {"limit": "9" * 50}, "/limit"),
        (ListQuery, {"limit": "9" * 5000}, "/limit"),
        (ListQuery, {"page": "2"}, "/page"),
        (ImageQuery, {"valid": "perhaps"}, "/valid"),
        (ImageQuery, {"crawl_job_id": "1"}, "/crawl_job_id"),
        (ImageQuery, {"status": "done"}, "/status"),
        (ImageQuery, {"label": "a\0b"}, "/label"),
        (ImageQuery, {"format": "jpeg\0"}, "/format"),
        (ImageQuery, {"min_width": "-1"}, "/min_width"),
        (SimilarQuery, {"max_distance": "65"}, "/max_distance"),
        (ActivityQuery, {"since": "yesterday"}, "/since"),
        (ActivityQuery, {"since": "1700000000"}, "/since"),
    ],
)
def test_a_query_is_refused_by_name(schema: type[ListQuery], query: Any, at: str) -> None:
    with pytest.raises(ValidationError) as caught:
        schema.model_validate(query)
    assert [one["pointer"] for one in list_problems(caught.value)] == [at]


def project(**changes: Any) -> SimpleNamespace:
    now = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    row = {
        "id": UUID(int=1),
        "user_id": UUID(int=2),
        "name": "cats",
        "description": None,
        "status": "active",
        "created_at": now,
        "updated_at": now.astimezone(timezone(timedelta(hours=2))) + timedelta(microseconds=5),
    }
    return SimpleNamespace(**row | changes)


COUNTS = {"duplicate_count": 2, "rejected_count": 1, "crawl_job_count": 0}


def test_an_answer_has_every_field_with_ids_and_times_as_text() -> None:
    answer = ProjectRead.of(project(), image_count=3, **COUNTS)
    assert json.loads(answer.model_dump_json()) == {
        "id": "00000000-0000-0000-0000-000000000001",
        "user_id": "00000000-0000-0000-0000-000000000002",
        "name": "cats",
        "description": None,
        "status": "active",
        "image_count": 3,
        "duplicate_count": 2,
        "rejected_count": 1,
        "crawl_job_count": 0,
        "created_at": "2026-01-31T12:00:00.000000Z",
        "updated_at": "2026-01-31T12:00:00.000005Z",
    }


def test_an_answer_without_a_field_is_a_bug() -> None:
    with pytest.raises(AttributeError, match="image_count"):
        ProjectRead.of(project())
    with pytest.raises(ValidationError):
        ProjectRead.model_validate(project())


def test_a_time_without_a_zone_is_a_bug() -> None:
    row = project(created_at=datetime(2026, 1, 1))
    with pytest.raises(ValidationError):
        ProjectRead.of(row, image_count=0, **COUNTS)


def test_answers_are_not_filled_with_defaults() -> None:
    for answer in (ProjectRead, ProfileRead, SimilarImage, ActivityRead):
        assert all(field.is_required() for field in answer.model_fields.values())


def test_metadata_is_read_from_the_attribute_that_sqlalchemy_allows() -> None:
    row = SimpleNamespace(
        id=new_id(),
        user_id=None,
        action="project.create",
        resource_type="project",
        resource_id=str(new_id()),
        metadata_={"name": "cats"},
        metadata="the tables of SQLAlchemy",
        ip_address="192.0.2.1",
        user_agent=None,
        timestamp=datetime.now(UTC),
    )
    for answer in (ActivityRead.of(row), ActivityRead.model_validate(row)):
        assert json.loads(answer.model_dump_json())["metadata"] == {"name": "cats"}


def test_secrets_do_not_show_in_logs() -> None:
    key = ApiKeyCreated(
        id=new_id(),
        name="laptop",
        prefix="pxk_abcd",
        key=SECRET,
        expires_at=None,
        created_at=datetime.now(UTC),
    )
    assert SECRET not in repr(key)
    assert key.key == SECRET
    changes = {"password": SECRET, "current_password": SECRET}
    assert SECRET not in repr(ProfileUpdate.model_validate(changes))


@pytest.mark.parametrize("kind", [Input, ListQuery, Read, Message])
def test_validators_are_built_on_first_use(kind: type[BaseModel]) -> None:
    """Requests that come first together find one that is whole."""
    for _ in range(20):
        made = create_model("Made", __base__=kind, name=(str, ...), numbers=(dict[str, float], ...))
        assert not made.__pydantic_complete__
        given = {"name": "a", "numbers": {"b": 0.5}}
        ready = threading.Barrier(8)

        def check(made: Any = made, given: Any = given, ready: Any = ready) -> Any:
            ready.wait(10)
            return made.model_validate(given).model_dump(exclude={"limit", "cursor"})

        assert in_parallel([check] * 8) == [given] * 8
