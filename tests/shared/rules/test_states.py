"""Jobs and chunks change state in legal ways only."""

from typing import get_args

import pytest

from shared.models import JOB_STATES
from shared.rules.states import (
    TERMINAL,
    Kind,
    can_cancel,
    can_move,
    can_retry,
    origins,
    progress,
)
from shared.schemas.fields import JobStatus

KINDS: tuple[Kind, ...] = get_args(Kind)
STATES: tuple[JobStatus, ...] = get_args(JobStatus)


def test_the_states_are_those_of_the_tables() -> None:
    assert STATES == JOB_STATES


@pytest.mark.parametrize("kind", KINDS)
def test_work_begins_ends_and_can_be_stopped(kind: Kind) -> None:
    assert can_move(kind, "pending", "running")
    for end in TERMINAL:
        assert can_move(kind, "running", end)
    for begun in ("pending", "running"):
        assert can_move(kind, begun, "cancelled")
    assert not can_move(kind, "pending", "completed")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_cancelled_stays_so(kind: Kind) -> None:
    assert not any(can_move(kind, "cancelled", state) for state in STATES)


@pytest.mark.parametrize("kind", KINDS)
def test_no_state_follows_itself(kind: Kind) -> None:
    assert not any(can_move(kind, state, state) for state in STATES)


@pytest.mark.parametrize("kind", ["validation_job", "export_job"])
@pytest.mark.parametrize("end", sorted(TERMINAL))
def test_checks_and_exports_run_once(kind: Kind, end: JobStatus) -> None:
    assert not any(can_move(kind, end, state) for state in STATES)


def test_a_retry_runs_a_job_and_its_chunks_again() -> None:
    for end in ("completed", "failed"):
        assert can_retry(end)
        assert can_move("crawl_job", end, "running")
        assert can_move("chunk", end, "pending")
    for other in ("pending", "running", "cancelled"):
        assert not can_retry(other)


def test_an_expired_lease_returns_a_chunk() -> None:
    assert can_move("chunk", "running", "pending")
    assert not can_move("crawl_job", "running", "pending")


def test_only_unfinished_work_can_be_cancelled() -> None:
    assert {state for state in STATES if can_cancel(state)} == {"pending", "running"}


@pytest.mark.parametrize("kind", KINDS)
def test_origins_are_the_inverse_of_moves(kind: Kind) -> None:
    for new in STATES:
        assert set(origins(kind, new)) == {old for old in STATES if can_move(kind, old, new)}


@pytest.mark.parametrize(
    ("done", "total", "percent"),
    [(0, 0, 0), (0, 3, 0), (1, 3, 33), (999, 1000, 99), (3, 3, 100), (4, 3, 100)],
)
def test_progress_is_100_only_at_the_end(done: int, total: int, percent: int) -> None:
    assert progress(done, total) == percent
