"""Registered models: what people say about them, and what was found out."""

import re
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import (
    MISSING,
    AfterValidator,
    Field,
    JsonValue,
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
from shared.schemas.preprocessing import ModelMetadata

ModelType = Literal["onnx", "sklearn", "pytorch", "tensorflow"]
"""Kind of program that a model's file comes from."""
ModelStatus = Literal["pending", "active", "deprecated", "archived", "rejected"]
"""State of a version: `pending` until its file was looked into, then `active`, or `rejected`;
`deprecated` still serves, `archived` does no longer.
"""
NewModelStatus = Literal["active", "deprecated", "archived"]
"""State that a person may give a version: `deprecated` still serves, `archived` is final."""
Runtime = Literal["onnx", "litert", "skops"]
"""Program that runs a model."""
Datatype = Literal[
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64",
    "FP16", "FP32", "FP64", "BYTES",
]  # fmt: skip
"""Type of a tensor's values, as the Open Inference Protocol names it."""

SERVING: tuple[ModelStatus, ...] = ("active", "deprecated")
MAX_VERSION = 2**31 - 1  # PostgreSQL's integer
MAX_MODEL_BYTES = 2**31 - 1  # what a protocol buffer can be; a deployment sets less
MAX_TENSORS = 100  # that a model takes, and that it gives
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
    """Name that requests and answers have it under."""
    datatype: Datatype
    """Type of its values."""
    shape: Annotated[list[Side], Field(max_length=16)]
    """Size of each dimension; -1 stands for any."""
    labels: Annotated[list[Text], Field(max_length=100_000)] | None = None
    """Classes that its columns are about, in their order; null where there are none."""

    def __str__(self) -> str:
        return f"{self.datatype} of shape {self.shape}"


_Tensor = TypeVar("_Tensor", bound=TensorSchema)


class Quantization(Input):
    """The real numbers that integers stand for: (integer - zero_point) × scale."""

    scale: Annotated[float, Field(gt=0)]
    """Real number that a step of the integer stands for."""
    zero_point: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
    """Integer that stands for 0."""


def _is_absent(value: object) -> bool:
    return value is None


class ModelTensor(TensorSchema):
    """A tensor as the model's file has it; answers have its columns in the order of the classes."""

    quantization: Annotated[Quantization | None, Field(exclude_if=_is_absent)] = None
    """Real numbers that its integers stand for; absent where they stand for themselves."""
    columns: Annotated[list[int] | None, Field(exclude_if=_is_absent)] = None
    """Column of each class in the model's own output, where they are in another order; absent
    otherwise.
    """


def check_names_once(tensors: list[_Tensor]) -> list[_Tensor]:
    """Return the same tensors. Raises `PydanticCustomError` where two have one name."""
    check_unique([tensor.name for tensor in tensors])
    return tensors


Tensors = Annotated[
    list[TensorSchema],
    Field(min_length=1, max_length=MAX_TENSORS),
    AfterValidator(check_names_once),
]


class ModelCreate(Input):
    """A model version whose file the caller wants to send."""

    name: ModelName
    """Name of the model, which its versions share. It becomes part of addresses."""
    model_type: ModelType
    description: Description | None = None
    version: Annotated[int, Field(ge=1, le=MAX_VERSION)] | None = None
    """Number of the version, not taken yet; the next one where it is left out."""
    version_id: Id | None = None
    """Version of the dataset that it was trained on."""
    input_schema: Tensors | None = None
    """Tensors that it takes; found out from the file where it is left out."""
    output_schema: Tensors | None = None
    """Tensors that it gives; found out from the file where it is left out."""
    metadata: ModelMetadata = ModelMetadata()
    """Facts about it; `labels` and `preprocessing` are used."""
    file_name: Name
    file_size: Annotated[int, Field(ge=1, le=MAX_MODEL_BYTES)]
    """Size of the file in bytes, exactly."""
    sha256: Sha256 | None = None


class ModelUpdate(Update):
    """Changes of a version; its file never does."""

    description: Description | MISSING | None = MISSING
    status: NewModelStatus | MISSING = MISSING
    """New state; what is archived stays so."""
    metadata: ModelMetadata | MISSING = MISSING
    """Facts about it, in the place of those that it has."""


class ModelQuery(ListQuery):
    """Filters of the caller's models."""

    name: ModelName | None = None
    """Only versions of the model of this name."""
    status: ModelStatus | None = None
    """State to show alone; all states where it is left out."""
    model_type: ModelType | None = None
    """Only models of this kind."""


class AliasSet(Input):
    """The version that an alias is to stand for."""

    version: Annotated[int, Field(ge=1, le=MAX_VERSION)]
    """Number of the version."""


class ModelRead(Read):
    """A version of a model."""

    id: UUID
    user_id: UUID
    name: str
    """Name of the model, which its versions share."""
    description: str | None
    """Free text about it; null where nobody wrote one."""
    model_type: ModelType
    version: int
    """Number of the version, from 1."""
    version_id: UUID | None
    """Version of the dataset that it was trained on, which may be deleted by now; null where none
    was named.
    """
    runtime: Runtime | None
    """What runs it; null until its file was looked into."""
    file_name: str | None
    file_path: str
    """Name of its file's object in the bucket."""
    file_size: int | None
    """Size of the file in bytes; null where it is not known yet."""
    sha256: str | None
    """SHA-256 of the file, in hexadecimal digits; null where it is not known yet."""
    status: ModelStatus
    """State of the version."""
    error: str | None
    """Why it was rejected, for a person; null otherwise."""
    warnings: list[str]
    """What in the file is not as it is served, for a person."""
    input_schema: list[ModelTensor] | None
    """Tensors that it takes; null until they are known."""
    output_schema: list[ModelTensor] | None
    """Tensors that it gives; null until they are known."""
    metadata: dict[str, JsonValue] = Field(validation_alias="metadata_")
    """Facts about it, as its owner gave them."""
    aliases: list[str]
    """Aliases that stand for this version."""
    created_at: Time
    updated_at: Time


class ModelCreated(ModelRead):
    """A new version, and where and how to send its file; its arrival does the rest."""

    upload_url: str = Field(repr=False)
    method: Literal["PUT"]
    headers: dict[str, str]
    expires_at: Time
