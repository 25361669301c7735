"""Searches of one engine are apart, and one at a time."""

import threading

import pytest

from shared.searching.pace import SearchPace


def test_the_second_search_of_an_engine_waits() -> None:
    pace, checks = SearchPace(0.3), list[None]()
    for engines in (["a"], ["b"]):
        with pace.take_turn(engines, lambda: checks.append(None)):
            pass
    assert not checks
    with pace.take_turn(["a", "b"], lambda: checks.append(None)):
        pass
    assert checks


def test_whoever_waits_may_be_stopped() -> None:
    pace, inside, over = SearchPace(60), threading.Event(), threading.Event()

    def search() -> None:
        with pace.take_turn(["a"], lambda: None):
            inside.set()
            over.wait(30)

    def stop() -> None:
        raise InterruptedError

    thread = threading.Thread(target=search)
    thread.start()
    assert inside.wait(30)
    with pytest.raises(InterruptedError), pace.take_turn(["b"], stop):
        raise AssertionError("two at a time")
    over.set()
    thread.join()
    with pytest.raises(InterruptedError), pace.take_turn(["a"], stop):
        raise AssertionError("too soon")
    with pace.take_turn(["b"], lambda: None):
        pass
