"""(Written by `make contracts` from `pixmill/aio/`.) Single images."""

from typing import Unpack

from pixmill import operations, types
from pixmill.sync.resources import Resource
from pixmill.calls import Call


class Image(Resource[types.ImageDetail]):
    """An image with its variants, its validation and its latest analyses in `row`."""

    def read(self) -> Call[types.ImageDetail]:
        """Return the call that reads it."""
        return operations.images_get(self.id)

    def update(self, **changes: Unpack[types.ImageUpdate]) -> None:
        """Change its label or caption, or reject it. Raises `Stale` if somebody else changed it."""
        self._change(operations.images_update(self.id, changes), changes)

    def delete(self) -> None:
        """Delete it."""
        self.client.send(operations.images_delete(self.id))
