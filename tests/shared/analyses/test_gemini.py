"""Gemini's client against a server that answers as Google documents it."""

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from google.auth.exceptions import RefreshError, TransportError
from google.oauth2.credentials import Credentials
from PIL import Image as Picture

from shared.analyses import prompt
from shared.analyses.findings import AnalysisError, PassingError
from shared.analyses.gemini import Gemini
from shared.analyses.prompt import make_prompt_version
from shared.imaging.limits import Limits
from shared.settings import Settings
from tests.factories import picture
from tests.vertex import MODEL, OBJECTS, SEEN, Vertex, answer, refusal, vertex_server

LIMITS = Limits(max_bytes=2**20)


@pytest.fixture
def vertex() -> Iterator[Vertex]:
    with vertex_server() as state:
        yield state


@pytest.fixture
def gemini(vertex: Vertex) -> Gemini:
    return Gemini(settings(vertex), Credentials("a-token"))


def settings(vertex: Vertex, **more: Any) -> Settings:
    values: dict[str, Any] = {
        "project": "my-project",
        "bucket": "b",
        "gemini_model": MODEL,
        "gemini_timeout": 20,
        "gemini_endpoint": vertex.address,
    }
    return Settings(**values | more)


def ask(gemini: Gemini, data: bytes | None = None) -> Any:
    return gemini.analyze(picture() if data is None else data, make_prompt_version(MODEL), LIMITS)


def failure(gemini: Gemini) -> AnalysisError:
    with pytest.raises(AnalysisError) as caught:
        ask(gemini)
    assert "my-project" not in caught.value.reason
    return caught.value


def test_what_it_sees(gemini: Gemini, vertex: Vertex) -> None:
    found = ask(gemini)
    assert found.description == SEEN["description"]
    assert found.labels == SEEN["labels"]
    assert found.objects == OBJECTS
    assert found.metrics == {
        "model": "gemini-2.5-flash-001",
        "prompt_tokens": 400,
        "answer_tokens": 60,
        "thought_tokens": 120,
    }


def test_what_it_is_asked(gemini: Gemini, vertex: Vertex) -> None:
    large = io.BytesIO()
    photo = Picture.open(io.BytesIO(picture(1, (1600, 1200))))
    exif = Picture.Exif()
    exif[0x010E] = "a secret caption"
    photo.save(large, "JPEG", exif=exif)
    ask(gemini, large.getvalue())
    [(path, headers, body)] = vertex.asked
    assert path == (
        f"/v1/projects/my-project/locations/global/publishers/google/models/{MODEL}:generateContent"
    )
    assert headers["Authorization"] == "Bearer a-token"
    [content] = body["contents"]
    assert content["role"] == "user"
    image, question = content["parts"]
    assert question == {"text": prompt.QUESTION}
    # The client writes inner names as it likes; JSON of protocol buffers takes both spellings.
    assert image["inlineData"]["mime_type"] == "image/jpeg"
    sent = base64.b64decode(image["inlineData"]["data"].translate(str.maketrans("-_", "+/")))
    assert Picture.open(io.BytesIO(sent)).size == (384, 288)
    assert b"secret" not in sent
    assert body["systemInstruction"]["parts"] == [{"text": prompt.INSTRUCTION}]
    config = body["generationConfig"]
    assert (config["temperature"], config["maxOutputTokens"]) == (0, 8192)
    assert config["responseMimeType"] == "application/json"
    schema = config["responseSchema"]
    assert schema["required"] == ["description", "labels", "objects"]
    assert schema["properties"]["objects"]["items"]["required"] == ["box_2d", "label"]
    assert {one["threshold"] for one in body["safetySettings"]} == {"BLOCK_ONLY_HIGH"}
    assert len(body["safetySettings"]) == 4
    assert "tools" not in body


def test_a_changed_prompt_has_a_new_version() -> None:
    """Another prompt needs another version: raise it, then the digest here."""
    text = json.dumps([prompt.CONFIG, prompt.ANSWER, prompt.QUESTION], sort_keys=True)
    assert (prompt.PROMPT_VERSION, hashlib.sha256(text.encode()).hexdigest()[:16]) == (
        2,
        "d68a6c3e5e6bfc87",
    )


