"""The splits that images were given, packed."""

from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Created


class SplitBlock(Created, Base):
    """Images that were given their splits together, by one way of splitting a project.

    Blocks are added, never changed: what an image was given it keeps.
    """

    __tablename__ = "split_blocks"

    project_id: Mapped[UUID] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"),
        primary_key=True,
        comment="Whose images",
    )
    scheme: Mapped[str] = mapped_column(
        primary_key=True, comment="SHA-256 hex of the options that images are split by"
    )
    number: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Counts the blocks from 0"
    )
    image_ids: Mapped[bytes] = mapped_column(
        LargeBinary, comment="Ids in their order, 16 bytes each; no references"
    )
    splits: Mapped[bytes] = mapped_column(
        LargeBinary, comment="A byte for each: its split's number in the order of names"
    )

    __table_args__ = ({"comment": "Splits that images were given, many in a row"},)
