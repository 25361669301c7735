"""CRC-32 of joined data from the checksums of its pieces."""

_POLYNOMIAL = 0xEDB88320  # reflected: bit 31 is x⁰
_X0 = 1 << 31
_X8 = 1 << 23


def combine_crc32(first: int, second: int, size: int) -> int:
    """Return the CRC-32 of A + B, given that of A, that of B, and the size of B in bytes.

    crc(A + B) = crc(A)·x^(8·size) ⊕ crc(B), modulo the CRC's polynomial over GF(2), as zlib's
    `crc32_combine` (crc32.c) has it. The power is taken by squaring: log2(size) steps.
    """
    shift, power = _X0, _X8
    while size:
        if size & 1:
            shift = _multiply(power, shift)
        power = _multiply(power, power)
        size >>= 1
    return _multiply(shift, first) ^ second


def _multiply(a: int, b: int) -> int:
    product = 0
    for bit in range(31, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = b >> 1 ^ (_POLYNOMIAL if b & 1 else 0)
    return product
