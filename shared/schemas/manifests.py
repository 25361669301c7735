"""Manifests: tables of addresses that are uploaded to be crawled."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from shared.schemas.crawl_options import CrawlOptions, RequestedOptions
from shared.schemas.fields import Name, Time, make_refusal
from shared.schemas.kinds import Input, Read
from shared.schemas.sources import ManifestColumns, check_phash_column


class ManifestCreate(Input):
    """A manifest to be uploaded, and the crawl job that its arrival starts."""

    name: Name
    """Name of the crawl job that its arrival starts."""
    file_name: Name
    """Name of the file, whose ending tells its kind where the content does not."""
    size: Annotated[int, Field(ge=1)]
    """Size of the file in bytes, exactly."""
    columns: ManifestColumns = ManifestColumns()
    options: RequestedOptions = CrawlOptions()

    @model_validator(mode="after")
    def _refuse_repetition(self) -> Self:
        """Refuse to repeat what never changes: an uploaded file is read once."""
        if self.options.every is not None:
            message = "applies to sources that may change: name the manifest's object in a bucket"
            raise make_refusal(message, "options", "every")
        return self

    @model_validator(mode="after")
    def _check_hashes(self) -> Self:
        check_phash_column(self.columns, self.options.phash_distance)
        return self


class ManifestUpload(Read):
    """The address to PUT the file to, with these headers and its exact size."""

    crawl_job_id: UUID
    """Crawl job that waits for the file."""
    upload_url: str
    method: Literal["PUT"]
    headers: dict[str, str]
    expires_at: Time
