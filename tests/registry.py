"""Models for tests: trained here on scikit-learn's digits, and registered as a client does."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import requests
from skl2onnx import to_onnx
from sklearn.base import BaseEstimator
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from shared.inference.predictor import Predictor
from shared.inference.serving import Models
from shared.inference.tensors import Array
from shared.services import services
from tests.harness import Person, System

DATA = Path(__file__).parent / "data" / "models"


@cache
def digits() -> tuple[Array, Array, Array, Array]:
    """Training images and labels, then those held out: every fourth one."""
    images, labels = load_digits(return_X_y=True)
    held_out = np.arange(len(labels)) % 4 == 0
    images = images.astype(np.float32)
    return images[~held_out], labels[~held_out], images[held_out], labels[held_out]


@cache
def classifier() -> LogisticRegression:
    """Return a fitted classifier of digits."""
    images, labels, _, _ = digits()
    # So small, it takes twenty times as long on several threads, where other tests run beside it.
    with threadpool_limits(1):
        return LogisticRegression(C=0.01, solver="newton-cg").fit(images, labels)


def export_onnx(estimator: BaseEstimator, **options: Any) -> bytes:
    """Return an estimator as an ONNX file."""
    data: bytes = to_onnx(estimator, digits()[0][:1], **options).SerializeToString()
    return data


@cache
def digits_onnx() -> bytes:
    """Return the classifier as an ONNX file."""
    return export_onnx(classifier(), options={"zipmap": False})


def register(
    person: Person, system: System, data: bytes | None = None, **about: Any
) -> dict[str, Any]:
    """Register a model and waits until its file is verified; return it."""
    data = digits_onnx() if data is None else data
    body = {
        "name": "digits",
        "model_type": "sklearn",
        "file_name": "digits.onnx",
        "file_size": len(data),
        **about,
    }
    model = person.post("/v1/models", body)
    put = requests.put(model["upload_url"], data=data, headers=model["headers"], timeout=10)
    assert put.status_code == 200, put.text
    system.uploaded(model["file_path"])
    system.drain()
    registered: dict[str, Any] = person.get(f"/v1/models/{model['id']}")
    return registered


def predictor_of(models: Models) -> Predictor:
    """Return a predictor that runs on these models, for `services().built`."""
    return Predictor(models, services().storage, services().settings)
