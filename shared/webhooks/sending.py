"""Posts deliveries, signed, to the address of their webhook."""

import json
import time

from shared import __version__
from shared.fetching.addresses import AddressPolicy
from shared.fetching.posting import PostAnswer, post
from shared.webhooks.claims import ClaimedWebhook, DueDelivery
from shared.webhooks.signing import make_headers

CONNECT_TIMEOUT, TIMEOUT = 5.0, 15.0  # seconds
_MAX_EXCERPT = 1024  # bytes


def send_delivery(
    policy: AddressPolicy, webhook: ClaimedWebhook, delivery: DueDelivery
) -> PostAnswer:
    """Post a delivery once; what was signed is what is sent."""
    body = json.dumps(delivery.payload, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Pixmill-Webhooks/{__version__}",
        **make_headers(webhook.keys, delivery.event_id, int(time.time()), body),
    }
    return post(
        policy,
        webhook.url,
        body,
        headers,
        connect_timeout=CONNECT_TIMEOUT,
        total_timeout=TIMEOUT,
        max_excerpt=_MAX_EXCERPT,
    )
