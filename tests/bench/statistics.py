"""Statistics over millions of predictions: the routes, the log as designed, and what writing costs.

PREDICTIONS (5,000,000) rows over 13 months. They are inserted with the counting trigger on, a month
a statement, then the real roll-up and upkeep run: the sums are those that production would have
come to. Foreign keys are not checked meanwhile; it would only take longer.
"""

import itertools
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session

from functions.inference import list_
from functions.insights import model_statistics, usage
from functions.upkeep import partition, roll_up
from shared.calls import Caller
from shared.database.transactions import set_caller, transaction
from shared.messaging.messages import RollUpDue
from shared.models import Prediction
from shared.paging import encode_cursor
from shared.queries.visible import visible_prediction
from shared.schemas.insights import ModelStatisticsQuery, UsageQuery
from shared.schemas.predictions import PredictionQuery
from shared.settings import Settings
from tests.databases import connect_to, migrate, temporary_server
from tests.functions.insights.test_model_statistics import SEED_QUERY as STATISTICS_BY_SCAN
from tests.functions.insights.test_usage import SEED_QUERY as USAGE_BY_SCAN

_PREDICTIONS = int(os.environ.get("PREDICTIONS", "5000000"))
_DAYS = 395
_A_MINUTE = 60_000  # predictions: 1,000 a second
_REPEATS = 30
_SCANS = 5

_PEOPLE = """
INSERT INTO profiles (email) SELECT 'u' || n || '@example.org' FROM generate_series(0, 99) n;
INSERT INTO api_keys (user_id, prefix, key_hash)
    SELECT p.id, 'pxk', p.id || '-' || n FROM profiles p, generate_series(0, 1) n;
CREATE TABLE bench_models AS
    SELECT n, new_id() AS id, n / 3 AS person, p.id AS user_id,
        ARRAY(SELECT k.id FROM api_keys k WHERE k.user_id = p.id) AS keys
    FROM generate_series(0, 299) n JOIN profiles p ON p.email = 'u' || n / 3 || '@example.org';
ALTER TABLE bench_models ADD PRIMARY KEY (n);
INSERT INTO models (id, user_id, name, model_type, file_path)
    SELECT id, user_id, 'm' || n, 'onnx', 'f' FROM bench_models;
ANALYZE;
"""

# A few models have most of the predictions: the first of 300 has 15 %, its owner 22 %.
# Times are log-normal. Of three calls, two come with one of two keys and one from a session.
_ROWS = """
INSERT INTO predictions (id, model_id, user_id, api_key_id, input_data, output_data, batch_size,
    status, error_code, inference_time_ms, input_profile, created_at)
SELECT uuidv7(created_at - now()), m.id, m.user_id, m.keys[r.key],
    '{"inputs": {"x": [[0, 3, 12, 5, 1, 14, 16, 9, 2, 7, 0, 11, 15, 8, 4, 6]]}}',
    '{"outputs": {"label": [3]}}', 1,
    CASE WHEN r.fails THEN 'failed' ELSE 'success' END,
    CASE WHEN r.fails THEN (ARRAY['invalid_input', 'timeout', 'out_of_memory'])[r.key] END,
    CASE WHEN NOT r.fails THEN (0.2 + m.n % 40) * exp(0.4 * random_normal()) END,
    jsonb_build_object('x mean', jsonb_build_object(r.mean, 1),
        'x spread', jsonb_build_object(r.spread, 1)),
    created_at
FROM (SELECT floor(300 * random() ^ 3)::int AS model, 1 + floor(3 * random())::int AS key,
        random() < 0.03 AS fails, round(104 + 2 * random_normal())::text AS mean,
        round(96 + random_normal())::text AS spread,
        $1::timestamptz + n / $3::float8 * ($2::timestamptz - $1::timestamptz) AS created_at
    FROM generate_series(0, $3 - 1) n) r
JOIN bench_models m ON m.n = r.model
"""


def measure() -> None:
    """Print milliseconds and ratios, and how queries are planned."""
    with temporary_server() as server:
        migrate(server.url)
        engine = connect_to(server.url)
        try:
            _fill(engine)
            for person, name in ((0, "the busiest of 100 people"), (50, "one in the middle")):
                _routes(engine, person, name)
            _measure_writing(engine)
            _measure_dropping(engine)
        finally:
            engine.dispose()


