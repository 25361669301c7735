"""Loads the system's code into this process once, for all processes that are forked from it."""

import gc
import importlib
import os

_PARTS = (
    *("google.oauth2.credentials", "numpy.ma", "pg8000"),  # as soon as something is asked
    *("infra.emulators.pubsub", "infra.emulators.storage.server", "infra.local.console"),
    *("infra.local.resending", "infra.local.server", "infra.local.topics", "migrations.newest"),
    "shared.messaging.publishing",
)


def load_system() -> None:
    """Load the functions and what serves them.

    Garbage collections would look at all of it again and again, here and in each copy, where they
    would also make pages of memory the copy's own: what is loaded stays, so they pass it over.
    """
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # its threads would not live on in a copy
    gc.disable()
    try:
        from sqlalchemy.orm import configure_mappers

        from shared.operations.discovery import list_functions

        list_functions()
        configure_mappers()  # 60 ms of each process otherwise
        for name in _PARTS:
            importlib.import_module(name)
        gc.freeze()
    finally:
        gc.enable()
