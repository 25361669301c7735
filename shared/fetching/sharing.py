"""Turns by host where callers in many processes ask the same hosts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from shared.fetching.errand import DeskErrand
from shared.fetching.exchange import Failure, FetchTask
from shared.fetching.pacing import UNANSWERED, HostTerms, PacedHost, Pacer
from shared.fetching.permits import HostClaim, HostDesk, HostPermit, HostReport, Turn

_RENEW_EVERY = 1.5
_ASK_AGAIN = 0.5
_LOOK_EVERY = 0.25
_GAP = 0.05
_BATCH = 100  # hosts of one exchange
_MAX_UNUSED = 200  # hosts that are leased ahead of their turn
_REFUSING = frozenset({429, 503})
_FORBIDDING = frozenset({401, 403, 451})
BUSY = Failure(
    "host_busy",
    "other workers ask all that may be asked of the host at a time",
    retryable=True,
    wait=60.0,
)


@dataclass(slots=True)
class _Share:
    """One host's permit, and what the desk is to hear."""

    began: float
    permit: HostPermit | None = None
    turns: deque[Turn] = field(default_factory=deque)
    report: HostReport = field(default_factory=HostReport)
    sent: HostReport | None = None
    renew_at: float = 0.0
    urgent: bool = False
    paused: bool = False  # nothing is begun until the desk has heard of a refusal or a delay
    frozen: int | None = None  # no more are begun at a time while a claim says so
    gives_back: bool = False

    def find_turn(self, now: float) -> Turn | None:
        """Return the next turn that is not over."""
        while self.turns and self.turns[0].end <= now:
            self.turns.popleft()
        return self.turns[0] if self.turns else None


