"""The platform's limits, to which declarations are held before anything is deployed.

What depends on the variables of a deployment is checked by Terraform in `infra/gcp`.
"""

import re
from collections.abc import Iterable

from shared.declarations import (
    DeclarationError,
    HttpOperation,
    MessageOperation,
    Operation,
    get_name,
)

_NAME = re.compile(r"[a-z][a-z0-9-]{0,47}[a-z0-9]")  # of a Cloud Run service
_BUNDLE = 22  # characters: a service account's name has at most 30, and ours begin with pixmill-
_TOPIC = re.compile(r"(?!goog)[a-z][a-zA-Z0-9._~+%-]{2,254}")
_MEMORY = re.compile(r"([1-9]\d*)(Mi|Gi)")
_PROCESSORS = (1, 2, 4, 6, 8)  # vCPU; below one, any share from 0.08
# https://cloud.google.com/run/docs/configuring/services/memory-limits
_LEAST_PROCESSORS = ((16384, 8), (8192, 4), (4096, 2), (0, 0.08))  # above so many MiB, vCPU


def check_platform(operation: Operation) -> None:
    """Raise `DeclarationError` for terms that the platform would refuse at deployment."""
    name = get_name(operation.handler)
    wrong = [message for broken, message in _find_violations(operation, name) if broken]
    if wrong:
        raise DeclarationError(f"{name} has {', '.join(wrong)}")


def check_names(bundles: Iterable[str], topics: Iterable[str]) -> None:
    """Raise `DeclarationError` for names of bundles or topics that the platform would refuse."""
    if long := [bundle for bundle in bundles if len(bundle) > _BUNDLE]:
        raise DeclarationError(f"bundles have at most {_BUNDLE} characters: {', '.join(long)}")
    if odd := [topic for topic in topics if not _TOPIC.fullmatch(topic)]:
        raise DeclarationError(
            "topics have 3 to 255 characters and begin with a letter and not with goog: "
            + ", ".join(odd)
        )


def _find_violations(operation: Operation, name: str) -> Iterable[tuple[bool, str]]:
    terms = operation.terms
    longest = 3600 if isinstance(operation, HttpOperation) else 540
    memory = _to_mebibytes(terms.memory)
    least = next(vcpus for above, vcpus in _LEAST_PROCESSORS if memory > above or not above)
    yield not _NAME.fullmatch(name.replace("_", "-")), "a name of more than 49 characters"
    yield not operation.handler.__doc__, "a handler without a docstring"
    yield not 1 <= terms.timeout <= longest, f"a timeout outside 1 to {longest} s"
    yield not 128 <= memory <= 32768, "a memory outside 128Mi to 32Gi"
    yield terms.cpu < least, f"{terms.memory} of memory, which needs {least} vCPU"
    yield (
        terms.cpu not in _PROCESSORS and not 0.08 <= terms.cpu < 1,
        "vCPU other than 1, 2, 4, 6, 8, or 0.08 to 1",
    )
    yield not 1 <= terms.concurrency <= 1000, "a concurrency outside 1 to 1000"
    yield (
        terms.concurrency > 1 and terms.cpu < 1,
        "a concurrency above 1 with less than 1 vCPU",
    )
    yield (
        not 0 <= terms.min_instances <= terms.max_instances,
        "more instances at least than at most",
    )
    if isinstance(operation, MessageOperation):
        retries = operation.retries
        yield not 5 <= retries.attempts <= 100, "attempts outside 5 to 100"
        yield (
            not 0 <= retries.min_backoff <= retries.max_backoff <= 600,
            "a backoff outside 0 to 600 s",
        )


def _to_mebibytes(text: str) -> int:
    """Return an amount of memory as the platform writes it, in MiB; 0 for what is none."""
    found = _MEMORY.fullmatch(text)
    return int(found[1]) * (1024 if found[2] == "Gi" else 1) if found else 0
