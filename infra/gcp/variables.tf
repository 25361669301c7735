# Where

variable "project_id" {
  description = "The Google Cloud project. One project holds one deployment: topics have fixed names."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be a project's id (6 to 30 lower-case letters, digits and hyphens), not its number or its display name."
  }
}

variable "region" {
  description = "The region of everything, such as europe-west1."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.region))
    error_message = "region must be a region such as europe-west1, not a zone or a continent."
  }
}

variable "gateway_region" {
  description = "The region of API Gateway where var.region has none (see the README)."
  type        = string
  default     = null
}

variable "environment" {
  description = "What this deployment is called in labels and alerts."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.environment))
    error_message = "environment must be 2 to 21 lower-case letters, digits and hyphens, such as staging."
  }
}

# What is deployed

variable "manifest" {
  description = "The deployment manifest, generated from the functions' declarations."
  type        = string
  default     = "../manifest.json"
}

variable "bundles" {
  description = "The folder of the zips that `make package` writes."
  type        = string
  default     = "../../build/bundles"
}

variable "settings" {
  description = "Further settings of the functions (PIXMILL_…), as in shared/settings.py."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.settings) : startswith(name, "PIXMILL_")])
    error_message = "settings are environment variables that begin with PIXMILL_."
  }
}

variable "crawl_contact" {
  description = "Whom sites reach when the crawler troubles them: the address of a web page or of e-mail, which it shows to all of them."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(https?://[^\\s()\"\\\\]{1,200}|[^\\s()\"\\\\@]{1,64}@[A-Za-z0-9.-]{1,200})$", var.crawl_contact))
    error_message = "crawl_contact must be a web address such as https://example.org/bot or an e-mail address."
  }
}

# Scale

variable "http_instances" {
  description = "The most instances of one HTTP function; its declaration may ask for fewer."
  type        = number
  default     = 2

  validation {
    condition     = var.http_instances >= 1 && var.http_instances <= 1000
    error_message = "http_instances must be 1 to 1000."
  }
}

variable "message_instances" {
  description = "The most instances of one message function; its declaration may ask for fewer."
  type        = number
  default     = 5

  validation {
    condition     = var.message_instances >= 1 && var.message_instances <= 1000
    error_message = "message_instances must be 1 to 1000."
  }
}

variable "instances" {
  description = "The most instances of single functions, by name, such as { crawler-fetch = 40 }."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for count in values(var.instances) : count >= 1 && count <= 1000])
    error_message = "instances must be 1 to 1000."
  }
}

variable "pool_size" {
  description = "Database connections of one instance that answers several requests at once."
  type        = number
  default     = 2

  validation {
    condition     = var.pool_size >= 1 && var.pool_size <= 100
    error_message = "pool_size must be 1 to 100."
  }
}

variable "database" {
  description = "The Cloud SQL instance."
  type = object({
    name             = optional(string, "pixmill") # of a deleted instance: taken for a week
    tier             = string
    max_connections  = number
    version          = optional(string, "POSTGRES_17")
    highly_available = optional(bool, false)
    disk_gb          = optional(number, 10) # to begin with: it grows by itself
    retained_backups = optional(number, 7)
    log_days         = optional(number, 7)
  })
  nullable = false

  validation {
    condition     = can(regex("^db-(f1-micro|g1-small|custom-[0-9]+-[0-9]+)$", var.database.tier))
    error_message = "database.tier must be db-f1-micro, db-g1-small or db-custom-<vCPUs>-<MiB>, such as db-custom-2-7680."
  }
  validation {
    condition     = can(regex("^POSTGRES_(1[6-9]|[2-9][0-9])$", var.database.version))
    error_message = "database.version must be POSTGRES_16 or newer."
  }
  validation {
    condition     = var.database.max_connections >= 25 && var.database.max_connections <= 5000
    error_message = "database.max_connections must be 25 to 5000."
  }
  validation {
    condition     = var.database.log_days >= 1 && var.database.log_days <= 7
    error_message = "database.log_days must be 1 to 7, Cloud SQL's limit for point-in-time recovery."
  }
}

