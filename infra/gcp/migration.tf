# Migrates the database before any function switches to new code: `terraform apply` waits until the
# job has succeeded, and runs it again when its zip, the set of logins or the job itself has changed.

locals {
  migration_zip = google_storage_bucket_object.zips["migrations"].name
}

# Whatever the job is made from: Cloud Run refuses a change of the job that names an earlier run.
resource "terraform_data" "migration_run" {
  input = substr(sha256(jsonencode([
    filesha256("${path.module}/migration.tf"),
    local.migration_zip,
    sort(values(local.database_logins)),
    local.labels,
    var.administrator_password_version,
    var.database.name,
  ])), 0, 12)
}

resource "google_cloud_run_v2_job" "migrate" {
  name                = "pixmill-migrate"
  location            = var.region
  deletion_protection = false
  run_execution_token = terraform_data.migration_run.output

  template {
    template {
      service_account       = google_service_account.others["migrate"].email
      execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
      timeout               = "3600s"
      max_retries           = 0

      containers {
        image   = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.images["docker-hub"].repository_id}/library/python:3.11-slim"
        command = ["sh", "-ec"]
        args = [<<-EOT
          python -m zipfile -e /zips/${local.migration_zip} /migrations
          cd /migrations
          pip install --quiet --no-cache-dir --only-binary :all: --require-hashes -r requirements.txt
          exec python -m infra.gcp.migrate
        EOT
        ]

        resources {
          limits = { cpu = "1", memory = "2Gi" } # the packages are installed into memory
        }

        dynamic "env" {
          for_each = merge(local.database_environment, {
            DB_USER       = local.database_logins["migrate"]
            DB_ADMIN_USER = google_sql_user.administrator.name
            DB_LOGINS     = join(",", [for name, login in local.database_logins : login if name != "migrate"])
          })
          content {
            name  = env.key
            value = env.value
          }
        }
        env {
          name = "DB_ADMIN_PASSWORD"
          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.administrator.secret_id
              version = google_secret_manager_secret_version.administrator.version
            }
          }
        }

        volume_mounts {
          name       = "zips"
          mount_path = "/zips"
        }
      }

      volumes {
        name = "zips"
        gcs {
          bucket    = google_storage_bucket.zips.name
          read_only = true
        }
      }

      # The index of Python packages is past the network, the database in it.
      vpc_access {
        egress = "PRIVATE_RANGES_ONLY"
        network_interfaces {
          network    = google_compute_network.this.id
          subnetwork = google_compute_subnetwork.functions.id
        }
      }
    }
  }

  timeouts {
    create = "70m"
  }

  # A run is a new job: one that fails stays marked, and the next apply runs it again. An update
  # that fails would count as done, and functions would switch to the old schema.
  lifecycle {
    replace_triggered_by = [terraform_data.migration_run]
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.docker_hub,
    google_compute_firewall.out,
    google_project_iam_member.database,
    google_secret_manager_secret_iam_member.administrator,
    google_sql_database.this,
    google_sql_user.logins,
    google_storage_bucket_iam_member.migrate,
    time_sleep.grants,
  ]
}

# Reads its zip, and the public image through this project's copy.
resource "google_storage_bucket_iam_member" "migrate" {
  bucket = google_storage_bucket.zips.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.others["migrate"].member
}

resource "google_artifact_registry_repository_iam_member" "docker_hub" {
  repository = google_artifact_registry_repository.images["docker-hub"].name
  location   = var.region
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.others["migrate"].member
}
