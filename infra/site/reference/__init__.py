"""Reference pages, written from the code that they are about."""

from infra.site.reference.api import render_api, render_schemas
from infra.site.reference.client import render_client
from infra.site.reference.command import render_command
from infra.site.reference.errors import render_errors
from infra.site.reference.limits import render_limits
from infra.site.reference.settings import render_settings


def render_reference() -> dict[str, str]:
    """Return the text of each reference page by its path in the site."""
    return {
        "reference/api.md": render_api(),
        "reference/client.md": render_client(),
        "reference/command.md": render_command(),
        "reference/errors.md": render_errors(),
        "reference/limits.md": render_limits(),
        "reference/schemas.md": render_schemas(),
        "reference/settings.md": render_settings(),
    }
