"""Samples read in a shuffled order by range requests, beside `webdataset` reading sequentially."""

import io
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

from pixmill.loader import Loader
from webdataset import WebDataset

from shared.exports.assembly import Assembly, DescribedPart
from shared.exports.entries import ExportEntry
from shared.exports.formats import make_part_writer
from shared.exports.naming import name_shard
from shared.exports.plan import ExportPlan, ExportState
from shared.schemas.exports import ExportOptions
from tests.shared.imaging.photographs import encode_image, enlarge_photograph

_IMAGES, _SHARDS = 100_000, 20
_ROUNDS = 2


def measure() -> None:
    """Print samples a second of both, from the same server, a single reader each."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        file = _write_export(folder)
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.range_server", name], stdout=subprocess.PIPE, text=True
        )
        stack.callback(server.wait)
        stack.callback(server.kill)
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        size = file.stat().st_size
        print(f"  {_IMAGES} images, {size / _IMAGES / 1000:.1f} kB each with what lies beside")
        urls = [f"{address}/{path.name}" for path in sorted(folder.glob("shard-*.tar"))]
        started = time.perf_counter()
        loader = Loader(f"{address}/{file.name}", seed=1)
        opened = time.perf_counter() - started
        blocks = f"blocks of {loader.block}, windows of {loader.window} blocks"
        print(f"  catalogue and indexes: {opened:.2f} s; {blocks}")
        readers: dict[str, Callable[[], int]] = {
            "webdataset, sequential": lambda: sum(1 for _ in _read_by_webdataset(urls)),
            "loader, shuffled": lambda: sum(1 for _ in loader),
        }
        best = dict.fromkeys(readers, 0.0)
        for _ in range(_ROUNDS):
            for reader, read in readers.items():
                started = time.perf_counter()
                assert read() == _IMAGES
                rate = _IMAGES / (time.perf_counter() - started)
                best[reader] = max(best[reader], rate)
        first = best["webdataset, sequential"]
        for reader, rate in best.items():
            print(f"  {reader:24} {rate:8.0f} samples/s, {rate / first:.2f} x")


def _read_by_webdataset(urls: list[str]) -> WebDataset:
    # Its way to read an address is a pipe of curl.
    pipes = [f"pipe:curl -s -f {url}" for url in urls]
    return WebDataset(pipes, shardshuffle=False, empty_check=False)


def _write_export(folder: Path) -> Path:
    """Write an export of small pictures as workers would."""
    picture = enlarge_photograph("coffee.png", (160, 120))
    content = encode_image(picture, "JPEG")
    plan = ExportPlan(
        "small", "tar", ExportOptions(layout="webdataset", shard_bytes=2**26), ("cat",), "jpg"
    )
    described, stored = [], dict[tuple[str, str], bytes]()
    per_shard = _IMAGES // _SHARDS
    for shard in range(_SHARDS):
        sink = io.BytesIO()
        state = ExportState(shard=name_shard("webdataset", None, shard))
        writer = make_part_writer(plan, sink, state)
        for number in range(shard * per_shard, (shard + 1) * per_shard):
            entry = ExportEntry(
                id=UUID(int=number + 1),
                sha256=f"{number:032x}".ljust(64, "0"),
                extension="jpg",
                format="jpeg",
                file_size=len(content),
                width=160,
                height=120,
                label="cat",
            )
            writer.add(entry, content)
        part = f"part-{shard}"
        stored |= {(part, name): data for name, data in writer.end().items()}
        (folder / part).write_bytes(sink.getvalue())
        writer.state.objects = [part]
        described.append(DescribedPart(part, None, writer.state))
    assembly = Assembly(plan, described, lambda part, section: stored[part, section])
    path = folder / "export.bin"
    with path.open("wb") as file:
        for piece in assembly.pieces:
            file.write(piece if isinstance(piece, bytes) else (folder / piece).read_bytes())
        assembly.finish(file)
    return path
