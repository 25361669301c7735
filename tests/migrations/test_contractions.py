"""Old code goes on beside new code: a step only adds, or says what it takes away and why it may."""

from collections.abc import Iterator

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from infra.local.postgres import Postgres
from tests.databases import ALEMBIC, connect_to, migrate, new_database
from tests.migrations.contractions import Schema, contractions, schema_of

# The first whole schema; no release has an earlier one.
_FIRST = "0010"


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> Iterator[str]:
    """Yield a migrated database: one version of PostgreSQL is enough to look at its catalogue."""
    with new_database(postgres.url) as url:
        migrate(url)
        yield url


def read_schema_at(url: str, revision: str) -> Schema:
    """Return the schema of a database after its upgrade to a revision."""
    migrate(url, revision)
    engine = connect_to(url)
    with engine.connect() as connection:
        schema = schema_of(connection)
    engine.dispose()
    return schema


def test_each_step_only_adds_or_says_what_it_takes(postgres: Postgres) -> None:
    steps = list(ScriptDirectory.from_config(Config(ALEMBIC)).iterate_revisions("head", _FIRST))
    with new_database(postgres.url) as url:
        before = read_schema_at(url, _FIRST)
        for step in reversed(steps):
            after = read_schema_at(url, step.revision)
            said: dict[str, str] = getattr(step.module, "contracts", {})
            assert contractions(before, after) == set(said), (
                f"{step.revision}: expand first (migrations/README.md, “Without downtime”), or say"
                " in `contracts` what goes and why no code that still runs needs it"
            )
            assert all(said.values())
            before = after
        assert len(before.offers) > 1000
        assert len(before.demands) > 200


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("ALTER TABLE images DROP COLUMN label CASCADE", "gone: column images.label"),
        ("ALTER TABLE images RENAME COLUMN label TO class", "gone: column images.label"),
        ("ALTER TABLE images RENAME TO pictures", "gone: column images.label"),
        ("ALTER TABLE images ALTER label TYPE varchar(9)", "gone: column images.label"),
        ("ALTER TABLE images ALTER label SET NOT NULL", "gone: NULL in images.label"),
        ("ALTER TABLE images ALTER label SET NOT NULL", "new: value for images.label"),
        ("ALTER TABLE images ALTER status DROP DEFAULT", "gone: default of images.status"),
        ("ALTER TABLE images ADD shot text NOT NULL", "new: value for images.shot"),
        (
            "ALTER TABLE images ADD CONSTRAINT short CHECK (length(label) < 9)",
            "new: constraint short of images",
        ),
        (
            "ALTER TABLE images ADD FOREIGN KEY (id) REFERENCES models (id) NOT VALID",
            "new: constraint images_id_fkey of images",
        ),
        ("CREATE UNIQUE INDEX only_one ON images (label)", "new: unique only_one of images"),
        (
            "ALTER TABLE idempotency_keys DROP CONSTRAINT pk_idempotency_keys",
            "gone: key of idempotency_keys btree (user_id, key)",
        ),
        ("DROP VIEW users", "gone: column users.email"),
        ("DROP FUNCTION ensure_partitions", "gone: function ensure_partitions(text,integer)"),
        (
            "REVOKE INSERT ON outbox FROM pixmill_caller",
            "gone: INSERT on outbox for pixmill_caller",
        ),
        ("ALTER TABLE outbox ENABLE ROW LEVEL SECURITY", "new: row security of outbox"),
        ("ALTER POLICY caller ON images USING (false)", "gone: policy caller of images"),
    ],
)
def test_what_old_code_would_miss_is_found(
    connection: Connection, statement: str, found: str
) -> None:
    before = schema_of(connection)
    connection.execute(text(statement))
    assert found in contractions(before, schema_of(connection))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE images ADD shot text, ADD CHECK (shot <> '')",
        "ALTER TABLE images ADD shots integer NOT NULL DEFAULT 0",
        "ALTER TABLE images ADD model uuid REFERENCES models (id), ADD UNIQUE (model)",
        "ALTER TABLE images ALTER status SET DEFAULT 'failed'",
        "ALTER TABLE images DROP CONSTRAINT ck_images_status",
        "CREATE INDEX ON images (label)",
        "DROP INDEX ix_image_analyses_pending",
        "CREATE TABLE tags (name text PRIMARY KEY CHECK (name <> ''))",
        "CREATE POLICY auditor ON images TO pixmill_system USING (true)",
        "SELECT ensure_partitions('predictions', 24)",
    ],
)
def test_what_old_code_does_not_notice_is_let_through(
    connection: Connection, statement: str
) -> None:
    before = schema_of(connection)
    connection.execute(text(statement))
    assert contractions(before, schema_of(connection)) == set()
