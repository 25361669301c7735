"""A browser's way with cookies: it keeps those of answers and sends them by their rules."""

from dataclasses import dataclass, field
from http.cookies import Morsel, SimpleCookie
from typing import Any

from werkzeug.test import Client, TestResponse

from tests.harness import PASSWORD, expect

PROOF = {"X-CSRF-Protection": "1"}


@dataclass
class CookieBrowser:
    """A browser with a page of the system's own origin."""

    client: Client
    jar: dict[str, "Morsel[str]"] = field(default_factory=dict)

    def request(
        self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> TestResponse:
        """Send a request with the cookies of its path, and keep what the answer sets."""
        sent = "; ".join(
            f"{name}={one.value}" for name, one in self.jar.items() if path.startswith(one["path"])
        )
        cookie = {"Cookie": sent} if sent else {}
        answer = self.client.open(
            path, method=method, headers={**cookie, **(headers or {})}, **more
        )
        for line in answer.headers.getlist("Set-Cookie"):
            ((name, one),) = SimpleCookie(line).items()
            if one["max-age"] == "0":
                self.jar.pop(name, None)
            else:
                self.jar[name] = one
        return answer

    def sign_in(self, email: str, password: str = PASSWORD) -> TestResponse:
        """Sign in."""
        body = {"email": email, "password": password}
        answer = self.request("POST", "/v1/web-sessions", json=body)
        expect(answer, 201)
        return answer

    def get_status(self) -> int:
        """Return the status of a request that needs somebody who is signed in."""
        return self.request("GET", "/v1/projects").status_code
