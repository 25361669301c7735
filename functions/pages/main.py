"""Page functions: web pages and feeds are read for the images that they show."""

from functions.pages import read
from shared.messaging.messages import ChunkReady, PageChunkReady, WorkSettled
from shared.operations import on

pages_read = on(
    PageChunkReady,
    read.handle,
    prepare=read.prepare,
    publishes=(ChunkReady, PageChunkReady, WorkSettled),
    tracked=True,
    memory="1Gi",
    timeout=300,
    concurrency=1,
)
