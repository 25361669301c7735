# With var.domain: a load balancer in front of the gateway, with a certificate and Cloud Armor.

locals {
  with_domain = var.domain == null ? 0 : 1
}

resource "google_compute_global_address" "domain" {
  count      = local.with_domain
  name       = "pixmill-domain"
  depends_on = [google_project_service.used]
}

resource "google_compute_managed_ssl_certificate" "domain" {
  count = local.with_domain
  name  = "pixmill-${substr(sha256(var.domain), 0, 8)}"
  managed {
    domains = [var.domain]
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_region_network_endpoint_group" "gateway" {
  provider              = google-beta
  count                 = local.with_domain
  name                  = "pixmill-gateway"
  region                = google_api_gateway_gateway.this.region
  network_endpoint_type = "SERVERLESS"

  serverless_deployment {
    platform = "apigateway.googleapis.com"
    resource = google_api_gateway_gateway.this.gateway_id
  }
}

resource "google_compute_security_policy" "domain" {
  count       = local.with_domain
  name        = "pixmill"
  description = "Slows floods from one address; attacks that are known are refused"

  rule {
    description = "Attacks on single weaknesses, such as Log4j's"
    priority    = 1000
    action      = "deny(403)"
    match {
      expr {
        expression = "evaluatePreconfiguredWaf('cve-canary')"
      }
    }
  }

  dynamic "rule" {
    for_each = { sqli = 1001, lfi = 1002, rce = 1003, protocolattack = 1004 }
    content {
      description = "Known attacks: ${rule.key}"
      priority    = rule.value
      action      = "deny(403)"
      match {
        expr {
          expression = "evaluatePreconfiguredWaf('${rule.key}-v33-stable', {'sensitivity': 1})"
        }
      }
    }
  }

  rule {
    description = "So many requests a minute from one address"
    priority    = 2000
    action      = "throttle"
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"
      rate_limit_threshold {
        count        = var.requests_per_minute
        interval_sec = 60
      }
    }
  }

  # A policy must end with a rule for everyone, at this priority.
  rule {
    description = "What no rule above has refused"
    priority    = 2147483647
    action      = "allow"
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}

resource "google_compute_backend_service" "gateway" {
  count                 = local.with_domain
  name                  = "pixmill-gateway"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.domain[0].id

  backend {
    group = google_compute_region_network_endpoint_group.gateway[0].id
  }
  log_config {
    enable      = true
    sample_rate = 0.1
  }
}

resource "google_compute_url_map" "domain" {
  for_each        = local.with_domain == 1 ? { https = false, http = true } : {}
  name            = "pixmill-${each.key}"
  default_service = each.value ? null : google_compute_backend_service.gateway[0].id

  dynamic "default_url_redirect" {
    for_each = each.value ? [1] : []
    content {
      https_redirect = true
      strip_query    = false
    }
  }
}

resource "google_compute_ssl_policy" "domain" {
  count           = local.with_domain
  name            = "pixmill"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_target_https_proxy" "domain" {
  count            = local.with_domain
  name             = "pixmill"
  url_map          = google_compute_url_map.domain["https"].id
  ssl_certificates = [google_compute_managed_ssl_certificate.domain[0].id]
  ssl_policy       = google_compute_ssl_policy.domain[0].id
}

resource "google_compute_target_http_proxy" "domain" {
  count   = local.with_domain
  name    = "pixmill"
  url_map = google_compute_url_map.domain["http"].id
}

resource "google_compute_global_forwarding_rule" "domain" {
  for_each = local.with_domain == 0 ? {} : {
    https = { port = "443", target = google_compute_target_https_proxy.domain[0].id }
    http  = { port = "80", target = google_compute_target_http_proxy.domain[0].id }
  }
  name                  = "pixmill-${each.key}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.domain[0].id
  port_range            = each.value.port
  target                = each.value.target
}
