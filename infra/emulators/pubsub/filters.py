"""The filter language of subscriptions."""

import ast
import re
from collections.abc import Callable, Mapping

from infra.emulators.pubsub.errors import invalid

Predicate = Callable[[Mapping[str, str]], bool]

MAX_BYTES = 256

_ESCAPE = r"""\\(?:["'\\abfnrtv]|[0-7]{1,3}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"""
_TOKEN = re.compile(
    rf"""\s*(?:(?P<text>"(?:[^"\\\n]|{_ESCAPE})*")|(?P<word>\w[\w-]*)|(?P<sign>!=|[-:.=(),]))""",
    re.ASCII,
)


def parse(source: str) -> Predicate:
    """The test that a filter makes on a message's attributes; an empty filter takes every message.

    Raises INVALID_ARGUMENT. As in the service, AND and OR mix only with parentheses, and `!=` is
    true for a message without the attribute.
    (cloud.google.com/pubsub/docs/subscription-message-filter)
    """
    if len(source.encode()) > MAX_BYTES:
        raise invalid(f"filter is longer than {MAX_BYTES} bytes")
    if not source.strip():
        return lambda attributes: True
    return _Parser(source).parse()


class _Parser:
    """Recursive descent over the tokens of one filter."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens: list[str] = []
        at, end = 0, len(source.rstrip())
        while at < end:
            token = _TOKEN.match(source, at)
            if token is None:
                raise self._wrong()
            self._tokens.append(token[0].strip())
            at = token.end()
        self._tokens.append("")

    def parse(self) -> Predicate:
        whole = self._expression()
        if self._tokens != [""]:
            raise self._wrong()
        return whole

    def _wrong(self) -> Exception:
        return invalid(f"filter cannot be parsed: {self._source}")

    def _next(self) -> str:
        if self._tokens == [""]:
            raise self._wrong()
        return self._tokens.pop(0)

    def _accept(self, *tokens: str) -> bool:
        if self._tokens[0] in tokens:
            self._tokens.pop(0)
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._accept(token):
            raise self._wrong()

    def _expression(self) -> Predicate:
        parts = [self._term()]
        joint = self._tokens[0]
        if joint not in ("AND", "OR"):
            return parts[0]
        while self._accept(joint):
            parts.append(self._term())
        if joint == "AND":
            return lambda attributes: all(part(attributes) for part in parts)
        return lambda attributes: any(part(attributes) for part in parts)

    def _term(self) -> Predicate:
        if self._accept("NOT", "-"):
            negated = self._term()
            return lambda attributes: not negated(attributes)
        if self._accept("("):
            inner = self._expression()
            self._expect(")")
            return inner
        if self._accept("hasPrefix"):
            self._expect("(")
            self._expect("attributes")
            self._expect(".")
            key = self._key()
            self._expect(",")
            prefix = self._text()
            self._expect(")")
            return lambda attributes: (
                attributes.get(key, "").startswith(prefix) and (key in attributes)
            )
        self._expect("attributes")
        if self._accept(":"):
            key = self._key()
            return lambda attributes: key in attributes
        self._expect(".")
        key = self._key()
        if self._accept("="):
            value = self._text()
            return lambda attributes: attributes.get(key) == value
        self._expect("!=")
        value = self._text()
        return lambda attributes: attributes.get(key) != value

    def _key(self) -> str:
        token = self._next()
        if token.startswith('"'):
            return str(ast.literal_eval(token))
        if not re.match(r"\w", token):
            raise self._wrong()
        return token

    def _text(self) -> str:
        token = self._next()
        if not token.startswith('"'):
            raise self._wrong()
        return str(ast.literal_eval(token))
