"""A server on loopback that answers as Google documents `generateContent`.

https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "gemini-2.5-flash"
SEEN = {
    "description": "A tabby cat sits on a wall.",
    "labels": [{"name": "cat", "score": 0.98}, {"name": "stone wall", "score": 0.7}],
    "objects": [
        {"box_2d": [250, 100, 750, 500], "label": "cat"},
        {"box_2d": [600, 0, 1000, 1000], "label": "wall"},
    ],
}
# The same as analyses have them: left, top, width and height as shares.
OBJECTS = [
    {"label": "cat", "box": [0.1, 0.25, 0.4, 0.5], "score": None},
    {"label": "wall", "box": [0.0, 0.6, 1.0, 0.4], "score": None},
]


def answer(text: str, reason: str = "STOP") -> dict[str, Any]:
    """Return a `GenerateContentResponse`."""
    return {
        "candidates": [
            {
                "content": {"role": "model", "parts": [{"text": text}]},
                "finishReason": reason,
                "avgLogprobs": -0.1,
            }
        ],
        "usageMetadata": {
            "promptTokenCount": 400,
            "candidatesTokenCount": 60,
            "thoughtsTokenCount": 120,
            "totalTokenCount": 580,
            "trafficType": "ON_DEMAND",
        },
        "modelVersion": f"{MODEL}-001",
        "createTime": "2026-01-31T12:00:00.000000Z",
        "responseId": "abc",
    }


def refusal(code: int, status: str, *details: dict[str, Any]) -> dict[str, Any]:
    """Return a `google.rpc.Status` as JSON."""
    message = "Resource projects/my-project/… is exhausted."
    return {"error": {"code": code, "message": message, "status": status, "details": details}}


@dataclass
class Vertex:
    """The server's next answers, and what it was asked."""

    address: str = ""
    status: int = 200
    body: Any = field(default_factory=lambda: answer(json.dumps(SEEN)))
    silent: bool = False
    asked: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)


@contextmanager
def vertex_server() -> Iterator[Vertex]:
    """Yield the server, for the time of a block."""
    state = Vertex()
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append((self.path, dict(self.headers), body))
            if state.silent:
                ended.wait()
                return
            data = state.body if isinstance(state.body, bytes) else json.dumps(state.body).encode()
            self.send_response(state.status)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    state.address = f"http://127.0.0.1:{server.server_port}"
    yield state
    ended.set()
    server.shutdown()
    thread.join()
    server.server_close()
