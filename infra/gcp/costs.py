"""`python -m infra.gcp.costs`: what a month costs, from the manifest and list prices, as a table.

Prices are dollars in us-central1 without discounts. Those of Cloud SQL's cores and memory were
confirmed for May 2026, Pub/Sub's on its price page; the others are as last known and are to be
looked up at cloud.google.com/pricing before money depends on them. What an image takes is assumed,
and said so, in `Image`; measure your own and change it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PRICES_OF = "May 2026"
_MANIFEST = Path(__file__).resolve().parents[1] / "manifest.json"
_HOURS = 730
_MINUTES = 60 * _HOURS

# Price, and how much is free in a month.
CPU = (0.000024, 180_000)  # vCPU-second
MEMORY = (0.0000025, 360_000)  # GiB-second
CALLS = (0.40e-6, 2_000_000)
MESSAGES = (40 / 2**40, 10 * 2**30)  # byte published or delivered, 1,000 at least in a request
GATEWAY = (3e-6, 2_000_000)  # call
WRITES = (5e-6, 0)  # class A operation in the bucket
READS = (0.4e-6, 0)  # class B
OBJECTS = (0.020, 0)  # GB-month, standard storage
CONTAINERS = (0.10, 0.5)  # GB-month in Artifact Registry
LOGS = (0.50, 50)  # GiB
SCHEDULES = (0.10, 3)  # job
SHARED_CORE, CORE, CORE_MEMORY, DISK = 0.035, 0.0413, 0.007, 0.17  # hour, hour, GB-hour, GB-month


@dataclass(frozen=True)
class ImageUse:
    """Assumed use of one crawled image."""

    megabytes: float = 0.30  # with its thumbnail
    writes: float = 2.0  # the original and its thumbnail
    reads: float = 1.0
    chunk: int = 100  # images of one call of crawler-fetch
    chunk_seconds: float = 40.0  # mostly waiting for sites; the instance is paid for all the same
    row_kilobytes: float = 3.0  # in the database, with indexes
    api_calls: float = 0.05  # looking at progress and at pages of results


# What a function's container is assumed to add to its repository: packages, compressed; Python is
# shared. As many as storage.tf keeps of each function.
_CONTAINER_GIGABYTES = 0.05
CONTAINERS_KEPT = 2


@dataclass(frozen=True)
class DatabasePrice:
    """A Cloud SQL instance; without cores of its own it is a db-g1-small."""

    cores: int = 0
    gigabytes: float = 0
    highly_available: bool = False

    def compute_cost(self, disk: float) -> float:
        """Return dollars a month with a disk of so many GB."""
        hourly = self.cores * CORE + self.gigabytes * CORE_MEMORY if self.cores else SHARED_CORE
        return (hourly * _HOURS + disk * DISK) * (2 if self.highly_available else 1)


# Images a month, and the database that they want.
SCENARIOS: Mapping[int, DatabasePrice] = {
    0: DatabasePrice(),
    100_000: DatabasePrice(),
    1_000_000: DatabasePrice(4, 15, highly_available=True),
    100_000_000: DatabasePrice(32, 128, highly_available=True),
}


def estimate_month(
    manifest: Mapping[str, Any], images: int, database: DatabasePrice, image: ImageUse | None = None
) -> dict[str, float]:
    """Return dollars by part for a month in which so many images are crawled and kept."""
    image = image or ImageUse()
    functions = manifest["functions"]
    chunks = images / image.chunk
    consumers: dict[str, list[str]] = {}
    for name, function in functions.items():
        if "message" in function:
            consumers.setdefault(function["message"]["topic"], []).append(name)
    # Calls of message functions: each schedule's, and two for a chunk: its own and its settling.
    calls = {
        name: _count_runs(schedule)
        for topic, schedule in manifest["schedules"].items()
        for name in consumers[topic]
    }
    seconds = dict.fromkeys(calls, 0.2)
    for topic in ("chunk-ready", "work-settled"):
        for name in consumers.get(topic, []):
            calls[name] = chunks
            seconds[name] = image.chunk_seconds if topic == "chunk-ready" else 0.3
    api = images * image.api_calls
    # Several requests share an instance, so a call is paid for with a part of its time.
    cpu = api * 0.05 + sum(calls[one] * seconds[one] * functions[one]["cpu"] for one in calls)
    memory = api * 0.05 * 0.5 + sum(
        calls[one] * seconds[one] * _to_gibibytes(functions[one]["memory"]) for one in calls
    )
    delivered = sum(calls.values())
    return {
        "functions": _count_beyond(cpu, CPU)
        + _count_beyond(memory, MEMORY)
        + _count_beyond(delivered + api, CALLS),
        "database": database.compute_cost(10 + images * image.row_kilobytes / 1e6),
        "bucket": _count_beyond(images * image.megabytes / 1000, OBJECTS)
        + _count_beyond(images * image.writes, WRITES)
        + _count_beyond(images * image.reads, READS),
        "containers": _count_beyond(
            len(functions) * CONTAINERS_KEPT * _CONTAINER_GIGABYTES, CONTAINERS
        ),
        "Pub/Sub": _count_beyond(delivered * 2 * 4000, MESSAGES),
        "gateway": _count_beyond(api, GATEWAY),
        "logs": _count_beyond((delivered * 2 + api * 2) * 1000 / 2**30, LOGS),
        "schedules": _count_beyond(len(manifest["schedules"]), SCHEDULES),
    }


def _count_runs(schedule: str) -> float:
    """Return how often a cron expression fires in a month: each minute, hour or day."""
    minute, hour, *_ = schedule.split()
    if minute == "*":
        return _MINUTES
    return _HOURS if hour == "*" else _HOURS / 24


def _to_gibibytes(memory: str) -> float:
    return float(memory[:-2]) / (1024 if memory.endswith("Mi") else 1)


def _count_beyond(amount: float, price: tuple[float, float]) -> float:
    each, free = price
    return max(0.0, amount - free) * each


def format_table(manifest: Mapping[str, Any]) -> str:
    """Return all scenarios side by side, as Markdown."""
    columns = [estimate_month(manifest, images, database) for images, database in SCENARIOS.items()]
    titles = [f"{images:,}" if images else "idle" for images in SCENARIOS]
    lines = [
        f"| images a month ({PRICES_OF}) | {' | '.join(titles)} |",
        "| --- |" + " ---: |" * len(columns),
    ]
    lines += [
        f"| {part} | {' | '.join(f'{column[part]:,.0f} $' for column in columns)} |"
        for part in columns[0]
    ]
    sums = " | ".join(f"**{sum(column.values()):,.0f} $**" for column in columns)
    return "\n".join([*lines, f"| **together** | {sums} |"])


if __name__ == "__main__":
    print(format_table(json.loads(_MANIFEST.read_text())))  # noqa: T201
