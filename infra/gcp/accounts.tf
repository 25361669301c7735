# One service account for each bundle, with what the manifest says that it needs and nothing else;
# and one each for building, migrating, pushing and the gateway.

resource "google_service_account" "bundles" {
  for_each     = local.bundles
  account_id   = "pixmill-${each.key}"
  display_name = "Pixmill's functions ${each.key}"
  depends_on   = [google_project_service.used]
}

resource "google_service_account" "others" {
  for_each = {
    build   = "builds the functions' containers"
    gateway = "calls the HTTP functions for API Gateway"
    migrate = "owns the tables and migrates them"
    push    = "calls the message functions for Pub/Sub"
  }
  account_id   = "pixmill-run-${each.key}"
  display_name = "Pixmill: ${each.value}"
  depends_on   = [google_project_service.used]
}

locals {
  # Who logs in to the database. PostgreSQL knows a service account without the end of its address.
  database_accounts = merge(
    { for name, bundle in local.bundles : name => google_service_account.bundles[name] if bundle.database },
    { migrate = google_service_account.others["migrate"] },
  )
  database_logins = {
    for name, account in local.database_accounts :
    name => trimsuffix(account.email, ".gserviceaccount.com")
  }

  # Publishing: one grant for each bundle and topic.
  publishers = merge([
    for name, bundle in local.bundles : {
      for topic in bundle.publishes : "${name}/${topic}" => { bundle = name, topic = topic }
    }
  ]...)

  # The bucket: one grant for each bundle and kind of access, within its prefixes.
  bucket_roles = {
    read   = "roles/storage.objectViewer"
    create = "roles/storage.objectCreator"
    write  = "roles/storage.objectUser"
  }
  bucket_access = merge([
    for name, bundle in local.bundles : {
      for kind, prefixes in bundle.bucket :
      "${name}/${kind}" => { bundle = name, role = local.bucket_roles[kind], prefixes = prefixes }
    }
  ]...)
  signers   = toset([for function in values(local.http_functions) : function.bundle if function.storage])
  observers = toset([for name, bundle in local.bundles : name if bundle.health])
}

resource "google_project_iam_member" "database" {
  for_each = merge([
    for name, account in local.database_accounts : {
      "${name}/connect" = { account = account, role = "roles/cloudsql.client" }
      "${name}/log-in"  = { account = account, role = "roles/cloudsql.instanceUser" }
    }
  ]...)
  project = var.project_id
  role    = each.value.role
  member  = each.value.account.member

  condition {
    title      = "this instance only"
    expression = "resource.type == \"sqladmin.googleapis.com/Instance\" && resource.name == \"projects/${var.project_id}/instances/${var.database.name}\""
  }
}

resource "google_pubsub_topic_iam_member" "publishers" {
  for_each = local.publishers
  topic    = google_pubsub_topic.topics[each.value.topic].id
  role     = "roles/pubsub.publisher"
  member   = google_service_account.bundles[each.value.bundle].member
}

# Asking Gemini, where a model of it is set.
resource "google_project_iam_member" "gemini" {
  for_each = toset([for name, bundle in local.bundles : name if bundle.gemini && contains(keys(var.settings), "PIXMILL_GEMINI_MODEL")])
  project  = var.project_id
  role     = "roles/aiplatform.user"
  member   = google_service_account.bundles[each.key].member
}

resource "google_storage_bucket_iam_member" "bundles" {
  for_each = local.bucket_access
  bucket   = google_storage_bucket.data.name
  role     = each.value.role
  member   = google_service_account.bundles[each.value.bundle].member

  condition {
    title = "its prefixes only"
    expression = join(" || ", flatten([
      for prefix in each.value.prefixes : [
        "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.data.name}/objects/${prefix}\")",
        "api.getAttribute(\"storage.googleapis.com/objectListPrefix\", \"\").startsWith(\"${prefix}\")",
      ]
    ]))
  }
}

# Manifests that lie in other buckets are read there.
resource "google_storage_bucket_iam_member" "manifests" {
  for_each = toset(var.manifest_buckets)
  bucket   = each.key
  role     = "roles/storage.objectViewer"
  member   = google_service_account.bundles["manifests"].member
}

# Signs addresses of objects for clients in its own name, without a key (the IAM signBlob API).
resource "google_service_account_iam_member" "signers" {
  for_each           = local.signers
  service_account_id = google_service_account.bundles[each.key].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.bundles[each.key].member
}

# The health check looks whether the bucket and a topic answer, and reads no content.
resource "google_storage_bucket_iam_member" "observers" {
  for_each = local.observers
  bucket   = google_storage_bucket.data.name
  role     = "roles/storage.bucketViewer"
  member   = google_service_account.bundles[each.key].member
}

resource "google_pubsub_topic_iam_member" "observers" {
  for_each = { for pair in setproduct(local.observers, local.manifest.topics) : join("/", pair) => pair }
  topic    = google_pubsub_topic.topics[each.value[1]].id
  role     = "roles/pubsub.viewer"
  member   = google_service_account.bundles[each.value[0]].member
}

# Building: reads the copy that Cloud Functions makes of a zip, writes an image and a log.
resource "google_project_iam_member" "build" {
  for_each = toset(["roles/logging.logWriter", "roles/storage.objectViewer"])
  project  = var.project_id
  role     = each.key
  member   = google_service_account.others["build"].member

  dynamic "condition" {
    for_each = each.key == "roles/storage.objectViewer" ? [1] : []
    content {
      title      = "sources of functions only"
      expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-\")"
    }
  }
}

resource "google_artifact_registry_repository_iam_member" "build" {
  repository = google_artifact_registry_repository.images["functions"].name
  location   = var.region
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.others["build"].member
}
