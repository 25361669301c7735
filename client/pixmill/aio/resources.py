"""Resources of the account: they can be read again and, some, changed."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from pixmill.calls import Call
from pixmill.errors import Stale

if TYPE_CHECKING:
    from pixmill.aio.client import AsyncClient

Row = TypeVar("Row")


class AsyncResource(ABC, Generic[Row]):
    """Something of the account: `row` is how it stood when it was last read.

    `tag` is its entity tag, where the answer that it was read from had one.
    """

    def __init__(self, client: "AsyncClient", row: Row, tag: str | None = None) -> None:
        self.client = client
        self.row = row
        self.tag = tag

    @property
    def id(self) -> str:
        """Its id."""
        return str(_find(self.row, "id"))

    @abstractmethod
    def read(self) -> Call[Row]:
        """Return the call that reads it."""

    async def refresh(self) -> None:
        """Read it again."""
        self.row, self.tag = await self.client.send_tagged(self.read())

    async def _change(self, call: Call[Row], changes: Mapping[str, Any]) -> None:
        """Make a change to what was read. Raises `Stale` where it is not that any more."""
        if self.tag is None:  # it comes from a list or is new: nobody has changed it if …
            row, tag = await self.client.send_tagged(self.read())
            if _find(row, "updated_at") != _find(self.row, "updated_at"):
                raise Stale(412, "Precondition Failed", _STALE)
            self.tag = tag
        try:
            self.row, self.tag = await self.client.send_tagged(call.only_if(self.tag))
        except Stale as error:
            stale = Stale(error.status, error.title, _STALE, request_id=error.request_id)
            if not error.may_be_own:
                raise stale from error
            row, tag = await self.client.send_tagged(self.read())
            if any(_find(row, name) != value for name, value in changes.items()):
                raise stale from error
            self.row, self.tag = row, tag


_STALE = (
    "Somebody has changed it since it was read, so nothing was done. Read it again with refresh(), "
    "and make the change then if you still want it."
)


def _find(row: Any, name: str) -> Any:
    return cast(Mapping[str, Any], row)[name]
