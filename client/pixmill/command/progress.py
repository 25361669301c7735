"""One line for each stage of a long step: count, rate, remaining time, failures by reason."""

import sys
import time
from collections.abc import Callable, Mapping
from typing import TextIO

_EVERY = 0.1  # seconds between drawings on a terminal
_WIDTH = 9  # of a stage's name


class Stage:
    """One stage's line on the standard error; drawn over on a terminal, written once elsewhere."""

    def __init__(
        self,
        name: str,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        describe: Callable[[float], str] = "{:,.0f}".format,
    ) -> None:
        self._name = name
        self._describe_count = describe
        self._stream = stream or sys.stderr
        self._clock = clock
        self._started = clock()
        self._drawn = 0.0
        self._first: int | None = None
        self.line = ""

    def update(
        self,
        done: int,
        total: int | None,
        unit: str = "",
        *,
        failures: Mapping[str, int] | None = None,
    ) -> None:
        """Show how far it is."""
        if self._first is None:
            self._first = done
        self.line = self._describe(done, total, unit, failures or {})
        now = self._clock()
        if self._stream.isatty() and now - self._drawn >= _EVERY:
            self._drawn = now
            self._stream.write(f"\r\x1b[K{self._name:<{_WIDTH}}{self.line}")
            self._stream.flush()

    def finish(self, text: str | None = None) -> None:
        """Leave the last line, or another text, standing."""
        seconds = format_seconds(self._clock() - self._started)
        start = "\r\x1b[K" if self._stream.isatty() else ""
        line = self.line if text is None else text
        self._stream.write(f"{start}{self._name:<{_WIDTH}}{line} ({seconds})\n")
        self._stream.flush()

    def _describe(
        self, done: int, total: int | None, unit: str, failures: Mapping[str, int]
    ) -> str:
        tell = self._describe_count
        count = f"{tell(done)} of {tell(total)}" if total else tell(done)
        parts = [f"{count} {unit}".strip()]
        seconds = self._clock() - self._started
        fresh = done - (self._first or 0)
        if fresh > 0 and seconds > 0:
            rate = fresh / seconds
            parts.append(f"{rate:.1f}/s" if rate < 10 else f"{tell(rate)}/s")
            if total and total > done:
                parts.append(f"{format_seconds((total - done) / rate)} left")
        if failures:
            parts.append(describe_failures(failures))
        return ", ".join(parts)


def describe_failures(failures: Mapping[str, int]) -> str:
    """Return the number of failures and their reasons, the commonest first."""
    ordered = sorted(failures.items(), key=lambda pair: (-pair[1], pair[0]))
    listed = ", ".join(f"{reason} {count:,}" for reason, count in ordered)
    return f"{sum(failures.values()):,} failed ({listed})"


def format_seconds(seconds: float) -> str:
    """Return a duration as people read it."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
