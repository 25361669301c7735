"""Changes to what people say about images, of one or of many at once."""

from typing import Annotated, Self

from pydantic import MISSING, Field, model_validator

from shared.schemas.fields import Description, Id, Name, make_refusal
from shared.schemas.images import ImageFilter
from shared.schemas.kinds import Input, Read, Update


class ImageUpdate(Update):
    """Changes to what people say about an image."""

    label: Name | MISSING | None = MISSING
    """Class for training; null removes it."""
    caption: Description | MISSING | None = MISSING
    """Text for training; null removes it."""
    rejected: bool | MISSING = MISSING
    """True rejects the image, false takes that back."""
    reject_reason: Description | MISSING | None = MISSING
    """Why it is rejected, for a person; null removes it."""

    @model_validator(mode="after")
    def _check_reason(self) -> Self:
        if self.rejected is False and self.reject_reason not in (MISSING, None):
            raise make_refusal("must be absent where the rejection is taken back", "reject_reason")
        return self


class ImagesUpdate(Input):
    """The same change to many images of a project: to those listed, or those that pass a filter."""

    image_ids: Annotated[list[Id], Field(min_length=1, max_length=10_000)] | None = None
    """Images to change, up to 10,000. Either this or `filter` is needed."""
    filter: ImageFilter | None = None
    """Filter of the images to change. Either this or `image_ids` is needed."""
    set: ImageUpdate
    """Changes to each of them."""

    @model_validator(mode="after")
    def _check_change(self) -> Self:
        if (self.image_ids is None) == (self.filter is None):
            raise make_refusal("must have either image_ids or filter")
        if not self.set.get_changes():
            raise make_refusal("must change something", "set")
        return self


class ImagesChanged(Read):
    """The number of images that a call changed; with `remaining`, repeat it to change more."""

    changed: int
    """Number of images that were not so before."""
    remaining: bool
    """True where the same call changes more."""
