"""The choice of whose work is begun next."""

from collections import Counter, deque
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.fair_choice import choose, count_open_slots

ACCOUNTS = [UUID(int=number) for number in range(1, 9)]
counts = st.dictionaries(st.sampled_from(ACCOUNTS), st.integers(0, 12))


def make_waiting(numbers: dict[UUID, int]) -> dict[UUID, list[UUID]]:
    """Return messages of accounts, whose ages alternate."""
    return {
        account: [UUID(int=1000 + 10 * place + account.int) for place in range(number)]
        for account, number in numbers.items()
    }


@given(at_work=counts, numbers=counts, slots=st.integers(1, 40))
def test_every_choice_is_fair(
    at_work: dict[UUID, int], numbers: dict[UUID, int], slots: int
) -> None:
    waiting = make_waiting(numbers)
    owners = {one: account for account, ids in waiting.items() for one in ids}
    chosen = choose(at_work, waiting, slots)
    assert len(set(chosen)) == len(chosen)
    after = Counter(at_work)
    left = {account: deque(ids) for account, ids in waiting.items()}
    for message in chosen:
        account = owners[message]
        fewest = min(after[other] for other, ids in left.items() if ids)
        assert after[account] == fewest
        assert sum(after.values()) < (count_open_slots(slots) if after[account] else slots)
        assert left[account].popleft() == message  # the oldest of its account
        after[account] += 1
    for account, ids in left.items():  # who still waits waits for a reason
        if ids:
            limit = count_open_slots(slots) if after[account] else slots
            assert sum(after.values()) >= limit


@given(slots=st.integers(2, 100), number=st.integers(1, 5000))
def test_a_place_is_left_for_who_comes_later(slots: int, number: int) -> None:
    many, newcomer = ACCOUNTS[:2]
    waiting = make_waiting({many: number})
    first = choose({}, waiting, slots)
    assert len(first) == min(number, count_open_slots(slots))
    message = UUID(int=10**9)
    later = {many: waiting[many][len(first) :], newcomer: [message]}
    assert message in choose({many: len(first)}, later, slots)


@given(numbers=st.dictionaries(st.sampled_from(ACCOUNTS), st.integers(1, 60), min_size=2))
def test_nobody_waits_for_anothers_backlog(numbers: dict[UUID, int]) -> None:
    """Each account's n-th piece begins before anybody's piece number n + slots."""
    slots = 4
    waiting = make_waiting(numbers)
    owners = {one: account for account, ids in waiting.items() for one in ids}
    at_work: deque[UUID] = deque()
    begun: Counter[UUID] = Counter()
    while any(waiting.values()) or at_work:
        for message in choose(Counter(at_work), waiting, slots):
            account = owners[message]
            waiting[account].remove(message)
            at_work.append(account)
            begun[account] += 1
            for other, ids in waiting.items():
                assert not ids or begun[account] <= begun[other] + slots
        at_work.popleft()  # the oldest is done
    assert begun == Counter(numbers)
