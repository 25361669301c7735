# What fails at plan time, with a sentence that says what to change.

variables {
  project_id  = "pixmill-test"
  region      = "europe-west1"
  environment = "test"
  database    = { tier = "db-custom-4-15360", max_connections = 800 }
  manifest    = "tests/manifests/small.json" # one function, which breaks nothing
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

run "a_manifest_with_too_much_memory" {
  command = plan
  variables {
    manifest = "tests/manifests/memory.json"
  }
  expect_failures = [google_cloudfunctions2_function.functions]
}

run "a_manifest_with_memory_for_more_processors" {
  command = plan
  variables {
    manifest = "tests/manifests/memory-for-one.json"
  }
  expect_failures = [google_cloudfunctions2_function.functions]
}

run "a_manifest_with_too_long_a_timeout" {
  command = plan
  variables {
    manifest = "tests/manifests/timeout.json"
  }
  expect_failures = [google_cloudfunctions2_function.functions]
}

run "a_manifest_with_too_much_at_once" {
  command = plan
  variables {
    manifest = "tests/manifests/concurrency.json"
  }
  expect_failures = [google_cloudfunctions2_function.functions]
}

run "a_manifest_with_too_few_attempts" {
  command = plan
  variables {
    manifest = "tests/manifests/attempts.json"
  }
  expect_failures = [google_cloudfunctions2_function.functions]
}

run "a_manifest_with_too_long_a_name" {
  command = plan
  variables {
    manifest = "tests/manifests/name.json"
  }
  expect_failures = [google_cloudfunctions2_function.functions]
}
