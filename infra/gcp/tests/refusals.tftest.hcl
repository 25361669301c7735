# What fails at plan time, with a sentence that says what to change.

variables {
  project_id    = "pixmill-test"
  region        = "europe-west1"
  environment   = "test"
  crawl_contact = "https://example.org/bot"
  database      = { tier = "db-custom-4-15360", max_connections = 800 }
  manifest      = "tests/manifests/small.json" # one function, which breaks nothing
}

run "a_project_number" {
  command = plan
  variables {
    project_id = "123456789012"
  }
  expect_failures = [var.project_id]
}

run "a_zone" {
  command = plan
  variables {
    region = "europe-west1-b"
  }
  expect_failures = [var.region]
}

run "an_environment_without_a_name" {
  command = plan
  variables {
    environment = "The staging environment"
  }
  expect_failures = [var.environment]
}

run "a_tier_that_is_not_there" {
  command = plan
  variables {
    database = { tier = "large", max_connections = 800 }
  }
  expect_failures = [var.database]
}

run "a_setting_that_nobody_reads" {
  command = plan
  variables {
    settings = { LOG_LEVEL = "DEBUG" }
  }
  expect_failures = [var.settings]
}

run "numbers_that_are_no_limits" {
  command = plan
  variables {
    http_instances    = 0
    message_instances = 1001
    pool_size         = 0
    trusted_proxies   = -1
    cold_after_days   = 1
  }
  expect_failures = [var.http_instances, var.message_instances, var.pool_size, var.trusted_proxies, var.cold_after_days]
}

run "addresses_that_are_none" {
  command = plan
  variables {
    domain         = "https://api.example.com/"
    upload_origins = ["*"]
    alert_emails   = ["somebody"]
    subnet_range   = "10.10.0.0/28"

    manifest_buckets = ["gs://tables"]
    crawl_contact    = "somebody (at work)"
  }
  expect_failures = [var.crawl_contact, var.domain, var.upload_origins, var.manifest_buckets, var.alert_emails, var.subnet_range]
}

run "a_budget_of_a_name_and_a_half" {
  command = plan
  variables {
    budget = { billing_account = "my billing account", amount = 99.5 }
  }
  expect_failures = [var.budget]
}

run "a_secret_of_a_bundle_that_is_not_there" {
  command = plan
  variables {
    secrets = { PIXMILL_PEXELS_KEY = { bundles = ["crawlers"] } }
  }
  expect_failures = [var.secrets]
}

run "a_value_of_a_secret_that_is_not_there" {
  command = plan
  variables {
    secrets       = { PIXMILL_PEXELS_KEY = { bundles = ["upkeep"] } }
    secret_values = { PIXMILL_PEXEL_KEY = "not a real key" }
  }
  expect_failures = [var.secret_values]
}

run "too_many_connections" {
  command = plan
  variables {
    instances = { upkeep-sweep-stuck = 400 }
  }
  expect_failures = [terraform_data.manifest]
}

run "too_few_addresses" {
  command = plan
  variables {
    subnet_range = "10.10.0.0/26"
    instances    = { upkeep-sweep-stuck = 40 }
  }
  expect_failures = [terraform_data.manifest]
}

run "instances_of_a_function_that_is_not_there" {
  command = plan
  variables {
    instances = { crawler-fetsh = 40 }
  }
  expect_failures = [terraform_data.manifest]
}

run "zips_that_are_not_there" {
  command = plan
  variables {
    bundles = "../../build/nothing"
  }
  expect_failures = [terraform_data.manifest]
}

run "a_manifest_that_keeps_more_instances_than_it_may_have" {
  command = plan
  variables {
    manifest = "tests/manifests/kept-instances.json"
  }
  expect_failures = [google_cloudfunctions2_function.functions]
}
