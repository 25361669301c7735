# What the functions declare (infra/manifest.json), in the forms that the other files need. A new
# function changes the manifest and no file here.

locals {
  manifest  = jsondecode(file("${path.module}/${var.manifest}"))
  functions = local.manifest.functions
  bundles   = local.manifest.bundles

  http_functions    = { for name, function in local.functions : name => function if can(function.http) }
  message_functions = { for name, function in local.functions : name => function if can(function.message) }

  # Everything that is built from one zip: the bundles, and the migrations.
  zips = {
    for name in concat(keys(local.bundles), ["migrations"]) :
    name => "${path.module}/${var.bundles}/${name}.zip"
  }
  zip_hashes = {
    for name, path in local.zips : name => fileexists(path) ? filesha256(path) : "missing"
  }

  instances = {
    for name, function in local.functions : name => lookup(var.instances, name, min(
      function.max_instances,
      can(function.http) ? var.http_instances : var.message_instances,
    ))
  }

  # A function that takes one request at a time still heartbeats its lease on a second connection.
  pool_sizes = {
    for name, function in local.functions : name =>
    function.concurrency == 1 ? 2 : min(function.concurrency, var.pool_size)
  }
  connections = sum([
    for name, function in local.functions :
    function.database ? local.instances[name] * local.pool_sizes[name] : 0
  ])

  # Of work that is shared out by account: how much of each kind is done at a time.
  slots = {
    for name, function in local.message_functions :
    function.message.topic => local.instances[name] * function.concurrency
    if try(function.message.shared, false)
  }

  labels = { application = "pixmill", environment = var.environment }
}

# What the manifest must fulfil with these variables; the declarations are checked when it is written.
resource "terraform_data" "manifest" {
  input = sha256(jsonencode(local.manifest))

  lifecycle {
    precondition {
      condition     = alltrue([for hash in values(local.zip_hashes) : hash != "missing"])
      error_message = "These zips are not there: ${join(", ", [for name, hash in local.zip_hashes : "${name}.zip" if hash == "missing"])}. Run `make package` first."
    }
    precondition {
      condition     = local.connections <= var.database.max_connections - var.reserved_connections
      error_message = "The functions may open ${local.connections} database connections, and ${var.database.max_connections - var.reserved_connections} are left of database.max_connections (${var.database.max_connections}) after reserved_connections (${var.reserved_connections}). Lower http_instances, message_instances, instances or pool_size, or raise database.max_connections and with it database.tier."
    }
    precondition {
      condition     = alltrue([for name in keys(var.instances) : contains(keys(local.functions), name)])
      error_message = "instances names functions that the manifest does not have: ${join(", ", setsubtract(keys(var.instances), keys(local.functions)))}."
    }
    precondition {
      condition     = sum(values(local.instances)) * 2 <= pow(2, 32 - tonumber(split("/", var.subnet_range)[1]))
      error_message = "The functions may run ${sum(values(local.instances))} instances, which take two addresses each, more than subnet_range ${var.subnet_range} holds: give it a larger range or lower the instances."
    }
  }
}
