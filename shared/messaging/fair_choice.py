"""The choice of whose work is begun next: a rule without a database."""

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from uuid import UUID


def count_open_slots(slots: int) -> int:
    """Return how many slots anybody may take; the others are for accounts without any at work."""
    return max(1, slots - max(1, slots // 4))


def choose(
    at_work: Mapping[UUID, int], waiting: Mapping[UUID, Sequence[UUID]], slots: int
) -> list[UUID]:
    """Return which messages are to leave now, in order.

    `at_work` counts slots by account, `waiting` has messages by account, oldest first; ids sort by
    age. The account with the fewest at work comes first, of two the one that waits for longer.
    """
    open_slots = count_open_slots(slots)
    taken = sum(at_work.values())
    order = [
        (at_work.get(account, 0), ids[0], 0, account) for account, ids in waiting.items() if ids
    ]
    heapify(order)
    chosen = []
    while order:
        count, message, place, account = heappop(order)
        if taken >= (open_slots if count else slots):
            break  # whoever follows has no fewer at work
        chosen.append(message)
        taken += 1
        if place + 1 < len(waiting[account]):
            heappush(order, (count + 1, waiting[account][place + 1], place + 1, account))
    return chosen
