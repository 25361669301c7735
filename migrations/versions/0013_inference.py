"""Add findings about models, names for their versions, and places of large predictions."""

from alembic import op

from migrations.comments import comment_on

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OWN = "model_aliases.user_id = (SELECT caller_id())"
_OF_A_MODEL = "EXISTS (SELECT FROM models parent WHERE parent.id = model_aliases.model_id)"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE models
        ADD COLUMN file_name text,
        ADD COLUMN generation bigint,
        ADD COLUMN runtime text,
        ADD COLUMN deprecated_at timestamptz,
        ADD CONSTRAINT ck_models_runtime CHECK (runtime IN ('onnx', 'litert', 'skops'));
    ALTER TABLE predictions
        ADD COLUMN batch_size integer,
        ADD COLUMN input_object text,
        ADD COLUMN output_object text,
        ADD CONSTRAINT ck_predictions_batch_size CHECK (batch_size >= 0);
    """)
    comment_on(
        "models",
        "Registered models, one row per version",
        file_name="Name of the file that was uploaded",
        generation="Generation of the stored object that was verified; no other is loaded",
        runtime="What runs it: onnx, litert or skops",
        deprecated_at="When it was deprecated",
    )
    comment_on(
        "predictions",
        "Log of model runs, partitioned by month",
        batch_size="Rows or images",
        input_object="Name of the stored object with large inputs",
        output_object="Name of the stored object with large outputs",
    )
    op.execute(f"""
    CREATE TABLE model_aliases (
        user_id uuid NOT NULL,
        name text NOT NULL,
        alias text NOT NULL,
        model_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_model_aliases PRIMARY KEY (user_id, name, alias),
        CONSTRAINT fk_model_aliases_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT fk_model_aliases_model_id FOREIGN KEY (model_id)
            REFERENCES models (id) ON DELETE CASCADE
    );
    CREATE INDEX ix_model_aliases_model_id ON model_aliases (model_id);
    CREATE TRIGGER touch_updated_at BEFORE UPDATE ON model_aliases
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    ALTER TABLE model_aliases ENABLE ROW LEVEL SECURITY;
    ALTER TABLE model_aliases FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON model_aliases TO pixmill_caller
        USING ({_OWN}) WITH CHECK ({_OWN} AND {_OF_A_MODEL});
    CREATE POLICY system ON model_aliases TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON model_aliases TO pixmill_caller, pixmill_system;
    """)
    comment_on(
        "model_aliases",
        "Names that people give to versions of a model, such as champion",
        user_id="Owner",
        name="The model's name, shared by all its versions",
        alias="Stands for one version at a time",
        model_id="That version",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )


def downgrade() -> None:
    op.drop_table("model_aliases")
    op.execute("""
    ALTER TABLE predictions
        DROP COLUMN batch_size, DROP COLUMN input_object, DROP COLUMN output_object;
    ALTER TABLE models
        DROP COLUMN file_name, DROP COLUMN generation, DROP COLUMN runtime,
        DROP COLUMN deprecated_at;
    """)
