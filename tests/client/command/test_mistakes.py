"""Mistakes that people make end with one sentence that says what to do, and with their code."""

import errno
import importlib.util
import json
import shutil
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest
from pixmill.files import describe_os_error

from tests.client.command.conftest import Run
from tests.sites import Site, photo

AWAY = "http://127.0.0.1:9"


@pytest.fixture
def files(tmp_path: Path) -> None:
    """Files that mistakes are made with."""
    (tmp_path / "cats.csv").write_text("url,label\nhttp://127.0.0.1:9/1.jpg,cat\n")
    (tmp_path / "other.csv").write_text("url\nhttp://127.0.0.1:9/2.jpg\n")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / "cats.xlsx").write_bytes(b"PK")
    (tmp_path / "page.html").write_text("<img src=1.jpg>")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "one.jpg").write_bytes(photo(0))
    (tmp_path / "there").mkdir()
    (tmp_path / "there.zip").touch()
    (tmp_path / "wrong.json").write_text("{")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("", "Usage"),
        ("biuld cats.csv", "No such command 'biuld'"),
        ("build cats.csv", "--out"),
        ("build --out x", "Name a source"),
        ("build cats.csv --out x --colour red", "No such option"),
        ("build missing.csv --out x", "There is no missing.csv"),
        ("build cats.csv/x --out x", "lies below a file"),
        ("build empty.csv --out x", "empty.csv is empty"),
        ("build nothing --out x", "nothing holds no images"),
        ("build photo.jpg --out x", "is an image. Name the folder"),
        ("build cats.xlsx --out x", "cats.xlsx is no table: save it as csv"),
        ("build page.html --out x", "page.html is no table"),
        ("build  --out x", "Name a source"),
        ("build cats.csv --out x --min-width -1", "x>=0"),
        ("build cats.csv --out x --near-duplicates 17", "0<=x<=16"),
        ("build cats.csv --out x --splits train=-1,test=2", "'train=-1' is no share"),
        ("build cats.csv --out x --splits train=nan", "'train=nan' is no share"),
        ("build cats.csv --out x --splits train=0.5,train=0.5", "train is named twice"),
        ("build cats.csv --out x --size 64x64", "'64x64' is not a valid integer"),
        ("build cats.csv --out cats.csv", "cats.csv is there already"),
        ("export --out x.zip", "Missing option '--project'"),
        ("report", "Missing argument 'CRAWL_JOB'"),
        ("search 1 --max-distance 65", "0<=x<=64"),
        ("build cats.csv other.csv --out x", "Several sources can be addresses of pages only"),
        ("build cats.csv --search cats --out x", "not both"),
        ("build --search  --out x", "--search needs words"),
        ("build gs://bucket/cats.csv --out x", "cannot be read"),
        ("build cats.csv --out x --splits train=0.8,test=0.1", "add up to 0.9"),
        ("build cats.csv --out x --splits train", "'train' is no share"),
        ("build cats.csv --out x --splits train=most", "'train=most' is no share"),
        ("build cats.csv --out x --size 0", "1<=x<=8192"),
        ("build cats.csv --out x --size 64 --layout csv", "--size is for images"),
        ("build cats.csv --out x --size big", "not a valid integer"),
        ("build cats.csv --out x --layout folders", "is not one of"),
        ("build cats.csv --out x --stratify", "about --splits"),
        ("build cats.csv --out x --label cat", "a table has --label-column"),
        ("build cats.csv --out x --max-images 0", "1<=x<=1000000"),
        ("build cats.csv --out x --dedup fuzzy", "is not one of"),
        ("build https://example.org/ --out x --depth 11", "0<=x<=10"),
        ("build https://example.org/ --out x --url-column url", "--url-column is for tables"),
        ("build full --out x --label-column label", "--label-column is for tables"),
        ("build cats.csv --out there", "there is there already. Remove it, or choose another"),
        ("build - --out x", "Nothing came in the standard input"),
        ("crawl full --project x", "pixmill upload DIR"),
        ("upload cats.csv --project x", "is no folder"),
        ("export --project x --out there.zip", "there already"),
        ("validate 1", "Name a rule"),
        ("predict cats", "either ids of images or --inputs"),
        ("predict cats --inputs wrong.json", "wrong.json is no JSON"),
        ("predict cats --inputs none.json", "No such file"),
        ("up --port 70000", "1<=x<=65535"),
        ("completion tcsh", "is not one of"),
        ("login pixmill.example.org", "is no address of a deployment"),
        ("login http://pixmill.example.org", "use https://, or --insecure"),
        ("login https://me:secret@pixmill.example.org", "no user name and no password"),
        ("login http://127.0.0.1:9", "Name the account with --email"),
        ("login http://127.0.0.1:9 --key", "No key came"),
        ("login http://127.0.0.1:9 --email a@example.com", "No password came"),
        ("images --project x --profile other", "There is no profile other; there is none yet"),
    ],
)
def test_wrong_use_says_what_is_right(
    run: Run, files: None, monkeypatch: pytest.MonkeyPatch, arguments: str, says: str
) -> None:
    if "login" not in arguments and "--profile" not in arguments:
        monkeypatch.setenv("PIXMILL_URL", AWAY)
        monkeypatch.setenv("PIXMILL_KEY", "pxk_1")
    result = run(arguments.split(" ") if arguments else [], stdin="")
    assert says in result.output
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    name, *more = arguments.split(" ")
    if name not in ("", "completion"):
        told = json.loads(run([name, "--json", *more], stdin="").stderr)
        assert says in told["error"]
        assert told["exit_code"] == 2


