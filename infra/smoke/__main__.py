"""`make smoke BASE_URL=…`: runs the main job against a deployment, and leaves nothing behind."""

import argparse
import ipaddress
import secrets
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pixmill
import requests
from PIL import Image
from pixmill import operations, types

from infra.demo.account import fetch_content, open_account
from infra.demo.site import PhotoSite, serve_site

SITE = "127.0.0.1:8099"  # where a stack on this machine is given something to crawl
# Files that Google and Wikimedia show to everyone and have kept for years.
IMAGES = [
    *(f"https://www.gstatic.com/webp/gallery/{number}.jpg" for number in range(1, 6)),
    *(f"https://www.gstatic.com/webp/gallery/{number}.webp" for number in range(1, 6)),
    "https://storage.googleapis.com/cloud-samples-data/vision/eiffel_tower.jpg",
    "https://upload.wikimedia.org/wikipedia/commons/4/47/PNG_transparency_demonstration_1.png",
]
_Job = TypeVar("_Job", bound=pixmill.Job[Any])
_DEADLINE = 600  # seconds for one job; functions that have not run yet start slowly


class SmokeError(RuntimeError):
    """The deployment answers, and its answer is wrong."""


def main(arguments: list[str]) -> int:
    """Return the process's exit status."""
    parser = argparse.ArgumentParser(prog="make smoke")
    parser.add_argument("base_url", help="where the deployment is, as `terraform output base_url`")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--pages", help="a page whose images are crawled")
    what.add_argument("--images", nargs="+", help="addresses of images to crawl")
    given = parser.parse_args(arguments)
    if not given.base_url.startswith(("https://", "http://")):
        parser.error(f"{given.base_url} must begin with https:// or http://")
    started = time.perf_counter()
    try:
        with ExitStack() as closing:
            source = _make_source(given, closing)
            _run(given.base_url.rstrip("/"), source, closing)
    except (pixmill.PixmillError, SmokeError, requests.RequestException, OSError) as error:
        print(f"smoke: {error}", file=sys.stderr)  # noqa: T201
        return 1
    seconds = time.perf_counter() - started
    print(f"{given.base_url} works ({seconds:.0f} s).")  # noqa: T201
    return 0


def _make_source(given: argparse.Namespace, closing: ExitStack) -> dict[str, Any]:
    if given.pages:
        return {"type": "pages", "pages": [given.pages], "max_depth": 1}
    if given.images or not _is_here(given.base_url):
        return {"type": "urls", "urls": given.images or IMAGES}
    port = int(SITE.split(":")[1])
    try:
        address = closing.enter_context(serve_site(PhotoSite(), port=port))
    except OSError as error:
        raise SmokeError(
            f"the photo site to crawl needs port {port} of this machine, and that is taken "
            f"({error.strerror}). Stop what uses it, or name something else to crawl: "
            "make smoke … PAGES=https://…"
        ) from error
    return {"type": "pages", "pages": [address], "max_depth": 1}


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _run(base_url: str, source: dict[str, Any], closing: ExitStack) -> None:
    with _print_step("health"):
        _check_health(base_url)
    with _print_step("account, key, project"):
        password = secrets.token_urlsafe(16)
        client = closing.enter_context(open_account(base_url, "smoke", password))
        goodbye: types.AccountDelete = {"current_password": password}
        closing.callback(client.send, operations.accounts_profile_delete(goodbye))
        project = client.create_project("Smoke")
    with _print_step("upload through a signed address"):
        _upload(project)
    with _print_step("crawl") as say:
        crawl = _crawl(project, source)
        say(f"{crawl.row['downloaded_images']} of {crawl.row['total_images']} images")
    with _print_step("validation") as say:
        rules: types.Rules = {"min_width": 50, "min_height": 50}
        row = _await_end(crawl.validate(rules, "Large enough")).row
        say(f"{row['validated_images']} judged, {row['invalid_images']} invalid")
    with _print_step("export") as say:
        say(f"{_export(project)} images")
    with _print_step("activity") as say:
        entries = client.send(operations.insights_activity(limit=1))["items"]
        # Behind proxies this must be your own address; if not, trusted_proxies is wrong.
        say(f"the API saw you at {entries[0]['ip_address']}")


def _check_health(base_url: str) -> None:
    """Check /healthz, or /health: Google's front end keeps /healthz to itself."""
    for path in ("/healthz", "/health"):
        response = requests.get(base_url + path, timeout=60)
        if "json" in response.headers.get("Content-Type", "") and "checks" in response.json():
            break
    else:
        raise SmokeError(f"{base_url} does not answer as Pixmill ({response.status_code}).")
    failed = {
        name: check["detail"]
        for name, check in response.json()["checks"].items()
        if check["status"] != "ok"
    }
    if failed:
        raise SmokeError(f"health: {failed}")


def _upload(project: pixmill.Project) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "noise.jpg"
        Image.effect_noise((320, 240), 64).convert("RGB").save(file, "jpeg")
        image = project.upload(file, timeout=180)
    if fetch_content(project.client, image["id"], "thumbnail")[:4] != b"RIFF":
        raise SmokeError("the upload's thumbnail is not a WebP file")


def _crawl(project: pixmill.Project, source: dict[str, Any]) -> pixmill.Crawl:
    crawl = _await_end(
        project.crawl(source, name="Smoke", options={"max_images": 60, "chunk_size": 20})
    )
    row: Mapping[str, Any] = crawl.row
    counted = sum(row[f"{kind}_images"] for kind in ("downloaded", "duplicate", "failed"))
    if counted != row["total_images"]:
        raise SmokeError(f"{row['total_images']} addresses and {counted} outcomes")
    if not row["downloaded_images"]:
        reasons = crawl.report()["failure_reasons"]
        hint = (
            f" Start the stack with PIXMILL_CRAWL_ALLOW={SITE}."
            if source["type"] == "pages" and SITE in source["pages"][0]
            else ""
        )
        raise SmokeError(f"no image could be crawled: {reasons}.{hint}")
    return crawl


def _export(project: pixmill.Project) -> int:
    """Export, download and check the file; return how many images are in it."""
    export = _await_end(project.export(name="smoke"))
    with TemporaryDirectory() as folder:
        file = export.download(Path(folder) / "smoke.zip")  # compares the checksum
        with zipfile.ZipFile(file) as archive:
            if broken := archive.testzip():
                raise SmokeError(f"{broken} in the export's file is broken")
            names = archive.namelist()
    images = [name for name in names if name.endswith((".jpg", ".webp", ".png"))]
    count = export.row["exported_images"]
    if len(images) != count:
        raise SmokeError(f"{count} images exported, {len(images)} in the file")
    return len(images)


def _await_end(job: _Job) -> _Job:
    try:
        return job.wait(timeout=_DEADLINE)
    except pixmill.JobFailed as error:
        kind = type(job).__name__
        raise SmokeError(f"{kind} {job.id} has {error.job['status']}: {error}") from error


@contextmanager
def _print_step(name: str) -> Iterator[Any]:
    """Print how long a step took, and what was said of it."""
    said: list[str] = []
    started = time.perf_counter()
    yield said.append
    seconds = time.perf_counter() - started
    print(f"{name:<32} {seconds:6.1f} s  {' '.join(said)}".rstrip(), flush=True)  # noqa: T201


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
