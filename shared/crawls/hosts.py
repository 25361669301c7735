"""Hosts that all workers share: their leases, turns and refusals, in rows of the database.

A worker comes every few seconds for all its hosts at once, in one short transaction beside its
chunk's lease. Its leases run out by the database's clock, and a little earlier by its own, so a
worker that was killed or is cut off holds up no host for long, and asks none beyond its part.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Double, Engine, Integer, Text, and_, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared.crawls.host_rules import (
    REFUSALS_TO_CLOSE,
    CrawlHostState,
    Grant,
    HostLimits,
    HostState,
    find_interval,
    find_turn_length,
    grant,
    learn,
    learn_of_crawl,
)
from shared.database.transactions import transaction
from shared.fetching.exchange import Failure
from shared.fetching.permits import HostClaim, HostPermit, Turn
from shared.models import CrawlHost, WebHost

log = logging.getLogger(__name__)

_KEEP_USED = timedelta(hours=1)  # rather than a new entry of an index every few seconds
_Rows = dict[str, tuple[HostState, CrawlHostState, datetime]]


class SharedHosts:
    """The desk of one worker of a crawl; `seconds` are those of its leases.

    Without a crawl only the host's own terms count. `heeds_opt_outs` says that a host which does
    not want its images to be used, one after the other, is not asked for more by this crawl.
    """

    def __init__(
        self,
        engine: Engine,
        limits: HostLimits,
        crawl_job_id: UUID | None = None,
        *,
        seconds: float,
        heeds_opt_outs: bool = True,
    ) -> None:
        self._engine = engine
        self._limits = limits
        self._crawl_job_id = crawl_job_id
        self._seconds = seconds
        self._heeds_opt_outs = heeds_opt_outs
        self._worker = uuid4().hex[:12]

    def exchange(self, claims: Sequence[HostClaim]) -> Mapping[str, HostPermit]:
        """Return a permit for each claim, or none where the database cannot be reached."""
        try:
            return self._exchange({claim.host: claim for claim in claims})
        except SQLAlchemyError:
            # What was granted before holds until it runs out.
            log.warning("the hosts of a crawl could not be shared", exc_info=True)
            return {}

    def _exchange(self, claims: Mapping[str, HostClaim]) -> dict[str, HostPermit]:
        hosts = sorted(claims)
        while True:
            asked_at = time.monotonic()
            with transaction(self._engine) as session:
                rows, now = _lock_rows(session, hosts, self._crawl_job_id)
                if len(rows) == len(hosts):
                    return self._settle(session, claims, rows, now, asked_at)
            with transaction(self._engine) as session:
                new = [{"host": host} for host in hosts if host not in rows]
                session.execute(insert(WebHost).on_conflict_do_nothing(), new)

    def _settle(
        self,
        session: Session,
        claims: Mapping[str, HostClaim],
        rows: _Rows,
        now: float,
        asked_at: float,
    ) -> dict[str, HostPermit]:
        """Write what the claims change, and return what follows."""
        parts = {}
        for host, (state, of_crawl, _) in rows.items():
            claim = claims[host]
            closed_for = claim.report.closed_until - time.monotonic()
            before = (of_crawl.refusals, of_crawl.opt_outs, of_crawl.open_at)
            learn(state, claim, closed_for, now)
            learn_of_crawl(of_crawl, claim, now)
            changed = before != (of_crawl.refusals, of_crawl.opt_outs, of_crawl.open_at)
            if changed and self._crawl_job_id:
                _write_crawl_host(session, self._crawl_job_id, host, of_crawl)
            parts[host] = grant(
                state,
                claim,
                self._worker,
                self._limits.find(host),
                now=now,
                seconds=self._seconds,
                width=1 if of_crawl.is_probing(now) else None,
            )
        clock = _write_rows(session, rows, now)
        # The clock of the database, as this process reads it: never too early.
        offset = time.monotonic() - clock
        return {
            host: self._make_permit(host, state, of_crawl, parts[host], now, offset, asked_at)
            for host, (state, of_crawl, _) in rows.items()
        }

    def _make_permit(
        self,
        host: str,
        state: HostState,
        of_crawl: CrawlHostState,
        part: Grant,
        now: float,
        offset: float,
        asked_at: float,
    ) -> HostPermit:
        limit = self._limits.find(host)
        length = find_turn_length(state, limit)
        interval = find_interval(state, limit)
        following = state.next_turn_at if interval and not part.turns else 0.0
        return HostPermit(
            slots=part.slots,
            expires_at=asked_at + self._seconds,
            open_at=max(state.open_at, following) + offset,
            paced=bool(interval),
            crawl_delay=state.crawl_delay,
            turns=tuple(Turn(turn + offset, turn + offset + length) for turn in part.turns),
            refusals=state.refusals,
            refusal=self._explain(state, of_crawl, now),
        )

    def _explain(self, state: HostState, of_crawl: CrawlHostState, now: float) -> Failure | None:
        """Return why nothing is asked of a host, or None."""
        if self._heeds_opt_outs and of_crawl.has_opted_out:
            detail = (
                f"the host opted {of_crawl.opt_outs} images in a row out, and is not asked for more"
            )
            return Failure("opted_out", detail)
        if of_crawl.open_at > now:
            detail = f"the host forbade {of_crawl.refusals} requests in a row"
            return _close(detail, of_crawl.open_at)
        if state.refusals >= REFUSALS_TO_CLOSE and state.open_at > now:
            detail = f"the host refused {state.refusals} times in a row ({state.last_refusal})"
            return _close(detail, state.open_at)
        return None


def _close(detail: str, open_at: float) -> Failure:
    moment = datetime.fromtimestamp(open_at, UTC)
    return Failure(
        "host_closed",
        f"{detail}, and is left alone until {moment:%Y-%m-%d %H:%M:%S} UTC",
        retryable=True,
    )


def _lock_rows(
    session: Session, hosts: Sequence[str], crawl_job_id: UUID | None
) -> tuple[_Rows, float]:
    """Lock the rows of hosts in one order, and return them by host with the database's clock."""
    of_crawl = and_(CrawlHost.host == WebHost.host, CrawlHost.crawl_job_id == crawl_job_id)
    columns = (WebHost.leases, WebHost.crawl_delay, WebHost.next_turn_at, WebHost.open_at)
    found = session.execute(
        select(WebHost.host, *columns, WebHost.refusals, WebHost.unanswered, WebHost.last_refusal)
        .add_columns(WebHost.used_at, CrawlHost.refusals, CrawlHost.opt_outs, CrawlHost.open_at)
        .add_columns(func.clock_timestamp())
        .outerjoin(CrawlHost, of_crawl)
        .where(WebHost.host.in_(hosts))
        .order_by(WebHost.host)
        .with_for_update(of=WebHost)
    ).all()
    rows: _Rows = {}
    now = 0.0
    for host, leases, delay, turn, open_at, refusals, unanswered, last, used_at, *more in found:
        given = {name: (slots, until, wish) for name, (slots, until, wish) in leases.items()}
        moments = (_to_seconds(turn), _to_seconds(open_at))
        state = HostState(given, delay, *moments, refusals, unanswered, last)
        forbidden, opt_outs, closed, clock = more
        rows[host] = (
            state,
            CrawlHostState(forbidden or 0, opt_outs or 0, _to_seconds(closed)),
            used_at,
        )
        now = max(now, clock.timestamp())
    return rows, now


