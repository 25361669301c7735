"""Asks engines for pages of results, several at once, and tells why one gave none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic

from shared.fetching.addresses import AddressPolicy
from shared.fetching.client import Failure, Fetcher, FetchRequest, FetchResult
from shared.fetching.headers import parse_retry_after
from shared.searching.answers import MAX_BYTES, MalformedAnswer, parse_answer
from shared.searching.engines import SearchEngine, SearchError, SearchQuery
from shared.searching.pace import wait_until
from shared.searching.results import SearchPage, SearchResult
from shared.settings import Settings, to_variable

_BUDGET = 60.0  # seconds, for a page of each engine and the notices that it wants
_ATTEMPTS = 3  # at an engine that is busy
_PATIENCE = 20.0  # seconds; an engine that asks for a longer wait has ended its part

Check = Callable[[], None]  # called often; may raise to stop


@dataclass(frozen=True)
class Search:
    """A page to be asked for; of its results up to `share` are wanted, from number `skip` on."""

    engine: SearchEngine
    query: SearchQuery
    skip: int
    share: int


@dataclass
class SearchAnswer:
    """The page that an engine gave, and the results of it that may be fetched, or an error.

    Both are there where the engine did not take the notice of each result.
    """

    search: Search
    page: SearchPage | None = None
    taken: list[SearchResult] = field(default_factory=list)
    error: SearchError | None = None


def open_client(
    addresses: AddressPolicy, settings: Settings, *, seconds: float | None = None
) -> Fetcher:
    """Return the client that engines are asked with: one request at a time to each.

    For somebody who watches, `seconds` bound each answer, and nothing is tried again.
    """
    return Fetcher(
        addresses,
        user_agent=settings.user_agent,
        max_bytes=MAX_BYTES,
        total_timeout=seconds or 20.0,
        max_redirects=2,
        per_host=1,
        concurrency=8,
        retries=0 if seconds else _ATTEMPTS - 1,
        backoff=1.0,
        max_wait=seconds or _PATIENCE,
    )


def ask_engines(client: Fetcher, searches: Sequence[Search], check: Check) -> list[SearchAnswer]:
    """Return what each engine answered; one that is busy is asked again a few times."""
    deadline = monotonic() + _BUDGET
    answers: dict[str, SearchAnswer] = {}
    waiting = list(searches)
    for left in reversed(range(_ATTEMPTS)):
        asked = [(one.engine.build_address(one.query), one) for one in waiting]
        for search, result in _fetch(client, asked, check, deadline):
            answers[search.engine.name] = _read_answer(search, result)
        errors = [answers[one.engine.name].error for one in waiting]
        waits = [error.wait if error and error.reason == "busy" else None for error in errors]
        waiting = [
            one
            for one, wait in zip(waiting, waits, strict=True)
            if wait is not None and wait <= _PATIENCE
        ]
        if not waiting or not left:
            break
        pause = max(wait for wait in waits if wait is not None and wait <= _PATIENCE)
        wait_until(min(deadline, monotonic() + pause), check)
    for answer in answers.values():
        _send_notices(client, answer, check, deadline)
    return [answers[one.engine.name] for one in searches]


def ask_once(client: Fetcher, searches: Sequence[Search], deadline: float) -> list[SearchAnswer]:
    """Return what each engine answers to one request, of which nothing is going to be fetched.

    So engines that want to be told of what is fetched are told nothing. `deadline` is a
    `time.monotonic()` moment.
    """
    asked = [(one.engine.build_address(one.query), one) for one in searches]
    answers = {
        search.engine.name: _read_answer(search, result)
        for search, result in _fetch(client, asked, None, deadline)
    }
    return [answers[one.engine.name] for one in searches]


def _send_notices(client: Fetcher, answer: SearchAnswer, check: Check, deadline: float) -> None:
    """Tell an engine that wants it which results are taken; at its first refusal take no more."""
    for place, one in enumerate(answer.taken):
        if one.reason or one.notice is None:
            continue
        ((search, result),) = _fetch(client, [(one.notice, answer.search)], check, deadline)
        if result.error is not None and result.error.reason != "empty":
            answer.error = _explain(search.engine, result, result.error)
            answer.taken = answer.taken[:place]
            return


def _fetch(
    client: Fetcher,
    asked: Sequence[tuple[str, Search]],
    check: Check | None,
    deadline: float,
) -> Iterator[tuple[Search, FetchResult]]:
    """Yield the answers. These are interfaces for programs, so no robots.txt is asked for."""
    requests = [
        FetchRequest(address, search.engine.headers, kind="json", tag=search)
        for address, search in asked
    ]
    for result in client.fetch_all(
        requests, check, respect_robots=False, rights="ignore", deadline=deadline
    ):
        yield result.request.tag, result


def _read_answer(search: Search, result: FetchResult) -> SearchAnswer:
    if result.error is not None:
        return SearchAnswer(search, error=_explain(search.engine, result, result.error))
    try:
        page = search.engine.read_page(parse_answer(result.body or b""), search.query)
    except SearchError as error:
        asked_for = parse_retry_after(result.headers)
        error.wait = error.wait if asked_for is None else asked_for
        return SearchAnswer(search, error=error)
    except MalformedAnswer as error:
        return SearchAnswer(
            search, error=SearchError("bad_response", f"{search.engine.name}: {error}")
        )
    return SearchAnswer(search, page, page.results[search.skip :][: search.share])


def _explain(engine: SearchEngine, result: FetchResult, failure: Failure) -> SearchError:
    """Return the error behind an answer without success, without the address that was asked.

    Unsplash answers 403 when its quota is used up, and says so in a header, as Pexels does.
    """
    status = failure.http_status
    used_up = result.headers.get("x-ratelimit-remaining", "").strip() == "0"
    if failure.reason == "rate_limited" or (used_up and status in (401, 403)):
        wait = parse_retry_after(result.headers)
        when = f"; it asks to wait {wait:.0f} s" if wait else ""
        return SearchError("rate_limited", f"{engine.name}: its quota is used up{when}")
    if status in engine.refusals:
        variables = " or ".join(map(to_variable, engine.required))
        detail = f"{engine.name} refuses the key in {variables} (it answers {status})"
        return SearchError("key_refused", detail)
    reason = "timeout" if failure.reason == "deadline" else failure.reason
    error = SearchError(reason, f"{engine.name}: {failure.detail}", retryable=failure.retryable)
    error.http_status = status
    return error
