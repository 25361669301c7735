"""Publishing to Pub/Sub with the synchronous client: no thread outlives the call."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from uuid import UUID

from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.api_core.retry import Retry, if_transient_error
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.types import PubsubMessage

from shared.messages import CrawlRequested
from shared.outbox import Envelope

log = logging.getLogger(__name__)

# Pub/Sub takes at most 1,000 messages and 10,000,000 bytes in one request.
_BATCH_MESSAGES = 500
_BATCH_BYTES = 4_000_000
_TIMEOUT = 5.0  # seconds for one try; the outbox covers the rest
_RETRY = Retry(predicate=if_transient_error, initial=0.1, maximum=1.0, timeout=8.0)


class PubSub:
    """Publishes envelopes to the topics of one project."""

    def __init__(self, project: str) -> None:
        self._client = PublisherClient()
        self._project = project

    def publish(self, envelopes: Sequence[Envelope]) -> list[UUID]:
        """Sends all, grouped by topic; returns the ids of those that were accepted."""
        by_topic: dict[str, list[Envelope]] = defaultdict(list)
        for envelope in envelopes:
            by_topic[envelope.topic].append(envelope)
        return [
            accepted
            for topic, group in by_topic.items()
            for batch in _batches(group)
            for accepted in self._publish(topic, batch)
        ]

    def check(self) -> None:
        """Raises when Pub/Sub does not answer or a topic of ours is missing."""
        topic = f"projects/{self._project}/topics/{CrawlRequested.topic}"
        self._client.get_topic(topic=topic, timeout=5, retry=None)

    def _publish(self, topic: str, batch: list[Envelope]) -> list[UUID]:
        try:
            self._client.publish(
                topic=f"projects/{self._project}/topics/{topic}",
                messages=[PubsubMessage(data=one.data, attributes=one.attributes) for one in batch],
                timeout=_TIMEOUT,
                retry=_RETRY,
            )
        except (GoogleAPICallError, RetryError) as error:
            log.warning("publishing to %s failed: %s", topic, error)
            return []
        return [one.id for one in batch]


def _batches(envelopes: Sequence[Envelope]) -> Iterator[list[Envelope]]:
    batch: list[Envelope] = []
    size = 0
    for envelope in envelopes:
        length = len(envelope.data) + 512
        if batch and (len(batch) == _BATCH_MESSAGES or size + length > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(envelope)
        size += length
    if batch:
        yield batch