def _write_rows(session: Session, rows: _Rows, now: float) -> float:
    """Write locked rows back, all in one statement; return the database's clock at its end."""
    moment = datetime.fromtimestamp(now, UTC)
    values = [
        {
            "host": host,
            "leases": state.leases,
            "crawl_delay": state.crawl_delay,
            "next_turn_at": _to_text(state.next_turn_at),
            "open_at": _to_text(state.open_at),
            "refusals": state.refusals,
            "unanswered": state.unanswered,
            "last_refusal": state.last_refusal,
            "used_at": (moment if used_at < moment - _KEEP_USED else used_at).isoformat(),
        }
        for host, (state, _, used_at) in rows.items()
    ]
    types: dict[str, Any] = {
        "host": Text(),
        "leases": JSONB(),
        "crawl_delay": Double(),
        "next_turn_at": TIMESTAMP(timezone=True),
        "open_at": TIMESTAMP(timezone=True),
        "refusals": Integer(),
        "unanswered": Integer(),
        "last_refusal": Text(),
        "used_at": TIMESTAMP(timezone=True),
    }
    given = (
        func.jsonb_to_recordset(literal(values, JSONB))
        .table_valued(*(column(name, kind) for name, kind in types.items()))
        .render_derived(name="given", with_types=True)
    )
    clocks = session.scalars(
        update(WebHost)
        .where(WebHost.host == given.c.host)
        .values({name: given.c[name] for name in types if name != "host"})
        .returning(func.clock_timestamp())
        .execution_options(synchronize_session=False)
    )
    return max(_to_seconds(clock) for clock in clocks)


def _write_crawl_host(
    session: Session, crawl_job_id: UUID, host: str, state: CrawlHostState
) -> None:
    values = {
        "refusals": state.refusals,
        "opt_outs": state.opt_outs,
        "open_at": datetime.fromtimestamp(state.open_at, UTC) if state.open_at else None,
    }
    session.execute(
        insert(CrawlHost)
        .values(crawl_job_id=crawl_job_id, host=host, **values)
        .on_conflict_do_update(index_elements=["crawl_job_id", "host"], set_=values)
    )


def _to_seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0


def _to_text(seconds: float) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else None
