"""Multipart bodies, cut into pieces at every place."""

from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from infra.emulators.storage.errors import InvalidArgument
from infra.emulators.storage.multipart import MultipartBody

TYPE = 'multipart/related; boundary="=B="'
MEDIA = b"\r\n--=B\r\nalmost\r\n-- a \0 boundary\r\n--=B"
BODY = (
    b'--=B=\r\ncontent-type: application/json\r\n\r\n{"name": "x"}\r\n'
    b"--=B=\r\nContent-Type: image/png\r\n\r\n" + MEDIA + b"\r\n--=B=--"
)


def cut(body: bytes, size: int) -> Iterator[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


@pytest.mark.parametrize(
    "content_type", [TYPE, "multipart/related; boundary='=B='", TYPE + "; a=b"]
)
def test_lines_may_end_in_lf_alone(content_type: str) -> None:
    """`gcloud storage cp` sends such bodies, with the boundary in single quotes."""
    media = b"\n--=B\r\ntext\r"
    body = MultipartBody(
        content_type,
        cut(
            b"--=B=\nContent-Type: application/json\nMIME-Version: 1.0\n\n"
            b'{"name": "x"}\n--=B=\nContent-Type: image/png\n\n' + media + b"\n--=B=--\n",
            7,
        ),
    )
    assert body.metadata == b'{"name": "x"}'
    assert body.content_type == "image/png"
    assert b"".join(body.media) == media


@given(
    media=st.binary(max_size=200) | st.text("\r\n-=B", max_size=60).map(str.encode),
    line_end=st.sampled_from([b"\n", b"\r\n"]),
    size=st.integers(1, 50),
)
def test_media_comes_out_as_it_went_in(media: bytes, line_end: bytes, size: int) -> None:
    delimiter = b"--=B="
    assume(line_end + delimiter not in media + line_end + delimiter[:-1])
    lines = (delimiter, b"", b"{}", delimiter, b"Content-Type: a/b", b"", media, delimiter + b"--")
    body = MultipartBody(TYPE, cut(line_end.join(lines), size))
    assert (body.metadata, b"".join(body.media)) == (b"{}", media)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, 64, 1000])
@pytest.mark.parametrize("epilogue", [b"", b"\r\n", b"\r\nand so on"])
def test_the_parts_are_found_wherever_pieces_end(size: int, epilogue: bytes) -> None:
    body = MultipartBody(TYPE, cut(BODY + epilogue, size))
    assert body.metadata == b'{"name": "x"}'
    assert body.content_type == "image/png"
    assert b"".join(body.media) == MEDIA


def test_an_unfinished_body_is_refused() -> None:
    for length in range(len(BODY)):
        with pytest.raises(InvalidArgument):
            list(MultipartBody(TYPE, cut(BODY[:length], 50)).media)


def test_a_third_part_is_refused() -> None:
    body = BODY.removesuffix(b"--") + b"\r\n\r\nmore\r\n--=B=--"
    with pytest.raises(InvalidArgument):
        list(MultipartBody(TYPE, cut(body, 100)).media)


@pytest.mark.parametrize("content_type", ["", "multipart/related", "multipart/related; boundary="])
def test_a_boundary_is_needed(content_type: str) -> None:
    with pytest.raises(InvalidArgument):
        MultipartBody(content_type, cut(BODY, 100))


def test_endless_metadata_is_refused() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 10_000

    with pytest.raises(InvalidArgument):
        MultipartBody(TYPE, endless())
