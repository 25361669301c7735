"""One push over HTTP: it has an answer in time, or none."""

import socket
import threading
import time

from infra.emulators.pubsub.connection import Connection
from tests.infra.emulators.pubsub.endpoint import Endpoint


def test_a_silent_server_costs_the_timeout_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connection = Connection()
        start = time.monotonic()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert connection.post(url, b"{}", timeout=0.3) == 0
        assert 0.25 < time.monotonic() - start < 20
        connection.close()


def test_a_request_can_be_cut_from_another_thread() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connection = Connection()
        cut = threading.Timer(0.2, connection.cut)
        cut.start()
        start = time.monotonic()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert connection.post(url, b"{}", timeout=60) == 0
        assert time.monotonic() - start < 20
        cut.join()
        connection.close()


def test_a_connection_is_used_again_until_the_address_changes(endpoint: Endpoint) -> None:
    connection = Connection()
    with Endpoint() as other:
        for url in (endpoint.url, endpoint.url, other.url, endpoint.url):
            assert connection.post(url, b"{}", timeout=30) == 204
        sockets = [push.connection for push in endpoint.wait_for(3)]
    assert sockets[0] is sockets[1]
    assert sockets[1] is not sockets[2]
    connection.close()


def test_nonsense_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def chatter() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(65_536)
                peer.sendall(b"NOT HTTP\r\n\r\n")

        thread = threading.Thread(target=chatter)
        thread.start()
        connection = Connection()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert connection.post(url, b"{}", timeout=30) == 0
        connection.close()
        thread.join()
