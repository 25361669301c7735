"""Look at a source before a crawl starts: its first images, under the rules of a crawl."""

from base64 import b64encode
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.engines import choose_engines
from shared.crawls.preview_desk import PreviewDesk
from shared.crawls.preview_pictures import PreviewCandidate
from shared.crawls.previews import PreviewedSource, SourceViewer
from shared.fetching.addresses import AddressPolicy
from shared.projects.queries import check_active
from shared.queries.visible import visible_project
from shared.schemas.source_previews import (
    PreviewCandidateRead,
    PreviewPageRead,
    PreviewSearchRead,
    SourcePreviewCreate,
    SourcePreviewRead,
)
from shared.schemas.sources import KeywordsSource
from shared.settings import Settings


def prepare(
    project_id: UUID,
    wanted: SourcePreviewCreate,
    caller: Caller,
    settings: Settings,
    session: Session,
) -> PreviewedSource:
    """Find the project, and the engines that the source may ask."""
    project = visible_project(session, caller, project_id)
    check_active(project)
    source = wanted.source
    engines = choose_engines(source, settings) if isinstance(source, KeywordsSource) else ()
    return PreviewedSource(project.id, caller.id, source, wanted.options, engines)


def handle(
    prepared: PreviewedSource,
    engine: Engine,
    addresses: AddressPolicy,
    desk: PreviewDesk,
    settings: Settings,
) -> SourcePreviewRead:
    """Preview a source.

    The first images of addresses, pages or keywords, with small pictures that are fetched under the
    rules of a crawl within a few seconds. Nothing is stored. Two previews of an account run at
    once; a third is a 429.
    """
    preview = SourceViewer(engine, addresses, desk, settings).view(prepared)
    return SourcePreviewRead(
        candidates=[_read_candidate(one) for one in preview.candidates],
        found=preview.found,
        searches=[PreviewSearchRead.of(one) for one in preview.searches],
        pages=[PreviewPageRead.of(one) for one in preview.pages],
        left_out=preview.left_out,
    )


def _read_candidate(candidate: PreviewCandidate) -> PreviewCandidateRead:
    picture = candidate.picture
    address = f"data:image/webp;base64,{b64encode(picture).decode()}" if picture else None
    entry = candidate.entry
    return PreviewCandidateRead(
        url=entry.url,
        source_page=entry.source_page,
        label=entry.label,
        caption=entry.caption,
        license=entry.license,
        attribution=entry.attribution,
        engine=candidate.engine,
        keyword=candidate.keyword,
        width=candidate.width,
        height=candidate.height,
        format=candidate.format,
        thumbnail=address,
        reason=candidate.reason,
        detail=candidate.detail,
    )
