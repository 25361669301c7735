# Topics, who is pushed what, and what comes by the clock.

resource "google_pubsub_topic" "topics" {
  for_each                   = toset(local.manifest.topics)
  name                       = each.key
  kms_key_name               = one(google_kms_crypto_key.data[*].id)
  message_retention_duration = "86400s" # a day can be played back (seek)

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.used, time_sleep.key]
}

resource "google_pubsub_subscription" "functions" {
  for_each                   = local.message_functions
  name                       = each.key
  topic                      = google_pubsub_topic.topics[each.value.message.topic].id
  ack_deadline_seconds       = each.value.message.ack_deadline
  message_retention_duration = each.value.message.dead_letter ? "604800s" : "2678400s"

  push_config {
    push_endpoint = google_cloudfunctions2_function.functions[each.key].service_config[0].uri

    oidc_token {
      service_account_email = google_service_account.others["push"].email
      audience              = google_cloudfunctions2_function.functions[each.key].service_config[0].uri
    }
  }

  retry_policy {
    minimum_backoff = "${each.value.message.min_backoff}s"
    maximum_backoff = "${each.value.message.max_backoff}s"
  }

  dynamic "dead_letter_policy" {
    for_each = each.value.message.dead_letter ? [1] : []
    content {
      dead_letter_topic     = google_pubsub_topic.topics[local.manifest.dead_letter_topic].id
      max_delivery_attempts = each.value.message.attempts
    }
  }

  expiration_policy {
    ttl = "" # never: an idle month is no reason to lose the subscription
  }

  depends_on = [
    google_cloud_run_v2_service_iam_member.invokers,
    google_pubsub_topic_iam_member.dead_letters,
    time_sleep.grants,
  ]
}

# Pub/Sub itself moves messages to the dead-letter topic, and signs the tokens that it pushes with.
resource "google_pubsub_topic_iam_member" "dead_letters" {
  topic  = google_pubsub_topic.topics[local.manifest.dead_letter_topic].id
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  for_each     = google_pubsub_subscription.functions
  subscription = each.value.name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}

resource "google_service_account_iam_member" "push_tokens" {
  service_account_id = google_service_account.others["push"].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub_agent
}

resource "google_cloud_scheduler_job" "schedules" {
  for_each    = local.manifest.schedules
  name        = each.key
  description = "Publishes to ${each.key}"
  schedule    = each.value
  time_zone   = "Etc/UTC"

  pubsub_target {
    topic_name = google_pubsub_topic.topics[each.key].id
    data       = base64encode("{}")
  }

  retry_config {
    retry_count = 2
  }

  depends_on = [google_project_service.used]
}
