"""Every operation of the API: each function returns the call (written by `make contracts`)."""

from typing import Any, Literal

from pixmill import types
from pixmill.calls import Call, Id, make_path


def web_console() -> Call[Any]:
    """Get the console."""
    return Call("GET", "/")


def web_asset(
    name: str | int,
) -> Call[Any]:
    """Get a file of the console."""
    return Call("GET", make_path("/console/{name}", name))


def web_docs() -> Call[Any]:
    """Get the reference page."""
    return Call("GET", "/docs")


def web_health() -> Call[types.Health]:
    """Check health."""
    return Call("GET", "/healthz")


def web_openapi() -> Call[dict[str, Any]]:
    """Get the OpenAPI document."""
    return Call("GET", "/openapi.json")


def insights_activity(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    action: str | None = None,
    resource_type: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Call[types.Page[types.ActivityRead]]:
    """List activity."""
    return Call("GET", "/v1/activity", query={"limit": limit, "cursor": cursor, "action": action, "resource_type": resource_type, "since": since, "until": until})


def analyses_get_job(
    analysis_job_id: Id,
    *,
    wait: int | None = None,
) -> Call[types.AnalysisJobRead]:
    """Get an analysis job."""
    return Call("GET", make_path("/v1/analysis-jobs/{analysis_job_id}", analysis_job_id), query={"wait": wait})


def analyses_list_of_job(
    analysis_job_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    status: types.AnalysisStatus | None = None,
) -> Call[types.Page[types.AnalysisRead]]:
    """List a job's analyses; those that failed say why."""
    return Call("GET", make_path("/v1/analysis-jobs/{analysis_job_id}/analyses", analysis_job_id), query={"limit": limit, "cursor": cursor, "status": status})


def analyses_cancel_job(
    analysis_job_id: Id,
) -> Call[types.AnalysisJobRead]:
    """Cancel an analysis job."""
    return Call("POST", make_path("/v1/analysis-jobs/{analysis_job_id}/cancel", analysis_job_id), takes_key=True)


def insights_model_statistics(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    days: int | None = None,
) -> Call[types.Page[types.ModelStatistics]]:
    """Get statistics of models, the newest version first."""
    return Call("GET", "/v1/analytics/models", query={"limit": limit, "cursor": cursor, "days": days})


def insights_usage(
    *,
    days: int | None = None,
) -> Call[types.Usage]:
    """Get usage; days are in UTC, and today is one of them."""
    return Call("GET", "/v1/analytics/usage", query={"days": days})


def accounts_api_key_list(
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[types.Page[types.ApiKeyRead]]:
    """List API keys."""
    return Call("GET", "/v1/api-keys", query={"limit": limit, "cursor": cursor})


def accounts_api_key_create(
    body: types.ApiKeyCreate,
) -> Call[types.ApiKeyCreated]:
    """Create an API key."""
    return Call("POST", "/v1/api-keys", body=body, takes_key=True)


def accounts_api_key_revoke(
    api_key_id: Id,
) -> Call[None]:
    """Revoke an API key."""
    return Call("DELETE", make_path("/v1/api-keys/{api_key_id}", api_key_id))


def crawls_delete(
    crawl_job_id: Id,
) -> Call[None]:
    """Delete a crawl job."""
    return Call("DELETE", make_path("/v1/crawl-jobs/{crawl_job_id}", crawl_job_id))


def crawls_get(
    crawl_job_id: Id,
    *,
    wait: int | None = None,
) -> Call[types.CrawlJobRead]:
    """Get a crawl job."""
    return Call("GET", make_path("/v1/crawl-jobs/{crawl_job_id}", crawl_job_id), query={"wait": wait})


def analyses_list_jobs(
    crawl_job_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[types.Page[types.AnalysisJobRead]]:
    """List analysis jobs."""
    return Call("GET", make_path("/v1/crawl-jobs/{crawl_job_id}/analysis-jobs", crawl_job_id), query={"limit": limit, "cursor": cursor})


def analyses_create_job(
    crawl_job_id: Id,
    body: types.AnalysisCreate,
) -> Call[types.AnalysisJobRead]:
    """Create an analysis job."""
    return Call("POST", make_path("/v1/crawl-jobs/{crawl_job_id}/analysis-jobs", crawl_job_id), body=body, takes_key=True)


def crawls_cancel(
    crawl_job_id: Id,
) -> Call[types.CrawlJobRead]:
    """Cancel a crawl job."""
    return Call("POST", make_path("/v1/crawl-jobs/{crawl_job_id}/cancel", crawl_job_id), takes_key=True)


def crawls_list_chunks(
    crawl_job_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    status: types.JobStatus | None = None,
) -> Call[types.Page[types.ChunkRead]]:
    """List chunks."""
    return Call("GET", make_path("/v1/crawl-jobs/{crawl_job_id}/chunks", crawl_job_id), query={"limit": limit, "cursor": cursor, "status": status})


def exports_create_for_crawl_job(
    crawl_job_id: Id,
    body: types.ExportJobCreate,
) -> Call[types.ExportJobRead]:
    """Create an export of a crawl job."""
    return Call("POST", make_path("/v1/crawl-jobs/{crawl_job_id}/export-jobs", crawl_job_id), body=body, takes_key=True)


def crawls_report(
    crawl_job_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[types.CrawlReport]:
    """Get a crawl job's report."""
    return Call("GET", make_path("/v1/crawl-jobs/{crawl_job_id}/report", crawl_job_id), query={"limit": limit, "cursor": cursor})


def crawls_retry(
    crawl_job_id: Id,
) -> Call[types.CrawlJobRead]:
    """Retry a crawl job."""
    return Call("POST", make_path("/v1/crawl-jobs/{crawl_job_id}/retry", crawl_job_id), takes_key=True)


def validations_list(
    crawl_job_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[types.Page[types.ValidationJobRead]]:
    """List validation jobs."""
    return Call("GET", make_path("/v1/crawl-jobs/{crawl_job_id}/validation-jobs", crawl_job_id), query={"limit": limit, "cursor": cursor})


def validations_create(
    crawl_job_id: Id,
    body: types.ValidationJobCreate,
) -> Call[types.ValidationJobRead]:
    """Create a validation job."""
    return Call("POST", make_path("/v1/crawl-jobs/{crawl_job_id}/validation-jobs", crawl_job_id), body=body, takes_key=True)


def exports_list(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    status: types.JobStatus | None = None,
) -> Call[types.Page[types.ExportJobRead]]:
    """List export jobs; `get` signs an address for the file."""
    return Call("GET", "/v1/export-jobs", query={"limit": limit, "cursor": cursor, "status": status})


def exports_delete(
    export_job_id: Id,
) -> Call[None]:
    """Delete an export job."""
    return Call("DELETE", make_path("/v1/export-jobs/{export_job_id}", export_job_id))


def exports_get(
    export_job_id: Id,
    *,
    wait: int | None = None,
) -> Call[types.ExportJobRead]:
    """Get an export job."""
    return Call("GET", make_path("/v1/export-jobs/{export_job_id}", export_job_id), query={"wait": wait})


def images_delete(
    image_id: Id,
) -> Call[None]:
    """Delete an image."""
    return Call("DELETE", make_path("/v1/images/{image_id}", image_id))


def images_get(
    image_id: Id,
    *,
    thumbnails: bool | None = None,
) -> Call[types.ImageDetail]:
    """Get an image."""
    return Call("GET", make_path("/v1/images/{image_id}", image_id), query={"thumbnails": thumbnails})


def images_update(
    image_id: Id,
    body: types.ImageUpdate,
) -> Call[types.ImageDetail]:
    """Update an image."""
    return Call("PATCH", make_path("/v1/images/{image_id}", image_id), body=body)


def analyses_list(
    image_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    analyzer: str | None = None,
    status: types.AnalysisStatus | None = None,
) -> Call[types.Page[types.AnalysisRead]]:
    """List an image's analyses."""
    return Call("GET", make_path("/v1/images/{image_id}/analyses", image_id), query={"limit": limit, "cursor": cursor, "analyzer": analyzer, "status": status})


def analyses_create(
    image_id: Id,
    body: types.AnalysisCreate,
) -> Call[types.AnalysisRead]:
    """Analyse an image."""
    return Call("POST", make_path("/v1/images/{image_id}/analyses", image_id), body=body, takes_key=True)


def images_content(
    image_id: Id,
    *,
    variant: str | None = None,
) -> Call[str]:
    """Get an image's content."""
    return Call("GET", make_path("/v1/images/{image_id}/content", image_id), query={"variant": variant})


def images_list_rights(
    image_id: Id,
) -> Call[types.ImageRights]:
    """Return what allowed an image to be taken, and what its latest verification met."""
    return Call("GET", make_path("/v1/images/{image_id}/rights", image_id))


def images_similar(
    image_id: Id,
    *,
    max_distance: int | None = None,
    limit: int | None = None,
) -> Call[types.Page[types.SimilarImage]]:
    """Find similar images; none for an image that has not been processed."""
    return Call("GET", make_path("/v1/images/{image_id}/similar", image_id), query={"max_distance": max_distance, "limit": limit})


def images_create_variants(
    image_id: Id,
    body: types.VariantsCreate,
) -> Call[types.ImageDetail]:
    """Create variants; they appear in the image's `variants` when they are ready."""
    return Call("POST", make_path("/v1/images/{image_id}/variants", image_id), body=body, takes_key=True)


def insights_job_stats(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    image_id: str | None = None,
    status: types.JobStatus | None = None,
) -> Call[types.Page[types.JobStatRead]]:
    """List job statistics."""
    return Call("GET", "/v1/job-stats", query={"limit": limit, "cursor": cursor, "image_id": image_id, "status": status})


def accounts_profile_delete(
    body: types.AccountDelete,
) -> Call[None]:
    """Delete the account."""
    return Call("DELETE", "/v1/me", body=body)


def accounts_profile_get() -> Call[types.ProfileRead]:
    """Get the profile."""
    return Call("GET", "/v1/me")


def accounts_profile_update(
    body: types.ProfileUpdate,
) -> Call[types.ProfileRead]:
    """Update the profile."""
    return Call("PATCH", "/v1/me", body=body)


def models_list(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    name: str | None = None,
    status: types.ModelStatus | None = None,
    model_type: types.ModelType | None = None,
) -> Call[types.Page[types.ModelRead]]:
    """List models."""
    return Call("GET", "/v1/models", query={"limit": limit, "cursor": cursor, "name": name, "status": status, "model_type": model_type})


def models_create(
    body: types.ModelCreate,
) -> Call[types.ModelCreated]:
    """Register a model."""
    return Call("POST", "/v1/models", body=body, takes_key=True)


def models_remove_alias(
    name: str | int,
    alias: str | int,
) -> Call[None]:
    """Remove an alias."""
    return Call("DELETE", make_path("/v1/models/by-name/{name}/aliases/{alias}", name, alias))


def models_by_alias(
    name: str | int,
    alias: str | int,
) -> Call[types.ModelRead]:
    """Get a model by its alias."""
    return Call("GET", make_path("/v1/models/by-name/{name}/aliases/{alias}", name, alias))


def models_set_alias(
    name: str | int,
    alias: str | int,
    body: types.AliasSet,
) -> Call[types.ModelRead]:
    """Set an alias, taking it from the version that has it."""
    return Call("PUT", make_path("/v1/models/by-name/{name}/aliases/{alias}", name, alias), body=body)


def models_latest(
    name: str | int,
) -> Call[types.ModelRead]:
    """Get a model's latest version."""
    return Call("GET", make_path("/v1/models/by-name/{name}/latest", name))


def models_delete(
    model_id: Id,
) -> Call[None]:
    """Archive a model."""
    return Call("DELETE", make_path("/v1/models/{model_id}", model_id))


def models_get(
    model_id: Id,
) -> Call[types.ModelRead]:
    """Get a model."""
    return Call("GET", make_path("/v1/models/{model_id}", model_id))


def models_update(
    model_id: Id,
    body: types.ModelUpdate,
) -> Call[types.ModelRead]:
    """Update a model."""
    return Call("PATCH", make_path("/v1/models/{model_id}", model_id), body=body)


def inference_predict(
    model_id: Id,
    body: types.PredictionCreate,
) -> Call[types.PredictionRead]:
    """Predict."""
    return Call("POST", make_path("/v1/models/{model_id}/predictions", model_id), body=body, takes_key=True)


def inference_list(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    model_id: str | None = None,
    status: types.PredictionStatus | None = None,
) -> Call[types.Page[types.PredictionRead]]:
    """List predictions."""
    return Call("GET", "/v1/predictions", query={"limit": limit, "cursor": cursor, "model_id": model_id, "status": status})


def inference_get(
    prediction_id: Id,
    *,
    wait: int | None = None,
) -> Call[types.PredictionDetail]:
    """Get a prediction."""
    return Call("GET", make_path("/v1/predictions/{prediction_id}", prediction_id), query={"wait": wait})


def projects_list(
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[types.Page[types.ProjectRead]]:
    """List projects."""
    return Call("GET", "/v1/projects", query={"limit": limit, "cursor": cursor})


def projects_create(
    body: types.ProjectCreate,
) -> Call[types.ProjectRead]:
    """Create a project."""
    return Call("POST", "/v1/projects", body=body, takes_key=True)


def projects_delete(
    project_id: Id,
) -> Call[None]:
    """Delete a project."""
    return Call("DELETE", make_path("/v1/projects/{project_id}", project_id))


def projects_get(
    project_id: Id,
) -> Call[types.ProjectDetail]:
    """Get a project."""
    return Call("GET", make_path("/v1/projects/{project_id}", project_id))


def projects_update(
    project_id: Id,
    body: types.ProjectUpdate,
) -> Call[types.ProjectRead]:
    """Update a project."""
    return Call("PATCH", make_path("/v1/projects/{project_id}", project_id), body=body)


def crawls_list(
    project_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    status: types.JobStatus | None = None,
) -> Call[types.Page[types.CrawlJobRead]]:
    """List crawl jobs."""
    return Call("GET", make_path("/v1/projects/{project_id}/crawl-jobs", project_id), query={"limit": limit, "cursor": cursor, "status": status})


def crawls_create(
    project_id: Id,
    body: types.CrawlJobCreate,
) -> Call[types.CrawlJobRead]:
    """Create a crawl job."""
    return Call("POST", make_path("/v1/projects/{project_id}/crawl-jobs", project_id), body=body, takes_key=True)


def exports_create_for_project(
    project_id: Id,
    body: types.ExportJobCreate,
) -> Call[types.ExportJobRead]:
    """Create an export of a project."""
    return Call("POST", make_path("/v1/projects/{project_id}/export-jobs", project_id), body=body, takes_key=True)


def images_list(
    project_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    crawl_job_id: str | None = None,
    status: types.ImageStatus | None = None,
    valid: bool | None = None,
    duplicate: bool | None = None,
    duplicate_of: str | None = None,
    rejected: bool | None = None,
    label: str | None = None,
    unlabelled: bool | None = None,
    license: str | None = None,
    host: str | None = None,
    format: types.ImageFormat | None = None,
    min_width: int | None = None,
    max_width: int | None = None,
    min_height: int | None = None,
    max_height: int | None = None,
    min_bytes: int | None = None,
    max_bytes: int | None = None,
    min_sharpness: float | None = None,
    max_sharpness: float | None = None,
    min_brightness: float | None = None,
    max_brightness: float | None = None,
    min_uniformity: float | None = None,
    max_uniformity: float | None = None,
    text: str | None = None,
    analyzer: str | None = None,
    analysis_label: str | None = None,
    reason: str | None = None,
    version_id: str | None = None,
    split: str | None = None,
    thumbnails: bool | None = None,
) -> Call[types.Page[types.ListedImage]]:
    """List images."""
    return Call("GET", make_path("/v1/projects/{project_id}/images", project_id), query={"limit": limit, "cursor": cursor, "crawl_job_id": crawl_job_id, "status": status, "valid": valid, "duplicate": duplicate, "duplicate_of": duplicate_of, "rejected": rejected, "label": label, "unlabelled": unlabelled, "license": license, "host": host, "format": format, "min_width": min_width, "max_width": max_width, "min_height": min_height, "max_height": max_height, "min_bytes": min_bytes, "max_bytes": max_bytes, "min_sharpness": min_sharpness, "max_sharpness": max_sharpness, "min_brightness": min_brightness, "max_brightness": max_brightness, "min_uniformity": min_uniformity, "max_uniformity": max_uniformity, "text": text, "analyzer": analyzer, "analysis_label": analysis_label, "reason": reason, "version_id": version_id, "split": split, "thumbnails": thumbnails})


def images_update_many(
    project_id: Id,
    body: types.ImagesUpdate,
) -> Call[types.ImagesChanged]:
    """Update images."""
    return Call("PATCH", make_path("/v1/projects/{project_id}/images", project_id), body=body)


def images_anchors(
    project_id: Id,
    *,
    crawl_job_id: str | None = None,
    status: types.ImageStatus | None = None,
    valid: bool | None = None,
    duplicate: bool | None = None,
    duplicate_of: str | None = None,
    rejected: bool | None = None,
    label: str | None = None,
    unlabelled: bool | None = None,
    license: str | None = None,
    host: str | None = None,
    format: types.ImageFormat | None = None,
    min_width: int | None = None,
    max_width: int | None = None,
    min_height: int | None = None,
    max_height: int | None = None,
    min_bytes: int | None = None,
    max_bytes: int | None = None,
    min_sharpness: float | None = None,
    max_sharpness: float | None = None,
    min_brightness: float | None = None,
    max_brightness: float | None = None,
    min_uniformity: float | None = None,
    max_uniformity: float | None = None,
    text: str | None = None,
    analyzer: str | None = None,
    analysis_label: str | None = None,
    reason: str | None = None,
    version_id: str | None = None,
    split: str | None = None,
    every: int | None = None,
) -> Call[types.ImageAnchors]:
    """List cursors of images."""
    return Call("GET", make_path("/v1/projects/{project_id}/images/anchors", project_id), query={"crawl_job_id": crawl_job_id, "status": status, "valid": valid, "duplicate": duplicate, "duplicate_of": duplicate_of, "rejected": rejected, "label": label, "unlabelled": unlabelled, "license": license, "host": host, "format": format, "min_width": min_width, "max_width": max_width, "min_height": min_height, "max_height": max_height, "min_bytes": min_bytes, "max_bytes": max_bytes, "min_sharpness": min_sharpness, "max_sharpness": max_sharpness, "min_brightness": min_brightness, "max_brightness": max_brightness, "min_uniformity": min_uniformity, "max_uniformity": max_uniformity, "text": text, "analyzer": analyzer, "analysis_label": analysis_label, "reason": reason, "version_id": version_id, "split": split, "every": every})


def images_facets(
    project_id: Id,
    *,
    crawl_job_id: str | None = None,
    status: types.ImageStatus | None = None,
    valid: bool | None = None,
    duplicate: bool | None = None,
    duplicate_of: str | None = None,
    rejected: bool | None = None,
    label: str | None = None,
    unlabelled: bool | None = None,
    license: str | None = None,
    host: str | None = None,
    format: types.ImageFormat | None = None,
    min_width: int | None = None,
    max_width: int | None = None,
    min_height: int | None = None,
    max_height: int | None = None,
    min_bytes: int | None = None,
    max_bytes: int | None = None,
    min_sharpness: float | None = None,
    max_sharpness: float | None = None,
    min_brightness: float | None = None,
    max_brightness: float | None = None,
    min_uniformity: float | None = None,
    max_uniformity: float | None = None,
    text: str | None = None,
    analyzer: str | None = None,
    analysis_label: str | None = None,
    reason: str | None = None,
    version_id: str | None = None,
    split: str | None = None,
) -> Call[types.ImageFacets]:
    """Count images by property."""
    return Call("GET", make_path("/v1/projects/{project_id}/images/facets", project_id), query={"crawl_job_id": crawl_job_id, "status": status, "valid": valid, "duplicate": duplicate, "duplicate_of": duplicate_of, "rejected": rejected, "label": label, "unlabelled": unlabelled, "license": license, "host": host, "format": format, "min_width": min_width, "max_width": max_width, "min_height": min_height, "max_height": max_height, "min_bytes": min_bytes, "max_bytes": max_bytes, "min_sharpness": min_sharpness, "max_sharpness": max_sharpness, "min_brightness": min_brightness, "max_brightness": max_brightness, "min_uniformity": min_uniformity, "max_uniformity": max_uniformity, "text": text, "analyzer": analyzer, "analysis_label": analysis_label, "reason": reason, "version_id": version_id, "split": split})


def images_measures(
    project_id: Id,
    *,
    crawl_job_id: str | None = None,
    status: types.ImageStatus | None = None,
    valid: bool | None = None,
    duplicate: bool | None = None,
    duplicate_of: str | None = None,
    rejected: bool | None = None,
    label: str | None = None,
    unlabelled: bool | None = None,
    license: str | None = None,
    host: str | None = None,
    format: types.ImageFormat | None = None,
    min_width: int | None = None,
    max_width: int | None = None,
    min_height: int | None = None,
    max_height: int | None = None,
    min_bytes: int | None = None,
    max_bytes: int | None = None,
    min_sharpness: float | None = None,
    max_sharpness: float | None = None,
    min_brightness: float | None = None,
    max_brightness: float | None = None,
    min_uniformity: float | None = None,
    max_uniformity: float | None = None,
    text: str | None = None,
    analyzer: str | None = None,
    analysis_label: str | None = None,
    reason: str | None = None,
    version_id: str | None = None,
    split: str | None = None,
    bins: int | None = None,
) -> Call[types.ImageMeasures]:
    """Get histograms of images."""
    return Call("GET", make_path("/v1/projects/{project_id}/images/measures", project_id), query={"crawl_job_id": crawl_job_id, "status": status, "valid": valid, "duplicate": duplicate, "duplicate_of": duplicate_of, "rejected": rejected, "label": label, "unlabelled": unlabelled, "license": license, "host": host, "format": format, "min_width": min_width, "max_width": max_width, "min_height": min_height, "max_height": max_height, "min_bytes": min_bytes, "max_bytes": max_bytes, "min_sharpness": min_sharpness, "max_sharpness": max_sharpness, "min_brightness": min_brightness, "max_brightness": max_brightness, "min_uniformity": min_uniformity, "max_uniformity": max_uniformity, "text": text, "analyzer": analyzer, "analysis_label": analysis_label, "reason": reason, "version_id": version_id, "split": split, "bins": bins})


def manifests_create(
    project_id: Id,
    body: types.ManifestCreate,
) -> Call[types.ManifestUpload]:
    """Create a manifest."""
    return Call("POST", make_path("/v1/projects/{project_id}/manifests", project_id), body=body, takes_key=True)


def crawls_list_schedules(
    project_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[types.Page[types.ScheduleRead]]:
    """List schedules."""
    return Call("GET", make_path("/v1/projects/{project_id}/schedules", project_id), query={"limit": limit, "cursor": cursor})


def previews_create(
    project_id: Id,
    body: types.SourcePreviewCreate,
) -> Call[types.SourcePreviewRead]:
    """Preview a source."""
    return Call("POST", make_path("/v1/projects/{project_id}/source-previews", project_id), body=body, takes_key=True)


def images_create_upload(
    project_id: Id,
    body: types.UploadCreate,
) -> Call[types.UploadRead]:
    """Create an upload."""
    return Call("POST", make_path("/v1/projects/{project_id}/uploads", project_id), body=body, takes_key=True)


def validations_preview(
    project_id: Id,
    body: types.ValidationPreviewCreate,
) -> Call[types.ValidationPreviewRead]:
    """Preview a validation."""
    return Call("POST", make_path("/v1/projects/{project_id}/validation-previews", project_id), body=body, takes_key=True)


def verifications_list(
    project_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[types.Page[types.VerificationJobRead]]:
    """List verification jobs."""
    return Call("GET", make_path("/v1/projects/{project_id}/verification-jobs", project_id), query={"limit": limit, "cursor": cursor})


def verifications_create(
    project_id: Id,
    body: types.VerificationJobCreate,
) -> Call[types.VerificationJobRead]:
    """Create a verification job."""
    return Call("POST", make_path("/v1/projects/{project_id}/verification-jobs", project_id), body=body, takes_key=True)


def versions_list(
    project_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    status: types.JobStatus | None = None,
) -> Call[types.Page[types.VersionRead]]:
    """List versions."""
    return Call("GET", make_path("/v1/projects/{project_id}/versions", project_id), query={"limit": limit, "cursor": cursor, "status": status})


def versions_create(
    project_id: Id,
    body: types.VersionCreate,
) -> Call[types.VersionRead]:
    """Create a version."""
    return Call("POST", make_path("/v1/projects/{project_id}/versions", project_id), body=body, takes_key=True)


def crawls_delete_schedule(
    schedule_id: Id,
) -> Call[None]:
    """Delete a schedule."""
    return Call("DELETE", make_path("/v1/schedules/{schedule_id}", schedule_id))


def crawls_get_schedule(
    schedule_id: Id,
) -> Call[types.ScheduleRead]:
    """Get a schedule."""
    return Call("GET", make_path("/v1/schedules/{schedule_id}", schedule_id))


def accounts_session_end_others() -> Call[None]:
    """End all other sessions."""
    return Call("DELETE", "/v1/sessions")


def accounts_session_list(
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[types.Page[types.OpenSessionRead]]:
    """List sessions."""
    return Call("GET", "/v1/sessions", query={"limit": limit, "cursor": cursor})


def accounts_sign_in(
    body: types.SessionCreate,
) -> Call[types.SessionRead]:
    """Sign in."""
    return Call("POST", "/v1/sessions", body=body)


def accounts_sign_out() -> Call[None]:
    """Sign out."""
    return Call("DELETE", "/v1/sessions/current")


def accounts_refresh(
    body: types.SessionRefresh,
) -> Call[types.SessionRead]:
    """Refresh a session."""
    return Call("POST", "/v1/sessions/refresh", body=body)


def accounts_session_end(
    session_id: Id,
) -> Call[None]:
    """End a session."""
    return Call("DELETE", make_path("/v1/sessions/{session_id}", session_id))


def accounts_sign_in_code_create() -> Call[types.SignInCodeRead]:
    """Create a sign-in code."""
    return Call("POST", "/v1/sign-in-codes", takes_key=True)


def accounts_register(
    body: types.UserRegister,
) -> Call[types.ProfileRead]:
    """Register."""
    return Call("POST", "/v1/users", body=body)


def validations_get(
    validation_job_id: Id,
    *,
    wait: int | None = None,
) -> Call[types.ValidationJobRead]:
    """Get a validation job."""
    return Call("GET", make_path("/v1/validation-jobs/{validation_job_id}", validation_job_id), query={"wait": wait})


def validations_list_results(
    validation_job_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    valid: bool | None = None,
) -> Call[types.Page[types.ValidationResultRead]]:
    """List validation results."""
    return Call("GET", make_path("/v1/validation-jobs/{validation_job_id}/results", validation_job_id), query={"limit": limit, "cursor": cursor, "valid": valid})


def verifications_delete(
    verification_job_id: Id,
) -> Call[None]:
    """Delete a verification job."""
    return Call("DELETE", make_path("/v1/verification-jobs/{verification_job_id}", verification_job_id))


def verifications_get(
    verification_job_id: Id,
    *,
    wait: int | None = None,
) -> Call[types.VerificationJobRead]:
    """Get a verification job."""
    return Call("GET", make_path("/v1/verification-jobs/{verification_job_id}", verification_job_id), query={"wait": wait})


def verifications_cancel(
    verification_job_id: Id,
) -> Call[types.VerificationJobRead]:
    """Cancel a verification job."""
    return Call("POST", make_path("/v1/verification-jobs/{verification_job_id}/cancel", verification_job_id), takes_key=True)


def verifications_report(
    verification_job_id: Id,
) -> Call[types.VerificationReport]:
    """Get a verification job's report."""
    return Call("GET", make_path("/v1/verification-jobs/{verification_job_id}/report", verification_job_id))


def verifications_list_results(
    verification_job_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    outcome: types.Outcome | None = None,
    host: str | None = None,
) -> Call[types.Page[types.VerificationResultRead]]:
    """List verification results."""
    return Call("GET", make_path("/v1/verification-jobs/{verification_job_id}/results", verification_job_id), query={"limit": limit, "cursor": cursor, "outcome": outcome, "host": host})


def verifications_retry(
    verification_job_id: Id,
) -> Call[types.VerificationJobRead]:
    """Retry a verification job."""
    return Call("POST", make_path("/v1/verification-jobs/{verification_job_id}/retry", verification_job_id), takes_key=True)


def versions_diff(
    before_id: Id,
    after_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[types.Page[types.VersionChange]]:
    """Compare two versions."""
    return Call("GET", make_path("/v1/versions/{before_id}/diff/{after_id}", before_id, after_id), query={"limit": limit, "cursor": cursor})


def versions_delete(
    version_id: Id,
) -> Call[None]:
    """Delete a version."""
    return Call("DELETE", make_path("/v1/versions/{version_id}", version_id))


def versions_get(
    version_id: Id,
    *,
    wait: int | None = None,
) -> Call[types.VersionDetail]:
    """Get a version."""
    return Call("GET", make_path("/v1/versions/{version_id}", version_id), query={"wait": wait})


def exports_create_for_version(
    version_id: Id,
    body: types.ExportJobCreate,
) -> Call[types.ExportJobRead]:
    """Create an export of a version."""
    return Call("POST", make_path("/v1/versions/{version_id}/export-jobs", version_id), body=body, takes_key=True)


def accounts_web_session_create(
    body: types.WebSessionCreate,
) -> Call[types.WebSessionRead]:
    """Sign a browser in."""
    return Call("POST", "/v1/web-sessions", body=body)


def accounts_web_session_delete() -> Call[None]:
    """Sign a browser out."""
    return Call("DELETE", "/v1/web-sessions/current")


def accounts_web_session_refresh() -> Call[types.WebSessionRead]:
    """Refresh a browser's session."""
    return Call("POST", "/v1/web-sessions/refresh")


def webhooks_replay(
    delivery_id: Id,
) -> Call[types.WebhookDeliveryRead]:
    """Replay a delivery."""
    return Call("POST", make_path("/v1/webhook-deliveries/{delivery_id}/replay", delivery_id), takes_key=True)


def webhooks_list(
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[types.Page[types.WebhookRead]]:
    """List webhooks."""
    return Call("GET", "/v1/webhooks", query={"limit": limit, "cursor": cursor})


def webhooks_create(
    body: types.WebhookCreate,
) -> Call[types.WebhookCreated]:
    """Create a webhook."""
    return Call("POST", "/v1/webhooks", body=body, takes_key=True)


def webhooks_delete(
    webhook_id: Id,
) -> Call[None]:
    """Delete a webhook."""
    return Call("DELETE", make_path("/v1/webhooks/{webhook_id}", webhook_id))


def webhooks_get(
    webhook_id: Id,
) -> Call[types.WebhookRead]:
    """Get a webhook."""
    return Call("GET", make_path("/v1/webhooks/{webhook_id}", webhook_id))


def webhooks_update(
    webhook_id: Id,
    body: types.WebhookUpdate,
) -> Call[types.WebhookRead]:
    """Update a webhook."""
    return Call("PATCH", make_path("/v1/webhooks/{webhook_id}", webhook_id), body=body)


def webhooks_list_deliveries(
    webhook_id: Id,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    status: types.DeliveryStatus | None = None,
) -> Call[types.Page[types.WebhookDeliveryRead]]:
    """List a webhook's deliveries."""
    return Call("GET", make_path("/v1/webhooks/{webhook_id}/deliveries", webhook_id), query={"limit": limit, "cursor": cursor, "status": status})


def webhooks_rotate_secret(
    webhook_id: Id,
) -> Call[types.WebhookSecretRead]:
    """Rotate a webhook's secret."""
    return Call("POST", make_path("/v1/webhooks/{webhook_id}/secret", webhook_id), takes_key=True)


def webhooks_send_test(
    webhook_id: Id,
) -> Call[types.WebhookDeliveryRead]:
    """Test a webhook."""
    return Call("POST", make_path("/v1/webhooks/{webhook_id}/test", webhook_id), takes_key=True)


def inference_server() -> Call[types.Server]:
    """Get the server's metadata."""
    return Call("GET", "/v2")


def inference_live() -> Call[types.Live]:
    """Check liveness."""
    return Call("GET", "/v2/health/live")


def inference_ready() -> Call[types.Ready]:
    """Check readiness."""
    return Call("GET", "/v2/health/ready")


def inference_model(
    name: str | int,
) -> Call[types.ModelDescription]:
    """Get a model's metadata."""
    return Call("GET", make_path("/v2/models/{name}", name))


def inference_infer(
    name: str | int,
    body: types.InferenceRequest,
) -> Call[types.InferenceResponse]:
    """Infer."""
    return Call("POST", make_path("/v2/models/{name}/infer", name), body=body, takes_key=True)


def inference_model_ready(
    name: str | int,
) -> Call[types.ModelReady]:
    """Check a model's readiness."""
    return Call("GET", make_path("/v2/models/{name}/ready", name))


def inference_model_version(
    name: str | int,
    version: str | int,
) -> Call[types.ModelDescription]:
    """Get a version's metadata."""
    return Call("GET", make_path("/v2/models/{name}/versions/{version}", name, version))


def inference_infer_version(
    name: str | int,
    version: str | int,
    body: types.InferenceRequest,
) -> Call[types.InferenceResponse]:
    """Infer with a version."""
    return Call("POST", make_path("/v2/models/{name}/versions/{version}/infer", name, version), body=body, takes_key=True)


def inference_version_ready(
    name: str | int,
    version: str | int,
) -> Call[types.ModelReady]:
    """Check a version's readiness."""
    return Call("GET", make_path("/v2/models/{name}/versions/{version}/ready", name, version))
