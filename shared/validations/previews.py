"""Verdicts that rules would give now, counted and not written."""

from sqlalchemy import Select, false, func, or_
from sqlalchemy.orm import Session

from shared.models import Image
from shared.schemas.browsing import ValidationPreviewRead
from shared.schemas.validations import RuleName, Rules
from shared.validations.rules import list_broken_rules

_EXAMPLES = 50
# Concerns pairs of images, of which a project has too many to be compared while somebody waits.
_NOT_COUNTED: RuleName = "near_duplicate_distance"


def count_violations(
    session: Session, images: Select[Image], rules: Rules
) -> ValidationPreviewRead:
    """Count the images, of those that a statement selects, that a validation would find invalid."""
    stored = images.where(Image.status == "completed")
    broken = list_broken_rules(rules)
    is_invalid = or_(false(), *broken.values())
    counts = [func.count().filter(one) for one in (is_invalid, *broken.values())]
    total, invalid, *by_rule = session.execute(
        stored.with_only_columns(func.count(), *counts)
    ).one()
    examples = (
        stored.with_only_columns(Image.id)
        .where(is_invalid)
        .order_by(Image.id.desc())
        .limit(_EXAMPLES)
    )
    return ValidationPreviewRead(
        total=total,
        invalid=invalid,
        by_rule=dict(zip(broken, by_rule, strict=True)),
        not_counted=[_NOT_COUNTED] if rules.near_duplicate_distance is not None else [],
        examples=list(session.scalars(examples)) if invalid else [],
    )
