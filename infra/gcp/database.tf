# Cloud SQL: reached from the network alone, through TLS with a client's certificate, by service
# accounts without passwords. The administrator's password exists for the migration job only.

resource "google_sql_database_instance" "this" {
  name                = var.database.name
  database_version    = var.database.version
  region              = var.region
  deletion_protection = var.deletion_protection
  encryption_key_name = one(google_kms_crypto_key.data[*].id)

  settings {
    tier                        = var.database.tier
    edition                     = "ENTERPRISE"
    availability_type           = var.database.highly_available ? "REGIONAL" : "ZONAL"
    disk_type                   = "PD_SSD"
    disk_size                   = var.database.disk_gb
    disk_autoresize             = true
    deletion_protection_enabled = var.deletion_protection
    connector_enforcement       = "REQUIRED"
    retain_backups_on_delete    = true
    user_labels                 = local.labels

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.this.id
      ssl_mode        = "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
    }

    backup_configuration {
      enabled                        = true
      start_time                     = "02:00"
      point_in_time_recovery_enabled = true
      transaction_log_retention_days = var.database.log_days

      backup_retention_settings {
        retained_backups = var.database.retained_backups
      }
    }

    maintenance_window {
      day          = 7 # Sunday
      hour         = 3
      update_track = "stable"
    }

    insights_config {
      query_insights_enabled  = true
      record_application_tags = true
      query_string_length     = 2048
    }

    dynamic "database_flags" {
      for_each = {
        "cloudsql.iam_authentication" = "on"
        "max_connections"             = tostring(var.database.max_connections)
        "idle_session_timeout"        = "3600000" # ms; what a stopped instance has left open
        "log_checkpoints"             = "on"
        "log_connections"             = "on"
        "log_disconnections"          = "on"
        "log_lock_waits"              = "on"
        "log_temp_files"              = "0"
        "log_statement"               = "ddl"
        "log_min_duration_statement"  = "-1" # would log what people store; Query Insights does not
      }
      content {
        name  = database_flags.key
        value = database_flags.value
      }
    }
  }

  lifecycle {
    # It grows by itself, and to make it smaller again means another instance.
    ignore_changes = [settings[0].disk_size]
  }

  depends_on = [google_service_networking_connection.services, time_sleep.key]
}

resource "google_sql_database" "this" {
  name            = "pixmill"
  instance        = google_sql_database_instance.this.name
  deletion_policy = "ABANDON" # goes with the instance
}

# They can log in and nothing more; infra/gcp/migrate.py gives them their roles.
resource "google_sql_user" "logins" {
  for_each        = local.database_logins
  instance        = google_sql_database_instance.this.name
  name            = each.value
  type            = "CLOUD_IAM_SERVICE_ACCOUNT"
  deletion_policy = "ABANDON" # an owner of tables cannot be dropped
}

# The password is made here, kept in Secret Manager, read from there, and never in state.
ephemeral "random_password" "administrator" {
  length  = 40
  special = false
}

resource "google_secret_manager_secret" "administrator" {
  secret_id           = "pixmill-database-administrator"
  deletion_protection = false

  replication {
    user_managed {
      replicas {
        location = var.region
        dynamic "customer_managed_encryption" {
          for_each = google_kms_crypto_key.data[*].id
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.used, time_sleep.key]
}

resource "google_secret_manager_secret_version" "administrator" {
  secret                 = google_secret_manager_secret.administrator.id
  secret_data_wo         = ephemeral.random_password.administrator.result
  secret_data_wo_version = var.administrator_password_version
}

ephemeral "google_secret_manager_secret_version" "administrator" {
  secret  = google_secret_manager_secret.administrator.id
  version = google_secret_manager_secret_version.administrator.version
}

resource "google_sql_user" "administrator" {
  instance            = google_sql_database_instance.this.name
  name                = "postgres"
  password_wo         = ephemeral.google_secret_manager_secret_version.administrator.secret_data
  password_wo_version = var.administrator_password_version
  deletion_policy     = "ABANDON"
}

resource "google_secret_manager_secret_iam_member" "administrator" {
  secret_id = google_secret_manager_secret.administrator.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.others["migrate"].member
}