def test_nobody_is_signed_in(run: Run) -> None:
    result = run(["images", "--project", "x"])
    assert "pixmill login ADDRESS, or start the system here with pixmill up" in result.output
    assert result.exit_code == 1


def test_the_system_is_not_installed(
    run: Run, files: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "pycurl" else find(name)
    )
    result = run(["build", "cats.csv", "--out", "x"])
    assert "not installed here (pycurl)" in result.output
    assert "pip install 'pixmill[local]'" in result.output
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("url", "key", "says", "code"),
    [
        (AWAY, "pxk_1", "cannot be reached", 1),
        (AWAY, None, "Set PIXMILL_KEY too", 2),
        (None, "pxk_1", "Set PIXMILL_URL too", 2),
        ("pixmill", "pxk_1", "is no address of a deployment", 2),
    ],
)
def test_a_deployment_that_is_named_wrongly(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    url: str | None,
    key: str | None,
    says: str,
    code: int,
) -> None:
    for name, value in (("PIXMILL_URL", url), ("PIXMILL_KEY", key)):
        if value is not None:
            monkeypatch.setenv(name, value)
    result = run(["models"])
    assert says in result.output
    assert result.exit_code == code


def test_errors_are_json_where_json_was_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXMILL_URL", AWAY)
    monkeypatch.setenv("PIXMILL_KEY", "pxk_1")
    result = run(["models", "--json"])
    told = json.loads(result.stderr)
    assert told["exit_code"] == result.exit_code == 1
    assert "cannot be reached" in told["error"]


@pytest.mark.parametrize(
    ("content", "mode", "says"),
    [
        ("{", 0o600, "is damaged"),
        ('{"profiles": {"a": {"url": 1}}}', 0o600, "is damaged"),
        ('{"default": null, "profiles": {}}', 0o644, "chmod 600"),
    ],
)
def test_profiles_that_cannot_be_trusted(
    run: Run, tmp_path: Path, content: str, mode: int, says: str
) -> None:
    path = tmp_path / "config" / "profiles.json"
    path.parent.mkdir()
    path.write_text(content)
    path.chmod(mode)
    result = run(["models"])
    assert says in result.output
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "is full. Make room, and run the same again"),
        (errno.EDQUOT, "is full"),
        (errno.EACCES, "must not be written or read by this account"),
        (errno.EROFS, "cannot be written"),
        (errno.EISDIR, "is a folder"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_errors_of_the_system_say_what_to_do(number: int, says: str) -> None:
    import os

    assert says in describe_os_error(OSError(number, os.strerror(number)), Path("cats"))


def test_ctrl_c_says_how_to_go_on(run: Run, files: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("PIXMILL_URL", AWAY)
    monkeypatch.setenv("PIXMILL_KEY", "pxk_1")
    monkeypatch.setattr("pixmill.command.build.run_build", interrupt)
    result = run(["build", "cats.csv", "--out", "x"])
    assert "The same command goes on where it was" in result.output
    assert result.exit_code == 130


def test_a_wrong_key(run: Run, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXMILL_URL", address)
    monkeypatch.setenv("PIXMILL_KEY", "pxk_wrong")
    result = run(["models"])
    assert f"The key of {address} is wrong, or has expired" in result.output
    assert result.exit_code == 1


def test_mistakes_that_the_api_sees(signed_in: Run, address: str) -> None:
    unknown = "01a229a3-6f3b-797e-9ba4-219013702692"
    for arguments, says, code in [
        (["report", unknown], "somebody else's", 1),
        (["images", "--project", "Nobody"], "There is no project Nobody", 1),
        (["diff", unknown, unknown], "somebody else's", 1),
        (["predict", "nobody", unknown], "somebody else's", 1),
        (["keys", "--revoke", unknown], "somebody else's", 1),
    ]:
        result = signed_in(arguments)
        assert says in result.output, result.output
        assert result.exit_code == code
    for _ in range(2):
        signed_in(["keys", "--create", "x"])
    login = ["login", address, "--email"]
    result = signed_in([*login, "nobody@example.com"], stdin="a wrong password\n")
    assert "knows no nobody@example.com with this password" in result.output
    assert result.exit_code == 1
    result = signed_in([*login, "a@example.com", "--register"], stdin="short\n")
    assert "/password must have 8 or more characters" in result.output
    assert result.exit_code == 2


def test_a_split_that_datasets_would_not_see(signed_in: Run, site: Site, tmp_path: Path) -> None:
    (tmp_path / "cats.txt").write_text("\n".join(site.photos(2)))
    result = signed_in(["build", "cats.txt", "--out", "x", "--splits", "here=0.5,there=0.5"])
    assert "name splits train, validation and test" in result.output
    assert result.exit_code == 2


def test_a_disk_without_room(
    signed_in: Run, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cats.txt").write_text("\n".join(site.photos(1)))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    build = ["build", "cats.txt", "--out", "x"]
    result = signed_in(build)
    assert "has room for 0 B" in result.output
    assert result.exit_code == 1
    monkeypatch.undo()


def test_keys_are_kept_for_their_owner_alone(
    run: Run, tmp_path: Path, address: str, key: str
) -> None:
    result = run(["login", address, "--key"], stdin=f"{key}\n")
    assert result.exit_code == 0, result.output
    assert key not in result.output
    path = tmp_path / "config" / "profiles.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert run(["models"]).exit_code == 0