def test_the_answer_is_data(gemini: Gemini, vertex: Vertex) -> None:
    """However long it is, and whatever it is made of."""
    labels = [{"name": f"label {index} {'x' * 500}", "score": 1} for index in range(50)]
    objects = [
        {"label": f"thing {index} {'x' * 500}", "box_2d": [0, 0, 1000, index + 1]}
        for index in range(200)
    ]
    text = json.dumps(
        {"description": "a\x00b\n" + "c" * 5000, "labels": labels, "objects": objects}
    )
    vertex.body = answer(text)
    found = ask(gemini)
    assert found.description is not None
    assert found.description.startswith("a b c")
    assert len(found.description) == prompt.MOST_DESCRIPTION
    assert len(found.labels) == prompt.MOST_LABELS
    assert {len(one["name"]) for one in found.labels} == {prompt.MOST_NAME}
    assert len(found.objects) == prompt.MOST_OBJECTS
    assert {len(one["label"]) for one in found.objects} == {prompt.MOST_NAME}
    assert found.metrics["objects_left_out"] == 175


@pytest.mark.parametrize(
    "wrong",
    [
        {"box_2d": [0, 0, 1001, 10], "label": "a"},
        {"box_2d": [-1, 0, 10, 10], "label": "a"},
        {"box_2d": [10, 10, 10, 20], "label": "no height"},
        {"box_2d": [10, 20, 20, 10], "label": "right of left"},
        {"box_2d": [0, 0, 10], "label": "three"},
        {"box_2d": [0, 0, 10, 10, 10], "label": "five"},
        {"box_2d": [0.5, 0, 10, 10], "label": "shares"},
        {"box_2d": ["0", "0", "10", "10"], "label": "texts"},
        {"box_2d": [0, 0, 10, True], "label": "truth"},
        {"box_2d": [0, 0, 10, None], "label": "nothing"},
        {"box_2d": [0, 0, 10, 10**40], "label": "far"},
        {"box_2d": [0, 0, 10, 10], "label": " \u202e\x00"},
        {"box_2d": [0, 0, 10, 10], "label": None},
        {"box_2d": [0, 0, 10, 10]},
        {"label": "nowhere"},
        SEEN["objects"][0],  # once more
        [0, 0, 10, 10],
        "cat",
        None,
    ],
)
def test_a_box_that_is_none_is_left_out(gemini: Gemini, vertex: Vertex, wrong: Any) -> None:
    vertex.body = answer(json.dumps(SEEN | {"objects": [*SEEN["objects"], wrong]}))
    found = ask(gemini)
    assert found.objects == OBJECTS
    assert found.metrics["objects_left_out"] == 1


def test_nothing_to_point_at(gemini: Gemini, vertex: Vertex) -> None:
    vertex.body = answer(json.dumps(SEEN | {"objects": []}))
    assert ask(gemini).objects == []


def test_thoughts_are_no_answer(gemini: Gemini, vertex: Vertex) -> None:
    body = answer(json.dumps(SEEN))
    body["candidates"][0]["content"]["parts"].insert(0, {"text": "Hm.", "thought": True})
    vertex.body = body
    assert ask(gemini).description == SEEN["description"]


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        pytest.param(
            {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT", "safetyRatings": []}},
            "blocked",
            "PROHIBITED_CONTENT",
            id="prompt",
        ),
        pytest.param(
            {
                "candidates": [
                    {
                        "finishReason": "SAFETY",
                        "safetyRatings": [
                            {
                                "category": "HARM_CATEGORY_SEXUALLY_EXPLICIT",
                                "probability": "HIGH",
                                "severity": "HARM_SEVERITY_HIGH",
                                "blocked": True,
                            }
                        ],
                    }
                ]
            },
            "blocked",
            "SAFETY",
            id="safety",
        ),
        pytest.param(answer("", "RECITATION"), "blocked", "RECITATION", id="recitation"),
        pytest.param(answer('{"descr', "MAX_TOKENS"), "truncated", "longer", id="max-tokens"),
        pytest.param(answer('{"description": "a cat"'), "malformed_answer", "form", id="cut"),
        pytest.param(answer('{"description": "a cat"}'), "malformed_answer", "form", id="fields"),
        pytest.param(
            answer('{"description": "", "labels": [{"name": "cat", "score": 95}], "objects": []}'),
            "malformed_answer",
            "form",
            id="score",
        ),
        pytest.param(
            answer('{"description": "", "labels": []}'), "malformed_answer", "form", id="no-boxes"
        ),
        pytest.param(
            answer('{"description": "", "labels": [], "objects": {"0": 1}}'),
            "malformed_answer",
            "form",
            id="other-boxes",
        ),
        pytest.param(answer(" "), "empty_answer", "no answer", id="blank"),
        pytest.param({"candidates": []}, "empty_answer", "no answer", id="no-candidate"),
        pytest.param(
            {"candidates": [{"content": {"role": "model"}, "finishReason": "STOP"}]},
            "empty_answer",
            "no answer",
            id="no-parts",
        ),
        pytest.param(b"<html>", "malformed_answer", "form", id="not-json"),
        pytest.param({"candidates": "many"}, "malformed_answer", "form", id="other-shape"),
    ],
)
def test_no_answer_says_why(
    gemini: Gemini, vertex: Vertex, body: Any, code: str, words: str
) -> None:
    vertex.body = body
    error = failure(gemini)
    assert (error.code, type(error)) == (code, AnalysisError)
    assert words in error.reason


