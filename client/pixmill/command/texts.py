"""Texts of strangers, as a terminal may be given them."""


def make_printable(text: str) -> str:
    """Return a text without what would move a terminal's cursor, change its colours or more."""
    return "".join(char if char.isprintable() or char in "\t\n" else "\ufffd" for char in text)
