"""The ledger of rights: which signals allowed or refused what a crawl took."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.fetching.exchange import Failure
from shared.fetching.urls import parse_target
from shared.models import RightsRecord, SiteFile
from shared.rights.signals import RightsSignal, list_refusing
from shared.texts import clean_line


class RightsLedger:
    """The signals that one chunk of a crawl met, or a later verification of its images, each once.

    A row's id follows from its job and content, so that what chunks have in common (the robots.txt
    of a host) is written once, and images can name it before it is. `site_files` are the contents
    of files by their SHA-256 in hexadecimal digits.
    """

    def __init__(self, crawl_job_id: UUID, verification_job_id: UUID | None = None) -> None:
        self.site_files: Mapping[str, bytes] = {}
        self._crawl_job_id = crawl_job_id
        self._verification_job_id = verification_job_id
        self._rows: dict[UUID, dict[str, Any]] = {}

    def note(self, signals: Iterable[RightsSignal], failure: Failure | None) -> list[UUID]:
        """Take in what was said about one address, and why it failed; return the ids of the rows.

        What fails as `robots` is refused by the robots.txt, and no preference for its use counts
        (draft-ietf-aipref-attach §3). What fails as `opted_out` is refused by the signals that
        speak against it, or by all of them because none gave the permission wanted.
        """
        signals = list(signals)
        reason = failure.reason if failure else None
        refusing: list[RightsSignal] = []
        if reason == "robots":
            signals = refusing = [signal for signal in signals if signal.source == "robots.txt"]
        elif reason == "opted_out":
            refusing = list_refusing(signals) or signals
        return [self._add(signal, signal in refusing) for signal in signals]

    def write(self, session: Session) -> None:
        """Insert the rows that are not there yet, and the files that they name.

        Call it last in a transaction: chunks of one job that meet the same host wait here for each
        other, in the order of the rows' ids.
        """
        if not self._rows:
            return
        rows = sorted(self._rows.values(), key=lambda row: str(row["id"]))
        # What returns something is one statement for many rows.
        statement = insert(RightsRecord).on_conflict_do_nothing().returning(RightsRecord.id)
        session.execute(statement, rows)
        named = {row["evidence_hash"] for row in rows}
        files = [
            {"sha256": evidence, "content": content}
            for evidence, content in sorted(self.site_files.items())
            if evidence in named
        ]
        if files:
            statement = insert(SiteFile).on_conflict_do_nothing().returning(SiteFile.sha256)
            session.execute(statement, files)

    def _add(self, signal: RightsSignal, is_refused: bool) -> UUID:
        row: dict[str, Any] = {
            "crawl_job_id": self._crawl_job_id,
            "address": signal.address,
            "host": parse_target(signal.address).host,
            "source": signal.source,
            "value": clean_line(signal.value),
            "allows": signal.allows,
            "evidence_hash": signal.evidence,
            "decision": "refused" if is_refused else "allowed",
        }
        row_id = uuid5(self._verification_job_id or self._crawl_job_id, repr(list(row.values())))
        row["verification_job_id"] = self._verification_job_id
        self._rows[row_id] = {"id": row_id, **row}
        return row_id
