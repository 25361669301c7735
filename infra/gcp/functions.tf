# Every function of the manifest, private: the gateway may call those with a route, Pub/Sub's push
# account those with a topic, and nobody else any.

locals {
  database_environment = {
    DB_IP_TYPE               = "PRIVATE"
    DB_NAME                  = google_sql_database.this.name
    INSTANCE_CONNECTION_NAME = google_sql_database_instance.this.connection_name
  }
  memory_mib = {
    for name, function in local.functions : name => try(
      tonumber(trimsuffix(function.memory, "Mi")), tonumber(trimsuffix(function.memory, "Gi")) * 1024, 0
    )
  }
}

resource "google_cloudfunctions2_function" "functions" {
  #checkov:skip=CKV_GCP_124:API Gateway calls from outside the network, so functions with a route take calls from there; only its account may call them
  for_each    = local.functions
  name        = each.key
  location    = var.region
  description = each.value.description

  build_config {
    runtime           = local.manifest.runtime
    entry_point       = each.value.entry_point
    service_account   = google_service_account.others["build"].id
    docker_repository = google_artifact_registry_repository.images["functions"].id

    source {
      storage_source {
        bucket = google_storage_bucket.zips.name
        object = google_storage_bucket_object.zips[each.value.bundle].name
      }
    }
  }

  service_config {
    available_memory                 = each.value.memory
    available_cpu                    = tostring(each.value.cpu)
    timeout_seconds                  = each.value.timeout
    max_instance_request_concurrency = each.value.concurrency
    min_instance_count               = each.value.min_instances
    max_instance_count               = local.instances[each.key]
    service_account_email            = google_service_account.bundles[each.value.bundle].email
    ingress_settings                 = can(each.value.http) ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"
    all_traffic_on_latest_revision   = true
    direct_vpc_egress                = local.bundles[each.value.bundle].internet ? "VPC_EGRESS_PRIVATE_RANGES_ONLY" : "VPC_EGRESS_ALL_TRAFFIC"

    direct_vpc_network_interface {
      network    = google_compute_network.this.id
      subnetwork = google_compute_subnetwork.functions.id
    }

    environment_variables = merge(
      local.bundles[each.value.bundle].database ? merge(local.database_environment, {
        DB_USER = local.database_logins[each.value.bundle]
      }) : {},
      {
        GOOGLE_CLOUD_PROJECT    = var.project_id
        LOG_EXECUTION_ID        = "true" # the platform sets it anyway; without it every plan differs
        OPENBLAS_NUM_THREADS    = "1"
        PIXMILL_BUCKET          = google_storage_bucket.data.name
        PIXMILL_POOL_SIZE       = tostring(local.pool_sizes[each.key])
        PIXMILL_SIGNING_ACCOUNT = google_service_account.bundles[each.value.bundle].email
        PIXMILL_TRUSTED_PROXIES = tostring(var.trusted_proxies)
        THREADS                 = tostring(each.value.concurrency)
        WORKERS                 = "1"
      },
      var.settings,
    )

    dynamic "secret_environment_variables" {
      for_each = { for name, secret in var.secrets : name => secret if contains(secret.bundles, each.value.bundle) }
      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = google_secret_manager_secret.keys[secret_environment_variables.key].secret_id
        version    = google_secret_manager_secret_version.keys[secret_environment_variables.key].version
      }
    }
  }

  lifecycle {
    precondition {
      condition     = can(regex("^[a-z][a-z0-9-]{0,47}[a-z0-9]$", each.key))
      error_message = "${each.key}: Cloud Run takes names of at most 49 lower-case letters, digits and hyphens. Rename functions/${each.value.bundle}/…"
    }
    precondition {
      condition     = local.memory_mib[each.key] >= 128 && local.memory_mib[each.key] <= 32768
      error_message = "${each.key}: memory is ${each.value.memory}; Cloud Functions takes 128Mi to 32Gi, in Mi or Gi. Change its declaration in functions/${each.value.bundle}/main.py."
    }
    precondition {
      condition     = each.value.cpu >= { 4096 = 0.08, 8192 = 2, 16384 = 4, 32768 = 8 }[element([for size in [4096, 8192, 16384, 32768] : size if local.memory_mib[each.key] <= size || size == 32768], 0)]
      error_message = "${each.key}: ${each.value.memory} of memory needs more than ${each.value.cpu} vCPU (above 4Gi 2, above 8Gi 4, above 16Gi 8). Change its declaration in functions/${each.value.bundle}/main.py."
    }
    precondition {
      condition     = contains([1, 2, 4, 6, 8], each.value.cpu) || each.value.cpu < 1 && each.value.cpu >= 0.08
      error_message = "${each.key}: ${each.value.cpu} vCPU; Cloud Run takes 1, 2, 4, 6, 8, or 0.08 to 1. Change its declaration in functions/${each.value.bundle}/main.py."
    }
    precondition {
      condition     = each.value.concurrency >= 1 && each.value.concurrency <= 1000 && (each.value.concurrency == 1 || each.value.cpu >= 1)
      error_message = "${each.key}: a concurrency of ${each.value.concurrency}; Cloud Run takes 1 to 1000, and above 1 only with a whole vCPU. Change its declaration in functions/${each.value.bundle}/main.py."
    }
    precondition {
      condition     = each.value.timeout >= 1 && each.value.timeout <= (can(each.value.http) ? 3600 : 540)
      error_message = "${each.key}: a timeout of ${each.value.timeout} s; the limit is 3600 s for HTTP and 540 s for messages. Change its declaration in functions/${each.value.bundle}/main.py, or split its work."
    }
    precondition {
      condition     = try(each.value.message.ack_deadline >= 10 && each.value.message.ack_deadline <= 600 && each.value.message.ack_deadline > each.value.timeout, true)
      error_message = "${each.key}: an ack deadline of ${try(each.value.message.ack_deadline, 0)} s; Pub/Sub takes 10 to 600 s, and a push must outlast the timeout of ${each.value.timeout} s."
    }
    precondition {
      condition     = try(each.value.message.attempts >= 5 && each.value.message.attempts <= 100 && each.value.message.min_backoff <= each.value.message.max_backoff && each.value.message.max_backoff <= 600, true)
      error_message = "${each.key}: Pub/Sub takes 5 to 100 attempts and a backoff of 0 to 600 s. Change its declaration in functions/${each.value.bundle}/main.py."
    }
    precondition {
      condition     = each.value.min_instances <= local.instances[each.key]
      error_message = "${each.key}: it is to keep ${each.value.min_instances} instances and may have ${local.instances[each.key]}. Raise it in var.instances."
    }
  }

  # New code finds the new schema; old code goes on with it (infra/gcp/README.md, "Upgrade").
  depends_on = [google_cloud_run_v2_job.migrate, terraform_data.manifest, time_sleep.grants]
}

resource "google_cloud_run_v2_service_iam_member" "invokers" {
  for_each = local.functions
  name     = google_cloudfunctions2_function.functions[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.others[can(each.value.http) ? "gateway" : "push"].member

  lifecycle {
    # A function that is replaced has a service without grants.
    replace_triggered_by = [google_cloudfunctions2_function.functions[each.key].service_config[0].service]
  }
}
