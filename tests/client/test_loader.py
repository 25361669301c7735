"""The loader's order: the same over any number of readers, and from wherever it goes on."""

import copy
import io
import sys
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest
from pixmill.errors import BadSource, TransferFailed
from pixmill.loader import Loader, to_torch
from pixmill.order import SampleOrder
from pixmill.permutation import Permutation
from pixmill.shards import open_shards

from shared.exports.plan import ExportPlan
from shared.schemas.exports import ExportOptions
from tests.shared.exports.building import SPLITS, build, in_formats, split

IMAGES = split(in_formats("PNG", "JPEG", count=50), SPLITS)
OF_TRAIN = sorted(entry.sha256[:32] for entry, _ in IMAGES if entry.split == "train")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an export of three shards, each written in three parts."""
    options = ExportOptions(layout="webdataset", splits=SPLITS)
    path = tmp_path_factory.mktemp("export") / "cats.tar"
    path.write_bytes(build(ExportPlan("cats", "tar", options, ("cat",), "jpg"), IMAGES, 3))
    return path


class RangeServer(BaseHTTPRequestHandler):
    """Serves ranges of one file, and refuses addresses that ran out."""

    protocol_version = "HTTP/1.1"
    content: ClassVar[bytes] = b""
    failures: ClassVar[int] = 0

    def do_GET(self) -> None:
        """Answer with a range."""
        start, _, end = self.headers["Range"].removeprefix("bytes=").partition("-")
        data = self.content[int(start) : int(end) + 1]
        status = 403 if "expired" in self.path else 206
        if type(self).failures:
            type(self).failures -= 1
            status = 503
        body = data if status == 206 else b""
        self.send_response(status)
        self.send_header("Content-Range", f"bytes {start}-{end}/{len(self.content)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address(file: Path) -> Iterator[str]:
    RangeServer.content, RangeServer.failures = file.read_bytes(), 0
    with ThreadingHTTPServer(("127.0.0.1", 0), RangeServer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/cats.tar"
        server.shutdown()
        thread.join()


def keys(loader: Loader) -> list[str]:
    return [sample["__key__"].decode() for sample in loader]


def small(source: Any, **options: Any) -> Loader:
    """Return a loader with several windows of several blocks, the last one short."""
    given: dict[str, Any] = {"split": "train", "seed": 7, "block": 4, "window": 2} | options
    return Loader(source, **given)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64, 1001])
def test_a_permutation_has_each_number_once_and_its_inverse(size: int) -> None:
    order = Permutation(size, "a key")
    found = [order[place] for place in range(size)]
    assert sorted(found) == [*range(size)]
    assert [order.find(value) for value in found] == [*range(size)]
    assert size < 64 or found != [Permutation(size, "another")[place] for place in range(size)]
    with pytest.raises(IndexError):
        order[size]


@pytest.mark.parametrize(
    ("size", "block", "window"), [(1, 4, 2), (103, 4, 3), (96, 8, 4), (5, 1, 9)]
)
def test_windows_follow_each_other_wherever_one_begins(size: int, block: int, window: int) -> None:
    order = SampleOrder(size, block, window, seed=1, epoch=2)
    windows = [*order.read_windows(0)]
    flat = [sample for one in windows for sample in one.samples]
    assert sorted(flat) == [*range(size)]
    starts = [one.start for one in windows]
    assert starts == [sum(len(w.samples) for w in windows[:n]) for n in range(len(windows))]
    for position in range(size):
        first = next(order.read_windows(position))
        assert first.samples[position - first.start] == flat[position]


def test_all_samples_of_the_split_in_an_order_of_seed_and_epoch(file: Path) -> None:
    loader = small(file)
    first, second = keys(loader), keys(loader)
    assert sorted(first) == sorted(second) == OF_TRAIN
    assert first != second
    assert loader.state == {"seed": 7, "epoch": 2, "position": 0}
    assert first == keys(small(file))
    assert first != keys(small(file, seed=8)) != sorted(first)


def test_samples_hold_the_files_of_the_image(file: Path) -> None:
    contents = {entry.sha256[:32]: content for entry, content in IMAGES}
    for sample in small(file, split=None):
        assert set(sample) == {"__key__", "jpg", "json", "txt", "cls"}
        assert sample["jpg"] == contents[sample["__key__"].decode()]


def test_it_goes_on_at_any_sample(file: Path) -> None:
    shards = open_shards(file, "train")
    whole = keys(small(shards))
    for stop in range(0, len(whole), 3):
        loader = small(shards)
        seen = [one["__key__"].decode() for _, one in zip(range(stop), loader, strict=False)]
        assert seen + keys(small(shards, **loader.state)) == whole


@pytest.mark.parametrize("ranks", [2, 3, 7])
def test_ranks_together_yield_the_order_of_one(file: Path, ranks: int) -> None:
    """Also when another number of them goes on."""
    shards = open_shards(file, "train")
    whole = keys(small(shards))
    shares = [keys(small(shards, rank=rank, ranks=ranks)) for rank in range(ranks)]
    assert [shares[n % ranks][n // ranks] for n in range(len(whole))] == whole
    loaders = [small(shards, rank=rank, ranks=ranks) for rank in range(ranks)]
    for loader in loaders:
        next(iter(loader))
    assert {loader.position for loader in loaders} == {ranks}
    rest = [keys(small(shards, position=ranks, rank=rank, ranks=2)) for rank in range(2)]
    assert [rest[n % 2][n // 2] for n in range(len(whole) - ranks)] == whole[ranks:]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_workers_take_batches_in_turn(file: Path, workers: int) -> None:
    shards = open_shards(file, "train")
    alone = [place for place, _ in small(shards, rank=1, ranks=2).read_places()]
    taken = [
        [place for place, _ in small(shards, rank=1, ranks=2).read_places(one, workers, 4)]
        for one in range(workers)
    ]
    batches = [
        taken[number % workers][number // workers * 4 :][:4]
        for number in range(len(alone) // 4 + 1)
    ]
    assert [place for batch in batches for place in batch] == alone


def test_a_served_file_a_local_one_and_a_folder_are_the_same(
    file: Path, address: str, tmp_path: Path
) -> None:
    with tarfile.open(file) as archive:
        archive.extractall(tmp_path, filter="data")
    assert keys(small(address)) == keys(small(file)) == keys(small(tmp_path))


def test_an_address_that_ran_out_is_asked_for_again(file: Path, address: str) -> None:
    given = iter([f"{address}?expired", address])
    RangeServer.failures = 1
    assert keys(small(lambda: next(given))) == keys(small(file))


def test_a_loader_can_be_copied_as_workers_do(file: Path, address: str) -> None:
    loader = small(address)
    next(iter(loader))
    assert keys(copy.deepcopy(loader)) == keys(small(file))[1:]


def test_bytes_that_are_not_those_of_the_index(file: Path, tmp_path: Path) -> None:
    changed = bytearray(file.read_bytes())
    changed[changed.index(b"\x89PNG") + 20] ^= 1
    (tmp_path / "cats.tar").write_bytes(changed)
    with pytest.raises(TransferFailed, match="not what its index says"):
        keys(small(tmp_path / "cats.tar", split=None))


def test_what_has_no_shards_is_refused(file: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="the splits are test, train, validation"):
        Loader(file, split="nothing")
    with tarfile.open(tmp_path / "other.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("a.jpg"), io.BytesIO())
    with pytest.raises(BadSource, match="shard_bytes"):
        Loader(tmp_path / "other.tar")
    with pytest.raises(BadSource, match=r"shards\.json"):
        Loader(tmp_path)
    with pytest.raises(ValueError, match="rank 2"):
        Loader(file, rank=2, ranks=2)


def test_torch_takes_batches_of_each_worker_in_turn(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for torch, no dependency of ours: a `DataLoader` reads its workers in turn."""
    worker = SimpleNamespace(id=0, num_workers=2)
    data = ModuleType("torch.utils.data")
    vars(data).update(IterableDataset=object, get_worker_info=lambda: worker)
    monkeypatch.setitem(sys.modules, "torch.utils.data", data)
    whole = keys(small(file))
    taken = []
    for number in range(2):
        worker.id = number
        taken.append([one["__key__"].decode() for one in to_torch(small(file), batch_size=3)])
    batches = [taken[n % 2][n // 2 * 3 :][:3] for n in range(len(whole) // 3 + 1)]
    assert [key for batch in batches for key in batch] == whole
