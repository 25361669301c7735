"""(Written by `make contracts` from `pixmill/aio/`.) Webhooks: addresses that hear of jobs that end."""

import time
from time import sleep
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Unpack

from pixmill import operations, types
from pixmill.sync.resources import Resource
from pixmill.calls import Call

if TYPE_CHECKING:
    from pixmill.sync.client import Client

_PAUSE = 0.5  # seconds between two looks at a delivery


class Webhook(Resource[types.WebhookRead]):
    """A webhook; `secret` signs its posts, and is known only of one that was made just now."""

    def __init__(
        self,
        client: "Client",
        row: types.WebhookRead,
        tag: str | None = None,
        *,
        secret: str | None = None,
    ) -> None:
        super().__init__(client, row, tag)
        self.secret = secret

    def read(self) -> Call[types.WebhookRead]:
        """Return the call that reads it."""
        return operations.webhooks_get(self.id)

    def update(self, **changes: Unpack[types.WebhookUpdate]) -> None:
        """Change its `url` or `events`.

        Each post to it changes what a webhook says of itself, so this asks nobody whether it is
        still as it was read.
        """
        call = operations.webhooks_update(self.id, changes)
        self.row, self.tag = self.client.send_tagged(call)

    def pause(self) -> None:
        """Send nothing until it is resumed; what happens meanwhile waits."""
        self.update(is_active=False)

    def resume(self) -> None:
        """Send again, first what has waited."""
        self.update(is_active=True)

    def delete(self) -> None:
        """Delete it with all that was or is to be sent."""
        self.client.send(operations.webhooks_delete(self.id))

    def rotate_secret(self) -> str:
        """Return a new secret; for a day posts are signed with the one before as well."""
        answer = self.client.send(operations.webhooks_rotate_secret(self.id))
        self.secret = answer["secret"]
        return self.secret

    def deliveries(
        self, *, status: Literal["pending", "completed", "failed"] | None = None
    ) -> Iterator[types.WebhookDeliveryRead]:
        """Yield what was and is to be sent, newest first."""
        call = operations.webhooks_list_deliveries(self.id, limit=200, status=status)
        for delivery in self.client.iterate(call):
            yield delivery

    def replay(self, delivery_id: str) -> types.WebhookDeliveryRead:
        """Send a delivery again, under its id; return how it stands."""
        return self.client.send(operations.webhooks_replay(delivery_id))

    def send_test(self) -> types.WebhookDeliveryRead:
        """Send the event `webhook.test`; return its delivery, for `watch`."""
        return self.client.send(operations.webhooks_send_test(self.id))

    def watch(
        self, delivery: types.WebhookDeliveryRead, *, timeout: float = 30.0
    ) -> types.WebhookDeliveryRead:
        """Return a delivery when its first attempt is over, or after `timeout` seconds as it is."""
        started = time.monotonic()
        while True:
            for one in self.deliveries():
                if one["id"] == delivery["id"]:
                    delivery = one
                    break
            if delivery["attempts"] or delivery["status"] != "pending":
                return delivery
            if time.monotonic() - started >= timeout:
                return delivery
            sleep(_PAUSE)
