"""The page of the client, from its classes and operations."""

import inspect
import re
from collections.abc import Iterator
from typing import Any, Unpack, get_args, get_origin

import pixmill
from pixmill import operations
from pixmill.calls import Call

from infra.site.markdown import join_blocks, render_table, to_markdown

_MADE_BY_CALLERS = ("Client", "Dataset", "Retries")
_HEAD = """\
# The client's classes

What is in `import pixmill`. How to use it: [The client](../client.md). `AsyncClient` and its kind have the same methods, to be
awaited. Errors are on [a page of their own](errors.md).
"""
_CALLS = """\
## Operations

Each is a function of `pixmill.operations` that returns a call for `client.send`, or for `client.iterate` where it answers with
a page of a list. What they take and answer: [API](api.md).
"""


def render_client() -> str:
    """Return the page."""
    classes = [
        getattr(pixmill, name)
        for name in pixmill.__all__
        if inspect.isclass(getattr(pixmill, name))
        and not name.startswith("Async")
        and not issubclass(getattr(pixmill, name), Exception)
        and name not in ("Call", "FieldError")
    ]
    order = (
        *("Client", "Resource", "Project", "Image", "Job", "Crawl", "Validation", "Version"),
        *("Export", "Model", "Webhook"),
    )
    classes.sort(key=lambda one: (*order, one.__name__).index(one.__name__))
    parts = [text for one in classes for text in _render_class(one)]
    rows = [
        (f"`{name}({_list_parameters(function)})`", _describe_call(function))
        for name, function in inspect.getmembers(operations, inspect.isfunction)
        if function.__module__ == operations.__name__
    ]
    return join_blocks(_HEAD, *parts, _CALLS, render_table(("function", "what it does"), rows))


def _render_class(kind: type) -> Iterator[str]:
    yield f"## {kind.__name__}\n\n{to_markdown(kind.__doc__ or '')}"
    if kind.__name__ in _MADE_BY_CALLERS:
        yield f"```python\n{kind.__name__}{_format_signature(kind)}\n```"
    for name, member in vars(kind).items():
        if name.startswith("_") or not callable(member):
            continue
        text = to_markdown(inspect.getdoc(member) or "")
        yield f"### `{kind.__name__}.{name}`"
        yield f"```python\n{name}{_format_signature(member)}\n```\n\n{text}"


def _format_signature(function: Any) -> str:
    """Return parameters and answer without the names of modules."""
    signature = inspect.signature(function)
    parameters = [one for one in signature.parameters.values() if one.name != "self"]
    shown = signature.replace(
        parameters=[one.replace(annotation=_shorten(one.annotation)) for one in parameters],
        return_annotation=_shorten(signature.return_annotation),
    )
    return str(shown).replace("'", "").replace(" -> None", "")


def _shorten(annotation: Any) -> Any:
    if annotation is inspect.Signature.empty:
        return annotation
    if get_origin(annotation) is Unpack:  # of `**changes`, whose names the type holds
        (annotation,) = get_args(annotation)
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"~|\w++(\.(?=\w))?", lambda one: "" if one[1] else one[0].strip("~"), text)


def _list_parameters(function: Any) -> str:
    return ", ".join(inspect.signature(function).parameters)


def _describe_call(function: Any) -> str:
    return to_markdown(inspect.getdoc(function) or Call.__name__)
