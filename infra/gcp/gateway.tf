# API Gateway: the one public door. Its document is what infra/openapi.json says of addresses, with
# the function behind each; bodies and credentials are the functions' business.

locals {
  openapi = jsondecode(file("${path.module}/../openapi.json"))

  routes = {
    for name, function in local.http_functions : name => {
      path      = function.http.path
      method    = lower(function.http.method)
      operation = local.openapi.paths[function.http.path][lower(function.http.method)].operationId
      summary   = function.description
      backend = {
        address  = google_cloudfunctions2_function.functions[name].service_config[0].uri
        deadline = function.timeout
        # Google's front end keeps addresses that end in z to itself (/healthz): such a function is
        # called at its root, and takes that for its own address.
        path_translation = endswith(function.http.path, "z") ? "CONSTANT_ADDRESS" : "APPEND_PATH_TO_ADDRESS"
      }
    }
  }

  # The front end may keep them here too, so each has a second address without its z.
  aliases = {
    for name, route in local.routes : "${name}-alias" => merge(route, {
      path      = trimsuffix(route.path, "z")
      operation = "${route.operation}_alias"
    }) if endswith(route.path, "z")
  }

  # HTTP answers HEAD wherever it answers GET; the gateway passes on only what its document names.
  heads = {
    for name, route in merge(local.routes, local.aliases) : "${name}-head" => merge(route, {
      method    = "head"
      operation = "${route.operation}_head"
    }) if route.method == "get"
  }

  # What browsers ask before a page's request: one small function answers for every address, at its
  # own root. (allowCors of x-google-endpoints would send each to the function behind the address.)
  preflight = one([for name, route in local.routes : route if route.method == "options"])
  preflights = {
    for path in distinct(concat(values(local.routes)[*].path, values(local.aliases)[*].path)) :
    "preflight ${path}" => merge(local.preflight, {
      path      = path
      operation = "preflight${replace(path, "/\\W+/", "_")}"
      backend   = merge(local.preflight.backend, { path_translation = "CONSTANT_ADDRESS" })
    }) if path != local.preflight.path
  }

  served = merge(local.routes, local.aliases, local.heads, local.preflights)

  gateway_document = {
    swagger  = "2.0"
    info     = { title = local.openapi.info.title, version = local.openapi.info.version }
    schemes  = ["https"]
    produces = ["application/json"]
    paths = {
      for path in distinct(values(local.served)[*].path) : path => {
        for name, route in local.served : route.method => {
          operationId        = route.operation
          summary            = route.summary
          "x-google-backend" = route.backend
          parameters = [
            for parameter in regexall("\\{(\\w+)\\}", path) :
            { name = parameter[0], in = "path", required = true, type = "string" }
          ]
          responses = { default = { description = "The function's answer" } }
        } if route.path == path
      }
    }
  }
}

resource "google_api_gateway_api" "this" {
  provider     = google-beta
  api_id       = "pixmill"
  display_name = "Pixmill"
  depends_on   = [google_project_service.used]
}

resource "google_api_gateway_api_config" "this" {
  provider             = google-beta
  api                  = google_api_gateway_api.this.api_id
  api_config_id_prefix = "pixmill-"

  openapi_documents {
    document {
      path     = "openapi.json"
      contents = base64encode(jsonencode(local.gateway_document))
    }
  }

  gateway_config {
    backend_config {
      google_service_account = google_service_account.others["gateway"].email
    }
  }

  lifecycle {
    create_before_destroy = true # the gateway uses the old one until it has the new one
  }

  depends_on = [google_cloud_run_v2_service_iam_member.invokers]
}

resource "google_api_gateway_gateway" "this" {
  provider     = google-beta
  gateway_id   = "pixmill"
  region       = coalesce(var.gateway_region, var.region)
  api_config   = google_api_gateway_api_config.this.id
  display_name = "Pixmill"
}
