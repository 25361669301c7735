"""A thread that goes to the desk, so that the network does not wait for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from shared.fetching.permits import HostClaim, HostDesk, HostPermit, HostReport

_KEEP_EVERY = 5.0


class DeskErrand:
    """One exchange at a time with a desk, in the background; for one thread beside its own.

    While nobody sends new claims, those that hold something are repeated every five seconds, so
    that what is under way stays covered however long its caller is busy elsewhere.
    """

    def __init__(self, desk: HostDesk) -> None:
        self._desk = desk
        self._wanted = threading.Condition()
        self._claims: Sequence[HostClaim] | None = None
        self._answer: Mapping[str, HostPermit] | None = None
        self._held: dict[str, int] = {}
        self._error: BaseException | None = None
        self._ended = False
        self._thread: threading.Thread | None = None
        self.is_under_way = False

    def send(self, claims: Sequence[HostClaim]) -> None:
        """Hand claims over; `pop_answer` has the answer before the next ones may be sent."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="host desk", daemon=True)
            self._thread.start()
        self.is_under_way = True
        with self._wanted:
            self._claims = claims
            self._wanted.notify()

    def pop_answer(self) -> Mapping[str, HostPermit] | None:
        """Return the answer to the claims that were sent, once, or None while there is none."""
        with self._wanted:
            answer, self._answer = self._answer, None
            error, self._error = self._error, None
        if error is not None:
            raise error
        if answer is not None:
            self.is_under_way = False
        return answer

    def close(self, claims: Sequence[HostClaim]) -> None:
        """End the thread, and put the last claims in its place."""
        if self._thread is None:
            return
        with self._wanted:
            self._ended = True
            self._wanted.notify()
        self._thread.join()
        self._thread = None
        if claims:
            self._desk.exchange(claims)

    def _run(self) -> None:
        try:
            self._serve()
        except BaseException as error:  # for the caller, who waits
            with self._wanted:
                self._error = error

    def _serve(self) -> None:
        while True:
            with self._wanted:
                self._wanted.wait_for(lambda: self._claims or self._ended, _KEEP_EVERY)
                if self._ended:
                    return
                claims, self._claims = self._claims, None
            if claims is None:
                kept = [HostClaim(host, 0, n, 0, HostReport()) for host, n in self._held.items()]
                if kept:
                    self._desk.exchange(kept)
                continue
            answer = self._desk.exchange(claims)
            self._note(claims, answer)
            with self._wanted:
                self._answer = answer

    def _note(self, claims: Sequence[HostClaim], permits: Mapping[str, HostPermit]) -> None:
        """Remember how many requests to each host may be under way from now on."""
        for claim in claims:
            permit = permits.get(claim.host)
            self._held[claim.host] = max(claim.active, permit.slots if permit else 0)
            if permit and not self._held[claim.host]:
                del self._held[claim.host]
