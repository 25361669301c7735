"""A client of the public HTTP API: what a user's own script would look like."""

import time
from collections.abc import Iterator
from typing import Any

import requests

_ENDED = ("completed", "failed", "cancelled")


class ApiProblemError(RuntimeError):
    """The API refused; the message is its own."""


class Pixmill:
    """The API at one address, for one account."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._session = requests.Session()

    @property
    def authorization(self) -> str:
        """Return the header of that name, sent with every request."""
        return str(self._session.headers["Authorization"])

    def close(self) -> None:
        """End the connections."""
        self._session.close()

    def register(self, email: str, password: str) -> dict[str, Any]:
        """Open an account, sign in, and go on with an API key of its own."""
        profile = self.post("/v1/users", {"email": email, "password": password})
        tokens = self.post("/v1/sessions", {"email": email, "password": password})
        self._session.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        key = self.post("/v1/api-keys", {"name": "demo"})
        self._session.headers["Authorization"] = f"Bearer {key['key']}"
        return profile

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Return the JSON at an address."""
        return self._read_answer(self._session.get(self._base + path, params=query, timeout=60))

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Post JSON."""
        return self._read_answer(self._session.post(self._base + path, json=body or {}, timeout=60))

    def delete(self, path: str) -> None:
        """Delete what is at an address."""
        self._read_answer(self._session.delete(self._base + path, timeout=60))

    def list_all(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield every item of a list, page by page."""
        while True:
            page = self.get(path, limit=200, **query)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    def watch(self, path: str, *, every: float = 0.3, deadline: float = 900) -> Iterator[Any]:
        """Yield a job as it goes on, until its end. Raises `ApiError` after `deadline` seconds."""
        end = time.monotonic() + deadline
        while True:
            job = self.get(path)
            yield job
            if job["status"] in _ENDED:
                return
            if time.monotonic() > end:
                raise ApiProblemError(f"{path} has not ended after {deadline:.0f} s")
            time.sleep(every)

    def upload(
        self,
        project_id: str,
        name: str,
        data: bytes,
        content_type: str,
        *,
        deadline: float = 60,
    ) -> str:
        """Send a file through a signed address; return its image's id when it is processed."""
        upload = self.post(
            f"/v1/projects/{project_id}/uploads",
            {"file_name": name, "content_type": content_type, "size": len(data)},
        )
        sent = requests.put(upload["upload_url"], data=data, headers=upload["headers"], timeout=60)
        sent.raise_for_status()
        image_id = str(upload["image_id"])
        for image in self.watch(f"/v1/images/{image_id}", deadline=deadline):
            if image["status"] == "failed":
                raise ApiProblemError(f"{name}: {image['failure_reason']}")
        return image_id

    def get_content(self, image_id: str, variant: str) -> bytes:
        """Return the bytes of an image's variant."""
        # The signed address must not see the API's credentials, so the redirect is not followed.
        leads = self._session.get(
            f"{self._base}/v1/images/{image_id}/content",
            params={"variant": variant},
            allow_redirects=False,
            timeout=60,
        )
        if leads.status_code != 302:
            self._read_answer(leads)
        found = requests.get(leads.headers["Location"], timeout=60)
        found.raise_for_status()
        return found.content

    def _read_answer(self, response: requests.Response) -> dict[str, Any]:
        if response.status_code >= 400:
            problem = response.json()
            errors = [f"{one['pointer']} {one['detail']}" for one in problem.get("errors", ())]
            raise ApiProblemError(f"{problem['title']}: {'; '.join(errors) or problem['detail']}")
        body: dict[str, Any] = response.json() if response.content else {}
        return body
