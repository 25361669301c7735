"""The files of a folder become images of a project."""

import json
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from time import sleep

import pixmill
from pixmill.command.progress import Stage

_AT_ONCE = 8
_EVERY = 0.5  # seconds between looks at what waits to be decoded


def upload_folder(
    project: pixmill.Project, files: list[Path], root: Path, label: str | None, log: Path
) -> dict[str, int]:
    """Send the files of a folder that were not sent before; return failures by reason.

    The label of each is the folder that it lies in, unless one is given for all. `log` remembers
    which image each file became.
    """
    sent = _read_log(log)
    stage = Stage("upload")
    failures: dict[str, int] = {}
    wanted = [file for file in files if str(file.relative_to(root)) not in sent]

    def send(file: Path) -> str:
        folder = file.parent
        own = label or (folder.name if folder != root else None)
        return project.start_upload(file, **({"label": own} if own else {}))

    with log.open("a") as lines, ThreadPoolExecutor(_AT_ONCE) as pool:
        lines.write("\n" if sent else "")  # behind half a line
        begun = {pool.submit(send, file): file for file in wanted}
        try:
            for count, future in enumerate(as_completed(begun), len(sent) + 1):
                name = str(begun[future].relative_to(root))
                try:
                    sent[name] = future.result()
                except (pixmill.BadSource, pixmill.Invalid) as error:
                    reason = str(error)[:80]
                    failures[reason] = failures.get(reason, 0) + 1
                else:
                    lines.write(json.dumps([name, sent[name]]) + "\n")
                    lines.flush()
                stage.update(count, len(files), "files", failures=failures)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    stage.finish()
    for reason, number in _await_images(project, set(sent.values())).items():
        failures[reason] = failures.get(reason, 0) + number
    return failures


def _read_log(log: Path) -> dict[str, str]:
    """Return the images' ids by file; the last line may be half of one."""
    sent: dict[str, str] = {}
    for line in log.read_text().splitlines() if log.exists() else ():
        try:
            name, image_id = json.loads(line)
        except ValueError:
            continue
        sent[name] = image_id
    return sent


def _await_images(project: pixmill.Project, wanted: set[str]) -> dict[str, int]:
    """Wait until images are decoded; return failures by reason."""
    stage = Stage("decode")
    while waiting := sum(image["id"] in wanted for image in project.images(status="processing")):
        stage.update(len(wanted) - waiting, len(wanted), "images")
        sleep(_EVERY)
    failures: dict[str, int] = {}
    for image in project.images(status="failed"):
        if image["id"] in wanted:
            reason = str(image["failure_reason"])
            failures[reason] = failures.get(reason, 0) + 1
    stage.update(len(wanted), len(wanted), "images", failures=failures)
    stage.finish()
    return failures
