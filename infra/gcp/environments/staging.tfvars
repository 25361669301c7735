# The smallest deployment: one instance of each function, a shared-core database.
environment = "staging"
project_id  = "my-project-staging" # yours
region      = "europe-west1"

crawl_contact = "you@example.com" # yours: sites write to it

http_instances    = 1
message_instances = 1
pool_size         = 1

database = {
  tier            = "db-g1-small"
  max_connections = 230
}

deletion_protection = false
