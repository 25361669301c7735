"""The emulator's parts, wired together over one directory."""

from datetime import UTC, datetime
from pathlib import Path

from infra.emulators.storage import lifecycle
from infra.emulators.storage.buckets import Buckets
from infra.emulators.storage.content import ContentFiles
from infra.emulators.storage.database import Database
from infra.emulators.storage.notifications import Notifications
from infra.emulators.storage.objects import Objects
from infra.emulators.storage.uploads import Uploads


class Emulator:
    """Everything in one directory. Only one process may have it open."""

    def __init__(self, directory: Path, base_url: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.base_url = base_url
        self.database = Database(directory / "metadata.sqlite")
        self.contents = ContentFiles(directory / "content")
        self.notifications = Notifications(self.database, base_url)
        self.buckets = Buckets(self.database, base_url)
        self.objects = Objects(self.database, self.contents, self.notifications)
        self.uploads = Uploads(self.database, self.contents, self.objects, base_url)
        self._remove_orphans()

    def sweep(self, now: datetime) -> int:
        """Apply lifecycle rules, forgets old sessions; return how many objects were deleted."""
        self.uploads.sweep(now.timestamp())
        self.notifications.sweep(now.timestamp())
        return lifecycle.sweep(self.database, self.buckets, self.objects, now.astimezone(UTC))

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def _remove_orphans(self) -> None:
        """Remove content files that a kill left without an object or upload."""
        with self.database.reading() as connection:
            known = {
                row[0]
                for row in connection.execute(
                    "SELECT content FROM objects UNION ALL "
                    "SELECT content FROM uploads WHERE content IS NOT NULL"
                )
            }
        for content_id in self.contents.ids():
            if content_id not in known:
                self.contents.remove(content_id)
