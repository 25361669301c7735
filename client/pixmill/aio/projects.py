"""Projects: images are crawled and uploaded into them, and leave as datasets."""

from asyncio import sleep
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack

from pixmill import operations, types
from pixmill.aio.jobs import AsyncCrawl, AsyncExport, AsyncVersion
from pixmill.aio.resources import AsyncResource
from pixmill.aio.transfers import upload
from pixmill.calls import Call
from pixmill.errors import TransferFailed
from pixmill.jobs import ExportFormat
from pixmill.sources import Source, describe_upload, make_source, open_table


class AsyncProject(AsyncResource[types.ProjectRead | types.ProjectDetail]):
    """A project."""

    def read(self) -> Call[types.ProjectRead | types.ProjectDetail]:
        """Return the call that reads it."""
        call: Call[Any] = operations.projects_get(self.id)
        return call

    async def update(self, **changes: Unpack[types.ProjectUpdate]) -> None:
        """Change its name, description or status. Raises `Stale` if somebody else has."""
        call: Any = operations.projects_update(self.id, changes)
        await self._change(call, changes)

    async def crawl(
        self,
        source: Source,
        *,
        name: str = "crawl",
        columns: types.ManifestColumns | None = None,
        options: types.CrawlOptions | None = None,
        idempotency_key: str | None = None,
    ) -> AsyncCrawl:
        """Start a crawl of a source.

        A source is a list of addresses or entries; the path of a table (csv, tsv, jsonl, parquet,
        txt, perhaps packed), which is uploaded; the address of a page; or what the API takes as
        one. `columns` are those of a table. Raises `BadSource` for what is none of these.
        """
        table = open_table(source)
        if table is not None:
            return await self._crawl_table(
                table, name, columns or {}, options or {}, idempotency_key
            )
        body: types.CrawlJobCreate = {
            "name": name,
            "source": make_source(source),
            "options": options or {},
        }
        call = operations.crawls_create(self.id, body)
        return AsyncCrawl(
            self.client, await self.client.send(call, idempotency_key=idempotency_key)
        )

    async def _crawl_table(
        self,
        table: Path,
        name: str,
        columns: types.ManifestColumns,
        options: types.CrawlOptions,
        idempotency_key: str | None,
    ) -> AsyncCrawl:
        body: types.ManifestCreate = {
            "name": name,
            "file_name": table.name,
            "size": table.stat().st_size,
            "columns": columns,
            "options": options,
        }
        call = operations.manifests_create(self.id, body)
        begun = await self.client.send(call, idempotency_key=idempotency_key)
        await upload(self.client, table, begun["upload_url"], begun["headers"])
        row = await self.client.send(operations.crawls_get(begun["crawl_job_id"]))
        return AsyncCrawl(self.client, row)

    async def upload(
        self, path: str | Path, *, timeout: float = 120.0, **about: Any
    ) -> types.ImageDetail:
        """Send an image file and return it when it is processed.

        `about` may be label, caption, license and attribution. Raises `TransferFailed` where it
        becomes no image, with the reason.
        """
        image_id = await self.start_upload(path, **about)
        waited = 0.0
        while waited < timeout:
            image = await self.client.send(operations.images_get(image_id))
            if image["status"] == "failed":
                raise TransferFailed(f"{path} became no image: {image['failure_reason']}.")
            if image["status"] == "completed":
                return image
            await sleep(0.2)
            waited += 0.2
        raise TransferFailed(f"{path} is not processed after {timeout:.0f} s.")

    async def start_upload(self, path: str | Path, **about: Any) -> str:
        """Send an image file; return the id of the image that it becomes when it is processed."""
        file = Path(path)
        call = operations.images_create_upload(self.id, describe_upload(file, about))
        begun = await self.client.send(call)
        await upload(self.client, file, begun["upload_url"], begun["headers"])
        return begun["image_id"]

    async def images(self, **filters: Any) -> AsyncIterator[types.ListedImage]:
        """Yield its images, newest first; `filters` are those of `operations.images_list`."""
        call = operations.images_list(self.id, **{"limit": 200, **filters})
        async for image in self.client.iterate(call):
            yield image

    async def crawls(self) -> AsyncIterator[AsyncCrawl]:
        """Yield its crawl jobs, newest first."""
        async for row in self.client.iterate(operations.crawls_list(self.id, limit=200)):
            yield AsyncCrawl(self.client, row)

    async def reject(self, image_ids: Sequence[str], reason: str | None = None) -> int:
        """Keep images out of exports and later crawls; return the number that were not before."""
        changes: types.ImageUpdate = {"rejected": True}
        if reason is not None:
            changes["reject_reason"] = reason
        changed = 0
        while image_ids:
            body: types.ImagesUpdate = {"image_ids": list(image_ids), "set": changes}
            answer = await self.client.send(operations.images_update_many(self.id, body))
            changed += answer["changed"]
            if not answer["remaining"]:
                break
        return changed

    async def freeze(
        self,
        name: str,
        *,
        filter: types.VersionFilter | None = None,
        splits: Mapping[str, float] | None = None,
        **options: Any,
    ) -> AsyncVersion:
        """Start a version: what the dataset is now, under a hash."""
        body: types.VersionCreate = {"name": name, "filter": filter or {}, **options}  # type: ignore[typeddict-item]
        if splits is not None:
            body["splits"] = dict(splits)
        row = await self.client.send(operations.versions_create(self.id, body))
        return AsyncVersion(self.client, await self.client.send(operations.versions_get(row["id"])))

    async def export(
        self,
        format: ExportFormat = "zip",
        *,
        name: str = "export",
        options: types.ExportOptions | None = None,
    ) -> AsyncExport:
        """Start an export of all its images."""
        body: types.ExportJobCreate = {"name": name, "format": format, "options": options or {}}
        call = operations.exports_create_for_project(self.id, body)
        return AsyncExport(self.client, await self.client.send(call))

    async def delete(self) -> None:
        """Delete it with all that it holds."""
        await self.client.send(operations.projects_delete(self.id))
