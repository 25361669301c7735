# What can be chosen.

variables {
  project_id    = "pixmill-test"
  region        = "europe-west1"
  environment   = "test"
  crawl_contact = "https://example.org/bot"
  database      = { tier = "db-custom-4-15360", max_connections = 820 }
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
    secrets              = { PIXMILL_PEXELS_KEY = { bundles = ["crawls", "searcher"] } }
    secret_values        = { PIXMILL_PEXELS_KEY = "not a real key" }
    alert_emails         = ["one@example.com", "two@example.com"]
    upload_origins       = ["https://app.example.com"]
    manifest_buckets     = ["one-tables", "two-tables"]
    budget               = { billing_account = "012345-6789AB-CDEF01", amount = 100 }
  }

  # Manifests of other buckets.

  assert {
    condition     = google_storage_bucket_iam_member.manifests["two-tables"].role == "roles/storage.objectViewer" && google_cloudfunctions2_function.functions["manifests-read"].service_config[0].environment_variables["PIXMILL_MANIFEST_BUCKETS"] == "one-tables,two-tables"
    error_message = "Buckets of manifests are not read."
  }

  # A domain.

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
    condition     = google_compute_ssl_policy.domain[0].min_tls_version == "TLS_1_2" && google_compute_managed_ssl_certificate.domain[0].managed[0].domains == tolist(["api.example.com"])
    error_message = "The domain has no certificate of its own, or takes old TLS."
  }
  assert {
    condition     = toset([for rule in google_compute_security_policy.domain[0].rule : rule.action]) == toset(["allow", "deny(403)", "throttle"])
    error_message = "Cloud Armor does not refuse known attacks, or does not slow floods."
  }
  assert {
    condition     = one([for rule in google_compute_security_policy.domain[0].rule : rule if rule.action == "throttle"]).match[0].config[0].src_ip_ranges == toset(["*"])
    error_message = "Some addresses are not throttled."
  }
  assert {
    condition     = one([for rule in google_compute_security_policy.domain[0].rule : rule if rule.action == "allow"]).priority == max([for rule in google_compute_security_policy.domain[0].rule : rule.priority]...)
    error_message = "A request is allowed before it is looked at."
  }
  assert {
    condition     = google_storage_bucket.data.cors[0].origin == tolist(["https://${var.domain}", "https://app.example.com"])
    error_message = "A page that may upload from a browser cannot."
  }

  # A key of one's own.
  assert {
    condition     = length(google_storage_bucket.data.encryption) == 1 && length(google_secret_manager_secret.keys["PIXMILL_PEXELS_KEY"].replication[0].user_managed[0].replicas[0].customer_managed_encryption) == 1
    error_message = "Objects or secrets are not under the key."
  }
  assert {
    condition     = length(google_kms_crypto_key_iam_member.data) == 4 && google_kms_crypto_key.data[0].rotation_period != null
    error_message = "A service may not use the key, or the key is never rotated."
  }

  # Keys of other services.
  assert {
    condition     = length(google_secret_manager_secret_iam_member.keys) == 2
    error_message = "Not just those who search may read the key."
  }
  assert {
    condition = alltrue([
      for name, function in local.functions :
      length(google_cloudfunctions2_function.functions[name].service_config[0].secret_environment_variables) == (contains(["crawls", "searcher"], function.bundle) ? 1 : 0)
    ])
    error_message = "A function gets a key that it does not need, or not the one that it does."
  }

  # Somebody hears of what goes wrong.
  assert {
    condition     = length(google_monitoring_notification_channel.email) == 2 && length(google_billing_budget.month) == 1
    error_message = "Nobody hears of alerts and of the budget."
  }
  assert {
    condition     = length(setsubtract(["errors", "unacked", "dead_letters", "outbox", "relay", "connections"], keys(google_monitoring_alert_policy.alerts))) == 0
    error_message = "An alert is missing."
  }
  assert {
    condition     = alltrue([for alert in values(google_monitoring_alert_policy.alerts) : length(alert.notification_channels) == 2 && length(alert.documentation[0].content) > 0])
    error_message = "An alert reaches nobody, or does not say what to do."
  }
  assert {
    condition     = [for rule in google_billing_budget.month[0].threshold_rules : rule.threshold_percent] == [0.5, 0.9, 1.0]
    error_message = "The budget does not warn before it is spent."
  }
  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles) == length(local.charts)
    error_message = "The dashboard does not show everything."
  }
  assert {
    condition     = length(distinct([for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles : "${try(tile.xPos, 0)} ${try(tile.yPos, 0)}"])) == length(local.charts)
    error_message = "Two charts of the dashboard have one place."
  }
}

run "a_budget_that_nobody_else_hears_of" {
  command = plan
  variables {
    budget = { billing_account = "012345-6789AB-CDEF01", amount = 100 }
  }

  assert {
    condition     = length(google_billing_budget.month[0].all_updates_rule) == 0
    error_message = "The budget tells nobody in a way that the API refuses."
  }
}

run "secrets_are_rotated" {
  command = plan
  variables {
    secrets                        = { PIXMILL_PEXELS_KEY = { bundles = ["crawler"], version = 2 } }
    secret_values                  = { PIXMILL_PEXELS_KEY = "another key that is not real" }
    administrator_password_version = 2
  }

  assert {
    condition     = tonumber(google_secret_manager_secret_version.keys["PIXMILL_PEXELS_KEY"].secret_data_wo_version) == 2
    error_message = "A key's new value is not written."
  }
  assert {
    condition     = tonumber(google_secret_manager_secret_version.administrator.secret_data_wo_version) == 2 && google_sql_user.administrator.password_wo_version == 2
    error_message = "The administrator's new password is not written, or not set."
  }
}

run "an_apply_without_the_values_of_secrets" {
  command = plan
  variables {
    secrets = { PIXMILL_PEXELS_KEY = { bundles = ["crawler"] } }
  }

  assert {
    condition     = length(google_secret_manager_secret_version.keys) == 1
    error_message = "The key is gone."
  }
}
