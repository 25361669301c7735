"""Fields of answers; those of requests are tested with the schemas that have them."""

from hypothesis import given
from hypothesis import strategies as st

from shared.schemas.fields import format_phash


@given(st.integers(-(2**63), 2**63 - 1))
def test_hexadecimal_has_all_bits_of_a_hash(value: int) -> None:
    text = format_phash(value)
    assert len(text) == 16
    assert int(text, 16) == value % 2**64


def test_hexadecimal_is_unsigned() -> None:
    assert format_phash(-1) == "f" * 16
    assert format_phash(-(2**63)) == "8" + "0" * 15
