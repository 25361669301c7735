"""Searcher functions: engines are searched for the keywords of crawl jobs."""

from functions.searcher import run
from shared.messaging.messages import ChunkReady, KeywordChunkReady, WorkSettled
from shared.operations import on

# One instance, and in it one search at a time: engines ask for requests in series.
searcher_run = on(
    KeywordChunkReady,
    run.handle,
    prepare=run.prepare,
    publishes=(ChunkReady, KeywordChunkReady, WorkSettled),
    tracked=True,
    attempts=20,
    timeout=540,
    concurrency=8,
    max_instances=1,
)