variable "reserved_connections" {
  description = "Connections that are kept for Cloud SQL itself, migrations and people."
  type        = number
  default     = 20
}

# Network

variable "subnet_range" {
  description = "Addresses of the functions' instances; each takes two while it runs."
  type        = string
  default     = "10.10.0.0/20"

  validation {
    condition     = can(cidrnetmask(var.subnet_range)) && tonumber(split("/", var.subnet_range)[1]) <= 26
    error_message = "subnet_range must be an IPv4 range of /26 or larger, such as 10.10.0.0/20."
  }
}

variable "trusted_proxies" {
  description = "Entries at the end of X-Forwarded-For that Google's proxies add (see the README)."
  type        = number
  default     = 2

  validation {
    condition     = var.trusted_proxies >= 0 && var.trusted_proxies <= 5
    error_message = "trusted_proxies must be 0 to 5."
  }
}

variable "domain" {
  description = "A domain of yours for the API: adds a load balancer, a certificate and Cloud Armor."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain must be a host name such as api.example.com."
  }
}

variable "requests_per_minute" {
  description = "What Cloud Armor lets one address send in a minute, where there is a domain."
  type        = number
  default     = 1200
}

variable "manifest_buckets" {
  description = "Buckets whose objects everybody with an account may read as manifests (docs/manifests.md)."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for bucket in var.manifest_buckets : can(regex("^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$", bucket))])
    error_message = "manifest_buckets are names of buckets, without gs:// and objects."
  }
}

variable "upload_origins" {
  description = "Further web pages that may upload from a browser, such as https://app.example.com. Without a domain all may (storage.tf)."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.upload_origins : can(regex("^https://[^/*]+$", origin))])
    error_message = "upload_origins are https:// origins without a path or a wildcard."
  }
}

# Data

variable "cold_after_days" {
  description = "When originals move to Nearline storage, where reading them costs."
  type        = number
  default     = 90

  validation {
    condition     = var.cold_after_days >= 30
    error_message = "cold_after_days must be 30 or more: Nearline bills 30 days at least."
  }
}

variable "customer_managed_key" {
  description = "Encrypt the bucket, the database, topics and secrets with a key in Cloud KMS that is yours. Choose before the first apply: the database cannot change it."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Refuse to destroy the database and the bucket with data."
  type        = bool
  default     = true
}

variable "administrator_password_version" {
  description = "Raise by one to give the database's administrator a new password."
  type        = number
  default     = 1
}

variable "secrets" {
  description = "Keys of other services: the environment variable, the bundles that read it, and a version to raise with each new value."
  type = map(object({
    bundles = set(string)
    version = optional(number, 1)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[A-Z][A-Z0-9_]*$", name))])
    error_message = "secrets are named for environment variables, such as PIXMILL_PEXELS_KEY."
  }
  validation {
    condition     = alltrue(flatten([for secret in values(var.secrets) : [for bundle in secret.bundles : contains(keys(local.bundles), bundle)]]))
    error_message = "secrets names a bundle that the manifest does not have; it has ${join(", ", keys(local.bundles))}."
  }
}

variable "secret_values" {
  description = "The values of var.secrets; never kept in state. Pass them as TF_VAR_secret_values."
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = alltrue([for name in keys(var.secret_values) : contains(keys(var.secrets), name)])
    error_message = "secret_values has a value for a name that secrets does not have."
  }
}

# Watching

variable "alert_emails" {
  description = "Who hears of alerts."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "alert_emails are e-mail addresses."
  }
}

variable "budget" {
  description = "A month's budget in the billing account's currency; alerts at 50, 90 and 100 %."
  type = object({
    billing_account = string
    amount          = number
  })
  default = null

  validation {
    condition = var.budget == null || try(
      can(regex("^[0-9A-F]{6}(-[0-9A-F]{6}){2}$", var.budget.billing_account)) && var.budget.amount >= 1 && floor(var.budget.amount) == var.budget.amount, false
    )
    error_message = "budget wants a billing_account such as 012345-6789AB-CDEF01 and an amount in whole units of its currency."
  }
}
