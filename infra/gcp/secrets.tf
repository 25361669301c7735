# Keys of other services that functions read from their environment (var.secrets). A new value is a
# new version: raise `version`, apply, and the functions that read it switch.

resource "google_secret_manager_secret" "keys" {
  for_each  = var.secrets
  secret_id = lower(replace(each.key, "_", "-"))

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

resource "google_secret_manager_secret_version" "keys" {
  for_each               = var.secrets
  secret                 = google_secret_manager_secret.keys[each.key].id
  secret_data_wo         = lookup(var.secret_values, each.key, "") # looked at with a new version only
  secret_data_wo_version = each.value.version

  lifecycle {
    create_before_destroy = true # functions read the old version until they have the new one
  }
}

resource "google_secret_manager_secret_iam_member" "keys" {
  for_each = merge([
    for name, secret in var.secrets : {
      for bundle in secret.bundles : "${bundle}/${name}" => { bundle = bundle, secret = name }
    }
  ]...)
  secret_id = google_secret_manager_secret.keys[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.bundles[each.value.bundle].member
}
