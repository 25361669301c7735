"""Stand-ins for the engines on loopback, which answer in the shapes that their vendors document.

The documents are named in `shared/searching`. Everything in the answers is made up here.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEY = "the right key"
_PATHS = {
    "/v1/images/": "openverse",
    "/w/api.php": "wikimedia",
    "/services/rest/": "flickr",
    "/v1/search": "pexels",
    "/search/photos": "unsplash",
    "/customsearch/v1": "google",
}


@dataclass
class Refusal:
    """An answer that is not the documented page; `after` so many others, `times` in a row."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"error": "refused"}'
    after: int = 0
    times: int = 1_000_000


@dataclass(frozen=True)
class EngineServer:
    """The address of one engine: a wait that one host asks for is none of the others'."""

    base_url: str


@dataclass
class Engines:
    """Engines that know images by engine and word; `sizes` makes their pages smaller.

    `refusals` are what an engine answers instead. `asked` are the engine and parameters of each
    request, `notices` the downloads that Unsplash was told of. `gates` hold back the answer to an
    engine's request by its number, from 1. `pictures` are what Openverse has as small pictures.
    """

    servers: dict[str, EngineServer] = field(default_factory=dict)
    found: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    gates: dict[tuple[str, int], threading.Event] = field(default_factory=dict)
    pictures: dict[int, bytes] = field(default_factory=dict)
    heard: threading.Condition = field(default_factory=threading.Condition)

    def know(self, engine: str, word: str, *urls: Any) -> None:
        """Let an engine find these addresses for a word, behind others."""
        self.found.setdefault(engine, {}).setdefault(word, []).extend(urls)

    def count(self) -> Counter[str]:
        """Return how often each engine was asked."""
        return Counter(name for name, _ in self.asked)

    def wait_for_more(self, number: int, seconds: float) -> bool:
        """Return whether more than so many requests have come, by then."""
        with self.heard:
            return self.heard.wait_for(lambda: len(self.asked) > number, seconds)

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings that lead searches here, without any key."""
        return {
            "openverse_url": f"{self.servers['openverse'].base_url}/v1/",
            "wikimedia_url": f"{self.servers['wikimedia'].base_url}/w/api.php",
            "flickr_url": f"{self.servers['flickr'].base_url}/services/rest/",
            "pexels_url": f"{self.servers['pexels'].base_url}/v1/",
            "unsplash_url": f"{self.servers['unsplash'].base_url}/",
            "google_url": f"{self.servers['google'].base_url}/customsearch/v1",
            "search_interval": 0,
        }

    def answer(self, target: str, headers: Any) -> tuple[int, dict[str, str], bytes]:
        """Return the status, headers and body for a request."""
        parts = urlsplit(target)
        given = dict(parse_qsl(parts.query))
        if parts.path.startswith("/photos/"):
            return self._take_notice(parts.path)
        if parts.path.startswith("/v1/images/0000-"):
            rank = int(parts.path.split("-")[1].split("/")[0])
            return 200, {"Content-Type": "image/jpeg"}, self.pictures[rank]
        name = _PATHS.get(parts.path)
        if name is None:
            return 404, {}, b"{}"
        with self.heard:
            self.asked.append((name, given))
            self.heard.notify_all()
        if gate := self.gates.get((name, self.count()[name])):
            gate.wait(60)
        if refusal := self._find_refusal(name, self.count()[name]):
            return refusal.status, refusal.headers, refusal.body
        if refused := _check_key(name, given, headers):
            return refused
        return 200, {}, json.dumps(getattr(self, f"_{name}")(given)).encode()

    def _take_notice(self, path: str) -> tuple[int, dict[str, str], bytes]:
        refusal = self._find_refusal("unsplash", len(self.notices) + 1)
        if refusal and refusal.after:
            return refusal.status, refusal.headers, refusal.body
        self.notices.append(path)
        return 200, {}, b'{"url": "https://images.unsplash.com/photo"}'

    def _find_refusal(self, name: str, number: int) -> Refusal | None:
        refusal = self.refusals.get(name)
        if refusal is None or not 0 < number - refusal.after <= refusal.times:
            return None
        return refusal

    def _cut(
        self, name: str, word: str, first: int, size: int
    ) -> tuple[list[tuple[int, Any]], int]:
        """Return results with their ranks from number `first` on, and how many there are."""
        known = self.found.get(name, {}).get(word, [])
        return list(enumerate(known, 1))[first : first + size], len(known)

    def _paged(self, name: str, word: str, page: str, size: str) -> tuple[list[Any], int, bool]:
        number, count = int(page), self.sizes.get(name, int(size))
        found, total = self._cut(name, word, (number - 1) * count, count)
        return found, -(-total // count), number * count < total

    def _openverse(self, given: dict[str, str]) -> Any:
        asked = (given["q"], given["page"], given["page_size"])
        found, pages, _ = self._paged("openverse", *asked)
        return {
            "result_count": pages * int(given["page_size"]),
            "page_count": pages,
            "page_size": int(given["page_size"]),
            "page": int(given["page"]),
            "results": [
                {
                    "id": f"0000-{rank}",
                    "title": f"Photo {rank}",
                    "foreign_landing_url": f"https://example.org/photo/{rank}",
                    "url": url,
                    "creator": "Ada",
                    "creator_url": "https://example.org/ada",
                    "license": "by",
                    "license_version": "2.0",
                    "license_url": "https://creativecommons.org/licenses/by/2.0/",
                    "attribution": f'"Photo {rank}" by Ada is licensed under CC BY 2.0.',
                    "mature": False,
                    "width": 1200,
                    "height": 800,
                }
                | self._name_thumbnail(rank)
                for rank, url in found
            ],
        }

    def _name_thumbnail(self, rank: int) -> dict[str, str]:
        if rank not in self.pictures:
            return {}
        base_url = self.servers["openverse"].base_url
        return {"thumbnail": f"{base_url}/v1/images/0000-{rank}/thumb/"}

    def _wikimedia(self, given: dict[str, str]) -> Any:
        word = given["gsrsearch"].removeprefix("filetype:bitmap ")
        offset, size = int(given["gsroffset"]), self.sizes.get("wikimedia", int(given["gsrlimit"]))
        found, total = self._cut("wikimedia", word, offset, size)
        if not found:
            return {"batchcomplete": True}
        answer: dict[str, Any] = {
            "batchcomplete": True,
            "query": {
                "pages": [
                    {
                        "pageid": rank,
                        "ns": 6,
                        "title": f"File:{word} {rank}.jpg",
                        "index": rank,
                        "imageinfo": [
                            {
                                "url": url,
                                "descriptionurl": f"https://commons.wikimedia.org/wiki/File:{rank}",
                                "extmetadata": {
                                    "License": {"value": "cc-by-sa-4.0"},
                                    "LicenseUrl": {
                                        "value": "https://creativecommons.org/licenses/by-sa/4.0"
                                    },
                                    "Artist": {"value": '<a href="//x/y">Grace &amp; Co</a>'},
                                },
                            }
                        ],
                    }
                    for rank, url in reversed(found)
                ]
            },
        }
        if offset + size < total:
            answer["continue"] = {"gsroffset": offset + size, "continue": "gsroffset||"}
        return answer

    def _flickr(self, given: dict[str, str]) -> Any:
        if given["api_key"] != KEY:
            message = "Invalid API Key (Key has invalid format)"
            return {"stat": "fail", "code": 100, "message": message}
        asked = (given["text"], given["page"], given["per_page"])
        found, pages, _ = self._paged("flickr", *asked)
        photos = [
            {
                "id": str(rank),
                "owner": "7@N00",
                "title": f"Photo {rank}",
                "license": "4",
                "ownername": "Lin",
                "url_o": url,
            }
            for rank, url in found
        ]
        return {
            "photos": {"page": int(given["page"]), "pages": pages, "photo": photos},
            "stat": "ok",
        }

    def _pexels(self, given: dict[str, str]) -> Any:
        asked = (given["query"], given["page"], given["per_page"])
        found, _, more = self._paged("pexels", *asked)
        photos = [
            {
                "id": rank,
                "url": f"https://www.pexels.com/photo/{rank}/",
                "photographer": "Joan",
                "photographer_url": "https://www.pexels.com/@joan",
                "src": {"original": url},
                "alt": f"Photo {rank}",
            }
            for rank, url in found
        ]
        next_page = {"next_page": "https://api.pexels.com/v1/search/?page=2"} if more else {}
        return {"page": int(given["page"]), "photos": photos, **next_page}

    def _unsplash(self, given: dict[str, str]) -> Any:
        asked = (given["query"], given["page"], given["per_page"])
        found, pages, _ = self._paged("unsplash", *asked)
        api = self.servers["unsplash"].base_url
        results = [
            {
                "id": f"u{rank}",
                "description": None,
                "alt_description": f"photo {rank}",
                "urls": {"raw": url, "full": url},
                "links": {
                    "html": f"https://unsplash.com/photos/u{rank}",
                    "download_location": f"{api}/photos/u{rank}/download",
                },
                "user": {"name": "Mary", "links": {"html": "https://unsplash.com/@mary"}},
            }
            for rank, url in found
        ]
        return {"total": len(results), "total_pages": pages, "results": results}

    def _google(self, given: dict[str, str]) -> Any:
        first, size = int(given["start"]) - 1, self.sizes.get("google", int(given["num"]))
        found, total = self._cut("google", given["q"], first, size)
        items = [
            {
                "kind": "customsearch#result",
                "title": f"Photo {rank}",
                "link": url,
                "image": {"contextLink": f"https://example.org/page/{rank}"},
            }
            for rank, url in found
        ]
        queries = {"nextPage": [{"startIndex": first + size + 1}]} if first + size < total else {}
        return {"kind": "customsearch#search", "queries": queries} | (
            {"items": items} if items else {}
        )


def _check_key(
    name: str, given: dict[str, str], headers: Any
) -> tuple[int, dict[str, str], bytes] | None:
    """Return the refusal of a wrong key, as the engine words it; Flickr's comes with status 200."""
    sent = headers.get("Authorization", "")
    if name == "pexels" and sent != KEY:
        return 401, {}, b'{"error": "You must provide an API Key"}'
    if name == "unsplash" and sent != f"Client-ID {KEY}":
        return 401, {}, b'{"errors": ["OAuth error: The access token is invalid"]}'
    if name == "google" and given.get("key") != KEY:
        return 400, {}, b'{"error": {"code": 400, "status": "INVALID_ARGUMENT"}}'
    return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    engines: Engines


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        engines = self.server.engines
        status, headers, body = engines.answer(self.path, self.headers)
        self.send_response(status)
        headers = {"Content-Type": "application/json", **headers}
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    log_message: Callable[..., None] = lambda *_: None


@contextmanager
def serve_engines() -> Iterator[Engines]:
    """Yield the engines, each on a free port."""
    engines, stack = Engines(), ExitStack()
    with stack:
        for name in _PATHS.values():
            server = _Server(("127.0.0.1", 0), _Handler)
            server.engines = engines
            engines.servers[name] = EngineServer(f"http://127.0.0.1:{server.server_port}")
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            for end in (server.server_close, thread.join, server.shutdown):
                stack.callback(end)
        yield engines
