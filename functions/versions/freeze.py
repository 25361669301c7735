"""Freeze a version: split its images, write them down, and find the root of their tree."""

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.exports.queries import describe_dataset
from shared.messaging.messages import VersionRequested
from shared.messaging.outbox import Outbox
from shared.versions.freezing import Freeze, begin_freeze, complete_version, write_images
from shared.versions.merkle import MerkleTree
from shared.versions.ranges import RangeDigests, insert_ranges
from shared.versions.rows import read_leaves
from shared.webhooks.events import announce_end


def prepare(requested: VersionRequested, session: Session) -> Freeze | None:
    """Begin an attempt; None when the version is gone or has ended."""
    return begin_freeze(session, requested.version_id)


def handle(freeze: Freeze, engine: Engine, session: Session, outbox: Outbox) -> None:
    """Freeze a version."""
    outcome = None
    if freeze.options.splits is not None:
        # numpy takes long to load, and a version without splits does without.
        from shared.splitting.splits import split_images

        outcome = split_images(engine, freeze.project_id, freeze.options)
    unplaced = write_images(engine, freeze, outcome.book if outcome else None)
    if unplaced is None:
        return
    tree, digests = MerkleTree(), RangeDigests()
    for content, leaf in read_leaves(engine, freeze.version_id):
        tree.add(leaf)
        digests.add(content, leaf)
    card = describe_dataset(session, freeze.project_id, freeze.filter.crawl_job_id)
    root = tree.find_root().hex()
    if complete_version(session, freeze, root, unplaced, outcome, card):
        insert_ranges(session, freeze.version_id, digests)
        announce_end(session, outbox, "version", freeze.version_id, "completed")
