"""Examples of request bodies as people would send them, by the name of the schema.

Each has a name of its own, a summary and the body. A test holds them to the schemas.
"""

from typing import Any

_PROJECT_IMAGE = "0197a3c1-7b60-7000-8000-00000000002a"
_VERSION = "0197a3c1-7b60-7000-8000-000000000007"


def _describe(summary: str, value: Any) -> dict[str, Any]:
    return {"summary": summary, "value": value}


EXAMPLES: dict[str, dict[str, dict[str, Any]]] = {
    "AccountDelete": {"me": _describe("Delete it", {"current_password": "a long sentence"})},
    "AliasSet": {"version": _describe("Let the alias stand for version 3", {"version": 3})},
    "AnalysisCreate": {
        "basic": _describe("Measure colours, sharpness and composition", {"analyzer": "basic"}),
        "model": _describe(
            "Ask a registered model once more",
            {"analyzer": "model:0197a3c1-7b60-7000-8000-000000000003", "force": True},
        ),
    },
    "ApiKeyCreate": {
        "unlimited": _describe("A key that works until it is revoked", {"name": "training server"}),
    },
    "CrawlJobCreate": {
        "urls": _describe(
            "A list of addresses with labels",
            {
                "name": "cats and dogs",
                "source": {
                    "type": "urls",
                    "urls": [
                        {"url": "https://images.example.org/cat-1.jpg", "label": "cat"},
                        {
                            "url": "https://images.example.org/dog-1.jpg",
                            "label": "dog",
                            "license": "CC BY 4.0",
                            "attribution": "Ada Example",
                        },
                        "https://images.example.org/unlabelled.jpg",
                    ],
                },
                "options": {"dedup": "perceptual", "min_width": 224, "min_height": 224},
            },
        ),
        "pages": _describe(
            "A site, every week, judged and measured",
            {
                "name": "museum",
                "source": {
                    "type": "pages",
                    "pages": ["https://museum.example.org/collection/"],
                    "max_depth": 2,
                    "include": ["/collection/"],
                    "label": "painting",
                },
                "options": {
                    "max_images": 5000,
                    "validate": {"min_width": 512, "min_sharpness": 30},
                    "analyze": ["basic"],
                    "every": "1w",
                },
            },
        ),
        "keywords": _describe(
            "Words that engines are searched for, by label",
            {
                "name": "pandas",
                "source": {
                    "type": "keywords",
                    "categories": {"red": ["red panda"], "giant": ["giant panda", "panda bear"]},
                    "engines": ["openverse", "wikimedia"],
                    "license": "commercial",
                },
                "options": {"max_images": 400},
            },
        ),
        "manifest": _describe(
            "A table in a bucket",
            {
                "name": "catalogue",
                "source": {
                    "type": "manifest",
                    "uri": "gs://my-tables/catalogue.parquet",
                    "columns": {"url": "image_link", "label": "category"},
                },
            },
        ),
    },
    "ExportJobCreate": {
        "imagefolder": _describe(
            "Folders of one size, divided into splits",
            {
                "name": "cats for training",
                "format": "zip",
                "options": {
                    "layout": "imagefolder",
                    "resize": {"width": 224, "height": 224, "mode": "pad"},
                    "splits": {"train": 0.8, "validation": 0.1, "test": 0.1},
                    "stratify": "label",
                },
            },
        ),
        "webdataset": _describe(
            "Tars of about 256 MiB",
            {
                "name": "shards",
                "format": "tar",
                "options": {"layout": "webdataset", "shard_bytes": 268435456},
            },
        ),
        "table": _describe("A table without images", {"name": "list", "format": "csv"}),
    },
    "ImageUpdate": {
        "label": _describe("Correct a label", {"label": "tabby cat", "caption": "A cat on a sofa"}),
        "reject": _describe(
            "Reject", {"rejected": True, "reject_reason": "a drawing, not a photo"}
        ),
    },
    "ImagesUpdate": {
        "filter": _describe(
            "Give all images of a label another one",
            {"filter": {"label": "kitty"}, "set": {"label": "cat"}},
        ),
        "ids": _describe(
            "Reject some images",
            {"image_ids": [_PROJECT_IMAGE], "set": {"rejected": True}},
        ),
    },
    "InferenceRequest": {
        "json": _describe(
            "A row of numbers",
            {
                "inputs": [
                    {"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]}
                ]
            },
        ),
    },
    "ManifestCreate": {
        "csv": _describe(
            "A packed CSV with columns of its own",
            {
                "name": "catalogue",
                "file_name": "catalogue.csv.gz",
                "size": 48210,
                "columns": {"url": "image_link", "label": "category"},
                "options": {"dedup": "perceptual"},
            },
        ),
    },
    "ModelCreate": {
        "onnx": _describe(
            "A classifier of images",
            {
                "name": "pets",
                "model_type": "onnx",
                "description": "ResNet-18 on cats and dogs",
                "version_id": _VERSION,
                "metadata": {
                    "labels": ["cat", "dog"],
                    "preprocessing": {
                        "scale": 0.00392156862745098,
                        "mean": [0.485, 0.456, 0.406],
                        "std": [0.229, 0.224, 0.225],
                    },
                },
                "file_name": "pets.onnx",
                "file_size": 44750000,
            },
        ),
    },
    "ModelUpdate": {
        "deprecate": _describe(
            "Serve it with a warning",
            {"status": "deprecated", "description": "Use version 4 instead"},
        ),
    },
    "PredictionCreate": {
        "images": _describe("Images of the account", {"image_ids": [_PROJECT_IMAGE]}),
        "tensors": _describe("Rows of numbers", {"inputs": {"X": [[5.1, 3.5, 1.4, 0.2]]}}),
    },
    "ProfileUpdate": {
        "name": _describe("Another name", {"full_name": "Ada Example"}),
        "password": _describe(
            "Another password",
            {"password": "a long new sentence", "current_password": "a long old sentence"},
        ),
    },
    "ProjectCreate": {
        "project": _describe("A project", {"name": "pets", "description": "Cats and dogs at home"}),
    },
    "ProjectUpdate": {
        "rename": _describe("Another name", {"name": "pets at home"}),
        "archive": _describe("Archive", {"status": "archived"}),
    },
    "SessionCreate": {
        "person": _describe(
            "A person", {"email": "ada@example.org", "password": "a long and secret sentence"}
        ),
    },
    "SessionRefresh": {
        "token": _describe(
            "The latest refresh token",
            {"refresh_token": "pxr_Zk3q0mJ7mXk1v1oT9r2b5s8w0y4A6c8E1g3I5k7M9o"},
        ),
    },
    "UploadCreate": {
        "photo": _describe(
            "A photograph",
            {
                "file_name": "minka.jpg",
                "content_type": "image/jpeg",
                "size": 234567,
                "label": "cat",
                "license": "CC BY 4.0",
                "attribution": "Ada Example",
            },
        ),
    },
    "UserRegister": {
        "person": _describe(
            "A person",
            {
                "email": "ada@example.org",
                "password": "a long and secret sentence",
                "full_name": "Ada Example",
            },
        ),
    },
    "SourcePreviewCreate": {
        "keywords": _describe(
            "The first pictures of two words",
            {
                "source": {
                    "type": "keywords",
                    "keywords": ["red panda", "giant panda"],
                    "engines": ["wikimedia"],
                }
            },
        ),
        "pages": _describe(
            "The images of a page",
            {"source": {"type": "pages", "pages": ["https://museum.example.org/collection/"]}},
        ),
    },
    "ValidationPreviewCreate": {
        "size": _describe("How many images are small", {"rules": {"min_width": 512}}),
    },
    "ValidationJobCreate": {
        "rules": _describe(
            "Sharp photographs of some size that stand alone",
            {
                "name": "strict",
                "rules": {
                    "min_width": 512,
                    "min_height": 512,
                    "allowed_formats": ["jpeg", "png", "webp"],
                    "min_sharpness": 50,
                    "max_uniformity": 0.6,
                    "near_duplicate_distance": 6,
                },
            },
        ),
    },
    "VariantsCreate": {
        "variants": _describe(
            "A square, and a picture with a watermark",
            {
                "variants": [
                    {"name": "square", "width": 512, "height": 512, "fit": "cover"},
                    {
                        "name": "preview",
                        "width": 1280,
                        "format": "jpeg",
                        "watermark": {"text": "example.org", "position": "bottom-right"},
                    },
                ]
            },
        ),
    },
    "VerificationJobCreate": {
        "all": _describe("All images of the project", {}),
        "label": _describe("Images of one label", {"name": "cats", "filter": {"label": "cat"}}),
    },
    "VersionCreate": {
        "splits": _describe(
            "All valid originals, in splits that share no near copies",
            {
                "name": "v1",
                "splits": {"train": 0.8, "test": 0.2},
                "stratify": "label",
                "leak_distance": 8,
            },
        ),
    },
    "WebSessionCreate": {
        "person": _describe(
            "A person", {"email": "ada@example.org", "password": "a long and secret sentence"}
        ),
    },
    "WebhookCreate": {
        "jobs": _describe(
            "Hear of crawls and exports",
            {
                "url": "https://hooks.example.org/pixmill",
                "events": ["crawl_job.completed", "crawl_job.failed", "export_job.completed"],
            },
        ),
    },
    "WebhookUpdate": {"pause": _describe("Pause", {"is_active": False})},
}
