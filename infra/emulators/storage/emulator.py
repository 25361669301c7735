"""The emulator's parts, wired together over one directory."""

import time
from collections.abc import Mapping
from pathlib import Path

from infra.emulators.storage.buckets import Buckets
from infra.emulators.storage.content import ContentFiles
from infra.emulators.storage.database import Database
from infra.emulators.storage.faults import RequestFaults
from infra.emulators.storage.notifications import Notifications
from infra.emulators.storage.objects import Objects
from infra.emulators.storage.uploads import Uploads


class Emulator:
    """Everything in one directory. Only one process may have it open.

    `notify` maps prefixes of object names to topics (`projects/P/topics/T`).
    """

    def __init__(
        self, directory: Path, base_url: str, notify: Mapping[str, str] | None = None
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.base_url = base_url
        self.faults = RequestFaults()
        self.database = Database(directory / "metadata.sqlite")
        self.contents = ContentFiles(directory / "content")
        self.notifications = Notifications(self.database, base_url, notify or {})
        self.buckets = Buckets(self.database, base_url)
        self.objects = Objects(self.database, self.contents, self.notifications)
        self.uploads = Uploads(self.database, self.contents, self.objects, base_url)
        self.uploads.sweep(time.time())
        self.notifications.sweep(time.time())
        self._remove_orphans()

    def _remove_orphans(self) -> None:
        """Remove content files that a kill left without an object or upload."""
        with self.database.begin_read() as connection:
            known = {
                row[0]
                for row in connection.execute(
                    "SELECT content FROM objects UNION ALL "
                    "SELECT content FROM uploads WHERE content IS NOT NULL"
                )
            }
        for content_id in self.contents.list_ids():
            if content_id not in known:
                self.contents.remove(content_id)
