"""The client's blocking modules, word by word from those that await."""

import re
from pathlib import Path

_WORDS = (
    (r'^"""', '"""(Written by `make contracts` from `pixmill/aio/`.) '),
    (r"\bfrom asyncio import\b", "from time import"),
    (r"\bpixmill\.aio\b", "pixmill.sync"),
    (r"\bawait ", ""),
    (r"\basync (?=def|for|with)", ""),
    (r"\b__a(enter|exit|iter|next)__", r"__\1__"),
    (r"\baclose\b", "close"),
    (r"\ba(iter_\w+)\b", r"\1"),
    (r"\bAwaitable\[(\w+)\]", r"\1"),
    (r"\bAsync(?=[A-Z])", ""),
)


def render_blocking(folder: Path) -> dict[str, str]:
    """Return the blocking form of each module of a folder, by its file's name."""
    return {path.name: _convert(path.read_text()) for path in sorted(folder.glob("*.py"))}


def _convert(text: str) -> str:
    for pattern, replacement in _WORDS:
        text = re.sub(pattern, replacement, text)
    return text
