"""Functions switch only after the migration job has succeeded."""

import re

from tests.infra.gcp.configuration import body_of


def test_each_run_is_a_new_job() -> None:
    """Terraform takes an update that failed for done; what it failed to make, it makes again."""
    job = body_of("migration.tf", '"google_cloud_run_v2_job" "migrate"')
    assert "run_execution_token = terraform_data.migration_run.output" in job
    assert "replace_triggered_by = [terraform_data.migration_run]" in job


def test_what_changes_the_job_runs_it() -> None:
    """Cloud Run refuses an update that names an earlier run."""
    run = body_of("migration.tf", '"terraform_data" "migration_run"')
    job = body_of("migration.tf", '"google_cloud_run_v2_job" "migrate"')
    assert "google_secret_manager_secret_version.administrator.version" in job
    assert "var.administrator_password_version" in run
    assert "local.migration_zip" in job
    assert "local.migration_zip" in run
    assert "migration.tf" in run


def test_functions_wait_for_it() -> None:
    functions = body_of("functions.tf", '"google_cloudfunctions2_function" "functions"')
    assert re.search(r"depends_on = \[.*google_cloud_run_v2_job\.migrate.*\]", functions)
