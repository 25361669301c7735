"""What the functions share: models, schemas, messages, rules and the runtime."""

__version__ = "0.1.0"
