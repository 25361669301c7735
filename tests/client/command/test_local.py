"""The account on the system of this machine."""

from pathlib import Path

import pytest
from pixmill.command.local import LocalSystem, Running
from pixmill.command.profiles import Profiles, write_private
from pixmill.command.refusals import Refusal

from tests.client.command.conftest import Run
from tests.sites import Reply, Site


def test_an_account_is_opened_once(tmp_path: Path, run: Run, address: str) -> None:
    system, profiles = LocalSystem(tmp_path), Profiles(tmp_path / "config")
    # An earlier start was interrupted before the account was opened.
    account = {"email": "me@pixmill.local", "password": "long enough 1"}
    write_private(tmp_path / "account.json", account)
    first = system.sign_in(profiles, Running(1, address))
    assert system.sign_in(profiles, Running(1, address)) == first
    profiles.by_name.clear()  # the key is lost
    second = system.sign_in(profiles, Running(1, address))
    assert second.url == first.url
    assert second.key != first.key
    assert run(["keys"]).exit_code == 0


def test_a_system_that_fails_says_where_to_look(tmp_path: Path, site: Site) -> None:
    site.replies["/v1/users"] = Reply(b"", "text/plain", status=500)
    with pytest.raises(Refusal, match=r"answered 5\d\d.*says why in .*logs"):
        LocalSystem(tmp_path).sign_in(Profiles(tmp_path / "config"), Running(1, site.base_url))
