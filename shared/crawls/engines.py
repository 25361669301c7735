"""The engines that a search by keywords may ask here: those that have what they need."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.errors import Invalid
from shared.searching.engines import SearchEngine, make_engines
from shared.settings import Settings, to_variable

if TYPE_CHECKING:
    from shared.schemas.sources import KeywordsSource


def choose_engines(wanted: "KeywordsSource", settings: Settings) -> list[str]:
    """Return the engines to search; all that can, where the source names none.

    Raise `Invalid` for one that is not set up here or cannot search by the licence.
    """
    engines = make_engines(settings)
    names: list[str] = [*(wanted.engines or engines)]
    refused = {
        place: refusal
        for place, name in enumerate(names)
        if (refusal := _explain(engines[name], wanted.license, settings))
    }
    if wanted.engines and refused:
        raise Invalid(
            [
                {"pointer": f"/source/engines/{place}", "detail": refusal}
                for place, refusal in refused.items()
            ]
        )
    return [name for place, name in enumerate(names) if place not in refused]


def check_engines(names: Sequence[str], settings: Settings) -> None:
    """Raise `Invalid` when one of these engines is no longer set up here."""
    engines = make_engines(settings)
    missing = [_explain(engines[name], None, settings) for name in names]
    if refusals := [
        f"{name} {refusal}." for name, refusal in zip(names, missing, strict=True) if refusal
    ]:
        raise Invalid(detail=" ".join(refusals))


def _explain(engine: SearchEngine, choice: str | None, settings: Settings) -> str | None:
    """Return why an engine cannot be searched here, or None."""
    missing = [
        to_variable(field)
        for field in engine.required
        if not (getattr(settings, field) or "").strip()
    ]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        return f"is not set up here: {' and '.join(missing)} {verb} missing"
    if choice is None or choice in engine.licenses:
        return None
    return f"cannot search by the license {choice}: {engine.license_note}"
