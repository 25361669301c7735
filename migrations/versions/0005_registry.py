"""Registered models and their predictions."""

from alembic import op

from migrations.comments import comment_on

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE models (
        id uuid NOT NULL DEFAULT new_id(),
        user_id uuid NOT NULL,
        name text NOT NULL,
        description text,
        model_type text NOT NULL,
        version integer NOT NULL DEFAULT 1,
        file_path text NOT NULL,
        file_size bigint,
        sha256 text,
        status text NOT NULL DEFAULT 'active',
        error text,
        input_schema jsonb,
        output_schema jsonb,
        metadata jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_models PRIMARY KEY (id),
        CONSTRAINT fk_models_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT unique_user_model_version UNIQUE (user_id, name, version),
        CONSTRAINT ck_models_model_type
            CHECK (model_type IN ('onnx', 'sklearn', 'pytorch', 'tensorflow')),
        CONSTRAINT ck_models_status
            CHECK (status IN ('pending', 'active', 'deprecated', 'archived', 'rejected')),
        CONSTRAINT ck_models_version CHECK (version >= 1),
        CONSTRAINT ck_models_file_size CHECK (file_size >= 0)
    );
    CREATE INDEX idx_models_created_at ON models (created_at DESC);
    CREATE INDEX idx_models_metadata ON models USING gin (metadata);
    CREATE INDEX idx_models_status ON models (status);
    CREATE INDEX idx_models_user_id ON models (user_id, id);
    CREATE INDEX ix_models_user_id_status_id ON models (user_id, status, id);
    """)
    comment_on(
        "models",
        "Registered models, one row per version",
        id="UUID version 7, so ids order rows by creation",
        user_id="Owner",
        name="Shared by all its versions",
        description="Free text",
        model_type="onnx, sklearn, pytorch or tensorflow",
        version="Counts from 1 within a name",
        file_path="Name of the stored object",
        file_size="Bytes",
        sha256="SHA-256 hex of the file",
        status="pending, active, deprecated, archived or rejected",
        error="Why it was rejected, for a person",
        input_schema="Expected inputs",
        output_schema="Produced outputs",
        metadata="Further facts",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )

    op.execute("""
    CREATE TABLE predictions (
        id uuid NOT NULL DEFAULT new_id(),
        model_id uuid NOT NULL,
        user_id uuid NOT NULL,
        input_data jsonb NOT NULL,
        output_data jsonb,
        inference_time_ms double precision,
        status text NOT NULL DEFAULT 'success',
        error_message text,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_predictions PRIMARY KEY (id, created_at),
        CONSTRAINT fk_predictions_model_id FOREIGN KEY (model_id)
            REFERENCES models (id) ON DELETE CASCADE,
        CONSTRAINT fk_predictions_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT ck_predictions_status CHECK (status IN ('pending', 'success', 'failed')),
        CONSTRAINT ck_predictions_inference_time_ms CHECK (inference_time_ms >= 0)
    ) PARTITION BY RANGE (created_at);
    CREATE INDEX idx_predictions_created_at ON predictions (created_at DESC);
    CREATE INDEX idx_predictions_model_id ON predictions (model_id, id);
    CREATE INDEX idx_predictions_status ON predictions (status);
    CREATE INDEX idx_predictions_user_id ON predictions (user_id, id);
    CREATE INDEX ix_predictions_user_id_created_at ON predictions (user_id, created_at);
    CREATE INDEX ix_predictions_user_id_status_id ON predictions (user_id, status, id)
        WHERE status <> 'success';
    """)
    comment_on(
        "predictions",
        "Log of model runs, partitioned by month",
        id="UUID version 7, so ids order rows by creation",
        model_id="What was run",
        user_id="Who ran it",
        input_data="Inputs, or the images' ids",
        output_data="Outputs",
        inference_time_ms="Milliseconds",
        status="pending, success or failed",
        error_message="Why it failed, for a person",
        created_at="When it was asked for; decides the partition",
    )
    op.execute("""
    CREATE TABLE predictions_default PARTITION OF predictions DEFAULT;
    COMMENT ON TABLE predictions_default IS 'Predictions of months that have no partition yet';
    SELECT ensure_partitions('predictions', 3);
    """)


def downgrade() -> None:
    op.drop_table("predictions")
    op.drop_table("models")
