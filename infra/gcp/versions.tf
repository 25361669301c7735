terraform {
  required_version = ">= 1.11" # write-only arguments and ephemeral resources

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0, >= 8.7" # earlier ones cannot wait for the migration job
    }
    # API Gateway and service identities are in this provider only.
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "~> 8.0, >= 8.7"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
    time = {
      source  = "hashicorp/time"
      version = "~> 0.12"
    }
  }

  # terraform init -backend-config=environments/<environment>.gcs.tfbackend
  backend "gcs" {}
}

provider "google" {
  project               = var.project_id
  region                = var.region
  default_labels        = local.labels
  billing_project       = var.project_id # some APIs refuse a person's own credentials without these two
  user_project_override = true
}

provider "google-beta" {
  project               = var.project_id
  region                = var.region
  default_labels        = local.labels
  billing_project       = var.project_id
  user_project_override = true
}
