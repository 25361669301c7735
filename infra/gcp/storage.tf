# Two buckets: what people store, and what is deployed. And where images of containers lie.

resource "google_storage_bucket" "data" {
  #checkov:skip=CKV_GCP_62:Objects are reached through the functions and the addresses that they sign, which the functions log; usage logs would be kept and paid for beside them
  #checkov:skip=CKV_GCP_78:Objects are written once under names of their own; what is deleted can be brought back for a week (soft delete)
  name                        = "${var.project_id}-pixmill-data"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  soft_delete_policy {
    retention_duration_seconds = 7 * 24 * 3600
  }

  # Whoever has a signed address may use it from a browser: on pages of the domain and of
  # var.upload_origins. Without a domain the console is at the gateway's own address, which is known
  # only after the functions, which need the bucket: then on any page. That gives nobody anything, as
  # the address is the credential, and no cookie goes with it.
  cors {
    origin          = concat(var.domain == null ? ["*"] : ["https://${var.domain}"], var.upload_origins)
    method          = ["GET", "HEAD", "PUT"]
    response_header = ["Content-Type", "x-goog-content-length-range", "x-goog-if-generation-match"]
    max_age_seconds = 3600
  }

  # The functions delete these themselves, days before; this is what a crash has left.
  dynamic "lifecycle_rule" {
    for_each = { "uploads/" = 31, "exports/" = 14, "manifests/" = 90, "predictions/" = 400 }
    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = [lifecycle_rule.key]
      }
    }
  }
  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }
  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "NEARLINE"
    }
    condition {
      age                   = var.cold_after_days
      matches_prefix        = ["images/"]
      matches_storage_class = ["STANDARD"]
    }
  }

  dynamic "encryption" {
    for_each = google_kms_crypto_key.data[*].id
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [time_sleep.key]
}

# A finished object becomes a message to the topic of its prefix.
resource "google_storage_notification" "bucket_events" {
  for_each           = local.manifest.bucket_events
  bucket             = google_storage_bucket.data.name
  topic              = google_pubsub_topic.topics[each.key].id
  object_name_prefix = each.value
  event_types        = ["OBJECT_FINALIZE"]
  payload_format     = "JSON_API_V1"
  depends_on         = [google_pubsub_topic_iam_member.bucket_events, time_sleep.grants]
}

resource "google_pubsub_topic_iam_member" "bucket_events" {
  for_each = local.manifest.bucket_events
  topic    = google_pubsub_topic.topics[each.key].id
  role     = "roles/pubsub.publisher"
  member   = local.storage_agent

  depends_on = [data.google_storage_project_service_account.this]
}

resource "google_storage_bucket" "zips" {
  #checkov:skip=CKV_GCP_62:It holds our code only, which Terraform writes and Cloud Build reads; both leave audit logs of their own
  name                        = "${var.project_id}-pixmill-zips"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  versioning {
    enabled = true
  }
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
    }
  }

  depends_on = [google_project_service.used]
}

# Named for their content: other content is another object, so a function sees that it has changed.
resource "google_storage_bucket_object" "zips" {
  for_each   = local.zips
  bucket     = google_storage_bucket.zips.name
  name       = "${each.key}-${substr(local.zip_hashes[each.key], 0, 16)}.zip"
  source     = each.value
  depends_on = [terraform_data.manifest]
}

resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84:Containers hold our code and public packages; a key of your own is for what people store
  for_each = {
    functions  = { mode = "STANDARD_REPOSITORY", description = "Containers that Cloud Functions builds" }
    docker-hub = { mode = "REMOTE_REPOSITORY", description = "A copy of Docker Hub's images as they are used" }
  }
  repository_id = "pixmill-${each.key}"
  location      = var.region
  format        = "DOCKER"
  mode          = each.value.mode
  description   = each.value.description

  dynamic "remote_repository_config" {
    for_each = each.value.mode == "REMOTE_REPOSITORY" ? [1] : []
    content {
      docker_repository {
        public_repository = "DOCKER_HUB"
      }
    }
  }

  cleanup_policy_dry_run = false
  cleanup_policies {
    id     = "delete-after-30-days"
    action = "DELETE"
    condition {
      older_than = "30d"
    }
  }
  cleanup_policies {
    id     = "keep-the-last" # the newest may have been built and not deployed
    action = "KEEP"
    most_recent_versions {
      keep_count = 2
    }
  }

  depends_on = [google_project_service.used]
}
