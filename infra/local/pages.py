"""The local bucket's rule for pages of the local system, which use it by signed addresses."""

from collections.abc import Sequence

import requests

RULE = {
    "method": ["GET", "HEAD", "PUT"],
    "responseHeader": [
        "Content-Type",
        "x-goog-content-length-range",
        "x-goog-if-generation-match",
    ],
    "maxAgeSeconds": 3600,
}


def open_to_pages(storage_url: str, bucket: str, origins: Sequence[str]) -> None:
    """Set the bucket's rule for pages of other origins, as the deployment does."""
    answer = requests.patch(
        f"{storage_url}/storage/v1/b/{bucket}",
        json={"cors": [{**RULE, "origin": list(origins)}]},
        timeout=10,
    )
    answer.raise_for_status()
