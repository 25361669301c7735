"""Zip members in store mode, byte for byte: APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3."""

import struct

from shared.exports.container import Container

_VERSION, _VERSION_64 = 20, 45
_UNIX = 3 << 8
_UTF8 = 1 << 11
_MIDNIGHT, _FIRST_DAY = 0, 1 << 5 | 1  # 1980-01-01 00:00, the first time that the format knows
_MODE = 0o100644 << 16
_LIMIT = 0xFFFFFFFF
_MANY = 0xFFFF


class ZipContainer(Container):
    """The bytes around members' data in a zip; what 32 bits cannot hold stands in zip64 fields."""

    has_directory = True

    def make_header(self, name: str, size: int, crc: int) -> bytes:
        """Return what precedes a member's data. `size` in bytes, `crc` is the data's CRC-32."""
        raw = name.encode()
        extra = _pack_zip64([size, size]) if size >= _LIMIT else b""
        return (
            struct.pack(
                "<4s5H3L2H",
                b"PK\3\4",
                _VERSION_64 if extra else _VERSION,
                _UTF8,
                0,
                _MIDNIGHT,
                _FIRST_DAY,
                crc,
                min(size, _LIMIT),
                min(size, _LIMIT),
                len(raw),
                len(extra),
            )
            + raw
            + extra
        )

    def make_record(self, name: str, size: int, crc: int, offset: int) -> bytes:
        """Return a member's record in the directory; `offset` is where its header begins."""
        raw = name.encode()
        extra = _pack_zip64(
            ([size, size] if size >= _LIMIT else []) + [offset] * (offset >= _LIMIT)
        )
        version = _VERSION_64 if extra else _VERSION
        return (
            struct.pack(
                "<4s6H3L5H2L",
                b"PK\1\2",
                _UNIX | version,
                version,
                _UTF8,
                0,
                _MIDNIGHT,
                _FIRST_DAY,
                crc,
                min(size, _LIMIT),
                min(size, _LIMIT),
                len(raw),
                len(extra),
                0,
                0,
                0,
                _MODE,
                min(offset, _LIMIT),
            )
            + raw
            + extra
        )

    def make_end(self, members: int, offset: int, size: int) -> bytes:
        """Return what closes a file whose directory begins at `offset` and has `size` bytes."""
        wide = b""
        if members >= _MANY or offset >= _LIMIT or size >= _LIMIT:
            wide = struct.pack(
                "<4sQ2H2L4Q",
                b"PK\6\6",
                44,
                _UNIX | _VERSION_64,
                _VERSION_64,
                0,
                0,
                members,
                members,
                size,
                offset,
            ) + struct.pack("<4sLQL", b"PK\6\7", 0, offset + size, 1)
        count = min(members, _MANY)
        return wide + struct.pack(
            "<4s4H2LH", b"PK\5\6", 0, 0, count, count, min(size, _LIMIT), min(offset, _LIMIT), 0
        )


def _pack_zip64(values: list[int]) -> bytes:
    """Return the zip64 extra field with those sizes or offsets that 32 bits cannot hold."""
    return struct.pack(f"<HH{len(values)}Q", 1, 8 * len(values), *values) if values else b""
