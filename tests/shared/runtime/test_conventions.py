"""HTTP as people expect it: entity tags, codings, locations, credentials."""

import gzip
import io
from typing import Any

import pytest
from flask import Request
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from shared.declarations import MAX_BODY, compile_path
from shared.errors import BadRequest, TooLarge, UnsupportedEncoding
from shared.models import Project
from shared.operations.discovery import list_http_functions
from shared.runtime.requests import read_body, read_credential
from tests import factories
from tests.growth import assert_linear
from tests.harness import Person, System, expect


@pytest.fixture
def project(person: Person) -> str:
    """Return the address of a project."""
    return f"/v1/projects/{person.post('/v1/projects', {'name': 'cats'})['id']}"


def test_a_change_is_made_to_what_was_read(person: Person, project: str, session: Session) -> None:
    tag = person.request("GET", project).headers["ETag"]
    factories.image(session, session.get_one(Project, project.rpartition("/")[2]))
    counted = person.request("GET", project).headers["ETag"]
    assert counted != tag
    changed = person.request("PATCH", project, {"name": "dogs"}, headers={"If-Match": tag})
    assert expect(changed, 200)["name"] == "dogs"
    late = person.request("PATCH", project, {"name": "birds"}, headers={"If-Match": tag})
    assert "read it again" in expect(late, 412)["detail"]
    assert person.get(project)["name"] == "dogs"
    both = f'"x", W/"y",{changed.headers["ETag"]}'
    expect(person.request("PATCH", project, {"name": "birds"}, headers={"If-Match": both}), 200)
    expect(person.request("PATCH", project, {"name": "cats"}, headers={"If-Match": "*"}), 200)


@pytest.mark.parametrize(
    ("given", "status"),
    [("nonsense", 400), ('"a" "b"', 400), ('W/"{tag}"', 412), ('"{tag}-gzip"', 200), ("", 400)],
)
def test_tags_that_do_not_count(person: Person, project: str, given: str, status: int) -> None:
    tag = person.request("GET", project).headers["ETag"].strip('"')
    headers = {"If-Match": given.replace("{tag}", tag)}
    expect(person.request("PATCH", project, {"name": "dogs"}, headers=headers), status)


def test_every_change_can_be_held_to_what_was_read(person: Person, session: Session) -> None:
    project = factories.project(session, person.id)
    image = factories.store_image(session, project)
    model = person.post(
        "/v1/models",
        {"name": "m", "model_type": "onnx", "file_name": "m.onnx", "file_size": 10},
    )
    paths = ("/v1/me", f"/v1/projects/{project.id}", f"/v1/images/{image.id}")
    for path in (*paths, f"/v1/models/{model['id']}"):
        tag = person.request("GET", path).headers["ETag"]
        expect(person.request("PATCH", path, {}, headers={"If-Match": tag}), 200)
        expect(person.request("PATCH", path, {}, headers={"If-Match": '"0.0"'}), 412)


def test_what_a_client_has_is_not_sent_again(system: System, person: Person, project: str) -> None:
    for path in (project, "/openapi.json", "/v1/projects"):
        first = person.request("GET", path)
        assert len(first.data) > 0
        for given in (first.headers["ETag"], f'W/{first.headers["ETag"]}, "x"', "*"):
            for method in ("GET", "HEAD"):
                again = person.request(method, path, headers={"If-None-Match": given})
                assert (again.status_code, again.data) == (304, b"")
                assert again.headers["ETag"] == first.headers["ETag"]
                assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
                assert "Content-Type" not in again.headers
        assert person.request("GET", path, headers={"If-None-Match": '"x"'}).status_code == 200


def test_large_answers_are_compressed_for_who_takes_it(system: System) -> None:
    plain = system.client.get("/openapi.json")
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    packed = system.client.get("/openapi.json", headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) * 5 < len(plain.data)
    tag = packed.headers["ETag"]
    assert tag != plain.headers["ETag"]
    same = system.client.get("/openapi.json", headers={"If-None-Match": tag})
    assert same.status_code == 304
    for refused in ("gzip;q=0", "br", ""):
        answer = system.client.get("/openapi.json", headers={"Accept-Encoding": refused})
        assert "Content-Encoding" not in answer.headers
    small = system.client.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in small.headers


