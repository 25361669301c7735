# `make smoke` reads base_url; people read the rest.

output "base_url" {
  description = "Where the API is."
  value       = var.domain == null ? "https://${google_api_gateway_gateway.this.default_hostname}" : "https://${var.domain}"
}

output "domain_address" {
  description = "The address that the domain's A record must name."
  value       = one(google_compute_global_address.domain[*].address)
}

output "bucket" {
  description = "The bucket with everything that people store."
  value       = google_storage_bucket.data.name
}

output "instance_connection_name" {
  description = "The database, as the Cloud SQL connector and cloud-sql-proxy name it."
  value       = google_sql_database_instance.this.connection_name
}

output "connections" {
  description = "The most database connections that the functions may open, and how many there are."
  value       = { budget = local.connections, max = var.database.max_connections }
}

output "functions" {
  description = "The functions' own addresses; they answer the gateway and Pub/Sub only."
  value       = { for name, function in google_cloudfunctions2_function.functions : name => function.service_config[0].uri }
}
