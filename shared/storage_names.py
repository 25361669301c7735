"""Object names: made from ids and content, so that writing twice is harmless."""

from uuid import UUID


def image_object(project_id: UUID, sha256: str, extension: str) -> str:
    """The name under which a project keeps an image's bytes."""
    return f"images/{project_id}/{sha256[:2]}/{sha256}.{extension}"


def variant_object(project_id: UUID, sha256: str, name: str, spec_hash: str, extension: str) -> str:
    """The name of a rendition of an image."""
    return f"variants/{project_id}/{sha256[:2]}/{sha256}/{name}-{spec_hash}.{extension}"


def upload_object(project_id: UUID, image_id: UUID) -> str:
    """The name to which a client uploads a file."""
    return f"uploads/{project_id}/{image_id}"


def export_prefix(export_job_id: UUID) -> str:
    """Below this lie an export's file and its parts."""
    return f"exports/{export_job_id}/"


def project_prefixes(project_id: UUID) -> list[str]:
    """Everything that a project has in the bucket, but for its exports."""
    return [f"{kind}/{project_id}/" for kind in ("images", "variants", "uploads")]
