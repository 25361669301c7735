"""Each class has its share in every split, as far as its groups allow."""

from collections import Counter

import numpy as np
import pytest

from tests.shared.splitting.building import make_hashes, make_images
from tests.shared.splitting.test_assignment import SHARES, assign


@pytest.mark.parametrize("copies", [0.0, 0.5])
def test_every_class_has_its_shares(copies: float) -> None:
    rng = np.random.default_rng(4)
    labels = rng.choice([1, 2, 3, 4], 4000, p=[0.7, 0.2, 0.05, 0.05]).tolist()
    images = make_images(make_hashes(4000, copies=copies), labels=labels)
    splits = assign(images, SHARES, stratified=True).splits
    for label in (1, 2, 3, 4):
        own = splits[images.labels == label]
        for place, name in enumerate(sorted(SHARES)):
            # Within a few images, where chance alone would be off by dozens.
            assert abs(np.count_nonzero(own == place) - SHARES[name] * len(own)) <= 3


def test_few_images_of_a_class_fall_into_the_largest_splits() -> None:
    images = make_images(make_hashes(5, copies=0), labels=[1] * 5)
    splits = assign(images, SHARES, stratified=True).splits
    assert Counter(splits.tolist())[1] == 4


def test_later_images_fill_what_is_missing() -> None:
    """All that was there before is in one split, which keeps it."""
    images = make_images(make_hashes(100, copies=0), labels=[1] * 100)
    splits = assign(images, {"a": 0.5, "b": 0.5}, [0] * 60, stratified=True).splits
    assert splits[:60].tolist() == [0] * 60
    assert splits[60:].tolist() == [1] * 40


def test_what_a_dataset_does_not_hold_is_not_counted() -> None:
    """Duplicates go with their originals, invalid images by their content; both count nothing."""
    counts = [True, False] * 50
    images = make_images(make_hashes(100, copies=0), labels=[1] * 100, counts=counts)
    splits = assign(images, {"a": 0.5, "b": 0.5}, stratified=True).splits
    assert np.count_nonzero(splits[::2]) == 25
    assert 0 < np.count_nonzero(splits[1::2]) < 50
