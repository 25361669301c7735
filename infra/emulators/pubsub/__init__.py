"""Pub/Sub on one machine: an embedded emulator, and Google's own where it is installed."""

from infra.emulators.pubsub.faults import DeliveryFaults
from infra.emulators.pubsub.server import EmbeddedPubSub

__all__ = ["DeliveryFaults", "EmbeddedPubSub"]
