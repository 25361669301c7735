"""Says what readers of an export pass over, or take for something else."""

from shared.exports.plan import ExportPlan, ExportState, ImageCounts

# What a scan of folders passes over, by the names of files: `datasets`
# (datasets.packaged_modules.imagefolder) and torchvision (torchvision.datasets.folder).
NOT_BY_DATASETS = ("avif",)
NOT_BY_TORCHVISION = ("avif", "gif")


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
