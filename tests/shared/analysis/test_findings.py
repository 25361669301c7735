"""What goes wrong while an image is analysed."""

from shared.analysis.findings import PassingError, attempted


def test_what_goes_wrong_unforeseen_may_pass_and_tells_no_secret() -> None:
    def fail() -> str:
        raise OSError("/secret/path")

    error = attempted(fail)
    assert isinstance(error, PassingError)
    assert (error.code, error.reason) == ("internal_error", "Something went wrong: OSError.")
