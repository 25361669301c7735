"""`make smoke` against a running stack, and against what is none."""

import socket

import pytest

from infra.smoke.__main__ import SITE, main
from tests.sites import Site
from tests.stacks import RunningStack


@pytest.mark.parametrize("stack", ["embedded"], indirect=True)
def test_a_stack_that_works(
    stack: RunningStack, photo_site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    base_url = f"http://127.0.0.1:{stack.port}"
    assert main([base_url, "--images", *photo_site.photos(6)]) == 0
    said = capsys.readouterr().out
    assert "6 of 6 images" in said
    assert "7 images" in said  # with the uploaded one
    assert "the API saw you at 127.0.0.1" in said
    assert f"{base_url} works" in said
    assert main([base_url, "--images", "http://127.0.0.1:9/no-such.jpg"]) == 1
    assert "no image could be crawled" in capsys.readouterr().err


def test_something_else(photo_site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([photo_site.base_url, "--images", "http://example.com/x.jpg"]) == 1
    assert "does not answer as Pixmill" in capsys.readouterr().err


def test_the_port_of_its_site_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        host, _, port = SITE.partition(":")
        other.bind((host, int(port)))
        other.listen()
        assert main(["http://127.0.0.1:9"]) == 1
    said = capsys.readouterr().err
    assert f"needs port {port} of this machine, and that is taken" in said
    assert "PAGES=https://" in said


def test_nothing_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://127.0.0.1:9", "--images", "http://example.com/x.jpg"]) == 1
    assert "smoke: " in capsys.readouterr().err


def test_an_address_without_its_beginning(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["127.0.0.1:8080"])
    assert ended.value.code == 2
    assert "must begin with https://" in capsys.readouterr().err
