"""The page of errors: what the API answers, and what the client raises."""

import inspect
from typing import TypeVar

from pixmill import errors as client_errors

from infra.site.markdown import join_blocks, render_table, to_markdown
from shared import errors as api_errors

_Kind = TypeVar("_Kind")
_HEAD = """\
# Errors

An error of the API is a problem as RFC 9457 has it (`application/problem+json`): `status`, `title`, `detail`, `instance` (the
request's id, which the log has too) and, where fields are to blame, `errors`: a JSON pointer and a sentence for each. Why
single addresses of a crawl brought no image is another matter: [Why an address failed](../reasons.md).
"""


def render_errors() -> str:
    """Return the page."""
    api = [
        (str(one.status), one.title, to_markdown(one.__doc__ or ""))
        for one in _list_classes(api_errors, api_errors.AppError)
    ]
    client = [
        (f"`pixmill.{one.__name__}`", f"`{one.__base__.__name__}`", to_markdown(one.__doc__ or ""))
        for one in _list_classes(client_errors, client_errors.PixmillError)
        if one.__base__
    ]
    return join_blocks(
        _HEAD,
        "## Of the API",
        render_table(("status", "title", "meaning"), sorted(api)),
        "## Of the client",
        render_table(("exception", "is a", "meaning"), client),
    )


def _list_classes(module: object, kind: type[_Kind]) -> list[type[_Kind]]:
    return [
        one
        for _, one in inspect.getmembers(module, inspect.isclass)
        if issubclass(one, kind) and one is not kind
    ]
