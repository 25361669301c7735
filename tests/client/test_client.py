"""Requests, answers, errors and pages, both for who waits and for who awaits."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pixmill
import pytest
from pixmill import operations

QUICK = pixmill.Retries(first=0.0)
Handler = Callable[[httpx2.Request], httpx2.Response]
Run = Callable[[Handler, Any], Any]


def run_blocking(handler: Handler, call: Any) -> Any:
    """Send a call with the client that waits."""
    with pixmill.Client(
        "http://pixmill.test", "pxk_1", retries=QUICK, transport=httpx2.MockTransport(handler)
    ) as client:
        return client.send(call)


def run_awaiting(handler: Handler, call: Any) -> Any:
    """Send a call with the client that is awaited."""

    async def run() -> Any:
        transport = httpx2.MockTransport(handler)
        async with pixmill.AsyncClient(
            "http://pixmill.test/", "pxk_1", retries=QUICK, transport=transport
        ) as client:
            return await client.send(call)

    return asyncio.run(run())


both = pytest.mark.parametrize("run", [run_blocking, run_awaiting])


def make_problem(status: int, detail: str, **more: Any) -> httpx2.Response:
    """Return an answer that is a problem."""
    problem = {"type": "about:blank", "title": "No", "status": status, "detail": detail, **more}
    return httpx2.Response(
        status, json=problem, headers={"Content-Type": "application/problem+json"}
    )


@both
def test_a_call_becomes_a_request(run: Run) -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"items": [], "next_cursor": None})

    run(answer, operations.images_list("p", label="a b", valid=True, limit=5))
    assert str(seen[0].url) == (
        "http://pixmill.test/v1/projects/p/images?limit=5&valid=true&label=a+b"
    )
    assert seen[0].headers["Authorization"] == "Bearer pxk_1"
    assert seen[0].headers["User-Agent"].startswith("pixmill-client/")
    assert "Idempotency-Key" not in seen[0].headers


@both
def test_a_repeated_post_has_the_same_key(run: Run) -> None:
    keys: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx2.ReadError("reset")
        if len(keys) == 2:
            return make_problem(503, "Later.")
        return httpx2.Response(201, json={"id": "1"})

    assert run(answer, operations.projects_create({"name": "cats"})) == {"id": "1"}
    assert len(keys) == 3
    assert len(set(keys)) == 1


@both
def test_a_deletion_whose_answer_was_lost_is_done(run: Run) -> None:
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.method)
        if len(seen) == 1:
            raise httpx2.ReadError("reset")
        return make_problem(404, "There is no such image.")

    assert run(answer, operations.images_delete("1")) is None
    assert seen == ["DELETE", "DELETE"]


@both
def test_an_error_carries_what_the_api_says(run: Run) -> None:
    errors = [{"pointer": "/name", "detail": "is required"}]
    call = operations.projects_create({"name": ""})
    with pytest.raises(pixmill.Invalid, match=r"^/name is required$") as caught:
        run(lambda _: make_problem(422, "Rules.", errors=errors, instance="r1"), call)
    assert caught.value.status == 422
    assert caught.value.request_id == "r1"
    assert caught.value.errors == (pixmill.FieldError("/name", "is required"),)


@both
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, pixmill.Invalid),
        (401, pixmill.Unauthorized),
        (403, pixmill.ApiError),
        (404, pixmill.NotFound),
        (409, pixmill.Conflict),
        (413, pixmill.Invalid),
        (418, pixmill.ApiError),
        (500, pixmill.ServerFailed),
    ],
)
def test_each_status_has_its_error(run: Run, status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="Why"):
        run(lambda _: make_problem(status, "Why."), operations.accounts_profile_get())


@both
def test_an_answer_that_is_no_problem_is_an_error_too(run: Run) -> None:
    with pytest.raises(pixmill.ServerFailed, match="answered 500"):
        run(lambda _: httpx2.Response(500, text="<html>"), operations.accounts_profile_get())


@both
def test_nobody_who_answers_is_an_error(run: Run) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    with pytest.raises(pixmill.Unreachable, match=r"pixmill\.test cannot be reached: refused"):
        run(answer, operations.accounts_profile_get())


def list_pages(request: httpx2.Request) -> httpx2.Response:
    """Answer with two pages of two projects."""
    later = request.url.params.get("cursor") == "c"
    items = [{"id": "3"}, {"id": "4"}] if later else [{"id": "1"}, {"id": "2"}]
    return httpx2.Response(200, json={"items": items, "next_cursor": None if later else "c"})


def test_lists_are_read_page_by_page() -> None:
    transport = httpx2.MockTransport(list_pages)
    with pixmill.Client("http://pixmill.test", transport=transport) as client:
        assert [project.id for project in client.list_projects()] == ["1", "2", "3", "4"]


def test_lists_are_read_page_by_page_by_who_awaits() -> None:
    async def run() -> list[str]:
        transport = httpx2.MockTransport(list_pages)
        async with pixmill.AsyncClient("http://pixmill.test", transport=transport) as client:
            return [project.id async for project in client.list_projects()]

    assert asyncio.run(run()) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_waiting_tells_how_a_job_ends(end: str) -> None:
    states = iter(["pending", "running", end])
    told: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"id": "1", "status": next(states), "error": None})

    transport = httpx2.MockTransport(answer)
    with (
        pixmill.Client("http://pixmill.test", transport=transport) as client,
        pytest.raises(pixmill.JobFailed, match=f"was {end}"),
    ):
        client.wait_for(operations.crawls_get("1"), progress=lambda job: told.append(job["status"]))
    assert told == ["pending", "running", end]


def test_waiting_ends_after_its_time() -> None:
    row = {"id": "1", "status": "running"}
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=row))
    with (
        pixmill.Client("http://pixmill.test", transport=transport) as client,
        pytest.raises(pixmill.JobUnfinished, match="goes on"),
    ):
        client.wait_for(operations.crawls_get("1"), timeout=0)


@pytest.mark.parametrize(
    "address", ["", "pixmill.test", "ftp://pixmill.test", "http://", "http://a:b@pixmill.test"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(pixmill.BadSource):
        pixmill.Client(address)


def test_arrays_go_and_come_by_name() -> None:
    import numpy as np

    bodies: list[Any] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            row = {"id": "m", "input_schema": [{"name": "X"}]}
            return httpx2.Response(200, json=row)
        bodies.append(json.loads(request.content))
        outputs = {"outputs": {"label": [3, 4]}}
        return httpx2.Response(201, json={"status": "success", "output_data": outputs})

    transport = httpx2.MockTransport(answer)
    with pixmill.Client("http://pixmill.test", transport=transport) as client:
        outputs = client.get_model("digits").predict(np.ones((2, 2)))
    assert bodies == [{"inputs": {"X": [[1.0, 1.0], [1.0, 1.0]]}}]
    assert outputs["label"].tolist() == [3, 4]


def test_images_are_predicted_a_hundred_at_a_time() -> None:
    asked: list[int] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            return httpx2.Response(200, json={"id": "m"})
        wanted = json.loads(request.content)["image_ids"]
        asked.append(len(wanted))
        if "poison" in wanted:
            failed = {"status": "failed", "error_message": "It has no input for images."}
            return httpx2.Response(201, json=failed)
        images = {"images": [{"image_id": one} for one in wanted]}
        return httpx2.Response(201, json={"status": "success", "output_data": images})

    transport = httpx2.MockTransport(answer)
    with pixmill.Client("http://pixmill.test", transport=transport) as client:
        model = client.get_model("pets")
        found = model.predict_images([str(number) for number in range(201)])
        with pytest.raises(pixmill.PixmillError, match="no input for images"):
            model.predict_images(["poison"])
    assert asked == [100, 100, 1, 1]
    assert [one["image_id"] for one in found] == [str(number) for number in range(201)]
