# A network of the functions' own. The database has an address in it and none outside; only bundles
# that fetch what people name reach the internet, and those only past the network.

locals {
  private_google_range = "199.36.153.8/30" # private.googleapis.com
}

resource "google_compute_network" "this" {
  name                    = "pixmill"
  auto_create_subnetworks = false
  depends_on              = [google_project_service.used]
}

resource "google_compute_subnetwork" "functions" {
  name                     = "pixmill-functions"
  network                  = google_compute_network.this.id
  ip_cidr_range            = var.subnet_range
  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
    metadata             = "EXCLUDE_ALL_METADATA"
  }
}

resource "google_compute_global_address" "services" {
  name          = "pixmill-services"
  network       = google_compute_network.this.id
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
}

resource "google_service_networking_connection" "services" {
  network                 = google_compute_network.this.id
  service                 = google_project_service.used["servicenetworking"].service
  reserved_peering_ranges = [google_compute_global_address.services.name]
  deletion_policy         = "ABANDON" # Google lets go of it hours after the database is gone
}

# Out: the database's port and Google's APIs, and nothing else.
resource "google_compute_firewall" "out" {
  for_each = {
    database = {
      priority = 1000
      port     = "3307" # where the connector's TLS ends
      ranges   = ["${google_compute_global_address.services.address}/${google_compute_global_address.services.prefix_length}"]
    }
    google-apis = { priority = 1000, port = "443", ranges = [local.private_google_range] }
    nothing     = { priority = 65534, port = null, ranges = ["0.0.0.0/0"] }
  }
  name               = "pixmill-out-${each.key}"
  network            = google_compute_network.this.id
  direction          = "EGRESS"
  priority           = each.value.priority
  destination_ranges = each.value.ranges

  dynamic "allow" {
    for_each = each.value.port == null ? [] : [each.value.port]
    content {
      protocol = "tcp"
      ports    = [allow.value]
    }
  }
  dynamic "deny" {
    for_each = each.value.port == null ? [1] : []
    content {
      protocol = "all"
    }
  }
}

# Google's APIs at addresses that the rule above lets through.
resource "google_dns_managed_zone" "google_apis" {
  name        = "pixmill-google-apis"
  dns_name    = "googleapis.com."
  description = "Google's APIs without the internet"
  visibility  = "private"

  private_visibility_config {
    networks {
      network_url = google_compute_network.this.id
    }
  }
}

resource "google_dns_record_set" "google_apis" {
  for_each = {
    "private.googleapis.com." = { type = "A", values = [for host in range(4) : cidrhost(local.private_google_range, host)] }
    "*.googleapis.com."       = { type = "CNAME", values = ["private.googleapis.com."] }
  }
  managed_zone = google_dns_managed_zone.google_apis.name
  name         = each.key
  type         = each.value.type
  ttl          = 300
  rrdatas      = each.value.values
}
