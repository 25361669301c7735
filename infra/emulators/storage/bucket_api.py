"""Buckets in the JSON API."""

from werkzeug import Response

from infra.emulators.storage.call import Call, json_response


def create(call: Call) -> Response:
    """Make a bucket."""
    return json_response(call.emulator.buckets.create(call.json()))


def get(call: Call, bucket: str) -> Response:
    """Return a bucket with its settings."""
    return json_response(call.emulator.buckets.get(bucket, call.conditions))


def patch(call: Call, bucket: str) -> Response:
    """Change settings."""
    return json_response(call.emulator.buckets.change(bucket, call.json(), call.conditions))
