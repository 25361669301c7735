"""The objects of a part: its bytes as they are written, and images composed in between."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from shared.exports.composing import StoredFile
from shared.storage.bucket import COMPOSE_LIMIT, Generation, Storage

# Bytes between two images up to which they are composed with them. What is longer stands by
# itself: a copy of it would cost more than one source more.
_SHORT = 1024 * 1024
_AT_ONCE = 8


class _Piece(NamedTuple):
    name: str
    data: bytes


class PartSink:
    """Makes the objects of a part, which are in `objects` in their order once it is closed.

    Where no file is included it is one object. The bytes around included files become small
    objects, of which as many as one call takes are composed with the files. They are deleted then;
    what a crash leaves lies below the part's prefix.
    """

    def __init__(self, storage: Storage, name: str, content_type: str) -> None:
        self.objects: list[str] = []
        self._storage = storage
        self._name = name
        self._content_type = content_type
        self._names = 0
        self._short = bytearray()
        self._stream: BinaryIO | None = None
        self._group: list[_Piece | StoredFile] = []
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="compose")
        self._at_work: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._end_piece()
                self._end_group()
                while self._at_work:
                    self._at_work.popleft().result()
            elif self._stream is not None:
                self._stream.__exit__(kind, error, trace)
        finally:
            self._pool.shutdown(cancel_futures=True)

    def write(self, data: bytes, /) -> None:
        """Take bytes that follow."""
        if self._stream is None and len(self._short) + len(data) > _SHORT:
            self._end_group()
            self.objects.append(self._make_name())
            self._stream = self._storage.open_write(self.objects[-1], self._content_type)
            self._stream.write(self._short)
            self._short.clear()
        if self._stream is None:
            self._short += data
        else:
            self._stream.write(data)

    def include(self, file: StoredFile) -> None:
        """Take a file that follows, as it lies in the bucket."""
        self._end_piece()
        self._add_to_group(file)

    def _end_piece(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        elif self._short:
            self._add_to_group(_Piece(self._make_name(), bytes(self._short)))
            self._short.clear()

    def _add_to_group(self, source: _Piece | StoredFile) -> None:
        if len(self._group) == COMPOSE_LIMIT:
            self._end_group()
        self._group.append(source)

    def _end_group(self) -> None:
        """Have what was gathered made an object."""
        if not self._group:
            return
        match self._group:
            case [_Piece(name, _)]:
                self.objects.append(name)
            case _:
                self.objects.append(self._make_name())
        if len(self._at_work) == _AT_ONCE:
            self._at_work.popleft().result()
        self._at_work.append(self._pool.submit(self._make, self.objects[-1], self._group))
        self._group = []

    def _make(self, name: str, group: list[_Piece | StoredFile]) -> None:
        pieces = [one for one in group if isinstance(one, _Piece)]
        for piece in pieces:
            self._storage.put_once(piece.name, piece.data, self._content_type)
        if [piece.name for piece in pieces] == [name]:
            return
        sources: list[str | Generation] = [
            one.name if isinstance(one, _Piece) else one.object for one in group
        ]
        self._storage.compose(name, sources, self._content_type)
        self._storage.delete(piece.name for piece in pieces)

    def _make_name(self) -> str:
        self._names += 1
        return self._name if self._names == 1 else f"{self._name}-{self._names:06d}"
