# What holds for every plan, whatever the manifest declares (CONTRIBUTING.md says how it is run).
# without a cloud; `terraform test` with the providers themselves.

variables {
  project_id    = "pixmill-test"
  region        = "europe-west1"
  environment   = "test"
  crawl_contact = "https://example.org/bot"
  database      = { tier = "db-custom-4-15360", max_connections = 820 }
}

run "what_holds_for_every_plan" {
  command = plan

  # Every function is reached.
  assert {
    condition     = length(google_cloudfunctions2_function.functions) == length(local.functions)
    error_message = "A function of the manifest is not deployed."
  }
  assert {
    condition = alltrue([
      for name in keys(local.functions) :
      contains(keys(google_pubsub_subscription.functions), name) != contains(keys(local.routes), name)
    ])
    error_message = "A function has neither a route nor a subscription, or both."
  }
  assert {
    condition     = alltrue([for topic in keys(local.manifest.schedules) : contains(values(local.message_functions)[*].message.topic, topic)])
    error_message = "A schedule publishes to a topic that nobody is subscribed to."
  }
  assert {
    condition     = alltrue([for topic in keys(local.manifest.bucket_events) : google_storage_notification.bucket_events[topic].object_name_prefix == local.manifest.bucket_events[topic]])
    error_message = "The bucket does not publish a prefix's events to its topic."
  }

  # No message is lost.
  assert {
    condition = alltrue([
      for name, subscription in google_pubsub_subscription.functions :
      length(subscription.dead_letter_policy) == (local.message_functions[name].message.topic == local.manifest.dead_letter_topic ? 0 : 1)
    ])
    error_message = "A subscription has no dead letter, or the dead letters' own has one."
  }
  assert {
    condition     = contains(values(local.message_functions)[*].message.topic, local.manifest.dead_letter_topic)
    error_message = "Nobody takes the dead letters."
  }
  assert {
    condition = alltrue([
      for subscription in values(google_pubsub_subscription.functions) :
      length(subscription.retry_policy) == 1 && subscription.expiration_policy[0].ttl == "" && length(subscription.push_config[0].oidc_token) == 1
    ])
    error_message = "A subscription has no backoff, expires when idle, or pushes without a token."
  }
  assert {
    condition = alltrue([
      for name, subscription in google_pubsub_subscription.functions :
      subscription.ack_deadline_seconds > google_cloudfunctions2_function.functions[name].service_config[0].timeout_seconds
    ])
    error_message = "A push is given up before its function's time is."
  }

  # Nobody may do more than needed. Every grant is one to one account (test_grants.py).
  assert {
    condition     = alltrue([for name, grant in google_cloud_run_v2_service_iam_member.invokers : grant.role == "roles/run.invoker" && grant.member == google_service_account.others[contains(keys(local.http_functions), name) ? "gateway" : "push"].member])
    error_message = "Somebody but the gateway and Pub/Sub may call a function, or may do more than call it."
  }
  assert {
    condition     = alltrue([for grant in values(google_project_iam_member.database) : length(grant.condition) == 1])
    error_message = "A grant on the project is not limited to the instance."
  }
  assert {
    condition     = alltrue([for grant in values(google_storage_bucket_iam_member.bundles) : length(grant.condition) == 1])
    error_message = "A bundle may touch the whole bucket."
  }
  assert {
    condition     = alltrue([for bucket in [google_storage_bucket.data, google_storage_bucket.zips] : bucket.public_access_prevention == "enforced" && bucket.uniform_bucket_level_access])
    error_message = "A bucket can be made public."
  }
  assert {
    condition     = alltrue([for name in keys(local.message_functions) : google_cloudfunctions2_function.functions[name].service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY"])
    error_message = "A message function can be reached from outside."
  }

  # Who fetches what strangers name may do almost nothing.
  assert {
    condition     = alltrue([for bundle in values(local.bundles) : !contains(keys(bundle.bucket), "write") if bundle.internet])
    error_message = "A bundle that reaches the internet may replace or delete objects."
  }
  assert {
    condition     = alltrue([for name in keys(google_service_account_iam_member.signers) : !local.bundles[name].internet && contains(values(local.http_functions)[*].bundle, name)])
    error_message = "A bundle that hands no addresses to clients may sign them."
  }
  assert {
    condition     = alltrue([for name, function in local.functions : google_cloudfunctions2_function.functions[name].service_config[0].direct_vpc_egress == "VPC_EGRESS_ALL_TRAFFIC" if !local.bundles[function.bundle].internet])
    error_message = "A function that needs no internet has it."
  }

  assert {
    condition     = google_compute_firewall.out["nothing"].priority > max([for name, rule in google_compute_firewall.out : rule.priority if name != "nothing"]...) && google_compute_firewall.out["nothing"].destination_ranges == toset(["0.0.0.0/0"]) && length(google_compute_firewall.out["nothing"].deny) == 1
    error_message = "The network lets out what no rule allows."
  }
  assert {
    condition     = flatten([for name in ["database", "google-apis"] : [for allowed in google_compute_firewall.out[name].allow : allowed.ports]]) == ["3307", "443"]
    error_message = "The network lets out more than the database's port and Google's APIs."
  }

  # What is stored is kept, and not longer than it should be.
  assert {
    condition     = google_storage_bucket.data.soft_delete_policy[0].retention_duration_seconds == 604800 && !google_storage_bucket.data.force_destroy
    error_message = "Objects that are deleted by mistake are gone."
  }
  assert {
    condition = length(setsubtract(
      ["Delete uploads/", "Delete exports/", "AbortIncompleteMultipartUpload ", "SetStorageClass images/"],
      [for rule in google_storage_bucket.data.lifecycle_rule : "${one(rule.action).type} ${join(",", coalesce(one(rule.condition).matches_prefix, []))}"],
    )) == 0
    error_message = "Uploads or exports that were left are kept for ever, or originals never become colder."
  }

  # Whoever has a signed address may use it on any page while there is no domain.
  assert {
    condition     = google_storage_bucket.data.cors[0].origin == tolist(["*"]) && toset(google_storage_bucket.data.cors[0].method) == toset(["GET", "HEAD", "PUT"])
    error_message = "The console cannot upload or show pictures."
  }

  # Pages of other origins ask first, at every address.
  assert {
    condition     = alltrue([for methods in values(local.gateway_document.paths) : contains(keys(methods), "options")]) && local.preflight.path == "/"
    error_message = "An address has no preflight."
  }

  # The clock and the watch.
  assert {
    condition     = google_logging_project_exclusion.credentials.filter == "jsonPayload.api_key:*"
    error_message = "Keys stay in the gateway's log."
  }
  assert {
    condition     = keys(google_cloud_scheduler_job.schedules) == keys(local.manifest.schedules)
    error_message = "A schedule has no job."
  }
  assert {
    condition     = length(google_monitoring_alert_policy.alerts) == length(local.alerts) && length(google_logging_metric.metrics) == length(local.metrics)
    error_message = "An alert or a metric is missing."
  }

  # The database holds.
  assert {
    condition     = local.connections <= var.database.max_connections - var.reserved_connections
    error_message = "The connection budget does not hold."
  }
  assert {
    condition     = !google_sql_database_instance.this.settings[0].ip_configuration[0].ipv4_enabled && google_sql_database_instance.this.settings[0].connector_enforcement == "REQUIRED"
    error_message = "The database can be reached past the connector."
  }
  assert {
    condition     = google_sql_database_instance.this.deletion_protection && google_sql_database_instance.this.settings[0].deletion_protection_enabled && google_sql_database_instance.this.settings[0].backup_configuration[0].point_in_time_recovery_enabled
    error_message = "The database can be deleted, or not be brought back to a point in time."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].backup_configuration[0].enabled && google_sql_database_instance.this.settings[0].insights_config[0].query_insights_enabled && length(google_sql_database_instance.this.settings[0].maintenance_window) == 1
    error_message = "The database has no backups, no insights or no hour for maintenance."
  }
  assert {
    condition     = contains([for flag in google_sql_database_instance.this.settings[0].database_flags : "${flag.name}=${flag.value}"], "cloudsql.iam_authentication=on") && alltrue([for user in values(google_sql_user.logins) : user.type == "CLOUD_IAM_SERVICE_ACCOUNT"])
    error_message = "Functions log in with passwords."
  }
  assert {
    condition     = length(google_sql_user.logins) == length(local.bundles) + 1
    error_message = "A bundle has no login, or two share one."
  }

  # Every route is served.
  assert {
    condition = length(setsubtract(
      [for function in values(local.http_functions) : "${lower(function.http.method)} ${function.http.path}"],
      flatten([for path, methods in local.gateway_document.paths : [for method in keys(methods) : "${method} ${path}"]]),
    )) == 0
    error_message = "A route is not in the gateway's document."
  }
  assert {
    condition     = sum([for methods in values(local.gateway_document.paths) : length(methods)]) == length(local.http_functions) + length(local.aliases) + length(local.heads) + length(local.preflights)
    error_message = "Two functions share a route."
  }
  assert {
    condition = alltrue(flatten([
      for path, methods in local.gateway_document.paths : [
        for operation in values(methods) :
        [for parameter in operation.parameters : parameter.name] == [for found in regexall("\\{(\\w+)\\}", path) : found[0]]
      ]
    ]))
    error_message = "A parameter of a path is not declared, which API Gateway refuses."
  }
  assert {
    condition     = length(distinct(values(local.served)[*].operation)) == length(local.served)
    error_message = "Two operations have one id, which API Gateway refuses."
  }
  assert {
    condition     = alltrue([for methods in values(local.gateway_document.paths) : contains(keys(methods), "get") == contains(keys(methods), "head")])
    error_message = "HEAD is refused where GET is answered."
  }
  assert {
    condition     = local.gateway_document.paths["/healthz"].get["x-google-backend"].path_translation == "CONSTANT_ADDRESS" && contains(keys(local.gateway_document.paths), "/health")
    error_message = "/healthz is called at an address that Google's front end keeps to itself."
  }
}