def test_bodies_may_be_compressed(person: Person) -> None:
    def post(data: bytes, coding: str = "gzip") -> Any:
        headers = {"Content-Encoding": coding}
        form = "application/json"
        return person.request("POST", "/v1/projects", data=data, headers=headers, content_type=form)

    packed = gzip.compress(b'{"name": "packed"}')
    assert expect(post(packed), 201)["name"] == "packed"
    assert expect(post(b'{"name": "plain"}', "identity"), 201)["name"] == "plain"
    expect(post(packed[:-9]), 400)
    expect(post(packed + b"x"), 400)
    expect(post(b'{"name": "plain"}'), 400)
    answer = post(packed, "br")
    expect(answer, 415)
    assert answer.headers["Accept-Encoding"] == "gzip, identity"


def unpack(data: bytes, coding: str = "gzip") -> bytes:
    headers = Headers({"Content-Encoding": coding})
    builder = EnvironBuilder(method="POST", headers=headers, input_stream=io.BytesIO(data))
    return read_body(Request({**builder.get_environ(), "wsgi.input_terminated": True}))


def test_a_bomb_ends_at_the_limit() -> None:
    assert unpack(gzip.compress(bytes(MAX_BODY))) == bytes(MAX_BODY)
    for size in (MAX_BODY + 1, 64 * MAX_BODY):
        with pytest.raises(TooLarge):
            unpack(gzip.compress(bytes(size)))
    with pytest.raises(BadRequest):  # a thousand members, each of which expands
        unpack(gzip.compress(bytes(1000)) * 1000)
    assert_linear(unpack, lambda size: gzip.compress(bytes(size)), 200_000)
    with pytest.raises(UnsupportedEncoding):
        unpack(gzip.compress(b"{}"), "gzip, gzip")


def test_what_is_made_has_an_address(person: Person, project: str) -> None:
    headers = {"Idempotency-Key": "k"}
    for path, body, status in (
        ("/v1/projects", {"name": "x"}, 201),
        (
            f"{project}/crawl-jobs",
            {"name": "c", "source": {"type": "urls", "urls": ["http://a.test/1"]}},
            202,
        ),
    ):
        headers = {"Idempotency-Key": path}
        made = person.request("POST", path, body, headers=headers)
        again = person.request("POST", path, body, headers=headers)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.headers["Location"] == made.headers["Location"]
        assert person.get(made.headers["Location"])["id"] == expect(made, status)["id"]


def test_every_route_that_makes_something_says_where() -> None:
    routes = [operation for _, operation in list_http_functions()]
    for one in routes:
        assert bool(one.location) == (one.status in (201, 202)), one.path
        example = one.location.replace("{", "").replace("}", "")
        assert not example or any(compile_path(to.path).fullmatch(example) for to in routes)


def test_what_has_no_content_has_no_type(person: Person, project: str) -> None:
    done = person.request("DELETE", project)
    assert (done.status_code, done.data) == (204, b"")
    assert "Content-Type" not in done.headers


@pytest.mark.parametrize("path", ["/v2/", "/v1/projects/", "/openapi.json/"])
def test_an_address_without_its_slash_is_pointed_out(system: System, path: str) -> None:
    answer = expect(system.client.get(path), 404)
    assert "Leave out the slash at its end." in str(answer)
    assert "slash" not in str(expect(system.client.get("/v3/"), 404))


def test_of_two_credentials_one_counts() -> None:
    def read(**headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return read_credential(Request(EnvironBuilder(headers=Headers(named)).get_environ()))

    assert read(X_API_Key="pxk_1", Authorization="Bearer pxk_1") == "pxk_1"
    assert read(X_API_Key="pxk_1", Authorization="Bearer eyJhbGciOi") == "pxk_1"
    assert read(X_API_Key="pxk_1", Authorization="Basic eDp5") == "pxk_1"
    for name in ("Authorization", "X_Forwarded_Authorization"):
        with pytest.raises(BadRequest, match="send one of them"):
            read(X_API_Key="pxk_1", **{name: "Bearer pxa_2"})
