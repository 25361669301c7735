"""Listing what became of origins."""

import pytest

from shared.models import VerificationJob
from tests.functions.verifications.conftest import Add
from tests.harness import Person, expect


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["gone", "gone", "same_bytes", "gone"]),
        ("?outcome=gone", ["gone", "gone", "gone"]),
        ("?host=B.example", ["gone", "gone", "same_bytes"]),
        ("?outcome=gone&host=b.example", ["gone", "gone"]),
        ("?outcome=opted_out", []),
    ],
)
def test_filters(
    person: Person, job: VerificationJob, add: Add, query: str, found: list[str]
) -> None:
    add("gone", 1, "a.example")
    add("same_bytes", 1, "b.example")
    add("gone", 2, "b.example", reason="http_404", http_status=404)
    add(None, 1, "b.example")
    items = person.get(f"/v1/verification-jobs/{job.id}/results{query}")["items"]
    assert [one["outcome"] for one in items] == found


def test_all_that_is_told_of_an_image(person: Person, job: VerificationJob, add: Add) -> None:
    add("gone", reason="http_404", http_status=404, detail="the server answered 404")
    (shown,) = person.get(f"/v1/verification-jobs/{job.id}/results")["items"]
    assert shown["url"] == "http://example.org/a.jpg"
    assert shown["checked_at"].endswith("Z")
    fields = """image_id url host outcome reason detail http_status redirected_to sha256 distance
        checked_at"""
    assert set(shown) == set(fields.split())


def test_page_by_page(person: Person, job: VerificationJob, add: Add) -> None:
    add("gone", 5)
    path = f"/v1/verification-jobs/{job.id}/results?outcome=gone&limit=3"
    first = person.get(path)
    last = person.get(f"{path}&cursor={first['next_cursor']}")
    ids = [one["image_id"] for one in (*first["items"], *last["items"])]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 5
    assert last["next_cursor"] is None


def test_an_outcome_that_there_is_not(person: Person, job: VerificationJob) -> None:
    answer = person.request("GET", f"/v1/verification-jobs/{job.id}/results?outcome=lost")
    assert [one["pointer"] for one in expect(answer, 422)["errors"]] == ["/outcome"]
