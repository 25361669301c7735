"""The page: every operation and every schema, in HTML that needs no script and no other host."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from shared.reference.schemas import Schema, find_name, render_bounds, render_type

_STYLE = (Path(__file__).parent / "style.css").read_text()
_CODE = re.compile(r"`([^`]+)`")


def make_policy() -> str:
    """Return the page's Content-Security-Policy: its own style, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def render_page(document: Mapping[str, Any]) -> str:
    """Return the reference of an OpenAPI document as one HTML page."""
    info = document["info"]
    groups = _group_routes(document)
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(info['title'])} API</title><style>{_STYLE}</style></head><body>",
        *_render_navigation(groups),
        f"<main><header><h1>{escape(info['title'])} API <small>{info['version']}</small></h1>",
        _render_text(info["description"]),
        "<p>Send <code>Authorization: Bearer</code> with an access token or an API key.",
        ' Programs read <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p></header>',
    ]
    for tag, routes in groups.items():
        parts.append(f'<section><h2 id="{tag}">{tag}</h2>')
        for method, path, route in routes:
            parts += _render_route(method, path, route)
        parts.append("</section>")
    parts.append('<section><h2 id="schemas">schemas</h2>')
    for name, schema in document["components"]["schemas"].items():
        parts += _render_schema(name, schema)
    parts.append("</section></main></body></html>\n")
    return "".join(parts)


def _group_routes(document: Mapping[str, Any]) -> dict[str, list[tuple[str, str, Schema]]]:
    groups: dict[str, list[tuple[str, str, Schema]]] = {}
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            groups.setdefault(route["tags"][0], []).append((method.upper(), path, route))
    return dict(sorted(groups.items()))


def _render_navigation(groups: Mapping[str, list[tuple[str, str, Schema]]]) -> Iterator[str]:
    yield '<nav aria-label="Operations"><details><summary>Contents</summary><ul>'
    for tag, routes in groups.items():
        yield f'<li><a href="#{tag}">{tag}</a><ul>'
        for _, _, route in routes:
            yield f'<li><a href="#{route["operationId"]}">{escape(route["summary"])}</a></li>'
        yield "</ul></li>"
    yield '<li><a href="#schemas">schemas</a></li></ul></details></nav>'


def _render_route(method: str, path: str, route: Schema) -> Iterator[str]:
    shown = escape(path).replace("/", "/<wbr>")
    yield f'<details class="operation"><summary><b class="{method.lower()}">{method}</b> '
    yield f"<code>{shown}</code> <span>{escape(route['summary'])}</span></summary>"
    yield f'<div id="{route["operationId"]}">{_render_text(route.get("description", ""))}'
    if route.get("security") == []:
        yield "<p>Needs no credentials.</p>"
    if parameters := route.get("parameters"):
        yield "<h3>Parameters</h3><dl>"
        for one in parameters:
            yield from _render_field(one["name"], one["schema"], one, one["required"], one["in"])
        yield "</dl>"
    for form, content in route.get("requestBody", {}).get("content", {}).items():
        schema = content.get("schema", {})
        yield f"<h3>Body</h3><p>{escape(form)}: {render_type(schema)}</p>"
        for example in content.get("examples", {}).values():
            yield _render_example(example["value"])
    yield f"<h3>Answers</h3><ul>{''.join(_render_answers(route))}</ul></div></details>"


def _render_answers(route: Schema) -> Iterator[str]:
    for status, answer in route["responses"].items():
        if name := find_name(answer):  # a problem, whose status says it
            yield f"<li><b>{status}</b> {escape(name.removesuffix(status))}</li>"
            continue
        kinds = [
            render_type(content["schema"])
            for content in answer.get("content", {}).values()
            if "schema" in content
        ]
        yield f"<li><b>{status}</b> {_mark(answer['description'])} {' or '.join(kinds)}</li>"


def _render_schema(name: str, schema: Schema) -> Iterator[str]:
    yield f'<details class="schema"><summary><code>{name}</code></summary><div id="schema-{name}">'
    yield _render_text(schema.get("description", ""))
    if "properties" not in schema:
        yield f"<p>{render_type(schema)}</p>"
    required = schema.get("required", ())
    yield "<dl>"
    for field, one in schema.get("properties", {}).items():
        yield from _render_field(field, one, one, field in required)
    yield "</dl></div></details>"


def _render_field(
    name: str, schema: Schema, described: Schema, is_required: bool, place: str = ""
) -> Iterator[str]:
    limits = render_bounds(schema)
    words = [render_type(schema), limits, place, "" if is_required else "may be left out"]
    yield f"<dt><code>{escape(name)}</code> <small>{', '.join(filter(None, words))}</small></dt>"
    yield f"<dd>{_mark(described.get('description', ''))}</dd>"


def _render_example(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"


def _render_text(text: str) -> str:
    return "".join(f"<p>{_mark(part)}</p>" for part in text.split("\n\n") if part.strip())


def _mark(text: str) -> str:
    """Return a text as HTML, with what stands in backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))
