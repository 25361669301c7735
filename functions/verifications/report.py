"""Report what became of the origins of a project's images: link rot by host, month and age."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import VerificationJob, VerificationResult
from shared.models.verifications import OUTCOMES
from shared.queries.visible import visible_verification_job
from shared.schemas.verifications import (
    AgeOutcomes,
    HostOutcomes,
    MonthOutcomes,
    OtherHostsOutcomes,
    OutcomeCounts,
    VerificationReport,
)

_HOSTS = 50
_MONTHS = 36
_REASONS = 50  # of each outcome
_AGES = (
    (7, "0-6 days"),
    (30, "7-29 days"),
    (90, "30-89 days"),
    (365, "90-364 days"),
    (None, "365 days or more"),
)


def handle(verification_job_id: UUID, caller: Caller, session: Session) -> VerificationReport:
    """Get a verification job's report."""
    job = visible_verification_job(session, caller, verification_job_id)
    checked = _select_checked(job)
    groups = _count_groups(session, checked)
    total = groups["total"].get("", dict.fromkeys(OUTCOMES, 0))
    hosts = _count_hosts(session, checked)
    rest = {
        name: number - sum(row[name] for row in hosts.values()) for name, number in total.items()
    }
    of_job = VerificationResult.verification_job_id == job.id
    waits = select(func.count()).where(of_job, VerificationResult.outcome.is_(None))
    facts = session.execute(
        select(func.count(checked.c.host.distinct()), func.count(checked.c.redirected_to))
    ).one()
    ages = groups["age"]
    return VerificationReport(
        verification_job_id=job.id,
        status=job.status,
        waiting=session.scalar(waits) or 0,
        without_origin=job.without_origin,
        redirected=facts[1],
        total=OutcomeCounts(**_describe(total)),
        percentages=_to_percentages(total),
        reasons=_count_reasons(session, checked),
        hosts=[HostOutcomes(host=host, **_describe(row)) for host, row in hosts.items()],
        other_hosts=OtherHostsOutcomes(hosts=facts[0] - len(hosts), **_describe(rest)),
        months=[
            MonthOutcomes(month=month, **_describe(row))
            for month, row in sorted(groups["month"].items(), reverse=True)[:_MONTHS]
        ],
        ages=[AgeOutcomes(age=age, **_describe(ages[age])) for _, age in _AGES if age in ages],
    )


def _select_checked(job: VerificationJob) -> Subquery:
    """Select the images that have an outcome."""
    result = VerificationResult
    days = func.extract("epoch", result.checked_at - result.taken_at) / 86_400
    steps = [(days < limit, age) for limit, age in _AGES if limit is not None]
    return (
        select(
            result.host,
            result.outcome,
            func.coalesce(result.reason, literal("")).label("reason"),
            result.redirected_to,
            func.to_char(func.timezone("UTC", result.taken_at), "YYYY-MM").label("month"),
            case(*steps, else_=_AGES[-1][1]).label("age"),
        )
        .where(result.verification_job_id == job.id, result.outcome.is_not(None))
        .subquery("checked")
    )


def _list_counts(checked: Subquery) -> list[ColumnElement[int]]:
    return [
        func.count().filter(checked.c.outcome == outcome).label(outcome) for outcome in OUTCOMES
    ]


def _count_groups(session: Session, checked: Subquery) -> dict[str, dict[str, dict[str, int]]]:
    """Count outcomes by month, by age and in total, in one pass."""
    columns = {name: checked.c[name] for name in ("month", "age")}
    kind = case(
        *((func.grouping(column) == 0, literal(name)) for name, column in columns.items()),
        else_=literal("total"),
    )
    value = func.coalesce(*columns.values(), literal(""))
    rows = session.execute(
        select(kind, value, *_list_counts(checked)).group_by(
            func.grouping_sets(*(tuple_(one) for one in columns.values()), tuple_())
        )
    )
    found: dict[str, dict[str, dict[str, int]]] = {name: {} for name in (*columns, "total")}
    for name, of, *numbers in rows:
        found[name][of] = dict(zip(OUTCOMES, numbers, strict=True))
    return found


def _count_hosts(session: Session, checked: Subquery) -> dict[str, dict[str, int]]:
    """Count outcomes of the hosts that lost most, and then of those with most images."""
    lost = func.count().filter(checked.c.outcome.in_(("different_picture", "gone", "opted_out")))
    rows = session.execute(
        select(checked.c.host, *_list_counts(checked))
        .group_by(checked.c.host)
        .order_by(lost.desc(), func.count().desc(), checked.c.host)
        .limit(_HOSTS)
    )
    return {host: dict(zip(OUTCOMES, numbers, strict=True)) for host, *numbers in rows}


def _count_reasons(session: Session, checked: Subquery) -> dict[str, dict[str, int]]:
    number = func.count()
    rows: Iterable[Any] = session.execute(
        select(checked.c.outcome, checked.c.reason, number)
        .where(checked.c.reason != "")
        .group_by(checked.c.outcome, checked.c.reason)
        .order_by(number.desc(), checked.c.reason)
    )
    found: dict[str, dict[str, int]] = {}
    for outcome, reason, images in rows:
        of_outcome = found.setdefault(outcome, {})
        if len(of_outcome) < _REASONS:
            of_outcome[reason] = images
    return found


def _describe(counts: Mapping[str, int]) -> dict[str, Any]:
    """Return counts as the report has them, with their sum and the share that was lost."""
    rotten = counts["different_picture"] + counts["gone"]
    told = rotten + counts["same_bytes"] + counts["same_picture"]
    percent = round(100 * rotten / told, 2) if told else None
    return {"images": sum(counts.values()), **counts, "link_rot_percent": percent}


def _to_percentages(counts: Mapping[str, int]) -> dict[str, float]:
    images = sum(counts.values())
    return {
        name: round(100 * number / images, 2) if images else 0.0 for name, number in counts.items()
    }
