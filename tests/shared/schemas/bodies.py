"""One full, valid body for every schema of requests."""

from typing import Any

from shared.schemas.accounts import (
    ApiKeyCreate,
    ProfileUpdate,
    SessionCreate,
    SessionRefresh,
    UserRegister,
)
from shared.schemas.browsing import ValidationPreviewCreate
from shared.schemas.crawls import CrawlJobCreate
from shared.schemas.exports import ExportJobCreate
from shared.schemas.image_changes import ImagesUpdate, ImageUpdate
from shared.schemas.images import VariantsCreate
from shared.schemas.kinds import Input
from shared.schemas.manifests import ManifestCreate
from shared.schemas.projects import ProjectCreate, ProjectUpdate
from shared.schemas.source_previews import SourcePreviewCreate
from shared.schemas.uploads import UploadCreate
from shared.schemas.validations import ValidationJobCreate
from shared.schemas.verifications import VerificationJobCreate
from shared.schemas.versions import VersionCreate
from shared.schemas.webhooks import WebhookCreate

RULES = {
    "min_width": 64,
    "min_height": 64,
    "max_width": 8000,
    "max_height": 8000,
    "min_bytes": 1000,
    "max_bytes": 10_000_000,
    "allowed_formats": ["jpeg", "png"],
    "min_aspect_ratio": 0.25,
    "max_aspect_ratio": 4.5,
    "min_sharpness": 20.5,
    "min_brightness": 0.05,
    "max_brightness": 0.95,
    "max_uniformity": 0.9,
    "allow_animated": False,
    "allow_grayscale": False,
    "require_license": True,
    "near_duplicate_distance": 4,
}
OPTIONS = {
    "max_images": 1000,
    "chunk_size": 100,
    "min_width": 1,
    "min_height": 1,
    "dedup": "perceptual",
    "max_distance": 4,
    "phash_distance": 8,
    "variants": ["thumbnail", {"name": "big", "width": 2000}],
    "validate": RULES,
    "analyze": ["basic", "model:0197a3c1-7b60-7000-8000-000000000001"],
    "respect_robots": True,
    "rights": "opt_in_only",
}
COLUMNS = {
    "url": "URL",
    "label": "kind",
    "caption": "TEXT",
    "license": "license",
    "attribution": "author",
    "sha256": "sha256",
    "phash": "phash",
}
SOURCES: dict[str, dict[str, Any]] = {
    "manifest": {
        "type": "manifest",
        "uri": "gs://pixmill-tables/cats.csv.gz",
        "columns": {"attribution": "author", "phash": "phash"},
        "url_column": "URL",
        "label_column": "kind",
        "caption_column": "TEXT",
        "license_column": "license",
        "sha256_column": "sha256",
    },
    "urls": {
        "type": "urls",
        "urls": [
            "https://example.com/a.jpg",
            {
                "url": "http://example.com/b",
                "label": "cat",
                "caption": "A cat.",
                "license": "CC0",
                "attribution": "Ann",
                "phash": "0123456789abcdef",
            },
        ],
    },
    "keywords": {
        "type": "keywords",
        "categories": {"mammals": ["dog", "cat"]},
        "engines": ["openverse", "wikimedia"],
        "license": "by-sa",
    },
    "pages": {
        "type": "pages",
        "pages": ["https://example.com/"],
        "max_depth": 2,
        "same_host": True,
    },
}
CHANGES = {
    "label": "cat",
    "caption": "A cat.\nAsleep.",
    "rejected": True,
    "reject_reason": "A watermark",
}
FILTERS = {
    "crawl_job_id": "0197a3c1-7b60-7000-8000-000000000001",
    "status": "completed",
    "valid": True,
    "duplicate": False,
    "duplicate_of": "0197a3c1-7b60-7000-8000-000000000002",
    "rejected": False,
    "label": "dog",
    "format": "jpeg",
    "min_width": 10,
    "min_height": 10,
}
BODIES: list[tuple[type[Input], dict[str, Any]]] = [
    (UserRegister, {"email": "a@example.com", "password": "correct horse", "full_name": "A B"}),
    (SessionCreate, {"email": "a@example.com", "password": "correct horse"}),
    (SessionRefresh, {"refresh_token": "pxr_abc"}),
    (
        ProfileUpdate,
        {
            "email": "a@example.com",
            "full_name": "A B",
            "password": "correct horse",
            "current_password": "battery staple",
        },
    ),
    (ApiKeyCreate, {"name": "laptop", "expires_at": "2999-01-31T12:00:00Z"}),
    (ProjectCreate, {"name": "cats", "description": "Cats\nof all kinds"}),
    (ProjectUpdate, {"name": "cats", "description": "Cats", "status": "archived"}),
    *(
        (
            CrawlJobCreate,
            {"name": "cats", "source": source, "options": OPTIONS | {"phash_distance": distance}},
        )
        for source in SOURCES.values()
        for distance in [None if source["type"] in ("pages", "keywords") else 8]
    ),
    (
        VerificationJobCreate,
        {
            "name": "spring",
            "max_distance": 6,
            "filter": FILTERS,
            "rights": "respect",
            "respect_robots": True,
        },
    ),
    (
        ManifestCreate,
        {
            "name": "cats",
            "file_name": "cats.csv.gz",
            "size": 5,
            "columns": COLUMNS,
            "options": OPTIONS,
        },
    ),
    (
        UploadCreate,
        {
            "file_name": "cat.jpg",
            "content_type": "image/jpeg",
            "size": 5,
            "label": "cat",
            "caption": "A cat.",
            "license": "CC0",
            "attribution": "Ann",
        },
    ),
    (
        WebhookCreate,
        {"url": "https://example.org/hook", "events": ["crawl_job.completed", "version.failed"]},
    ),
    (ImageUpdate, CHANGES),
    (ImagesUpdate, {"filter": FILTERS, "set": CHANGES}),
    (ImagesUpdate, {"image_ids": [FILTERS["duplicate_of"]], "set": CHANGES}),
    (VariantsCreate, {"variants": [{"name": "big", "width": 2000, "height": 10, "fit": "cover"}]}),
    (ValidationJobCreate, {"name": "strict", "rules": RULES}),
    (
        SourcePreviewCreate,
        {"source": {"type": "urls", "urls": ["cat"]}, "options": {"rights": "ignore"}},
    ),
    (ValidationPreviewCreate, {"rules": RULES, "filter": {"text": "cat", "unlabelled": True}}),
    (
        VersionCreate,
        {
            "name": "v1",
            "filter": {**FILTERS, "status": "completed", "rejected": False, "split": "test"},
            "splits": {"train": 0.75, "test": 0.25},
            "stratify": "label",
            "group_by": ["host", "metadata.camera"],
            "leak_distance": 4,
        },
    ),
    (
        ExportJobCreate,
        {
            "name": "v1",
            "format": "tar",
            "options": {
                "include_metadata": False,
                "include_invalid": True,
                "include_duplicates": True,
                "variant": "thumbnail",
                "layout": "webdataset",
                "splits": {"train": 0.75, "test": 0.25},
            },
        },
    ),
]
