"""Says what the splits of an export lack, and what its readers pass over or take for another."""

from shared.exports.plan import ExportPlan, ExportState, ImageCounts
from shared.schemas.splits import SplitOptions

_NAMED = 5  # classes that one warning names
# What a scan of folders passes over, by the names of files: `datasets`
# (datasets.packaged_modules.imagefolder) and torchvision (torchvision.datasets.folder).
NOT_BY_DATASETS = ("avif",)
NOT_BY_TORCHVISION = ("avif", "gif")


def describe_lacking_splits(counts: ImageCounts, options: SplitOptions) -> list[str]:
    """Return warnings of splits without images, and of classes that some splits lack."""
    warnings = []
    remedy = "Collect" if options.stratify else 'Try stratify: "label", collect'
    for split in sorted(options.splits or ()):
        if split not in counts.splits:
            warnings.append(
                f"The split {split} has no image: there are too few groups of near copies. Collect "
                "more images, or give it a larger share."
            )
            continue
        lacking = sorted(set(counts.labels) - set(counts.split_labels.get(split, ())))
        if lacking:
            named = ", ".join(lacking[:_NAMED]) + (", …" if len(lacking) > _NAMED else "")
            warnings.append(
                f"The split {split} lacks {len(lacking)} of {len(counts.labels)} classes ({named}):"
                f" all their images are near copies, or too few. {remedy} more images of them, or "
                "give it a larger share."
            )
    return warnings


def describe_passed_over(plan: ExportPlan, counts: ImageCounts) -> list[str]:
    """Return warnings of images in formats that readers of an image folder pass over."""
    if plan.format not in ("zip", "tar") or plan.options.layout != "imagefolder":
        return []
    return [
        f"Images in {kind.upper()} ({count}) are passed over in folders by {_name_readers(kind)}: "
        "an export with resize, or by a variant, has them in a format that all read."
        for kind in NOT_BY_TORCHVISION
        if (count := counts.formats.get(kind))
    ]


def describe_formulas(state: ExportState) -> list[str]:
    """Return a warning of texts in CSV that a spreadsheet may take for formulas."""
    if not state.formulas:
        return []
    begins = f"{state.formulas} rows have a text that begins like a formula (=, +, -, @), as it is"
    return [f"{begins}; a spreadsheet may run it: for one, export with escape_formulas."]


def _name_readers(kind: str) -> str:
    return "torchvision" + " and, without metadata.jsonl, datasets" * (kind in NOT_BY_DATASETS)
