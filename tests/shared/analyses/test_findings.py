"""Errors while an image is analysed."""

from shared.analyses.findings import PassingError, UnexpectedError, try_analysis


def test_what_goes_wrong_unforeseen_may_pass_and_tells_no_secret() -> None:
    def fail() -> str:
        raise OSError("/secret/path")

    error = try_analysis(fail)
    assert isinstance(error, PassingError)
    assert (error.code, error.reason) == ("internal_error", "Something went wrong: OSError.")


def test_a_mistake_of_ours_is_told_from_an_outage() -> None:
    def mistaken() -> str:
        raise ValueError("operands")

    def out() -> str:
        raise ConnectionError

    assert isinstance(try_analysis(mistaken), UnexpectedError)
    assert not isinstance(try_analysis(out), UnexpectedError)
