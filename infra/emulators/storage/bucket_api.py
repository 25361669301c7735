"""Buckets and their notification configurations in the JSON API."""

from werkzeug import Response

from infra.emulators.storage.call import Answer, Call


def list_(call: Call) -> Response:
    """All buckets."""
    buckets = call.emulator.buckets.matching(call.query.get("prefix", ""))
    return Answer({"kind": "storage#buckets", "items": buckets}).response()


def create(call: Call) -> Response:
    """Make a bucket."""
    return Answer(call.emulator.buckets.create(call.json())).response()


def get(call: Call, bucket: str) -> Response:
    """Return a bucket with its settings."""
    return Answer(call.emulator.buckets.get(bucket, call.conditions)).response()


def change(call: Call, bucket: str) -> Response:
    """Change settings: CORS, lifecycle, labels and whatever else is sent."""
    return Answer(call.emulator.buckets.change(bucket, call.json(), call.conditions)).response()


def delete(call: Call, bucket: str) -> Response:
    """Delete an empty bucket."""
    call.emulator.buckets.delete(bucket, call.conditions)
    return Response(status=204)


def list_notifications(call: Call, bucket: str) -> Response:
    """Return a bucket's notification configurations."""
    configs = call.emulator.notifications.configs(bucket)
    return Answer({"kind": "storage#notifications", "items": configs}).response()


def create_notification(call: Call, bucket: str) -> Response:
    """Store a notification configuration."""
    return Answer(call.emulator.notifications.create(bucket, call.json())).response()


def get_notification(call: Call, bucket: str, config_id: str) -> Response:
    """One notification configuration."""
    return Answer(call.emulator.notifications.get(bucket, config_id)).response()


def delete_notification(call: Call, bucket: str, config_id: str) -> Response:
    """Remove a notification configuration."""
    call.emulator.notifications.delete(bucket, config_id)
    return Response(status=204)
