# What can be chosen.

variables {
  project_id  = "pixmill-test"
  region      = "europe-west1"
  environment = "test"
  database    = { tier = "db-custom-4-15360", max_connections = 800 }
}

run "nothing_chosen" {
  command = plan

  assert {
    condition     = length(google_compute_global_forwarding_rule.domain) + length(google_kms_crypto_key.data) + length(google_secret_manager_secret.keys) + length(google_billing_budget.month) == 0
    error_message = "Something that costs is there without being asked for."
  }
}

run "everything_chosen" {
  command = plan
  variables {
    domain               = "api.example.com"
    customer_managed_key = true
    secrets              = { PIXMILL_PEXELS_KEY = { bundles = ["crawler"] } }
    secret_values        = { PIXMILL_PEXELS_KEY = "not a real key" }
    alert_emails         = ["one@example.com", "two@example.com"]
    budget               = { billing_account = "012345-6789AB-CDEF01", amount = 100 }
  }

  assert {
    condition     = length(google_compute_global_forwarding_rule.domain) == 2 && output.base_url == "https://api.example.com"
    error_message = "The domain is not served with and without TLS."
  }
  assert {
    condition     = google_compute_url_map.domain["http"].default_url_redirect[0].https_redirect
    error_message = "Requests without TLS are answered."
  }
  assert {
    condition     = google_compute_region_network_endpoint_group.gateway[0].serverless_deployment[0].platform == "apigateway.googleapis.com"
    error_message = "The load balancer leads past the gateway."
  }
  assert {
    condition     = length(google_kms_crypto_key_iam_member.data) == 4 && google_kms_crypto_key.data[0].rotation_period != null
    error_message = "A service may not use the key, or the key is never rotated."
  }
  assert {
    condition     = length(google_secret_manager_secret_iam_member.keys) == 1
    error_message = "Not just the crawler may read the key."
  }
  assert {
    condition = alltrue([
      for name, function in local.functions :
      length(google_cloudfunctions2_function.functions[name].service_config[0].secret_environment_variables) == (function.bundle == "crawler" ? 1 : 0)
    ])
    error_message = "A function gets a key that it does not need, or not the one that it does."
  }
  assert {
    condition     = length(google_monitoring_notification_channel.email) == 2 && length(google_billing_budget.month) == 1
    error_message = "Nobody hears of alerts and of the budget."
  }
  assert {
    condition     = length(setsubtract(["errors", "unacked", "dead_letters", "outbox", "relay", "connections"], keys(google_monitoring_alert_policy.alerts))) == 0
    error_message = "An alert is missing."
  }
}
