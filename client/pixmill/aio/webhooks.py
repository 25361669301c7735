"""Webhooks: addresses that hear of jobs that end."""

import time
from asyncio import sleep
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Literal, Unpack

from pixmill import operations, types
from pixmill.aio.resources import AsyncResource
from pixmill.calls import Call

if TYPE_CHECKING:
    from pixmill.aio.client import AsyncClient

_PAUSE = 0.5  # seconds between two looks at a delivery


class AsyncWebhook(AsyncResource[types.WebhookRead]):
    """A webhook; `secret` signs its posts, and is known only of one that was made just now."""

    def __init__(
        self,
        client: "AsyncClient",
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

    async def update(self, **changes: Unpack[types.WebhookUpdate]) -> None:
        """Change its `url` or `events`.

        Each post to it changes what a webhook says of itself, so this asks nobody whether it is
        still as it was read.
        """
        call = operations.webhooks_update(self.id, changes)
        self.row, self.tag = await self.client.send_tagged(call)

    async def pause(self) -> None:
        """Send nothing until it is resumed; what happens meanwhile waits."""
        await self.update(is_active=False)

    async def resume(self) -> None:
        """Send again, first what has waited."""
        await self.update(is_active=True)

    async def delete(self) -> None:
        """Delete it with all that was or is to be sent."""
        await self.client.send(operations.webhooks_delete(self.id))

    async def rotate_secret(self) -> str:
        """Return a new secret; for a day posts are signed with the one before as well."""
        answer = await self.client.send(operations.webhooks_rotate_secret(self.id))
        self.secret = answer["secret"]
        return self.secret

    async def deliveries(
        self, *, status: Literal["pending", "completed", "failed"] | None = None
    ) -> AsyncIterator[types.WebhookDeliveryRead]:
        """Yield what was and is to be sent, newest first."""
        call = operations.webhooks_list_deliveries(self.id, limit=200, status=status)
        async for delivery in self.client.iterate(call):
            yield delivery

    async def replay(self, delivery_id: str) -> types.WebhookDeliveryRead:
        """Send a delivery again, under its id; return how it stands."""
        return await self.client.send(operations.webhooks_replay(delivery_id))

    async def send_test(self) -> types.WebhookDeliveryRead:
        """Send the event `webhook.test`; return its delivery, for `watch`."""
        return await self.client.send(operations.webhooks_send_test(self.id))

    async def watch(
        self, delivery: types.WebhookDeliveryRead, *, timeout: float = 30.0
    ) -> types.WebhookDeliveryRead:
        """Return a delivery when its first attempt is over, or after `timeout` seconds as it is."""
        started = time.monotonic()
        while True:
            async for one in self.deliveries():
                if one["id"] == delivery["id"]:
                    delivery = one
                    break
            if delivery["attempts"] or delivery["status"] != "pending":
                return delivery
            if time.monotonic() - started >= timeout:
                return delivery
            await sleep(_PAUSE)
