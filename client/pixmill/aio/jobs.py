"""Jobs that can be waited for: crawls, validations, versions and exports."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from pixmill import operations, types
from pixmill.aio.resources import AsyncResource
from pixmill.aio.transfers import download
from pixmill.calls import Call
from pixmill.errors import TransferFailed
from pixmill.jobs import ExportFormat, Progress

Row = TypeVar("Row")
Self = TypeVar("Self", bound="AsyncJob[Any]")


class AsyncJob(AsyncResource[Row]):
    """A job: `row` is how it stood when it was last read."""

    @property
    def status(self) -> str:
        """The state in which it was when it was last read."""
        return str(cast(Mapping[str, Any], self.row)["status"])

    async def wait(
        self: Self, *, timeout: float | None = None, progress: Progress | None = None
    ) -> Self:
        """Return when it is completed; `progress` gets the job each time that it is read.

        Raises `JobFailed` if it fails or is cancelled, `JobUnfinished` after `timeout` seconds.
        """
        self.row = await self.client.wait_for(self.read(), timeout=timeout, progress=progress)
        return self


class AsyncCrawl(AsyncJob[types.CrawlJobRead]):
    """A crawl job."""

    def read(self) -> Call[types.CrawlJobRead]:
        """Return the call that reads the job."""
        return operations.crawls_get(self.id)

    async def report(self) -> types.CrawlReport:
        """Return what became of the addresses, with the first 200 that failed."""
        return await self.client.send(operations.crawls_report(self.id))

    async def failures(self) -> AsyncIterator[types.FailedUrl]:
        """Yield every address that brought no image, with the reason."""
        cursor: str | None = None
        while True:
            report = await self.client.send(operations.crawls_report(self.id, cursor=cursor))
            for failed in report["failed_urls"]:
                yield failed
            if (cursor := report["next_cursor"]) is None:
                return

    async def images(self, **filters: Any) -> AsyncIterator[types.ListedImage]:
        """Yield the images that it brought; `filters` are those of `operations.images_list`."""
        filters = {"limit": 200, "crawl_job_id": self.id, **filters}
        call = operations.images_list(self.row["project_id"], **filters)
        async for image in self.client.iterate(call):
            yield image

    async def validate(self, rules: types.Rules, name: str = "validation") -> "AsyncValidation":
        """Start to judge its images by rules."""
        call = operations.validations_create(self.id, {"name": name, "rules": rules})
        return AsyncValidation(self.client, await self.client.send(call))

    async def export(
        self,
        format: ExportFormat = "zip",
        *,
        name: str = "export",
        options: types.ExportOptions | None = None,
    ) -> "AsyncExport":
        """Start an export of its images."""
        body: types.ExportJobCreate = {"name": name, "format": format, "options": options or {}}
        call = operations.exports_create_for_crawl_job(self.id, body)
        return AsyncExport(self.client, await self.client.send(call))

    async def cancel(self) -> None:
        """End it; what is stored stays."""
        self.row = await self.client.send(operations.crawls_cancel(self.id))

    async def retry(self) -> None:
        """Try again what failed for a reason that may have passed."""
        self.row = await self.client.send(operations.crawls_retry(self.id))


class AsyncValidation(AsyncJob[types.ValidationJobRead]):
    """A validation job."""

    def read(self) -> Call[types.ValidationJobRead]:
        """Return the call that reads the job."""
        return operations.validations_get(self.id)

    async def results(
        self, *, valid: bool | None = None
    ) -> AsyncIterator[types.ValidationResultRead]:
        """Yield the verdict on each image."""
        call = operations.validations_list_results(self.id, limit=200, valid=valid)
        async for result in self.client.iterate(call):
            yield result


class AsyncVersion(AsyncJob[types.VersionDetail]):
    """A version of a project's dataset."""

    def read(self) -> Call[types.VersionDetail]:
        """Return the call that reads the version."""
        return operations.versions_get(self.id)

    async def diff(self, older: "AsyncVersion | str") -> AsyncIterator[types.VersionChange]:
        """Yield what is different here from an older version, given itself or by its id."""
        before = older if isinstance(older, str) else older.id
        async for change in self.client.iterate(
            operations.versions_diff(before, self.id, limit=10_000)
        ):
            yield change

    async def export(
        self,
        format: ExportFormat = "zip",
        *,
        name: str = "export",
        options: types.ExportOptions | None = None,
    ) -> "AsyncExport":
        """Start an export of what it holds, with its splits."""
        body: types.ExportJobCreate = {"name": name, "format": format, "options": options or {}}
        call = operations.exports_create_for_version(self.id, body)
        return AsyncExport(self.client, await self.client.send(call))


class AsyncExport(AsyncJob[types.ExportJobRead]):
    """An export job."""

    def read(self) -> Call[types.ExportJobRead]:
        """Return the call that reads the job."""
        return operations.exports_get(self.id)

    async def download(self, target: str | Path, *, progress: Progress | None = None) -> Path:
        """Fetch the file of a completed export, and compare its checksum.

        What came before is not fetched again. `progress` gets ``{"bytes", "total"}``.
        """

        async def find_url() -> str:
            self.row = await self.client.send(self.read())
            if self.row["download_url"] is None:
                raise TransferFailed("The export's file is gone: exports are kept for a time only.")
            return self.row["download_url"]

        size, sha256 = self.row["file_size"], self.row["sha256"]
        told = None
        if progress is not None:
            tell = progress
            told = lambda count: tell({"bytes": count, "total": size})  # noqa: E731
        return await download(
            self.client, find_url, Path(target), size=size, sha256=sha256, progress=told
        )
