"""Layouts of archives: the paths of images and descriptions that other tools expect."""

from shared.exports.coco import Coco
from shared.exports.huggingface import HuggingFace
from shared.exports.imagefolder import ImageFolder
from shared.exports.layout import Layout
from shared.exports.plan import ExportPlan
from shared.exports.webdataset import WebDataset


def make_layout(plan: ExportPlan) -> Layout:
    """Return the layout of a plan's archive; tables name images as an image folder does."""
    if plan.format == "zip" and plan.options.layout == "webdataset":
        raise ValueError("webdataset is read from tar only")
    kinds: dict[str, type[Layout]] = {
        "imagefolder": ImageFolder,
        "webdataset": WebDataset,
        "coco": Coco,
        "huggingface": HuggingFace,
    }
    return kinds[plan.options.layout if plan.format in ("zip", "tar") else "imagefolder"](plan)
