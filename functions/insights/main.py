"""Insight functions: what was done, and how long it took."""

from functions.insights import activity, job_stats
from shared.operations import http

insights_activity = http("GET /v1/activity", activity.handle)
insights_job_stats = http("GET /v1/job-stats", job_stats.handle)
