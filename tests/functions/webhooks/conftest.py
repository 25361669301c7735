"""A receiver, and a webhook that leads to it."""

from tests.receivers import receiver, webhook

__all__ = ["receiver", "webhook"]
