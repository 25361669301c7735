"""Faults that tests ask for: what at-least-once delivery allows, made frequent."""

from dataclasses import dataclass


@dataclass(slots=True)
class DeliveryFaults:
    """Faults of deliveries, off by default. A test may change them while it runs."""

    duplicate: int = 1
    """How often each push delivery is sent."""
    concurrent: bool = False
    """Send the copies at the same time rather than one after the other."""
    delay: float = 0.0
    """Seconds before a message's first delivery."""
    reorder: float = 0.0
    """Up to so many more seconds, at random, before a message's first delivery."""
    drop_answers: int = 0
    """Ignore the answer of every so-manieth push, as if it were lost: the message comes again."""
