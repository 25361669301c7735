"""The card and the state."""

from dataclasses import replace
from uuid import UUID

from shared.exports.plan import ExportPlan, ExportState, to_card
from shared.schemas.exports import ExportFailure, ExportOptions
from tests.shared.exports.building import photographs

ENTRY = photographs()[0][0]


def test_counts_every_kind() -> None:
    state = ExportState()
    for entry, _ in photographs():
        state.add(replace(entry, split="train"))

    images = len(photographs())
    described = to_card(
        ExportPlan("cats", "zip", sources=["https://example.org"], rules={"min": 1}), state
    )
    assert described["images"] == images
    assert described["bytes"] == sum(entry.file_size for entry, _ in photographs())
    assert described["newest_image"] == f"2026-01-01T00:{images - 1:02}:00Z"
    assert described["sources"] == ["https://example.org"]
    assert described["rules"] == {"min": 1}
    counts = described["counts"]
    by_split = counts.pop("split_labels")
    assert by_split == {"train": counts["labels"]}
    assert counts["splits"] == {"train": images}
    assert counts["hosts"] == {"example.org": images}
    assert counts["formats"].keys() == {"jpeg", "png"}
    assert counts["labels"].keys() == {"(unknown)", "coffee cup", "street cat"}
    assert all(sum(kinds.values()) == images for kinds in counts.values())


def test_the_newest_image_may_come_first() -> None:
    state = ExportState()
    for entry, _ in reversed(photographs()):
        state.add(entry)

    assert state.newest == photographs()[-1][0].created_at


def test_states_do_not_share_counts() -> None:
    ExportState().add(ENTRY)

    assert ExportState() == ExportState.model_validate({})


def test_the_state_is_small_whatever_people_write() -> None:
    state = ExportState()
    for start in range(0, 5000, 700):
        part = ExportState()
        for number in range(start, min(start + 700, 5000)):
            host = f"https://{number}.example"
            part.add(replace(ENTRY, label=f"label {number}", original_url=host))
        state.join(part)

    assert len(state.model_dump_json()) < 100_000
    assert sum(state.counts.labels.values()) == 5000
    assert state.counts.labels["(others)"] == 4000


def test_survives_an_address_that_is_none() -> None:
    state = ExportState()
    state.add(replace(ENTRY, original_url="http://[::1/"))

    assert state.counts.hosts == {"(unknown)": 1}


def test_the_order_of_splits_does_not_show() -> None:
    one = ExportPlan("cats", "zip", ExportOptions(splits={"train": 0.5, "test": 0.5}))
    other = ExportPlan("cats", "zip", ExportOptions(splits={"test": 0.5, "train": 0.5}))

    assert list(to_card(one, ExportState())["options"]["splits"]) == ["test", "train"]
    assert str(to_card(one, ExportState())) == str(to_card(other, ExportState()))


def test_licenses_are_numbered_up_to_a_thousand() -> None:
    state, first, second = ExportState(), ExportState(), ExportState()
    numbers = [first.number_license(f"license {number}") for number in range(999)]

    assert numbers == [*range(1, 1000)]
    assert first.number_license("license 7") == 8
    assert first.number_license(None) == first.number_license("") == 0
    for name in ("license 7", "new", "newer"):
        second.number_license(name)
    assert state.join(first) == [0, *numbers]
    assert state.join(second) == [0, 8, 1000, 0]


def test_failures_are_all_counted_and_the_first_are_named() -> None:
    state = ExportState()
    for number in range(150):
        reason = "missing" if number % 3 else "corrupt"
        failure = {"url": None, "reason": reason, "detail": ""}
        state.leave_out(ExportFailure(image_id=UUID(int=number), **failure))

    assert state.failure_reasons == {"corrupt": 50, "missing": 100}
    assert [one.image_id.int for one in state.failures] == [*range(100)]
    described = to_card(ExportPlan("cats", "zip"), state)
    assert (described["images"], described["failed"], len(described["failures"])) == (0, 150, 100)
    assert len(state.model_dump_json()) < 100_000
