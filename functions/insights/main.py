"""Insight functions: what was done, how long it took, and what it adds up to."""

from functions.insights import activity, job_stats, model_statistics, usage
from shared.operations import http

insights_activity = http("GET /v1/activity", activity.handle)
insights_job_stats = http("GET /v1/job-stats", job_stats.handle)
insights_model_statistics = http("GET /v1/analytics/models", model_statistics.handle)
insights_usage = http("GET /v1/analytics/usage", usage.handle)
