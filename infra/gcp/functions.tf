# Every function of the manifest, private: the gateway may call those with a route, Pub/Sub's push
# account those with a topic, and nobody else any.

locals {
  database_environment = {
    DB_IP_TYPE               = "PRIVATE"
    DB_NAME                  = google_sql_database.this.name
    INSTANCE_CONNECTION_NAME = google_sql_database_instance.this.connection_name
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
        PIXMILL_CRAWL_CONTACT   = var.crawl_contact
        PIXMILL_POOL_SIZE       = tostring(local.pool_sizes[each.key])
        PIXMILL_SIGNING_ACCOUNT = google_service_account.bundles[each.value.bundle].email
        PIXMILL_SLOTS           = join(",", [for topic, count in local.slots : "${topic}=${count}"])
        PIXMILL_TRUSTED_PROXIES = tostring(var.trusted_proxies)
        THREADS                 = tostring(each.value.concurrency)
        WORKERS                 = "1"
      },
      length(var.manifest_buckets) > 0 ? { PIXMILL_MANIFEST_BUCKETS = join(",", var.manifest_buckets) } : {},
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
