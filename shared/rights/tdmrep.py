"""The TDM Reservation Protocol (W3C community report of 2024): are the rights to mine reserved."""

import json
from collections.abc import Sequence
from typing import Any

from shared.rights.path_rules import PathPatterns, TooManyRules, split_address

MAX_BYTES = 512 * 1024


class TdmRules:
    """The rules of a `tdmrep.json`: patterns for paths, each with whether mining is allowed."""

    def __init__(self, rules: Sequence[tuple[str, bool]] = ()) -> None:
        self._patterns = PathPatterns(location for location, _ in rules)
        self._allows = [allows for _, allows in rules]
        self.size = len(self._allows)

    def find(self, path: str) -> bool | None:
        """Return whether the first rule that matches allows mining; None where none matches.

        Where there are too many rules for this address, it counts as reserved.
        """
        try:
            first = next(self._patterns.find_all(path), None)
        except TooManyRules:
            return False
        return None if first is None else self._allows[first]


def parse_reservation(value: Any) -> bool | None:
    """Return whether a `tdm-reservation` allows mining: 0 does, 1 does not; None for others."""
    return {"0": True, "1": False}.get(str(value).strip())


def parse_tdmrep(data: bytes) -> TdmRules:
    """Return the rules of a `tdmrep.json` in its order; none of what is no such file.

    A location is a path with `*` and `$` as in robots.txt; of a full address the path counts.
    """
    try:
        rules = json.loads(data)
    except (ValueError, RecursionError):
        return TdmRules()
    parsed = (_parse_rule(rule) for rule in (rules if isinstance(rules, list) else [rules]))
    return TdmRules([rule for rule in parsed if rule])


def _parse_rule(rule: Any) -> tuple[str, bool] | None:
    if not isinstance(rule, dict):
        return None
    location, allows = rule.get("location"), parse_reservation(rule.get("tdm-reservation"))
    if not isinstance(location, str) or allows is None:
        return None
    path = split_address(location)[1] if "://" in location else location
    return (path if path.startswith(("/", "*")) else f"/{path}"), allows
