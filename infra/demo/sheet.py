"""The contact sheet of a run."""

from infra.demo.client import Pixmill
from shared.imaging import make_contact_sheet

_MOST = 64  # pictures


def draw_sheet(pixmill: Pixmill, project_id: str) -> bytes:
    """Return a JPEG of the project's valid images, each once; of many an even choice."""
    images = [
        image
        for image in pixmill.list_all(
            f"/v1/projects/{project_id}/images", valid=True, duplicate=False
        )
        if image["processed_path"]
    ]
    step = max(1, len(images) // _MOST)
    chosen = images[::step][:_MOST]
    return make_contact_sheet([pixmill.get_content(image["id"], "thumbnail") for image in chosen])
