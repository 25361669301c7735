# What is counted from logs, what wakes somebody, and one page to look at. Queries are PromQL: a
# metric of Google's has its name with `_` for `.` and `/`.

locals {
  metrics = {
    errors = {
      description = "Lines that functions have logged as errors"
      filter      = "resource.type=\"cloud_run_revision\" AND severity>=ERROR AND jsonPayload.function:*"
      labels      = { function = "EXTRACT(jsonPayload.function)" }
      value       = null
    }
    outbox_age = {
      description = "Age in seconds of the oldest message that the relay has found unsent"
      filter      = "resource.type=\"cloud_run_revision\" AND jsonPayload.outbox_age>=0"
      labels      = {}
      value       = "EXTRACT(jsonPayload.outbox_age)"
    }
  }

  alerts = {
    errors = {
      title    = "Requests fail"
      query    = "sum(rate(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\",response_code_class=\"5xx\"}[10m])) / sum(rate(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\"}[10m])) > 0.05"
      duration = "300s"
      text     = "More than 5 % of all calls of functions end with 5xx. The dashboard shows which; the log says why (severity>=ERROR)."
    }
    unacked = {
      title    = "Messages wait"
      query    = "max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource=\"pubsub_subscription\"}) > 1800"
      duration = "300s"
      text     = "A message has waited for half an hour. Either its function fails on it (see its log), or it has too few instances (var.instances)."
    }
    dead_letters = {
      title    = "Dead letters"
      query    = "sum by (subscription_id) (increase(pubsub_googleapis_com:subscription_dead_letter_message_count{monitored_resource=\"pubsub_subscription\"}[10m])) > 0"
      duration = "0s"
      text     = "A function has failed on a message to the end. Its work is marked as failed; the table dead_letters holds the message and the reason."
    }
    outbox = {
      title    = "Messages stay in the outbox"
      query    = "histogram_quantile(1, sum by (le) (increase(logging_googleapis_com:user_pixmill_outbox_age_bucket[10m]))) > 300"
      duration = "300s"
      text     = "Messages are not sent within five minutes of their cause: Pub/Sub refuses them, or upkeep-relay-outbox does not keep up. See its log."
    }
    relay = {
      title    = "The relay is silent"
      query    = "absent_over_time(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\",service_name=\"upkeep-relay-outbox\"}[15m])"
      duration = "0s"
      text     = "upkeep-relay-outbox has not run for a quarter of an hour: look at Cloud Scheduler's job relay-due and at the subscription."
    }
    connections = {
      title    = "Database connections run out"
      query    = "sum(cloudsql_googleapis_com:database_postgresql_num_backends{monitored_resource=\"cloudsql_database\"}) > ${floor(var.database.max_connections * 0.8)}"
      duration = "300s"
      text     = "More than 80 % of ${var.database.max_connections} connections are open. `terraform output connections` has the budget; pg_stat_activity shows who holds them."
    }
  }

  charts = {
    "Requests by status"                = "sum by (response_code_class) (rate(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\"}[5m]))"
    "Errors by function"                = "sum by (function) (rate(logging_googleapis_com:user_pixmill_errors[5m]))"
    "Latency of HTTP functions (p95)"   = "histogram_quantile(0.95, sum by (le, service_name) (rate(run_googleapis_com:request_latencies_bucket{monitored_resource=\"cloud_run_revision\",service_name=~\"${join("|", keys(local.http_functions))}\"}[5m])))"
    "Instances by function"             = "sum by (service_name) (run_googleapis_com:container_instance_count{monitored_resource=\"cloud_run_revision\"})"
    "Messages that wait"                = "sum by (subscription_id) (pubsub_googleapis_com:subscription_num_undelivered_messages{monitored_resource=\"pubsub_subscription\"})"
    "Oldest waiting message (s)"        = "max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource=\"pubsub_subscription\"})"
    "Dead letters"                      = "sum by (subscription_id) (increase(pubsub_googleapis_com:subscription_dead_letter_message_count{monitored_resource=\"pubsub_subscription\"}[10m]))"
    "Oldest message in the outbox (s)"  = "histogram_quantile(1, sum by (le) (increase(logging_googleapis_com:user_pixmill_outbox_age_bucket[10m])))"
    "Database connections"              = "sum(cloudsql_googleapis_com:database_postgresql_num_backends{monitored_resource=\"cloudsql_database\"})"
    "Database CPU"                      = "max(cloudsql_googleapis_com:database_cpu_utilization{monitored_resource=\"cloudsql_database\"})"
    "Bytes in the bucket"               = "sum by (storage_class) (storage_googleapis_com:storage_v2_total_bytes{monitored_resource=\"gcs_bucket\",bucket_name=\"${google_storage_bucket.data.name}\"})"
    "Bytes that functions send (per s)" = "sum by (service_name) (rate(run_googleapis_com:container_network_sent_bytes_count{monitored_resource=\"cloud_run_revision\"}[5m]))"
  }
}

