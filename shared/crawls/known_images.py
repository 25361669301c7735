"""Addresses that a project knows: what they brought when they were asked last.

An address stands for the content that it brought. Where an image of the project has that content,
or a person does not want it, the outcome of an entry can be told without its bytes.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shared.crawls.checksums import MeasuredPicture, check_picture
from shared.crawls.entries import CrawlEntry
from shared.crawls.image_sources import Source, find_address
from shared.crawls.leases import LeasedChunk
from shared.fetching.client import Failure, FetchResult
from shared.fetching.revalidation import StoredResponse, keep_response
from shared.fetching.urls import hash_address
from shared.images.refusals import ImageRefusal, find_refusals
from shared.images.rows import MEASURED
from shared.images.variants import StoredVariant
from shared.imaging import THUMBNAIL
from shared.models import AddressRecord, Image, ImageVariant
from shared.rights.embedded import FileRights
from shared.rights.signals import RightsPolicy
from shared.schemas.crawl_options import CrawlOptions

Columns = dict[str, Any]

_POLICIES: tuple[RightsPolicy, ...] = ("ignore", "respect", "opt_in_only")
_COPIED = (*MEASURED, "file_path", "file_name", "processed_path")


@dataclass(frozen=True, slots=True)
class HeldImage:
    """An image of the project that has a content: its columns, its thumbnail, and its crawl job.

    `rights` is what is known of that file: whose it is, and its terms.
    """

    columns: Columns
    thumbnail: StoredVariant | None
    rights: FileRights
    crawl_job_id: UUID | None


@dataclass(frozen=True, slots=True)
class KnownImage:
    """The picture that an address brought when it was asked last.

    It is `held` by an image of the project, or not wanted for the reason of `refusal`, or neither
    where it is gone for another reason. `rights` and `respect_robots` are the options under which
    the address was asked; `stored` is None where it cannot be asked whether it has changed.
    """

    sha256: str
    phash: int
    width: int
    height: int
    stored: StoredResponse | None
    rights: RightsPolicy
    respect_robots: bool
    held: HeldImage | None = None
    refusal: Failure | None = None

    def must_be_asked(self, entry: CrawlEntry, options: CrawlOptions) -> bool:
        """Return whether the address has to be asked if it still brings this.

        So it is where a crawl says so or heeds more wishes than the one before, and where the entry
        is about other content than this: the address may have changed since.
        """
        heeds_robots = options.respect_robots and not self.respect_robots
        fault = check_picture(entry, self, options)
        is_other = fault is not None and fault.reason != "too_small"
        is_stricter = heeds_robots or self._is_stricter(options)
        return options.refresh == "revalidate" or is_stricter or is_other

    def find_stored(self, options: CrawlOptions) -> StoredResponse | None:
        """Return the answer that a crawl may ask about, or None.

        Where the file itself may have to be read for what it says about its use there is none.
        """
        reads_file = options.rights == "opt_in_only" or self._is_stricter(options)
        return None if reads_file else self.stored

    def judge(self, entry: CrawlEntry, options: CrawlOptions) -> HeldImage | Failure | None:
        """Return what becomes of an entry if the content is this; None if that takes its bytes."""
        return check_picture(entry, self, options) or self.refusal or self.held

    def _is_stricter(self, options: CrawlOptions) -> bool:
        """Return whether a crawl heeds more wishes about the use than the one before."""
        return _POLICIES.index(options.rights) > _POLICIES.index(self.rights)


def find_known_images(session: Session, chunk: LeasedChunk) -> dict[str, KnownImage]:
    """Return by normalised URL what a chunk's addresses brought earlier, as far as it is known."""
    if chunk.options.refresh == "always":
        return {}
    urls = {hash_address(url): url for url in _list_urls(chunk.entries)}
    sources = session.scalars(
        select(AddressRecord).where(
            AddressRecord.project_id == chunk.project_id, AddressRecord.address.in_(urls)
        )
    ).all()
    contents = {one.sha256: one.phash for one in sources}
    held = _find_holders(session, chunk.project_id, contents)
    distance = chunk.options.max_distance if chunk.options.dedup == "perceptual" else None
    pictures = [
        {"id": sha256, "sha256": sha256, "phash": phash} for sha256, phash in contents.items()
    ]
    refusals = find_refusals(session, chunk.project_id, pictures, distance)
    return {
        urls[one.address]: KnownImage(
            sha256=one.sha256,
            phash=one.phash,
            width=one.width,
            height=one.height,
            stored=_read_response(one),
            rights=cast(RightsPolicy, one.rights),
            respect_robots=one.respect_robots,
            held=held.get(one.sha256),
            refusal=explain_refusal(refusals[one.sha256]) if one.sha256 in refusals else None,
        )
        for one in sources
    }


def make_source(
    url: str, picture: MeasuredPicture, result: FetchResult, options: CrawlOptions
) -> Source:
    """Return the row of a normalised URL that has just brought a picture, or still has the one."""
    response = keep_response(result.url_final, result.headers)
    return {
        "address": hash_address(url),
        "sha256": picture.sha256,
        "phash": picture.phash,
        "width": picture.width,
        "height": picture.height,
        "response_address": response.address if response else None,
        "response_headers": dict(response.headers) if response else None,
        "rights": options.rights,
        "respect_robots": options.respect_robots,
    }


def explain_refusal(refusal: ImageRefusal) -> Failure:
    """Return the failure of an entry whose image a project does not take."""
    return Failure(refusal.reason, refusal.detail)


def _list_urls(entries: Iterable[CrawlEntry]) -> Iterable[str]:
    return filter(None, (find_address(one.url) for one in entries if not one.reason))


def _read_response(source: AddressRecord) -> StoredResponse | None:
    if source.response_address is None or source.response_headers is None:
        return None
    return StoredResponse(source.response_address, source.response_headers)


def _find_holders(
    session: Session, project_id: UUID, contents: Collection[str]
) -> dict[str, HeldImage]:
    """Return by content the first image of the project that has it."""
    if not contents:
        return {}
    thumbnail = and_(ImageVariant.image_id == Image.id, ImageVariant.name == THUMBNAIL.name)
    rows = session.execute(
        select(Image, ImageVariant)
        .ext(distinct_on(Image.sha256))
        .outerjoin(ImageVariant, thumbnail)
        .where(
            Image.project_id == project_id,
            Image.sha256.in_(contents),
            Image.status == "completed",
        )
        .order_by(Image.sha256, Image.image_hash.is_(None), Image.id)
    )
    return {
        str(image.sha256): HeldImage(
            {name: getattr(image, name) for name in _COPIED},
            _read_thumbnail(variant),
            FileRights((), image.creator, image.license, image.attribution),
            image.crawl_job_id,
        )
        for image, variant in rows
    }


def _read_thumbnail(made: ImageVariant | None) -> StoredVariant | None:
    if made is None or made.spec != THUMBNAIL.spec:
        return None
    return StoredVariant(THUMBNAIL, made.object, made.width, made.height, made.file_size)
