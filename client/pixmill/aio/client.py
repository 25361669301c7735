"""A client of one deployment, for one account."""

import time
from asyncio import sleep
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar
from uuid import uuid4

import httpx2

from pixmill import operations, types, webhooks
from pixmill.addresses import check_base_url, make_user_agent
from pixmill.aio.images import AsyncImage
from pixmill.aio.models import AsyncModel
from pixmill.aio.projects import AsyncProject
from pixmill.aio.webhooks import AsyncWebhook
from pixmill.calls import Answer, Call, Id
from pixmill.errors import (
    JobFailed,
    JobUnfinished,
    NotFound,
    PixmillError,
    Stale,
    Unreachable,
    make_api_error,
)
from pixmill.jobs import PAUSES, UNWATCHED, WATCHED, Progress
from pixmill.retries import Retries, parse_retry_after
from pixmill.tls import make_tls_context

Item = TypeVar("Item")
Row = TypeVar("Row")


class AsyncClient:
    """The API at one address. Use it in a `with` block, or close it.

    `key` is an API key or an access token. `send` takes any call of `pixmill.operations`.
    """

    def __init__(
        self,
        base_url: str,
        key: str | None = None,
        *,
        timeout: float = 60.0,
        retries: Retries | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self.base_url = check_base_url(base_url)
        self._key = key.strip() if key else None  # read from a file, it has a line end
        self._timeout = timeout
        self.retries = retries or Retries()
        # Without credentials of its own: signed addresses of files are asked through it, too.
        self.http = httpx2.AsyncClient(
            timeout=timeout,
            transport=transport,
            verify=make_tls_context(),
            headers={"User-Agent": make_user_agent()},
            limits=httpx2.Limits(max_connections=32),
        )

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the connections."""
        await self.http.aclose()

    async def send(self, call: Call[Answer], *, idempotency_key: str | None = None) -> Answer:
        """Return what a call answers. Raises `ApiError`, or `Unreachable` after the last attempt.

        A POST carries an idempotency key, so that an attempt whose answer was lost is not done
        twice; give one of your own to get the same answer in another process.
        """
        answer, _ = await self.send_tagged(call, idempotency_key=idempotency_key)
        return answer

    async def send_tagged(
        self, call: Call[Answer], *, idempotency_key: str | None = None
    ) -> tuple[Answer, str | None]:
        """Return what a call answers, and its entity tag for `Call.only_if` of a later change."""
        headers = {"Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        if call.takes_key:
            headers["Idempotency-Key"] = idempotency_key or str(uuid4())
        if call.tag:
            headers["If-Match"] = call.tag
        attempt = 0
        while True:
            attempt += 1
            try:
                response = await self.http.request(
                    call.method,
                    self.base_url + call.path,
                    params=call.find_parameters(),
                    json=call.body,
                    headers=headers,
                )
                answer: Answer = _read_answer(response)
                return answer, response.headers.get("ETag")
            except httpx2.TransportError as error:
                failure: PixmillError = _describe_failure(self.base_url, error)
            except PixmillError as error:
                if call.method == "DELETE" and attempt > 1 and isinstance(error, NotFound):
                    return None, None  # type: ignore[return-value]  # an attempt before did it
                if isinstance(error, Stale):
                    error.may_be_own = attempt > 1
                failure = error
            delay = self.retries.find_delay(call, attempt, failure)
            if delay is None:
                raise failure
            await sleep(delay)

    async def iterate(self, call: Call[types.Page[Item]]) -> AsyncIterator[Item]:
        """Yield every item of a list, page by page."""
        while True:
            page = await self.send(call)
            for item in page["items"]:
                yield item
            if page["next_cursor"] is None:
                return
            call = call.turn_to(page["next_cursor"])

    async def wait_for(
        self,
        call: Call[Row],
        *,
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> Row:
        """Ask for a job until it has ended, and return it; `progress` gets it each time.

        The API answers each request at the job's end, or after some seconds.
        Raises `JobFailed` if it fails or is cancelled, `JobUnfinished` after `timeout` seconds.
        """
        started = time.monotonic()
        longest = min(UNWATCHED if progress is None else WATCHED, int(self._timeout / 2))
        pauses = iter(PAUSES)
        pause = 0.0
        while True:
            asked = time.monotonic()
            left = longest if timeout is None else int(timeout - (asked - started))
            seconds = max(0, min(longest, left))
            row = await self.send(call.wait(seconds))
            job: Any = row
            if progress is not None:
                progress(job)
            if job["status"] == "completed":
                return row
            if job["status"] in ("failed", "cancelled"):
                raise JobFailed(job)
            if timeout is not None and time.monotonic() - started >= timeout:
                raise JobUnfinished(job, timeout)
            if time.monotonic() - asked < seconds or seconds == 0:
                pause = next(pauses, pause)
                await sleep(pause)

    async def create_project(self, name: str, description: str | None = None) -> AsyncProject:
        """Make a project."""
        body: types.ProjectCreate = {"name": name}
        if description is not None:
            body["description"] = description
        return AsyncProject(self, await self.send(operations.projects_create(body)))

    async def get_project(self, project_id: Id) -> AsyncProject:
        """Return a project by its id."""
        return AsyncProject(self, *await self.send_tagged(operations.projects_get(project_id)))

    async def list_projects(self) -> AsyncIterator[AsyncProject]:
        """Yield the account's projects, newest first."""
        async for row in self.iterate(operations.projects_list(limit=200)):
            yield AsyncProject(self, row)

    async def get_image(self, image_id: Id) -> AsyncImage:
        """Return an image by its id."""
        return AsyncImage(self, *await self.send_tagged(operations.images_get(image_id)))

    async def create_webhook(
        self, url: str, events: Sequence[str] = webhooks.EVENTS
    ) -> AsyncWebhook:
        """Have an address told of events, such as ``crawl_job.completed``; without any, of all.

        Keep its `secret`, which is shown this once.
        """
        body: Any = {"url": url, "events": list(events)}
        row = await self.send(operations.webhooks_create(body))
        return AsyncWebhook(self, row, secret=row["secret"])

    async def get_webhook(self, webhook_id: Id) -> AsyncWebhook:
        """Return a webhook by its id."""
        return AsyncWebhook(self, *await self.send_tagged(operations.webhooks_get(webhook_id)))

    async def list_webhooks(self) -> AsyncIterator[AsyncWebhook]:
        """Yield the account's webhooks, newest first."""
        async for row in self.iterate(operations.webhooks_list(limit=200)):
            yield AsyncWebhook(self, row)

    async def get_model(self, name: str, version: str = "latest") -> AsyncModel:
        """Return a version of a model: `latest`, or what an alias stands for."""
        if version == "latest":
            call = operations.models_latest(name)
        else:
            call = operations.models_by_alias(name, version)
        return AsyncModel(self, *await self.send_tagged(call))

    async def list_models(self) -> AsyncIterator[types.ModelRead]:
        """Yield the account's models, newest first."""
        async for row in self.iterate(operations.models_list(limit=200)):
            yield row


def _read_answer(response: httpx2.Response) -> Any:
    if response.status_code >= 400:
        raise make_api_error(
            response.status_code,
            _read_json(response),
            request_id=response.headers.get("X-Request-Id"),
            retry_after=parse_retry_after(response.headers.get("Retry-After")),
        )
    if response.status_code in (301, 302, 303, 307, 308):
        return response.headers["Location"]
    return _read_json(response)


def _read_json(response: httpx2.Response) -> Any:
    if "json" not in response.headers.get("Content-Type", ""):
        return None
    try:
        return response.json()
    except ValueError:
        return None


def _describe_failure(base_url: str, error: httpx2.TransportError) -> Unreachable:
    unsent = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)
    if isinstance(error, httpx2.TimeoutException):
        return Unreachable(f"{base_url} does not answer in time.", was_sent=not unsent)
    reason = str(error) or type(error).__name__
    return Unreachable(f"{base_url} cannot be reached: {reason}.", was_sent=not unsent)