def _fill(engine: Engine) -> None:
    now = datetime.now(UTC)
    edges = [now - timedelta(days=_DAYS)]
    while edges[-1] < now:
        edges.append(
            min(
                now,
                (edges[-1].replace(day=1) + timedelta(days=32)).replace(
                    day=1, hour=0, minute=0, second=0, microsecond=0
                ),
            )
        )
    with _as_owner(engine) as connection:
        for setting in ("max_wal_size = '8GB'", "synchronous_commit = off"):
            connection.execute(text(f"ALTER SYSTEM SET {setting}"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text(_PEOPLE))
        for month in edges[:-2]:
            name = f"predictions_{month:%Y_%m}"
            connection.execute(
                text(f"""
                CREATE TABLE {name} (LIKE predictions INCLUDING ALL EXCLUDING INDEXES);
                ALTER TABLE predictions ATTACH PARTITION {name}
                FOR VALUES FROM ('{month:%Y-%m}-01Z')
                TO (timestamptz '{month:%Y-%m}-01Z' + interval '1 month')""")
            )
        connection.execute(text("ALTER TABLE predictions ENABLE ALWAYS TRIGGER count_inserted"))
        connection.execute(text("SET session_replication_role = replica"))
        connection.exec_driver_sql(
            f"CREATE FUNCTION bench_fill(timestamptz, timestamptz, bigint) RETURNS void"
            f" LANGUAGE sql AS $fill$ {_ROWS} $fill$"
        )
        started = time.monotonic()
        for first, last in itertools.pairwise(edges):
            share = (last - first) / (now - edges[0])
            connection.execute(
                text("SELECT bench_fill(:first, :last, :number)"),
                {"first": first, "last": last, "number": round(share * _PREDICTIONS)},
            )
            _upkeep(engine, last)
            connection.execute(text("VACUUM prediction_counts, input_counts"))
        connection.execute(text("SET session_replication_role = origin"))
        connection.execute(text("ALTER TABLE predictions ENABLE TRIGGER count_inserted"))
    filled = time.monotonic() - started
    with _as_owner(engine) as connection:
        connection.execute(text("VACUUM ANALYZE"))
        rows = connection.execute(
            text("""
            SELECT 'predictions', count(*), pg_size_pretty(sum(pg_total_relation_size(tableoid))
                FILTER (WHERE first)) FROM (SELECT tableoid, row_number() OVER (
                PARTITION BY tableoid) = 1 AS first FROM predictions) p
            UNION ALL SELECT 'prediction_counts', count(*),
                pg_size_pretty(pg_total_relation_size('prediction_counts')) FROM prediction_counts
            UNION ALL SELECT 'input_counts', count(*),
                pg_size_pretty(pg_total_relation_size('input_counts')) FROM input_counts
            """)
        ).all()
    for table, number, size in rows:
        print(f"  {table:18} {number:>9,} rows, {size}")
    print(f"  filled in {filled:.0f} s, load average {os.getloadavg()[0]:.1f}", flush=True)


def _upkeep(engine: Engine, now: datetime) -> None:
    """Add up what is new, and what is old by month, as the schedules would have by then."""
    _merge(engine)
    with transaction(engine) as session:
        partition.fold_partitions(
            session, now - timedelta(days=Settings.retention_days_daily_statistics)
        )
    _merge(engine)


def _merge(engine: Engine) -> float:
    """Add up all that is new; return the seconds."""
    started = time.monotonic()
    roll_up.handle(RollUpDue(), engine)
    return time.monotonic() - started


@contextmanager
def _as_owner(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


@contextmanager
def _as_caller(engine: Engine, user_id: UUID) -> Iterator[Session]:
    with transaction(engine) as session:
        set_caller(session, user_id)
        yield session


def _routes(engine: Engine, person: int, name: str) -> None:
    """Times the routes' own functions; the designs' queries on the log beside them."""
    with _as_owner(engine) as connection:
        user_id, model_id = connection.execute(
            text("SELECT user_id, id FROM bench_models WHERE person = :n ORDER BY n LIMIT 1"),
            {"n": person},
        ).one()
        logged = connection.scalar(
            text("SELECT count(*) FROM predictions WHERE user_id = :id"), {"id": user_id}
        )
        middle = connection.execute(
            text("SELECT id FROM predictions WHERE user_id = :id ORDER BY id OFFSET :half LIMIT 1"),
            {"id": user_id, "half": (logged or 0) // 2},
        ).scalar_one()
    caller = Caller(id=user_id)
    cursor = encode_cursor("predictions.id", [middle])

    def predictions(**query: Any) -> Callable[[Session], object]:
        return lambda session: list_.handle(PredictionQuery(**query), caller, session)

    print(f"\n  {name}: {logged:,} predictions", flush=True)
    by_scan = {
        "statistics of models, all time": _time_call(
            engine, caller, "the design's statistics", _scan(STATISTICS_BY_SCAN)
        ),
        "usage, 30 days": _time_call(
            engine, caller, "the design's usage, 30 days", _scan(USAGE_BY_SCAN)
        ),
    }
    routes: list[tuple[str, Callable[[Session], object]]] = [
        (
            "statistics of models, all time",
            lambda session: model_statistics.handle(ModelStatisticsQuery(), caller, session),
        ),
        (
            "statistics of models, 30 days",
            lambda session: model_statistics.handle(ModelStatisticsQuery(days=30), caller, session),
        ),
        ("usage, 30 days", lambda session: usage.handle(UsageQuery(), caller, session)),
        ("usage, 90 days", lambda session: usage.handle(UsageQuery(days=90), caller, session)),
        ("predictions", predictions()),
        ("predictions, from the middle", predictions(cursor=cursor)),
        ("predictions of a model", predictions(model_id=model_id)),
        ("predictions that failed", predictions(status="failed")),
        ("failed ones of a model", predictions(model_id=model_id, status="failed")),
        ("pending ones: there are none", predictions(status="pending")),
        ("one prediction", partial(_one, caller=caller, prediction_id=middle)),
    ]
    for label, call in routes:
        took = _time_call(engine, caller, label, call)
        if (scan := by_scan.get(label)) is not None:
            print(f"    {scan / took:.1f} x faster than the scan")


def _one(session: Session, caller: Caller, prediction_id: UUID) -> object:
    return visible_prediction(session, caller, prediction_id)


def _scan(query: str) -> Callable[[Session], object]:
    def run(session: Session) -> object:
        user_id = session.scalar(text("SELECT caller_id()"))
        return session.execute(text(query), {"user_id": user_id}).all()

    return run


def _time_call(
    engine: Engine, caller: Caller, label: str, call: Callable[[Session], object]
) -> float:
    """Print how long a call takes and how its queries are carried out; return the median ms."""
    repeats = _SCANS if label.startswith("the design") else _REPEATS
    times = []
    with _as_caller(engine, caller.id) as session:
        queries: list[tuple[str, Any]] = []
        connection = session.connection()
        with _record_queries(engine, queries):
            call(session)
        session.expunge_all()
        for _ in range(repeats):
            started = time.perf_counter()
            call(session)
            times.append((time.perf_counter() - started) * 1000)
            session.expunge_all()
        p50 = statistics.median(times)
        p95 = sorted(times)[int(0.95 * len(times))]
        print(f"  {label:36} p50 {p50:8.1f} ms  p95 {p95:8.1f} ms")
        for query, parameters in queries:
            if "set_config" not in query and "caller_id()" not in query[:20]:
                _explain(connection, query, parameters)
    return p50


@contextmanager
def _record_queries(engine: Engine, queries: list[tuple[str, Any]]) -> Iterator[None]:
    def note(_c: Any, _k: Any, query: str, parameters: Any, *_: Any) -> None:
        queries.append((query, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _explain(connection: Connection, query: str, parameters: Any) -> None:
    """Print what a query read: a line for each scan with its partitions added up, and its times."""
    [plan] = connection.exec_driver_sql(
        f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}", parameters
    ).scalars()
    if isinstance(plan, list):
        plan = plan[0]
    scans: dict[str, list[float]] = {}
    for step in _steps(plan["Plan"]):
        if "Relation Name" not in step:
            continue
        month = step["Relation Name"].startswith("predictions_")
        table = "predictions" if month else step["Relation Name"]
        condition = step.get("Index Cond", step.get("Filter", ""))
        kind = step["Node Type"]
        if month:
            index = "by " + condition.split(" ")[0].strip("(") if condition else ""
        else:
            index = step.get("Index Name", "")
        seen = scans.setdefault(f"{kind} on {table} {index}".strip(), [0, 0, 0])
        ran = step["Actual Loops"]
        seen[0] += 1 if ran else 0
        seen[1] += step["Actual Rows"] * ran
        seen[2] += step.get("Rows Removed by Filter", 0) * ran
    read = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    print(
        f"      planned in {plan['Planning Time']:.1f} ms, ran in {plan['Execution Time']:.1f} ms,"
        f" {read:,} pages"
    )
    for scan, (tables, rows, removed) in scans.items():
        partitions = f", {tables} partitions" if " predictions" in scan else ""
        passed = f", {removed:,.0f} passed over" if removed else ""
        print(f"        {scan}: {rows:,.0f} rows{passed}{partitions}")


def _steps(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _steps(child)


def _measure_writing(engine: Engine) -> None:
    """Measure what the trigger adds to an insert, and how long a busy minute takes to add up."""
    print("\n  writing")
    with _as_owner(engine) as connection:
        user_id, model_id = connection.execute(
            text("SELECT user_id, id FROM bench_models WHERE n = 0")
        ).one()
        row = {
            "model_id": model_id,
            "user_id": user_id,
            "input_data": {"inputs": {"x": [[1] * 16]}},
            "inference_time_ms": 1.5,
            "input_profile": {"x mean": {"104": 1}, "x spread": {"96": 1}},
        }
        took: dict[bool, list[float]] = {True: [], False: []}
        statement: dict[bool, list[float]] = {True: [], False: []}
        for counting in (True, False) * 3:
            word = "ENABLE" if counting else "DISABLE"
            connection.execute(text(f"ALTER TABLE predictions {word} TRIGGER count_inserted"))
            statement[counting].append(_insert_each(connection, 5000) / 5000 * 1e6)
            for _ in range(200):
                started = time.perf_counter()
                with _as_caller(engine, user_id) as session:
                    session.add(Prediction(**row))
                took[counting].append((time.perf_counter() - started) * 1e6)
        connection.execute(text("ALTER TABLE predictions ENABLE TRIGGER count_inserted"))
    for what, times in (("statement alone", statement), ("whole transaction", took)):
        counted, plain = statistics.median(times[True]), statistics.median(times[False])
        print(
            f"  an insert, {what:18} {plain:6.0f} us without counting, {counted:6.0f} with:"
            f" {counted / plain:.2f} x"
        )
    _merge(engine)
    caller = Caller(id=user_id)
    call = partial(_statistics, caller=caller)
    for minute in (1, 2):
        with _as_owner(engine) as connection:
            seconds = _insert_each(connection, _A_MINUTE)
            new = connection.execute(
                text("""
                SELECT (SELECT count(*) FROM prediction_counts WHERE NOT is_merged),
                    (SELECT count(*) FROM input_counts WHERE NOT is_merged)""")
            ).one()
        if minute == 1:
            _time_call(engine, caller, "statistics, a minute not yet merged", call)
        print(
            f"  minute {minute}: {_A_MINUTE:,} predictions, one a statement, in {seconds:.1f} s;"
            f" {new[0]:,} + {new[1]:,} rows of sums added up in {_merge(engine):.1f} s",
            flush=True,
        )


def _statistics(session: Session, caller: Caller) -> object:
    return model_statistics.handle(ModelStatisticsQuery(), caller, session)


def _insert_each(connection: Connection, number: int) -> float:
    """Insert predictions of now, one a statement; return the seconds."""
    started = time.monotonic()
    connection.exec_driver_sql(
        f"DO $$ BEGIN FOR n IN 1..{number} LOOP"
        f" PERFORM bench_fill(now(), now() + interval '1 second', 1); END LOOP; END $$"
    )
    return time.monotonic() - started


def _measure_dropping(engine: Engine) -> None:
    """A month by its partition, and what deleting as many rows would take."""
    print("\n  retention")
    with _as_owner(engine) as connection:
        _, second = connection.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE"
                " 'predictions\\_2%' ORDER BY 1 LIMIT 2"
            )
        ).all()
        number = connection.scalar(text(f"SELECT count(*) FROM {second}")) or 0
        started = time.monotonic()
        connection.execute(text("BEGIN"))
        connection.execute(text(f"DELETE FROM {second}"))
        connection.execute(text("ROLLBACK"))
        deleted = time.monotonic() - started
    until = datetime.strptime(second[-7:], "%Y_%m").replace(tzinfo=UTC) + timedelta(days=31)
    started = time.monotonic()
    with transaction(engine) as session:
        dropped = session.scalar(
            text("SELECT drop_partitions('predictions', :until)"), {"until": until}
        )
    took = time.monotonic() - started
    print(
        f"  {dropped} months dropped in {took * 1000:.0f} ms; deleting the {number:,} rows of"
        f" {second} takes {deleted:.1f} s, and vacuuming after it"
    )
