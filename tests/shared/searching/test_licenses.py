"""Licences, their groups and their deeds."""

from typing import get_args

from shared.searching.licenses import LicenseChoice, list_codes, make_deed_address


def test_groups_hold_what_they_say() -> None:
    assert list_codes("by-nc") == ("by-nc",)
    assert list_codes("public-domain") == ("cc0", "pdm")
    assert not any("-nc" in code for code in list_codes("commercial"))
    assert not any("-nd" in code for code in list_codes("modification"))
    both = set(list_codes("commercial")) & set(list_codes("modification"))
    assert set(list_codes("commercial-modification")) == both
    assert all(list_codes(choice) for choice in get_args(LicenseChoice))
    assert list_codes("gfdl") == ()


def test_deeds() -> None:
    assert make_deed_address("by-sa", "3.0") == "https://creativecommons.org/licenses/by-sa/3.0/"
    assert make_deed_address("pdm", "") == "https://creativecommons.org/publicdomain/mark/1.0/"
