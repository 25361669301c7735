"""Addresses of pictures in pages, which stay the same for some minutes."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from shared.services import services
from shared.storage.bucket import Storage
from shared.storage.signing import STEADY

NOW = 1_900_000_000  # a Unix time, 200 s behind the beginning of its five minutes


@pytest.fixture
def storage(environment: None) -> Storage:
    """Return a bucket that has signed nothing yet."""
    return services().storage.open_other(services().settings.bucket)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the time that signing sees, to be moved."""
    time = [NOW]
    monkeypatch.setattr("shared.storage.signing.time.time", lambda: time[0])
    return time


def test_pictures_come_from_them_with_leave_to_keep_them(storage: Storage) -> None:
    names = [f"variants/steady/{letter} ~é.webp" for letter in "ab"]
    for name in names:
        storage.put_once(name, name.encode(), "image/webp", cache_control="private, max-age=9")
    for name, url in zip(names, storage.sign_view_urls(names, life=60), strict=True):
        answer = requests.get(url, timeout=10)
        assert (answer.status_code, answer.content) == (200, name.encode())
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["Cache-Control"] == "private, max-age=9"
        assert requests.get(url.replace("/a%20", "/b%20"), timeout=10).ok == ("/b%20" in url)


def test_an_address_is_the_same_until_its_five_minutes_are_over(
    storage: Storage, clock: list[int]
) -> None:
    begin = NOW // STEADY * STEADY
    seen = set()
    for second in (begin, begin + 1, begin + STEADY - 1):
        clock[0] = second
        seen |= {storage.sign_view_urls(["a", "b", "a"], life=900)[0]}
    (first,) = seen
    clock[0] = begin + STEADY
    (after,) = storage.sign_view_urls(["a"], life=900)
    assert after != first
    query = parse_qs(urlsplit(first).query)
    assert int(query["X-Goog-Expires"][0]) == 900 + STEADY  # so that 900 are left to the last


def test_each_object_is_signed_for_once(
    storage: Storage, clock: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def sign(_self: object, _bucket: str, name: str, _begin: int, _life: int) -> str:
        asked.append(name)
        return name

    monkeypatch.setattr("shared.storage.signing.Signer.sign_view", sign)
    names = [str(number) for number in range(200)]
    assert storage.sign_view_urls(names, life=900) == names
    assert storage.sign_view_urls([*names[100:], "new"], life=900) == [*names[100:], "new"]
    assert sorted(asked) == sorted([*names, "new"])
    clock[0] += STEADY
    storage.sign_view_urls(names[:1], life=900)
    assert len(asked) == 202
