"""Names of the files in an archive that hold the images of one split each."""

UNSPLIT = "shard"  # what shards are called in an export without splits


def name_shard(layout: str, split: str | None, number: int) -> str:
    """Return the name of a split's shard, counted from 0, without its ending.

    Hugging Face calls images that are in no split `train`.
    """
    if layout == "huggingface":
        return f"{split or 'train'}-{number:05d}"
    return f"{split or UNSPLIT}-{number:06d}"


def name_rest(layout: str, shard: str | None) -> str | None:
    """Return the shard in which the rest of a part lies, as a Parquet file cannot be continued."""
    return f"{shard}9" if shard and layout == "huggingface" else shard
