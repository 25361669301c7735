"""Cloud Storage on one machine: the JSON API, V4 signed URLs and notifications, kept on disk."""

from infra.emulators.storage.process import StorageServer

__all__ = ["StorageServer"]
