# With var.customer_managed_key: data at rest under a key that you can disable.

resource "google_kms_key_ring" "data" {
  count      = var.customer_managed_key ? 1 : 0
  name       = "pixmill"
  location   = var.region
  depends_on = [google_project_service.used]
}

resource "google_kms_crypto_key" "data" {
  count           = var.customer_managed_key ? 1 : 0
  name            = "data"
  key_ring        = google_kms_key_ring.data[0].id
  rotation_period = "7776000s" # 90 days

  lifecycle {
    prevent_destroy = true # without it, everything stored is lost
  }
}

resource "google_kms_crypto_key_iam_member" "data" {
  for_each = var.customer_managed_key ? merge(
    { for name, agent in google_project_service_identity.agents : name => agent.member },
    { storage = local.storage_agent },
  ) : {}
  crypto_key_id = google_kms_crypto_key.data[0].id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = each.value

  depends_on = [data.google_storage_project_service_account.this]
}

# What is encrypted waits until Google's services know of these grants.
resource "time_sleep" "key" {
  count           = var.customer_managed_key ? 1 : 0
  create_duration = "90s"
  triggers        = { grants = jsonencode(sort([for member in google_kms_crypto_key_iam_member.data : member.id])) }
}
