"""Describe a dataset as Croissant 1.1 does, with what its RAI extension asks about its making.

http://mlcommons.org/croissant/1.1 and http://mlcommons.org/croissant/RAI/1.0.
"""

from collections.abc import Iterable
from typing import Any

from shared.exports.entries import Column
from shared.exports.lines import to_json
from shared.exports.plan import OTHERS, UNKNOWN, ExportPlan, ExportState

PARQUET = "application/x-parquet"  # as mlcroissant calls it
_CONFORMS_TO = "http://mlcommons.org/croissant/1.1"
_COMMON = 10  # values that a sentence about counts names
_TYPES = {"string": "sc:Text", "int64": "sc:Integer", "double": "sc:Float"}
_TERMS = (
    "citeAs", "column", "containedIn", "equivalentProperty", "excludes", "extract", "field",
    "fileObject", "fileProperty", "fileSet", "format", "includes", "isLiveDataset", "jsonPath",
    "key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated", "replace",
    "samplingRate", "separator", "source", "subField", "transform",
)  # fmt: skip
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in _TERMS},
}


def describe_croissant(
    plan: ExportPlan,
    state: ExportState,
    distribution: list[dict[str, Any]],
    record_sets: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return the content of `croissant.json` for these files and records.

    It tells no time but that of the newest image, so that a repeat is equal.
    """
    licenses = [name for name in sorted(state.counts.licenses) if name not in (UNKNOWN, OTHERS)]
    published = {"datePublished": state.newest.date().isoformat()} if state.newest else {}
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": plan.name,
        "description": f"{state.images} images, exported by Pixmill {plan.version}.",
        "conformsTo": _CONFORMS_TO,
        "version": "1.0.0",
        **published,
        "license": licenses or ["No licence is known: LICENSES.csv tells where each image is from"],
        "usageInfo": "RIGHTS.parquet: what sites and files said about the use of each image",
        "citeAs": f"{plan.name}. LICENSES.csv tells whom to credit for each image.",
        **_describe_making(plan, state),
        "distribution": distribution,
        "recordSet": [*_describe_classes(plan), *record_sets],
    }


def describe_file_set(name: str, formats: list[str], *includes: str) -> dict[str, Any]:
    """Return a set of files of the folder in which `croissant.json` lies."""
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "encodingFormat": formats,
        "includes": [*includes],
    }


def describe_parquet_file(name: str, sha256: str, size: int) -> dict[str, Any]:
    """Return a file of that folder; its size in bytes."""
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{size} B",
        "encodingFormat": PARQUET,
        "sha256": sha256,
    }


def describe_records(name: str, key: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a set of records whose fields are made by `describe_field`."""
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "key": {"@id": f"{name}/{key}"},
        "field": fields,
    }


def describe_field(
    records: str, name: str, kind: str, meaning: str, source: dict[str, Any]
) -> dict[str, Any]:
    """Return a field of records, of one of Croissant's data types."""
    return {
        "@type": "cr:Field",
        "@id": f"{records}/{name}",
        "name": name,
        "description": meaning,
        "dataType": kind,
        "source": source,
    }


def describe_columns(records: str, files: str, columns: Iterable[Column]) -> list[dict[str, Any]]:
    """Return the fields that are columns of a set of Parquet files."""
    return [
        describe_field(
            records, one.name, _TYPES[one.type], one.meaning, extract(files, column=one.name)
        )
        for one in columns
    ]


def extract(files: str, **place: str) -> dict[str, Any]:
    """Return where in a set of files a field is taken from."""
    return {"fileSet": {"@id": files}, "extract": place}


def _describe_classes(plan: ExportPlan) -> list[dict[str, Any]]:
    """Return the classes with their numbers, which readers need not look for."""
    if not plan.labels:
        return []
    kinds = {"number": "sc:Integer", "name": "sc:Text"}
    fields = [
        {"@type": "cr:Field", "@id": f"classes/{one}", "name": f"classes/{one}", "dataType": kind}
        for one, kind in kinds.items()
    ]
    data = [
        {"classes/number": number, "classes/name": label}
        for number, label in enumerate(plan.labels)
    ]
    return [describe_records("classes", "number", fields) | {"data": data}]


def _describe_making(plan: ExportPlan, state: ExportState) -> dict[str, Any]:
    """Return what the RAI extension asks: how data was collected, prepared, and what it lacks."""
    options = plan.options
    prepared = [f"Rules of validation by crawl: {to_json(plan.rules).decode()}"] * bool(plan.rules)
    if not options.include_duplicates:
        prepared.append("Copies of other images are left out.")
    if options.splits:
        prepared.append("No split has near copies of another's images: see split_proof.json.")
    if options.resize is not None:
        prepared.append(f"Resized: {to_json(options.resize.model_dump(mode='json')).decode()}")
    elif options.variant is not None:
        prepared.append(f"Every image is its variant {options.variant}.")
    lacks = [f"{state.failed} images could not be exported."] * bool(state.failed)
    if unknown := state.counts.licenses.get(UNKNOWN):
        lacks.append(f"The licence of {unknown} images is not known.")
    says_place = options.keep_metadata and options.variant is None
    place = "may tell" if says_place else "do not tell"
    people = (
        f"Images may show people and places. Their files {place} where and by whom they were "
        "taken; the columns name creators."
    )
    made = {
        "dataCollection": f"Collected by Pixmill from: {to_json(plan.sources).decode()}",
        "dataCollectionType": ["Web Scraping"] if plan.sources else ["Others"],
        "dataPreprocessingProtocol": prepared,
        "dataBiases": [
            f"Images by host: {_count_common(state.counts.hosts)}.",
            f"Images by class: {_count_common(state.counts.labels)}.",
        ],
        "dataLimitations": lacks,
        "personalSensitiveInformation": [people],
    }
    return {f"rai:{name}": value for name, value in made.items() if value}


def _count_common(counts: dict[str, int]) -> str:
    common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{name} {count}" for name, count in common[:_COMMON])
    return shown + (", …" if len(common) > _COMMON else "")
