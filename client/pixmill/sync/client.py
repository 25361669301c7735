"""(Written by `make contracts` from `pixmill/aio/`.) A client of one deployment, for one account."""

import time
from time import sleep
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from uuid import uuid4

import httpx2

from pixmill import operations, types, webhooks
from pixmill.addresses import check_base_url, make_user_agent
from pixmill.sync.images import Image
from pixmill.sync.models import Model
from pixmill.sync.projects import Project
from pixmill.sync.webhooks import Webhook
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


class Client:
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
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.base_url = check_base_url(base_url)
        self._key = key.strip() if key else None  # read from a file, it has a line end
        self._timeout = timeout
        self.retries = retries or Retries()
        # Without credentials of its own: signed addresses of files are asked through it, too.
        self.http = httpx2.Client(
            timeout=timeout,
            transport=transport,
            verify=make_tls_context(),
            headers={"User-Agent": make_user_agent()},
            limits=httpx2.Limits(max_connections=32),
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self.http.close()

    def send(self, call: Call[Answer], *, idempotency_key: str | None = None) -> Answer:
        """Return what a call answers. Raises `ApiError`, or `Unreachable` after the last attempt.

        A POST carries an idempotency key, so that an attempt whose answer was lost is not done
        twice; give one of your own to get the same answer in another process.
        """
        answer, _ = self.send_tagged(call, idempotency_key=idempotency_key)
        return answer

    def send_tagged(
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
                response = self.http.request(
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
            sleep(delay)

    def iterate(self, call: Call[types.Page[Item]]) -> Iterator[Item]:
        """Yield every item of a list, page by page."""
        while True:
            page = self.send(call)
            for item in page["items"]:
                yield item
            if page["next_cursor"] is None:
                return
            call = call.turn_to(page["next_cursor"])

    def wait_for(
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
            row = self.send(call.wait(seconds))
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
                sleep(pause)

    def create_project(self, name: str, description: str | None = None) -> Project:
        """Make a project."""
        body: types.ProjectCreate = {"name": name}
        if description is not None:
            body["description"] = description
        return Project(self, self.send(operations.projects_create(body)))

    def get_project(self, project_id: Id) -> Project:
        """Return a project by its id."""
        return Project(self, *self.send_tagged(operations.projects_get(project_id)))

    def list_projects(self) -> Iterator[Project]:
        """Yield the account's projects, newest first."""
        for row in self.iterate(operations.projects_list(limit=200)):
            yield Project(self, row)

    def get_image(self, image_id: Id) -> Image:
        """Return an image by its id."""
        return Image(self, *self.send_tagged(operations.images_get(image_id)))

    def create_webhook(
        self, url: str, events: Sequence[str] = webhooks.EVENTS
    ) -> Webhook:
        """Have an address told of events, such as ``crawl_job.completed``; without any, of all.

        Keep its `secret`, which is shown this once.
        """
        body: Any = {"url": url, "events": list(events)}
        row = self.send(operations.webhooks_create(body))
        return Webhook(self, row, secret=row["secret"])

    def get_webhook(self, webhook_id: Id) -> Webhook:
        """Return a webhook by its id."""
        return Webhook(self, *self.send_tagged(operations.webhooks_get(webhook_id)))

    def list_webhooks(self) -> Iterator[Webhook]:
        """Yield the account's webhooks, newest first."""
        for row in self.iterate(operations.webhooks_list(limit=200)):
            yield Webhook(self, row)

    def get_model(self, name: str, version: str = "latest") -> Model:
        """Return a version of a model: `latest`, or what an alias stands for."""
        if version == "latest":
            call = operations.models_latest(name)
        else:
            call = operations.models_by_alias(name, version)
        return Model(self, *self.send_tagged(call))

    def list_models(self) -> Iterator[types.ModelRead]:
        """Yield the account's models, newest first."""
        for row in self.iterate(operations.models_list(limit=200)):
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
