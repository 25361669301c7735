# A deployment that people rely on; about a million images a month.
environment = "prod"
project_id  = "my-project-prod" # yours
region      = "europe-west1"

crawl_contact = "you@example.com" # yours: sites write to it

http_instances    = 3
message_instances = 10
instances         = { crawler-fetch = 40 }

database = {
  tier             = "db-custom-4-15360"
  max_connections  = 1500
  highly_available = true
  disk_gb          = 50
  retained_backups = 30
}

# domain       = "api.example.com"
# alert_emails = ["you@example.com"]
# budget       = { billing_account = "012345-6789AB-CDEF01", amount = 1000 }