class SharedPacer(Pacer):
    """A pacer that asks a desk before it asks a host, and tells it what became of requests.

    Leases of hosts are taken and prolonged for many hosts at once, every few seconds, never for
    a single request. Where a host has no room for `max_wait` seconds its tasks fail as `host_busy`.
    """

    def __init__(self, per_host: int, max_wait: float, desk: HostDesk) -> None:
        super().__init__(per_host, max_wait)
        self._errand = DeskErrand(desk)
        self._shares: dict[str, _Share] = {}
        self._sent: list[str] = []
        self._next_look = self._not_before = 0.0
        self._urgent = False

    @property
    def awaits_others(self) -> bool:
        """Return whether an answer of the desk is under way."""
        return self._errand.is_under_way

    def exchange(self, now: float) -> None:
        """Take in what the desk has answered, and go there again where something is due."""
        answer = self._errand.pop_answer()
        if answer is not None:
            for name in self._sent:
                self._take(name, answer.get(name), now)
            self._sent = []
        looks = now >= self._next_look or (self._urgent and now >= self._not_before)
        if self._errand.is_under_way or not looks:
            return
        self._next_look, self._not_before = now + _LOOK_EVERY, now + _GAP
        due = self._list_due(now)[:_BATCH]
        self._urgent = len(due) == _BATCH
        if due:
            self._sent = due
            self._errand.send([self._claim(name, now) for name in due])

    def end(self) -> None:
        """Give every host back."""
        for share in self._shares.values():
            self._merge_unsent(share)
        claims = [
            HostClaim(name, 0, 0, 0, share.report)
            for name, share in self._shares.items()
            if share.permit
        ]
        self._shares.clear()
        self._errand.close(claims)

    def find_terms(self, host: PacedHost, now: float) -> HostTerms:
        """Return the terms on which a host may be asked, by its permit too."""
        terms = super().find_terms(host, now)
        share = self._shares.get(host.name)
        if share is None:
            share = self._shares[host.name] = _Share(now, urgent=True)
            self._urgent = True
        permit = share.permit
        if permit is None or share.paused or permit.expires_at <= now:
            return HostTerms(0, terms.open_at, terms.failure)
        open_at = max(terms.open_at, permit.open_at)
        if permit.refusal:
            return HostTerms(0, open_at, permit.refusal)
        width = min(terms.width, permit.slots)
        if share.frozen is not None:
            width = min(width, share.frozen)
        if permit.paced and not (permit.crawl_delay and host.queue and host.queue[0].internal):
            turn = share.find_turn(now)
            width = width if turn else 0
            open_at = max(open_at, turn.start) if turn else open_at
        return HostTerms(width, open_at)

    def slow_down(self, task: FetchTask, delay: float) -> None:
        """Keep `delay` seconds between requests to the task's host; all who ask it will."""
        super().slow_down(task, delay)
        share = self._shares.get(task.target.authority)
        known = share.permit.crawl_delay if share and share.permit else 0.0
        if share and delay != known:
            share.report.crawl_delay = delay
            share.urgent = share.paused = self._urgent = True

    def close_until(self, task: FetchTask, moment: float) -> None:
        """Send nothing to the task's host before `moment`, nor let others."""
        super().close_until(task, moment)
        if share := self._shares.get(task.target.authority):
            share.report.closed_until = max(share.report.closed_until, moment)

    def _begin(self, host: PacedHost, task: FetchTask, now: float) -> None:
        super()._begin(host, task, now)
        share = self._shares[host.name]
        if share.permit:
            task.host_refusals = share.permit.refusals
            if share.permit.paced and not (share.permit.crawl_delay and task.internal):
                share.turns.popleft()

    def _note(self, host: PacedHost, task: FetchTask, failure: Failure | None) -> None:
        share = self._shares.get(host.name)
        if share is None:
            return
        report = share.report
        status = failure.http_status if failure else None
        if failure and failure.reason in UNANSWERED:
            report.unanswered += 1
            share.urgent = share.urgent or bool(share.permit and share.permit.refusals)
            return
        report.unanswered, report.ended_silence = 0, True
        if failure and status in _REFUSING:
            report.refused_at, report.refusal = task.host_refusals, failure.detail
            share.urgent = share.paused = self._urgent = True
            return
        report.answered_at = max(report.answered_at or 0, task.host_refusals)
        if task.internal:
            return
        if failure and status in _FORBIDDING:
            report.forbidden += 1
            return
        report.forbidden, report.ended_forbidden = 0, True
        if failure and failure.reason == "opted_out" and task.request.kind == "image":
            report.opt_outs += 1
        else:
            report.opt_outs, report.ended_opt_outs = 0, True

    def _list_due(self, now: float) -> list[str]:
        """Return the hosts of which the desk is to hear, those that are in a hurry first."""
        urgent, others, unused = [], [], 0
        for name, share in list(self._shares.items()):
            host = self._hosts.get(name)
            waiting, active = (len(host.queue), host.active) if host else (0, 0)
            if host and waiting and not active and self._is_starving(share, now):
                self._refuse(host, BUSY)
            elif share.urgent and share.permit:
                urgent.append(name)
            elif not share.permit and not waiting:
                del self._shares[name]
            elif not share.permit:
                if unused < _MAX_UNUSED and now >= share.renew_at:
                    others.append(name)
                    unused += 1
            elif not (waiting or active) or now >= share.renew_at:
                others.append(name)
            unused += bool(share.permit and waiting and not active)
        return urgent + others

    def _is_starving(self, share: _Share, now: float) -> bool:
        if share.permit and share.permit.slots and share.permit.expires_at > now:
            share.began = now
        return now - share.began > self.max_wait

    def _claim(self, name: str, now: float) -> HostClaim:
        host, share = self._hosts.get(name), self._shares[name]
        waiting, active = (len(host.queue), host.active) if host else (0, 0)
        share.sent, share.report = share.report, HostReport()
        share.urgent = False
        share.frozen, share.gives_back = active, not (waiting or active)
        share.find_turn(now)
        return HostClaim(name, waiting, active, len(share.turns), share.sent)

    def _take(self, name: str, permit: HostPermit | None, now: float) -> None:
        """Take in the desk's answer about a host."""
        share = self._shares.get(name)
        if share is None:
            return
        host = self._hosts.get(name)
        share.renew_at, share.frozen = now + _ASK_AGAIN, None
        if permit is None:
            self._merge_unsent(share)
            return
        share.sent, share.paused = None, share.urgent and share.paused
        if share.gives_back and not share.urgent:
            del self._shares[name]
        else:
            share.permit = permit
            share.turns.extend(permit.turns)
            self._set_renewal(share, permit, host.active if host else 0, now)
        if host:
            self._offer(host, now)

    def _set_renewal(self, share: _Share, permit: HostPermit, active: int, now: float) -> None:
        if permit.slots:
            share.began = now
        if permit.slots and permit.slots >= active:
            last = share.turns[-1].start if share.turns else now + _ASK_AGAIN
            share.renew_at = min(now + _RENEW_EVERY, last) if permit.paced else now + _RENEW_EVERY
        elif permit.slots:
            share.renew_at = now + _LOOK_EVERY  # what it holds beyond its share is waited for
        elif permit.open_at > now:
            share.began = max(now, permit.open_at)
            share.renew_at = min(permit.open_at, now + _RENEW_EVERY)

    def _merge_unsent(self, share: _Share) -> None:
        """Put a report that did not arrive before what has been learned since."""
        lost, report = share.sent, share.report
        if lost is None:
            return
        share.sent = None
        if report.crawl_delay is None:
            report.crawl_delay = lost.crawl_delay
        if report.refused_at is None:
            report.refused_at, report.refusal = lost.refused_at, lost.refusal
        if report.answered_at is None:
            report.answered_at = lost.answered_at
        report.closed_until = max(report.closed_until, lost.closed_until)
        report.unanswered += 0 if report.ended_silence else lost.unanswered
        report.ended_silence |= lost.ended_silence
        report.forbidden += 0 if report.ended_forbidden else lost.forbidden
        report.ended_forbidden |= lost.ended_forbidden
        report.opt_outs += 0 if report.ended_opt_outs else lost.opt_outs
        report.ended_opt_outs |= lost.ended_opt_outs
