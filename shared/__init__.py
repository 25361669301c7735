"""Code that the functions share: domains, models, schemas, messaging and the runtime."""

__version__ = "0.2.0"
