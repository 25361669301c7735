"""Publishing to Pub/Sub with the synchronous client: no thread outlives the call."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from uuid import UUID

from google.api_core.exceptions import DeadlineExceeded, GoogleAPICallError, RetryError
from google.api_core.retry import Retry, if_transient_error
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.types import PubsubMessage

from shared.messaging.messages import CrawlRequested
from shared.messaging.outbox import Envelope

log = logging.getLogger(__name__)

# Pub/Sub takes at most 1,000 messages and 10,000,000 bytes in one request.
_BATCH_MESSAGES = 500
_BATCH_BYTES = 4_000_000
_TIMEOUT = 5.0  # seconds for one try; the outbox covers the rest
RETRY = Retry(predicate=if_transient_error, initial=0.1, maximum=1.0, timeout=8.0)


class PubSub:
    """Publishes envelopes to the topics of one project."""

    def __init__(
        self, project: str, client: PublisherClient | None = None, retry: Retry = RETRY
    ) -> None:
        """Take a `client`, or build one with the credentials of this process."""
        self._client = client or PublisherClient()
        self._project = project
        self._retry = retry

    def publish(self, envelopes: Sequence[Envelope]) -> list[UUID]:
        """Send all, grouped by topic; return the ids of those that were accepted.

        A topic that refuses does not keep the others from theirs; once Pub/Sub does not answer at
        all, the rest is not tried.
        """
        by_topic: dict[str, list[Envelope]] = defaultdict(list)
        for envelope in envelopes:
            by_topic[envelope.topic].append(envelope)
        accepted: list[UUID] = []
        for topic, group in by_topic.items():
            try:
                for batch in _split_batches(group):
                    self._publish(topic, batch)
                    accepted += [one.id for one in batch]
            except (RetryError, DeadlineExceeded) as error:
                log.warning("Pub/Sub does not answer: %s", error)
                break
            except GoogleAPICallError as error:
                log.warning("publishing to %s failed: %s", topic, error)
        return accepted

    def check(self) -> None:
        """Raise when Pub/Sub does not answer or a topic of ours is missing."""
        topic = f"projects/{self._project}/topics/{CrawlRequested.topic}"
        self._client.get_topic(topic=topic, timeout=5, retry=None)

    def _publish(self, topic: str, batch: list[Envelope]) -> None:
        self._client.publish(
            topic=f"projects/{self._project}/topics/{topic}",
            messages=[PubsubMessage(data=one.data, attributes=one.attributes) for one in batch],
            timeout=_TIMEOUT,
            retry=self._retry,
        )


def _split_batches(envelopes: Sequence[Envelope]) -> Iterator[list[Envelope]]:
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
