# Gemini, for the one bundle that asks it, where a model of it is set.

variables {
  project_id    = "pixmill-test"
  region        = "europe-west1"
  environment   = "test"
  crawl_contact = "https://example.org/bot"
  database      = { tier = "db-custom-4-15360", max_connections = 820 }
}

run "not_set_up" {
  command = plan

  assert {
    condition     = length(google_project_iam_member.gemini) == 0 && !contains(keys(google_project_service.used), "aiplatform")
    error_message = "Gemini may be used without being asked for."
  }
}

run "set_up" {
  command = plan
  variables {
    settings = { PIXMILL_GEMINI_MODEL = "gemini-2.5-flash" }
  }

  assert {
    condition     = keys(google_project_iam_member.gemini) == ["analyzer"] && google_project_iam_member.gemini["analyzer"].role == "roles/aiplatform.user"
    error_message = "Others than the analyzer may use Gemini, or it may do more."
  }
  assert {
    condition     = contains(keys(google_project_service.used), "aiplatform")
    error_message = "Vertex AI is not enabled."
  }
}
