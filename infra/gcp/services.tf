# The Google APIs that are used, and the accounts under which Google's services act here.

locals {
  services = toset(concat([
    "apigateway", "artifactregistry", "cloudbuild", "cloudfunctions", "cloudscheduler", "compute",
    "dns", "iam", "iamcredentials", "logging", "monitoring", "pubsub", "run", "secretmanager",
    "servicecontrol", "servicemanagement", "servicenetworking", "sqladmin", "storage",
    ],
    contains(keys(var.settings), "PIXMILL_GEMINI_MODEL") ? ["aiplatform"] : [],
    var.customer_managed_key ? ["cloudkms"] : [],
    var.budget == null ? [] : ["billingbudgets"],
  ))
}

data "google_project" "this" {}

resource "google_project_service" "used" {
  for_each           = local.services
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

# They come to be with the first use of a service; asking for them brings that forward.
resource "google_project_service_identity" "agents" {
  provider = google-beta
  for_each = toset(["pubsub", "secretmanager", "sqladmin"])
  service  = google_project_service.used[each.key].service
}

# Reading it makes the account. Its address is not taken from here: that would be unknown whenever a
# further API is to be enabled, and all its grants would be made anew.
data "google_storage_project_service_account" "this" {
  depends_on = [google_project_service.used]
}

locals {
  pubsub_agent  = google_project_service_identity.agents["pubsub"].member
  storage_agent = "serviceAccount:service-${data.google_project.this.number}@gs-project-accounts.iam.gserviceaccount.com"
}

# Grants take up to two minutes until Google's services know of them.
resource "time_sleep" "grants" {
  create_duration = "90s"
  triggers = {
    accounts = jsonencode(sort([for account in google_service_account.bundles : account.email]))
    grants = jsonencode(sort(concat(
      [for member in google_project_iam_member.build : member.id],
      [for member in google_pubsub_topic_iam_member.bucket_events : member.id],
      [google_service_account_iam_member.push_tokens.id, google_artifact_registry_repository_iam_member.build.id],
    )))
  }
}
