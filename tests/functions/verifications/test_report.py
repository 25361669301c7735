"""Link rot by host and age."""

from datetime import UTC, datetime, timedelta

from shared.models import VerificationJob
from tests.functions.verifications.conftest import Add
from tests.harness import Person

NOW = datetime(2026, 3, 15, tzinfo=UTC)


def test_hosts_months_and_ages(person: Person, job: VerificationJob, add: Add) -> None:
    add("same_bytes", 3, "a.example", checked_at=NOW)
    add("gone", 1, "a.example", checked_at=NOW, age=timedelta(days=40), reason="http_404")
    add("gone", 2, "b.example", checked_at=NOW, age=timedelta(days=400), reason="http_410")
    add("different_picture", 1, "b.example", checked_at=NOW, reason="other_picture")
    add("opted_out", 1, "c.example", checked_at=NOW, reason="robots", redirected_to="http://d/")
    add("unreachable", 2, "d.example", checked_at=NOW, reason="timeout")
    add(None, 1)
    report = person.get(f"/v1/verification-jobs/{job.id}/report")
    assert (report["waiting"], report["redirected"]) == (1, 1)
    assert report["total"] == {
        "images": 10,
        "same_bytes": 3,
        "same_picture": 0,
        "different_picture": 1,
        "gone": 3,
        "opted_out": 1,
        "unreachable": 2,
        "link_rot_percent": 57.14,  # 4 of 7
    }
    assert report["percentages"]["gone"] == 30.0
    assert sum(report["percentages"].values()) == 100.0
    assert report["reasons"] == {
        "different_picture": {"other_picture": 1},
        "gone": {"http_410": 2, "http_404": 1},
        "opted_out": {"robots": 1},
        "unreachable": {"timeout": 2},
    }
    rot = [(one["host"], one["images"], one["link_rot_percent"]) for one in report["hosts"]]
    assert rot == [
        ("b.example", 3, 100.0),
        ("a.example", 4, 25.0),
        ("c.example", 1, None),
        ("d.example", 2, None),
    ]
    assert report["other_hosts"]["images"] == report["other_hosts"]["hosts"] == 0
    months = {one["month"]: one["images"] for one in report["months"]}
    assert list(months.items()) == [("2026-03", 7), ("2026-02", 1), ("2025-02", 2)]
    ages = [(one["age"], one["images"], one["gone"]) for one in report["ages"]]
    assert ages == [("0-6 days", 7, 0), ("30-89 days", 1, 1), ("365 days or more", 2, 2)]


def test_hosts_beyond_the_worst_are_one(person: Person, job: VerificationJob, add: Add) -> None:
    for number in range(55):
        add("gone" if number < 3 else "same_bytes", 1, f"host{number:02}.example")
    report = person.get(f"/v1/verification-jobs/{job.id}/report")
    assert len(report["hosts"]) == 50
    assert [one["gone"] for one in report["hosts"][:4]] == [1, 1, 1, 0]
    others = report["other_hosts"]
    assert (others["hosts"], others["images"], others["same_bytes"]) == (5, 5, 5)


def test_a_job_without_images(person: Person, job: VerificationJob) -> None:
    report = person.get(f"/v1/verification-jobs/{job.id}/report")
    assert report["total"]["images"] == 0
    assert report["total"]["link_rot_percent"] is None
    assert report["hosts"] == report["months"] == report["ages"] == []
