"""Buckets in the JSON API."""

from werkzeug import Response

from infra.emulators.storage.call import Call, make_json_response


def create_bucket(call: Call) -> Response:
    """Make a bucket."""
    return make_json_response(call.emulator.buckets.create(call.read_json()))


def get_bucket(call: Call, bucket: str) -> Response:
    """Return a bucket with its settings."""
    return make_json_response(call.emulator.buckets.get(bucket, call.conditions))


def patch_bucket(call: Call, bucket: str) -> Response:
    """Change settings."""
    return make_json_response(
        call.emulator.buckets.change(bucket, call.read_json(), call.conditions)
    )
