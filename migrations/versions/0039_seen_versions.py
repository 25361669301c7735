"""Models, predictions and analyses record the version of a dataset that they saw."""

from alembic import op

from migrations.comments import comment_on

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_TABLES = {
    "models": ("Registered models, one row per version", "Version of a dataset it was trained on"),
    "predictions": (
        "Log of model runs, partitioned by month",
        "Version of a dataset whose images it saw",
    ),
    "analysis_jobs": (
        "Passes of an analyser over the images of a crawl job",
        "Version of a dataset whose images alone are analysed",
    ),
    "image_analyses": (
        "Analysis results, one row per run",
        "Version of a dataset that it was asked for",
    ),
}


def upgrade() -> None:
    for table, (about, comment) in _TABLES.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN version_id uuid")
        comment_on(table, about, version_id=f"{comment}; no reference")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN version_id")
