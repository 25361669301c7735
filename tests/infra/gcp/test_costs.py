"""The cost table follows from the manifest and the prices."""

import json
from pathlib import Path

import pytest

from infra.gcp.costs import CONTAINERS_KEPT, SCENARIOS, DatabasePrice, estimate_month, format_table

MANIFEST = json.loads(Path("infra/manifest.json").read_text())


def test_idle_costs_the_database_and_next_to_nothing_else() -> None:
    idle = estimate_month(MANIFEST, 0, DatabasePrice())
    assert idle["database"] == pytest.approx(0.035 * 730 + 10 * 0.17)
    assert sum(idle.values()) - idle["database"] < 2


def test_containers_are_paid_for_as_long_as_they_are_kept() -> None:
    few = {**MANIFEST, "functions": dict(list(MANIFEST["functions"].items())[:3])}
    few |= {"schedules": {}}
    assert (
        estimate_month(MANIFEST, 0, DatabasePrice())["containers"]
        > estimate_month(few, 0, DatabasePrice())["containers"]
    )
    assert f"keep_count = {CONTAINERS_KEPT}\n" in Path("infra/gcp/storage.tf").read_text()


def test_a_schedule_is_paid_for() -> None:
    busy = {**MANIFEST, "schedules": dict.fromkeys(MANIFEST["schedules"], "* * * * *")}
    busy["functions"] = {
        name: {**function, "cpu": 8} for name, function in MANIFEST["functions"].items()
    }
    assert estimate_month(busy, 0, DatabasePrice())["functions"] > 0


def test_more_images_cost_more() -> None:
    totals = [
        sum(estimate_month(MANIFEST, n, database).values()) for n, database in SCENARIOS.items()
    ]
    assert totals == sorted(totals)


def test_the_page_shows_the_table() -> None:
    assert format_table(MANIFEST) in Path("docs/cost.md").read_text()