# API Gateway's proxy writes the value of X-API-Key into its own entry for a request. An exclusion
# drops whole entries, so these go; the function's entry for the same request stays.
resource "google_logging_project_exclusion" "credentials" {
  name        = "pixmill-credentials"
  description = "Entries of API Gateway that hold the value of X-API-Key"
  filter      = "jsonPayload.api_key:*"
  depends_on  = [google_project_service.used]
}

resource "google_logging_metric" "metrics" {
  for_each         = local.metrics
  name             = "pixmill/${each.key}"
  description      = each.value.description
  filter           = each.value.filter
  label_extractors = each.value.labels
  value_extractor  = each.value.value

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = each.value.value == null ? "INT64" : "DISTRIBUTION"
    dynamic "labels" {
      for_each = each.value.labels
      content {
        key = labels.key
      }
    }
  }
  dynamic "bucket_options" {
    for_each = each.value.value == null ? [] : [1]
    content {
      exponential_buckets {
        num_finite_buckets = 20
        growth_factor      = 2
        scale              = 1
      }
    }
  }

  depends_on = [google_project_service.used]
}

resource "google_monitoring_notification_channel" "email" {
  for_each     = var.alert_emails
  display_name = "Pixmill: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
  depends_on   = [google_project_service.used]
}

resource "google_monitoring_alert_policy" "alerts" {
  for_each              = local.alerts
  display_name          = "Pixmill ${var.environment}: ${each.value.title}"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = values(google_monitoring_notification_channel.email)[*].id

  conditions {
    display_name = each.value.title
    condition_prometheus_query_language {
      query                     = each.value.query
      duration                  = each.value.duration
      evaluation_interval       = "60s"
      disable_metric_validation = true # a metric exists with its first value
    }
  }

  documentation {
    content   = each.value.text
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close = "86400s"
  }

  depends_on = [google_logging_metric.metrics]
}

resource "google_monitoring_dashboard" "this" {
  dashboard_json = jsonencode({
    displayName = "Pixmill ${var.environment}"
    mosaicLayout = {
      columns = 48
      tiles = [
        for index, title in keys(local.charts) : merge(
          # The API leaves zeros out, so with them every plan would differ.
          { for axis, at in { xPos = index % 2 * 24, yPos = floor(index / 2) * 16 } : axis => at if at > 0 },
          {
            width  = 24
            height = 16
            widget = {
              title = title
              xyChart = {
                dataSets = [{
                  plotType        = "LINE"
                  timeSeriesQuery = { prometheusQuery = local.charts[title] }
                }]
              }
            }
          },
        )
      ]
    }
  })
  depends_on = [google_logging_metric.metrics]
}

resource "google_billing_budget" "month" {
  count           = var.budget == null ? 0 : 1
  billing_account = var.budget.billing_account
  display_name    = "Pixmill ${var.environment}"

  budget_filter {
    projects = ["projects/${data.google_project.this.number}"]
  }
  amount {
    specified_amount {
      units = tostring(var.budget.amount)
    }
  }
  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1.0]
    content {
      threshold_percent = threshold_rules.value
    }
  }
  dynamic "all_updates_rule" {
    for_each = length(var.alert_emails) > 0 ? [1] : [] # else only those hear of it who pay
    content {
      monitoring_notification_channels = slice(values(google_monitoring_notification_channel.email)[*].id, 0, min(5, length(var.alert_emails)))
    }
  }

  depends_on = [google_project_service.used]
}
