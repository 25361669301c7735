"""The states of jobs and of their parts, as the API shows them and the database holds them."""

from typing import Literal, get_args

Ending = Literal["completed", "failed", "cancelled"]
JobStatus = Literal["pending", "running", Ending]
"""State of a job or a part of one: it waits (`pending`), is at work (`running`), or has ended in
one of the other three.
"""
JOB_STATES: tuple[JobStatus, ...] = get_args(JobStatus)
