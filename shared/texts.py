"""Texts that others wrote, as data that can be stored and shown."""


def plain_text(text: str, most: int) -> str:
    """A line of at most so many characters, all of them printable; what others wrote becomes data.

    PostgreSQL takes neither U+0000 nor half a surrogate pair.
    """
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
