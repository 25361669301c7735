"""Copies derived from images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import Base, Identified, Timestamped, at_least

if TYPE_CHECKING:
    from shared.models.images import Image


class ImageVariant(Identified, Timestamped, Base):
    """A resized or converted copy of an image."""

    __tablename__ = "image_variants"

    image_id: Mapped[UUID] = mapped_column(
        ForeignKey("images.id", ondelete="CASCADE"), comment="The original"
    )
    name: Mapped[str] = mapped_column(comment="What the owner calls it, such as thumbnail")
    spec: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Size, fit, format, quality, watermark"
    )
    object: Mapped[str] = mapped_column(comment="Name of the stored object")
    width: Mapped[int] = mapped_column(comment="Pixels")
    height: Mapped[int] = mapped_column(comment="Pixels")
    file_size: Mapped[int] = mapped_column(BigInteger, comment="Bytes")

    image: Mapped[Image] = relationship(back_populates="variants")

    __table_args__ = (
        *at_least(1, "width", "height"),
        *at_least(0, "file_size"),
        UniqueConstraint(
            "image_id",
            "name",
            info={"serves": "an image's variants: image_id = :image AND name = :name; cascade"},
        ),
        {"comment": "Resized or converted copies of images"},
    )
