"""Says how the images of a project were split, and what stands in the way."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import numpy as np

from shared.schemas.splits import SplitOptions
from shared.splitting.assignment import Assignment
from shared.splitting.grouping import Grouping
from shared.splitting.images import SplitImages
from shared.splitting.near_pairs import PairCounts, count_differing_bits

_LARGE_GROUPS = 5
_TIES = 10
_UNPLACED = 100
_METHOD = "64-bit DCT hashes of pictures and of their halves, compared by multi-index hashing"


def make_proof(
    images: SplitImages,
    grouping: Grouping,
    assignment: Assignment,
    options: SplitOptions,
    crossing: PairCounts,
) -> dict[str, Any]:
    """Return what `split_proof.json` says: groups, distance, pairs that were checked, crossings.

    `pairs` are all pairs of different hashes; `compared` of them were looked at, which are all that
    can be near. `crossing_compared` is the same for the check after the groups had their splits.
    """
    shares = options.splits or {}
    unplaced = np.flatnonzero(assignment.splits < 0)
    held = np.bincount(assignment.splits[images.counts & (assignment.splits >= 0)])
    held = np.pad(held, (0, len(shares) - len(held)))
    return {
        "distance": options.leak_distance,
        "group_by": options.group_by or [],
        "stratify": options.stratify,
        "method": _METHOD,
        "splits": {
            name: {"share": shares[name], "images": int(count)}
            for name, count in zip(sorted(shares), held, strict=True)
        },
        "images": len(images),
        "hashes": grouping.distinct,
        "groups": len(np.unique(grouping.roots)),
        "pairs": grouping.pairs,
        "compared": grouping.counts.compared,
        "joined": grouping.counts.joined,
        "crossing": 0,
        "crossing_compared": crossing.compared,
        "unplaced": len(unplaced),
        "unplaced_images": [_to_id(one) for one in images.ids[unplaced[:_UNPLACED]]],
        "large_groups": _describe_large_groups(images, grouping, assignment, shares),
    }


def list_warnings(proof: Mapping[str, Any]) -> list[str]:
    """Return what a person should know of the splits before training on them."""
    warnings = []
    for group in proof["large_groups"]:
        ties = "; ".join(
            f"{tie['image_ids'][0]} and {tie['image_ids'][1]} ({tie['reason']})"
            for tie in group["ties"][:2]
        )
        warnings.append(
            f"A group of {group['images']} images that belong together is larger than the split "
            f"{group['larger_than']} may be ({group['limit']} images), so shares cannot be met. "
            f"It hangs together by pairs such as {ties}. Choose a smaller leak_distance (0 where "
            "these are plain), leave out group_by, or reject the images that tie it."
        )
    if count := proof["unplaced"]:
        warnings.append(
            f"{count} images are in no split: they belong to images of several "
            "splits, of which none may move. Reject one side of each, or choose other splits or "
            "another leak_distance, which splits all images anew."
        )
    if count := proof["joined"]:
        warnings.append(
            f"{count} pictures look so much like too many others that they were put into one group "
            "without being compared. Reject blank pictures, or choose a smaller leak_distance."
        )
    return warnings


def _describe_large_groups(
    images: SplitImages, grouping: Grouping, assignment: Assignment, shares: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Describe groups that are larger than a split's share, the largest first, and their ties."""
    smallest = min(shares, key=lambda name: (shares[name], name))
    limit = max(2, int(shares[smallest] * np.count_nonzero(images.counts)))
    roots = np.flatnonzero(grouping.roots == np.arange(len(images)))
    sizes = assignment.sizes[roots]
    largest = roots[np.argsort(-sizes, kind="stable")[:_LARGE_GROUPS]]
    return [
        {
            "images": int(assignment.sizes[root]),
            "first_image": _to_id(images.ids[root]),
            "larger_than": smallest,
            "limit": limit,
            "ties": _find_ties(images, grouping, int(root)),
        }
        for root in largest
        if assignment.sizes[root] > limit
    ]


def _find_ties(images: SplitImages, grouping: Grouping, root: int) -> list[dict[str, Any]]:
    """Return the ties without which a group would fall into the largest pieces."""
    left, right, kinds = grouping.ties[:, grouping.roots[grouping.ties[0]] == root]
    neighbours: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for tie, (one, other) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        neighbours[one].append((other, tie))
        neighbours[other].append((one, tie))
    order = [(root, -1, -1)]
    for image, parent, _ in order:  # which grows meanwhile
        order += [(near, image, tie) for near, tie in neighbours[image] if near != parent]
    below = dict.fromkeys((image for image, _, _ in order), 1)
    cuts = []
    for image, parent, tie in reversed(order[1:]):
        below[parent] += below[image]
        cuts.append((min(below[image], len(order) - below[image]), -tie))
    ties = []
    for smaller, tie in sorted(cuts, reverse=True)[:_TIES]:
        one, other, kind = int(left[-tie]), int(right[-tie]), int(kinds[-tie])
        differing = count_differing_bits(images.hashes[[one]], images.hashes[[other]])
        ties.append(
            {
                "image_ids": [_to_id(images.ids[one]), _to_id(images.ids[other])],
                "reason": grouping.reasons[kind],
                "distance": int(differing[0]),
                "separates": smaller,
            }
        )
    return ties


def _to_id(raw: bytes) -> str:
    return str(UUID(bytes=bytes(raw).ljust(16, b"\0")))
