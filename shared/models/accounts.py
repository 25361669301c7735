"""People, their signed-in sessions and their API keys."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Computed, ForeignKey, UniqueConstraint, false, func, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import Base, Created, Identified, Timestamped, index, one_of

if TYPE_CHECKING:
    from shared.models.activity import ActivityLog
    from shared.models.exports import ExportJob
    from shared.models.images import Image
    from shared.models.projects import Project
    from shared.models.registry import Model, Prediction


class Profile(Identified, Timestamped, Base):
    """A person who signs in."""

    __tablename__ = "profiles"

    email: Mapped[str] = mapped_column(comment="Address as typed; unique whatever its case")
    hashed_password: Mapped[str | None] = mapped_column(
        comment="argon2id hash; NULL when the person cannot sign in by password"
    )
    full_name: Mapped[str | None] = mapped_column(comment="Display name")
    role: Mapped[str] = mapped_column(
        default="user", server_default="user", comment="user or admin"
    )
    is_active: Mapped[bool] = mapped_column(
        default=True, server_default=true(), comment="False locks the account out"
    )
    is_admin: Mapped[bool] = mapped_column(
        Computed("role = 'admin'", persisted=True), comment="Derived from role"
    )
    deleted_at: Mapped[datetime | None] = mapped_column(
        comment="When its owner deleted it; its rows are being removed"
    )

    projects: Mapped[list[Project]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )
    images: Mapped[list[Image]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )
    export_jobs: Mapped[list[ExportJob]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )
    models: Mapped[list[Model]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )
    predictions: Mapped[list[Prediction]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )
    api_keys: Mapped[list[ApiKey]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )
    activity_logs: Mapped[list[ActivityLog]] = relationship(
        back_populates="user", passive_deletes=True
    )

    __table_args__ = (
        one_of("role", "user", "admin"),
        index(
            "uq_profiles_email_lower",
            func.lower(text("email")),
            unique=True,
            serves="sign-in and the uniqueness of addresses: lower(email) = lower(:email)",
        ),
        index("ix_profiles_email", "email", serves="users by exact address: email = :email"),
        index(
            "idx_users_is_active",
            "is_active",
            postgresql_where=text("NOT is_active"),
            serves="locked accounts: NOT is_active",
        ),
        index(
            "ix_profiles_deleted_at",
            "deleted_at",
            postgresql_where=text("deleted_at IS NOT NULL"),
            serves="removals that were given up: deleted_at < :limit",
        ),
        {"comment": "People who sign in; the view users shows them under other column names"},
    )


class UserSession(Identified, Timestamped, Base):
    """One issued pair of access and refresh token."""

    __tablename__ = "sessions"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"), comment="Who signed in"
    )
    family: Mapped[UUID] = mapped_column(
        comment="Shared by all pairs that descend from one sign-in; reuse ends them together"
    )
    refresh_hash: Mapped[str] = mapped_column(comment="SHA-256 hex of the refresh token")
    access_hash: Mapped[str] = mapped_column(comment="SHA-256 hex of the access token")
    access_expires_at: Mapped[datetime] = mapped_column(comment="End of the access token")
    expires_at: Mapped[datetime] = mapped_column(comment="End of the refresh token")
    used_at: Mapped[datetime | None] = mapped_column(
        comment="When the refresh token was exchanged; it works once"
    )
    revoked_at: Mapped[datetime | None] = mapped_column(comment="When the family was ended")
    ip_address: Mapped[str | None] = mapped_column(comment="Address that it was issued to")
    user_agent: Mapped[str | None] = mapped_column(comment="Program that it was issued to")

    __table_args__ = (
        UniqueConstraint("refresh_hash", info={"serves": "refresh: refresh_hash = :hash"}),
        UniqueConstraint("access_hash", info={"serves": "every request: access_hash = :hash"}),
        index("ix_sessions_user_id", "user_id", serves="a profile's sessions; cascade"),
        index("ix_sessions_family", "family", serves="ending a family: family = :family"),
        index("ix_sessions_expires_at", "expires_at", serves="expiry: expires_at < now()"),
        {"comment": "Issued token pairs; only hashes are stored"},
    )


class SignInCode(Identified, Created, Base):
    """A code that signs a browser in, once."""

    __tablename__ = "sign_in_codes"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"), comment="Whose account it opens"
    )
    code_hash: Mapped[str] = mapped_column(comment="SHA-256 hex of the code")
    expires_at: Mapped[datetime] = mapped_column(comment="Until when it works")
    is_reusable: Mapped[bool] = mapped_column(
        default=False,
        server_default=false(),
        comment="True for the local system's own, which works until that ends",
    )

    __table_args__ = (
        UniqueConstraint("code_hash", info={"serves": "sign-in: code_hash = :hash"}),
        index(
            "ix_sign_in_codes_user_id",
            "user_id",
            "expires_at",
            serves="how many an account has: user_id = :user AND expires_at > now(); cascade",
        ),
        index("ix_sign_in_codes_expires_at", "expires_at", serves="expiry: expires_at < now()"),
        {"comment": "Codes that sign a browser in; only hashes are stored"},
    )


class ApiKey(Identified, Timestamped, Base):
    """A long-lived key for programs."""

    __tablename__ = "api_keys"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"), comment="Whose key it is"
    )
    prefix: Mapped[str] = mapped_column(comment="First characters, shown to recognise the key")
    key_hash: Mapped[str] = mapped_column(comment="SHA-256 hex of the key")
    name: Mapped[str | None] = mapped_column(comment="What the owner calls it")
    is_active: Mapped[bool] = mapped_column(
        default=True, server_default=true(), comment="False once revoked"
    )
    last_used_at: Mapped[datetime | None] = mapped_column(comment="Last accepted request")
    expires_at: Mapped[datetime | None] = mapped_column(comment="NULL never expires")

    user: Mapped[Profile] = relationship(back_populates="api_keys")

    __table_args__ = (
        index(
            "idx_api_keys_key_hash",
            "key_hash",
            unique=True,
            serves="authentication: key_hash = :hash",
        ),
        index(
            "idx_api_keys_user_id",
            "user_id",
            "id",
            serves="list_api_keys: user_id = :user ORDER BY id DESC",
        ),
        index(
            "idx_api_keys_is_active",
            "is_active",
            postgresql_where=text("NOT is_active"),
            serves="revoked keys: NOT is_active",
        ),
        {"comment": "API keys; only hashes are stored"},
    )
