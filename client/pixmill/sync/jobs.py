"""(Written by `make contracts` from `pixmill/aio/`.) Jobs that can be waited for: crawls, validations, versions and exports."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from pixmill import operations, types
from pixmill.sync.resources import Resource
from pixmill.sync.transfers import download
from pixmill.calls import Call
from pixmill.errors import TransferFailed
from pixmill.jobs import ExportFormat, Progress

Row = TypeVar("Row")
Self = TypeVar("Self", bound="Job[Any]")


class Job(Resource[Row]):
    """A job: `row` is how it stood when it was last read."""

    @property
    def status(self) -> str:
        """The state in which it was when it was last read."""
        return str(cast(Mapping[str, Any], self.row)["status"])

    def wait(
        self: Self, *, timeout: float | None = None, progress: Progress | None = None
    ) -> Self:
        """Return when it is completed; `progress` gets the job each time that it is read.

        Raises `JobFailed` if it fails or is cancelled, `JobUnfinished` after `timeout` seconds.
        """
        self.row = self.client.wait_for(self.read(), timeout=timeout, progress=progress)
        return self


class Crawl(Job[types.CrawlJobRead]):
    """A crawl job."""

    def read(self) -> Call[types.CrawlJobRead]:
        """Return the call that reads the job."""
        return operations.crawls_get(self.id)

    def report(self) -> types.CrawlReport:
        """Return what became of the addresses, with the first 200 that failed."""
        return self.client.send(operations.crawls_report(self.id))

    def failures(self) -> Iterator[types.FailedUrl]:
        """Yield every address that brought no image, with the reason."""
        cursor: str | None = None
        while True:
            report = self.client.send(operations.crawls_report(self.id, cursor=cursor))
            for failed in report["failed_urls"]:
                yield failed
            if (cursor := report["next_cursor"]) is None:
                return

    def images(self, **filters: Any) -> Iterator[types.ListedImage]:
        """Yield the images that it brought; `filters` are those of `operations.images_list`."""
        filters = {"limit": 200, "crawl_job_id": self.id, **filters}
        call = operations.images_list(self.row["project_id"], **filters)
        for image in self.client.iterate(call):
            yield image

    def validate(self, rules: types.Rules, name: str = "validation") -> "Validation":
        """Start to judge its images by rules."""
        call = operations.validations_create(self.id, {"name": name, "rules": rules})
        return Validation(self.client, self.client.send(call))

    def export(
        self,
        format: ExportFormat = "zip",
        *,
        name: str = "export",
        options: types.ExportOptions | None = None,
    ) -> "Export":
        """Start an export of its images."""
        body: types.ExportJobCreate = {"name": name, "format": format, "options": options or {}}
        call = operations.exports_create_for_crawl_job(self.id, body)
        return Export(self.client, self.client.send(call))

    def cancel(self) -> None:
        """End it; what is stored stays."""
        self.row = self.client.send(operations.crawls_cancel(self.id))

    def retry(self) -> None:
        """Try again what failed for a reason that may have passed."""
        self.row = self.client.send(operations.crawls_retry(self.id))


class Validation(Job[types.ValidationJobRead]):
    """A validation job."""

    def read(self) -> Call[types.ValidationJobRead]:
        """Return the call that reads the job."""
        return operations.validations_get(self.id)

    def results(
        self, *, valid: bool | None = None
    ) -> Iterator[types.ValidationResultRead]:
        """Yield the verdict on each image."""
        call = operations.validations_list_results(self.id, limit=200, valid=valid)
        for result in self.client.iterate(call):
            yield result


class Version(Job[types.VersionDetail]):
    """A version of a project's dataset."""

    def read(self) -> Call[types.VersionDetail]:
        """Return the call that reads the version."""
        return operations.versions_get(self.id)

    def diff(self, older: "Version | str") -> Iterator[types.VersionChange]:
        """Yield what is different here from an older version, given itself or by its id."""
        before = older if isinstance(older, str) else older.id
        for change in self.client.iterate(
            operations.versions_diff(before, self.id, limit=10_000)
        ):
            yield change

    def export(
        self,
        format: ExportFormat = "zip",
        *,
        name: str = "export",
        options: types.ExportOptions | None = None,
    ) -> "Export":
        """Start an export of what it holds, with its splits."""
        body: types.ExportJobCreate = {"name": name, "format": format, "options": options or {}}
        call = operations.exports_create_for_version(self.id, body)
        return Export(self.client, self.client.send(call))


class Export(Job[types.ExportJobRead]):
    """An export job."""

    def read(self) -> Call[types.ExportJobRead]:
        """Return the call that reads the job."""
        return operations.exports_get(self.id)

    def download(self, target: str | Path, *, progress: Progress | None = None) -> Path:
        """Fetch the file of a completed export, and compare its checksum.

        What came before is not fetched again. `progress` gets ``{"bytes", "total"}``.
        """

        def find_url() -> str:
            self.row = self.client.send(self.read())
            if self.row["download_url"] is None:
                raise TransferFailed("The export's file is gone: exports are kept for a time only.")
            return self.row["download_url"]

        size, sha256 = self.row["file_size"], self.row["sha256"]
        told = None
        if progress is not None:
            tell = progress
            told = lambda count: tell({"bytes": count, "total": size})  # noqa: E731
        return download(
            self.client, find_url, Path(target), size=size, sha256=sha256, progress=told
        )
