"""Object names: made from ids and content, so that writing twice is harmless."""

import re
from uuid import UUID

from shared.imaging.variants import THUMBNAIL

_UPLOAD = re.compile(r"uploads/([0-9a-f-]{36})/([0-9a-f-]{36})")
_MODEL = re.compile(r"models/([0-9a-f-]{36})/([0-9a-f-]{36})")
_MANIFEST = re.compile(r"manifests/([0-9a-f-]{36})/([0-9a-f-]{36})")
_ADDRESS = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])/(.{1,1024})", re.DOTALL)
_BY_CONTENT = re.compile(r"(?:images|variants)/[0-9a-f-]{36}/[0-9a-f]{2}/([0-9a-f]{64})[./]")


def name_image(project_id: UUID, sha256: str, extension: str) -> str:
    """Return the name under which a project keeps an image's bytes."""
    return f"images/{project_id}/{sha256[:2]}/{sha256}.{extension}"


def name_variant(project_id: UUID, sha256: str, name: str, spec_hash: str, extension: str) -> str:
    """Return the name of a variant of an image."""
    return f"variants/{project_id}/{sha256[:2]}/{sha256}/{name}-{spec_hash}.{extension}"


def name_thumbnail(project_id: UUID, sha256: str) -> str:
    """Return the name of an image's thumbnail, the variant that every image gets."""
    return name_variant(project_id, sha256, THUMBNAIL.name, THUMBNAIL.spec_hash, "webp")


def parse_content(name: str) -> str | None:
    """Return the SHA-256 of the image that an object is or was made from; None for others."""
    found = _BY_CONTENT.match(name)
    return found.group(1) if found else None


def name_upload(project_id: UUID, image_id: UUID) -> str:
    """Return the name to which a client uploads a file."""
    return f"uploads/{project_id}/{image_id}"


def parse_upload(name: str) -> tuple[UUID, UUID] | None:
    """Return the ids of project and image in an upload's name; None for a name of another form."""
    return _parse_ids(_UPLOAD, name)


def name_model(user_id: UUID, model_id: UUID) -> str:
    """Return the name to which a model's file is uploaded, and under which it stays."""
    return f"models/{user_id}/{model_id}"


def parse_model(name: str) -> tuple[UUID, UUID] | None:
    """Return the ids of owner and model in a file's name; None for a name of another form."""
    return _parse_ids(_MODEL, name)


def name_manifest_folder(project_id: UUID) -> str:
    """Return the prefix below which a project's manifests lie."""
    return f"manifests/{project_id}/"


def name_manifest(project_id: UUID, crawl_job_id: UUID) -> str:
    """Return the name to which the manifest of a crawl job is uploaded, and where it stays."""
    return f"{name_manifest_folder(project_id)}{crawl_job_id}"


def parse_manifest(name: str) -> tuple[UUID, UUID] | None:
    """Return the ids of project and crawl job in a manifest's name; None for another form."""
    return _parse_ids(_MANIFEST, name)


def format_address(bucket: str, name: str) -> str:
    """Return the address of an object in any bucket, such as ``gs://bucket/name``."""
    return f"gs://{bucket}/{name}"


def parse_address(uri: str) -> tuple[str, str] | None:
    """Return bucket and name of an object's address; None for what is none."""
    found = _ADDRESS.fullmatch(uri)
    return (found[1], found[2]) if found else None


def name_prediction(user_id: UUID, prediction_id: UUID, part: str) -> str:
    """Return the name of a prediction's inputs or outputs, too large for its row."""
    return f"predictions/{user_id}/{prediction_id}/{part}"


def list_user_prefixes(user_id: UUID) -> list[str]:
    """Return prefixes of all that a person has in the bucket, but for what belongs to projects."""
    return [f"{kind}/{user_id}/" for kind in ("models", "predictions")]


def name_export_folder(export_job_id: UUID) -> str:
    """Return the prefix below which lie an export's file and its parts."""
    return f"exports/{export_job_id}/"


def name_export_parts_folder(export_job_id: UUID) -> str:
    """Return the prefix below which lies what an export is made of."""
    return f"{name_export_folder(export_job_id)}parts/"


def list_project_prefixes(project_id: UUID) -> list[str]:
    """Return prefixes of all that a project has in the bucket, but for its exports."""
    return [f"{kind}/{project_id}/" for kind in ("images", "variants", "uploads", "manifests")]


def _parse_ids(form: re.Pattern[str], name: str) -> tuple[UUID, UUID] | None:
    found = form.fullmatch(name)
    try:
        return (UUID(found.group(1)), UUID(found.group(2))) if found else None
    except ValueError:
        return None