@pytest.mark.parametrize(
    ("status", "body", "code", "passes"),
    [
        (429, refusal(429, "RESOURCE_EXHAUSTED"), "rate_limited", True),
        (500, refusal(500, "INTERNAL"), "unavailable", True),
        (503, refusal(503, "UNAVAILABLE"), "unavailable", True),
        (502, b"<html>Bad Gateway</html>", "unavailable", True),
        (400, refusal(400, "INVALID_ARGUMENT"), "refused", False),
        (403, refusal(403, "PERMISSION_DENIED"), "not_permitted", False),
        (404, refusal(404, "NOT_FOUND"), "not_configured", False),
    ],
)
def test_refusals(
    gemini: Gemini, vertex: Vertex, status: int, body: Any, code: str, passes: bool
) -> None:
    vertex.status, vertex.body = status, body
    error = failure(gemini)
    assert (error.code, isinstance(error, PassingError)) == (code, passes)
    assert len(vertex.asked) == 1  # trying again is the lease's business


def test_how_long_to_wait_is_heard(gemini: Gemini, vertex: Vertex) -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "317.5s"}
    other = {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []}
    vertex.status, vertex.body = 429, refusal(429, "RESOURCE_EXHAUSTED", other, info)
    error = failure(gemini)
    assert isinstance(error, PassingError)
    assert error.wait == 317.5


def test_silence_ends(vertex: Vertex) -> None:
    vertex.silent = True
    error = failure(Gemini(settings(vertex, gemini_timeout=1), Credentials("a-token")))
    assert (error.code, type(error)) == ("unavailable", PassingError)
    assert "Timeout" in error.reason


def test_nobody_there() -> None:
    nowhere = settings(Vertex("http://127.0.0.1:1"))
    error = failure(Gemini(nowhere, Credentials("a-token")))
    assert (error.code, type(error)) == ("unavailable", PassingError)


@pytest.mark.parametrize(
    ("raised", "code"),
    [(RefreshError("no"), "not_permitted"), (TransportError("no", retryable=True), "unavailable")],
)
def test_credentials(
    vertex: Vertex, monkeypatch: pytest.MonkeyPatch, raised: Exception, code: str
) -> None:
    def refresh(*_: object) -> None:
        raise raised

    credentials = Credentials(None)
    monkeypatch.setattr(credentials, "refresh", refresh)
    assert failure(Gemini(settings(vertex), credentials)).code == code
    assert vertex.asked == []


def test_a_file_that_is_no_image_is_not_sent(gemini: Gemini, vertex: Vertex) -> None:
    with pytest.raises(AnalysisError) as caught:
        ask(gemini, b"no image")
    assert caught.value.code == "not_an_image"
    assert vertex.asked == []


def test_another_version_is_not_passed_off(vertex: Vertex) -> None:
    newer = Gemini(settings(vertex, gemini_model="gemini-3"), Credentials("a-token"))
    assert failure(newer).code == "outdated"
    gone = Gemini(settings(vertex, gemini_model=None), Credentials("a-token"))
    assert failure(gone).code == "not_configured"
    assert vertex.asked == []
