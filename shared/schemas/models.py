"""Registered models: what people say about them, and what was found out."""

import json
import re
from typing import Annotated, Any, Literal, Self, TypeVar
from uuid import UUID

from pydantic import (
    MISSING,
    AfterValidator,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

from shared.schemas.fields import (
    Description,
    Id,
    Name,
    Sha256,
    Text,
    Time,
    check_unique,
    make_refusal,
)
from shared.schemas.kinds import Input, ListQuery, Read, Update
from shared.schemas.parsing import find_half_pair

ModelType = Literal["onnx", "sklearn", "pytorch", "tensorflow"]
ModelStatus = Literal["pending", "active", "deprecated", "archived", "rejected"]
Runtime = Literal["onnx", "litert", "skops"]
Datatype = Literal[
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64",
    "FP16", "FP32", "FP64", "BYTES",
]  # fmt: skip

SERVING: tuple[ModelStatus, ...] = ("active", "deprecated")
MAX_VERSION = 2**31 - 1  # PostgreSQL's integer
MAX_MODEL_BYTES = 2**31 - 1  # what a protocol buffer can be; a deployment sets less
MAX_TENSORS = 100  # that a model takes, and that it gives
_MAX_METADATA = 64 * 1024
_NOT_IN_NAMES = re.compile(r"[/\\?#%@:]")
_ALIAS = re.compile(r"[A-Za-z0-9_-]{1,64}")
_RESERVED_ALIAS = re.compile(r"latest|v?[0-9]+", re.IGNORECASE)


def _check_fits_addresses(text: str) -> str:
    if _NOT_IN_NAMES.search(text) or text in (".", ".."):
        raise make_refusal(
            "must not contain / \\ ? # % @ or :, because it becomes part of addresses"
        )
    return text


def is_alias(text: str) -> bool:
    """Return whether a text may be an alias; `latest` and `v1` mean something else (MLflow)."""
    return bool(_ALIAS.fullmatch(text)) and not _RESERVED_ALIAS.fullmatch(text)


# Part of addresses: /v2/models/{name}.
ModelName = Annotated[Name, Field(max_length=128), AfterValidator(_check_fits_addresses)]
Side = Annotated[int, Field(ge=-1, le=2**31 - 1)]
TensorName = Annotated[Text, Field(min_length=1, max_length=512)]


class TensorSchema(Input):
    """A tensor that a model takes or gives; -1 in its shape stands for any size."""

    name: TensorName
    datatype: Datatype
    shape: Annotated[list[Side], Field(max_length=16)]
    labels: Annotated[list[Text], Field(max_length=100_000)] | None = None

    def __str__(self) -> str:
        return f"{self.datatype} of shape {self.shape}"


_Tensor = TypeVar("_Tensor", bound=TensorSchema)


class Quantization(Input):
    """The real numbers that integers stand for: (integer - zero_point) × scale."""

    scale: Annotated[float, Field(gt=0)]
    zero_point: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


def _is_absent(value: object) -> bool:
    return value is None


class ModelTensor(TensorSchema):
    """A tensor as the model's file has it.

    `columns` is set where the columns of scores are not in the order of the classes: it holds the
    column of each class, and answers have the columns in that order.
    """

    quantization: Annotated[Quantization | None, Field(exclude_if=_is_absent)] = None
    columns: Annotated[list[int] | None, Field(exclude_if=_is_absent)] = None


def check_names_once(tensors: list[_Tensor]) -> list[_Tensor]:
    """Return the same tensors. Raises `PydanticCustomError` where two have one name."""
    check_unique([tensor.name for tensor in tensors])
    return tensors


Tensors = Annotated[
    list[TensorSchema],
    Field(min_length=1, max_length=MAX_TENSORS),
    AfterValidator(check_names_once),
]


def _check_nonzero(values: list[float]) -> list[float]:
    if not all(values):
        raise make_refusal("must not contain 0")
    return values


_Channels = Annotated[list[float], Field(min_length=1, max_length=3)]


class Preprocessing(Input):
    """The way from an image to the model's input; sizes left out follow from its shape.

    A pixel from 0 to 255 becomes (pixel × scale - mean) / std; `invert` first makes it 255 - pixel.
    """

    width: Annotated[int, Field(ge=1, le=4096)] | None = None
    height: Annotated[int, Field(ge=1, le=4096)] | None = None
    layout: Literal["NCHW", "NHWC", "flat"] | None = None
    color: Literal["rgb", "bgr", "grayscale"] | None = None
    fit: Literal["fill", "cover", "contain"] = "fill"
    resample: Literal["nearest", "bilinear", "bicubic", "lanczos"] = "bilinear"
    invert: bool = False
    scale: Annotated[float, Field(gt=0)] | None = None
    mean: _Channels | None = None
    std: Annotated[_Channels, AfterValidator(_check_nonzero)] | None = None


class ModelMetadata(Input):
    """Facts about a model: two that are used, and any others."""

    model_config = ConfigDict(extra="allow")

    labels: Annotated[list[Text], Field(min_length=1, max_length=100_000)] | None = None
    preprocessing: Preprocessing | None = None

    @model_validator(mode="before")
    @classmethod
    def _check_size(cls, values: Any) -> Any:
        text = json.dumps(values, ensure_ascii=False)
        if len(text.encode("utf-8", "replace")) > _MAX_METADATA:
            raise make_refusal(f"must take {_MAX_METADATA} bytes or less")
        if "\\u0000" in json.dumps(values):
            raise make_refusal("must not contain the character U+0000")
        return values

    @model_validator(mode="after")
    def _check_texts(self) -> Self:
        if (path := find_half_pair(self.model_extra)) is not None:
            raise make_refusal("must be valid Unicode text", *map(str, path))
        return self

    def to_json(self) -> dict[str, Any]:
        """Return what was given, and nothing else."""
        return self.model_dump(mode="json", exclude_unset=True)


class ModelCreate(Input):
    """A model version whose file the caller wants to send.

    `version_id` is the version of the dataset that it was trained on.
    """

    name: ModelName
    model_type: ModelType
    description: Description | None = None
    version: Annotated[int, Field(ge=1, le=MAX_VERSION)] | None = None
    version_id: Id | None = None
    input_schema: Tensors | None = None
    output_schema: Tensors | None = None
    metadata: ModelMetadata = ModelMetadata()
    file_name: Name
    file_size: Annotated[int, Field(ge=1, le=MAX_MODEL_BYTES)]
    sha256: Sha256 | None = None


class ModelUpdate(Update):
    """Changes of a version; its file never does."""

    description: Description | MISSING | None = MISSING
    status: Literal["active", "deprecated", "archived"] | MISSING = MISSING
    metadata: ModelMetadata | MISSING = MISSING


class ModelQuery(ListQuery):
    """Filters of the caller's models."""

    name: ModelName | None = None
    status: ModelStatus | None = None
    model_type: ModelType | None = None


class AliasSet(Input):
    """The version that an alias is to stand for."""

    version: Annotated[int, Field(ge=1, le=MAX_VERSION)]


class ModelRead(Read):
    """A model version; `runtime` is what runs it, `error` why it was rejected.

    `warnings` say what in the file is not as it is served.
    """

    id: UUID
    user_id: UUID
    name: str
    description: str | None
    model_type: ModelType
    version: int
    version_id: UUID | None
    runtime: Runtime | None
    file_name: str | None
    file_path: str
    file_size: int | None
    sha256: str | None
    status: ModelStatus
    error: str | None
    warnings: list[str]
    input_schema: list[ModelTensor] | None
    output_schema: list[ModelTensor] | None
    metadata: dict[str, JsonValue] = Field(validation_alias="metadata_")
    aliases: list[str]
    created_at: Time
    updated_at: Time


class ModelCreated(ModelRead):
    """A new version, and where and how to send its file; its arrival does the rest."""

    upload_url: str = Field(repr=False)
    method: Literal["PUT"]
    headers: dict[str, str]
    expires_at: Time
