"""Through a proxy that loses requests and answers: all is done, and nothing twice."""

import asyncio
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pixmill
import pytest
from pixmill import operations

from tests.sites import Site

RETRIES = pixmill.Retries(attempts=6, first=0.01)
_PASSED_ON = ("Authorization", "Content-Type", "Idempotency-Key", "Accept")


class Proxy(ThreadingHTTPServer):
    """A proxy that of three requests loses the first, and the answer to the second."""

    daemon_threads = True

    def __init__(self, address: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = urlsplit(address).netloc
        self.count = 0
        self.lost_answers = 0
        self.lock = threading.Lock()

    def draw(self) -> int:
        """Return the number of a request, modulo three."""
        with self.lock:
            self.count += 1
            return self.count % 3


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def _pass_on(self) -> None:
        turn = self.server.draw()
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.close_connection = True
        if turn == 1:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        upstream = http.client.HTTPConnection(self.server.target, timeout=30)
        headers = {name: self.headers[name] for name in _PASSED_ON if self.headers[name]}
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        if turn == 2:
            self.server.lost_answers += 1
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"] or "text/plain")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def do_DELETE(self) -> None:
        self._pass_on()

    log_message: Callable[..., None] = lambda *_: None


@pytest.fixture
def proxy(address: str) -> Iterator[Proxy]:
    """Yield a proxy before the installation."""
    with Proxy(address) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_nothing_is_done_twice(proxy: Proxy, key: str, site: Site) -> None:
    url = f"http://127.0.0.1:{proxy.server_port}"
    with pixmill.Client(url, key, retries=RETRIES) as client:
        project = client.create_project("cats")
        job = project.crawl(site.photos(2)).wait()
        assert job.row["downloaded_images"] == 2
        assert [one.row["name"] for one in client.list_projects()] == ["cats"]
        crawls = client.iterate(operations.crawls_list(project.id))
        assert [crawl["id"] for crawl in crawls] == [job.id]
        project.delete()
        assert list(client.list_projects()) == []
    assert proxy.lost_answers > 3


def test_nor_where_it_is_awaited(proxy: Proxy, key: str) -> None:
    async def create() -> list[str]:
        url = f"http://127.0.0.1:{proxy.server_port}"
        async with pixmill.AsyncClient(url, key, retries=RETRIES) as client:
            await asyncio.gather(*(client.create_project(f"p{n}") for n in range(3)))
            return sorted([one.row["name"] async for one in client.list_projects()])

    assert asyncio.run(create()) == ["p0", "p1", "p2"]
    assert proxy.lost_answers
