"""Rules mean the same in Python and in PostgreSQL."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, Integer, cast, insert, literal, null, select

from shared.models import Base, Image, Profile, Project, new_id
from shared.schemas.validations import Rules
from shared.validations.rules import build_violations_expression, find_violations

TABLES = [Base.metadata.tables[name] for name in ("profiles", "projects", "crawl_jobs", "images")]
OWNER, PROJECT = new_id(), new_id()
GOOD = {
    "width": 640,
    "height": 480,
    "file_size": 50_000,
    "format": "jpeg",
    "sharpness": 120.5,
    "brightness": 0.5,
    "uniformity": 0.1,
    "frames": 1,
    "channels": 3,
    "license": "CC0",
}

# Few values each, so that measures meet limits exactly often enough.
SIDES = st.sampled_from([1, 2, 3, 7, 480, 640, 1000])
AMOUNTS = st.sampled_from([0.0, 0.1, 0.25, 0.5, 1 / 3, 1.0]) | st.floats(0, 1)
RATIOS = st.sampled_from([0.5, 1.0, 1 / 3, 3 / 7, 640 / 480, 4 / 3]) | st.floats(0.001, 1000)
MEASURES = {
    "width": SIDES,
    "height": SIDES,
    "file_size": st.sampled_from([0, 1, 1000, 2**40]),
    "format": st.sampled_from(["jpeg", "png", "webp"]),
    "sharpness": AMOUNTS,
    "brightness": AMOUNTS,
    "uniformity": AMOUNTS,
    "frames": st.sampled_from([1, 2, 90]),
    "channels": st.sampled_from([1, 2, 3, 4]),
    "license": st.sampled_from(["", "CC0", "CC BY 4.0"]),
}
IMAGES = st.fixed_dictionaries({name: st.none() | values for name, values in MEASURES.items()})


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    body: dict[str, Any] = {}
    ranges: tuple[tuple[str, st.SearchStrategy[Any]], ...] = (
        ("width", SIDES),
        ("height", SIDES),
        ("bytes", MEASURES["file_size"]),
        ("aspect_ratio", RATIOS),
        ("brightness", AMOUNTS),
    )
    for measure, values in ranges:
        low, high = sorted([draw(values), draw(values)])
        body |= draw(st.sampled_from([{}, {f"min_{measure}": low}, {f"max_{measure}": high}]))
    optional = {
        "min_sharpness": AMOUNTS,
        "max_uniformity": AMOUNTS,
        "allowed_formats": st.lists(MEASURES["format"], min_size=1, unique=True),
        "allow_animated": st.booleans(),
        "allow_grayscale": st.booleans(),
        "require_license": st.booleans(),
    }
    return Rules.model_validate(body | draw(st.fixed_dictionaries({}, optional=optional)))


@pytest.fixture(scope="module")
def connection(scratch: Engine) -> Iterator[Connection]:
    Base.metadata.create_all(scratch, tables=TABLES)
    with scratch.connect() as connection:
        connection.execute(insert(Profile).values(id=OWNER, email="a@example.com"))
        connection.execute(insert(Project).values(id=PROJECT, user_id=OWNER, name="p"))
        yield connection


def in_sql(connection: Connection, wanted: Rules, images: list[dict[str, Any]]) -> list[Any]:
    """Return what the expression gives for images that exist for the moment of the question."""
    with connection.begin_nested() as savepoint:
        connection.execute(
            insert(Image),
            [{"id": new_id(), "project_id": PROJECT, "user_id": OWNER} | row for row in images],
        )
        statement = (
            select(build_violations_expression(wanted)).select_from(Image).order_by(Image.id)
        )
        answer = list(connection.scalars(statement))
        savepoint.rollback()
    return answer


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(wanted=rules(), images=st.lists(IMAGES, min_size=1, max_size=5))
def test_python_and_postgresql_agree(
    connection: Connection, wanted: Rules, images: list[dict[str, Any]]
) -> None:
    expected = [find_violations(wanted, SimpleNamespace(**image)) for image in images]
    assert in_sql(connection, wanted, images) == expected


@pytest.mark.parametrize(
    ("body", "change", "actual"),
    [
        ({"min_width": 641}, {}, 640),
        ({"min_height": 481}, {}, 480),
        ({"max_width": 639}, {}, 640),
        ({"max_height": 479}, {}, 480),
        ({"min_bytes": 50_001}, {}, 50_000),
        ({"max_bytes": 49_999}, {}, 50_000),
        ({"allowed_formats": ["png", "webp"]}, {}, "jpeg"),
        ({"min_aspect_ratio": 1.4}, {}, 640 / 480),
        ({"max_aspect_ratio": 1.3}, {}, 640 / 480),
        ({"min_sharpness": 121.0}, {}, 120.5),
        ({"min_brightness": 0.51}, {}, 0.5),
        ({"max_brightness": 0.49}, {}, 0.5),
        ({"max_uniformity": 0.05}, {}, 0.1),
        ({"allow_animated": False}, {"frames": 2}, 2),
        ({"allow_grayscale": False}, {"channels": 1}, 1),
        ({"allow_grayscale": False}, {"channels": 2}, 2),
        ({"require_license": True}, {"license": None}, None),
        ({"require_license": True}, {"license": ""}, None),
        ({"min_sharpness": 0.0}, {"sharpness": None}, None),
        ({"min_aspect_ratio": 0.1}, {"height": None}, None),
    ],
)
def test_a_broken_rule_tells_limit_and_actual(
    connection: Connection, body: dict[str, Any], change: dict[str, Any], actual: Any
) -> None:
    ((rule, limit),) = body.items()
    image = GOOD | change
    wanted = Rules.model_validate(body)
    expected = [{"rule": rule, "limit": limit, "actual": actual}]
    assert find_violations(wanted, SimpleNamespace(**image)) == expected
    assert in_sql(connection, wanted, [image]) == [expected]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"min_width": 640, "max_width": 640, "min_height": 480, "max_height": 480},
        {"min_bytes": 50_000, "max_bytes": 50_000, "allowed_formats": ["jpg", "png"]},
        {"min_aspect_ratio": 640 / 480, "max_aspect_ratio": 640 / 480},
        {"min_sharpness": 120.5, "min_brightness": 0.5, "max_brightness": 0.5},
        {"max_uniformity": 0.1, "allow_animated": False, "allow_grayscale": False},
        {"require_license": True, "near_duplicate_distance": 4},
    ],
)
def test_limits_themselves_are_allowed(connection: Connection, body: dict[str, Any]) -> None:
    wanted = Rules.model_validate(body)
    assert find_violations(wanted, SimpleNamespace(**GOOD)) == []
    assert in_sql(connection, wanted, [GOOD]) == [[]]


def test_an_image_is_told_all_its_violations_in_the_order_of_the_rules() -> None:
    wanted = Rules.model_validate({"require_license": True, "max_width": 1, "min_height": 999})
    found = find_violations(wanted, SimpleNamespace(**GOOD | {"license": None}))
    assert [one["rule"] for one in found] == ["min_height", "max_width", "require_license"]


@pytest.mark.parametrize(
    ("distance", "rule", "broken"), [(3, 4, True), (0, 4, True), (None, 4, False), (3, None, False)]
)
def test_near_duplicates_join_in(
    connection: Connection, distance: int | None, rule: int | None, broken: bool
) -> None:
    wanted = Rules.model_validate({"near_duplicate_distance": rule})
    near = cast(null() if distance is None else literal(distance), Integer)
    found = connection.scalar(select(build_violations_expression(wanted, near_duplicate=near)))
    expected = {"rule": "near_duplicate_distance", "limit": rule, "actual": distance}
    assert found == ([expected] if broken else [])


def test_violations_can_be_stored() -> None:
    wanted = Rules.model_validate({"min_aspect_ratio": 2, "allowed_formats": ["png"]})
    found = find_violations(wanted, SimpleNamespace(**GOOD))
    assert json.loads(json.dumps(found)) == found
