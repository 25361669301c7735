"""Rules that every file of the deployment keeps, whatever is planned."""

import re
from pathlib import Path

import pytest

FILES = {path.name: path.read_text() for path in sorted(Path("infra/gcp").glob("*.tf"))}
# One account, or an account that Google acts under here; never a group, a domain or everyone.
_ACCOUNTS = re.compile(
    r"google_service_account\.\w+\[.+\]\.member"
    r"|local\.(pubsub|storage)_agent|each\.value(\.account\.member)?"
)


def blocks(kind: str) -> list[tuple[str, str]]:
    """Names and bodies of the resources whose type matches."""
    pattern = rf'^resource "({kind})" "(\w+)" {{\n(.*?)^}}'
    return [
        (f"{file}: {found[1]}.{found[2]}", found[3])
        for file, text in FILES.items()
        for found in re.finditer(pattern, text, re.DOTALL | re.MULTILINE)
    ]


GRANTS = blocks(r"\w+_iam_\w+")


def test_there_are_grants_to_look_at() -> None:
    assert len(GRANTS) > 15


@pytest.mark.parametrize(("name", "body"), GRANTS, ids=[name for name, _ in GRANTS])
def test_a_grant_adds_one_account_to_a_role_of_one_service(name: str, body: str) -> None:
    assert "_iam_member." in name, "a binding or a policy would take away what others have granted"
    (member,) = re.findall(r"^ +member += (.+)$", body, re.MULTILINE)
    assert _ACCOUNTS.fullmatch(member), member


@pytest.mark.parametrize("file", FILES)
def test_nobody_is_given_a_primitive_role_and_everyone_none(file: str) -> None:
    roles = set(re.findall(r"roles/([\w.]+)", FILES[file]))
    assert not {role for role in roles if "." not in role}, "owner, editor and viewer reach all"
    assert "allUsers" not in FILES[file]
    assert "allAuthenticatedUsers" not in FILES[file]


def test_each_exception_from_a_policy_says_why() -> None:
    exceptions = re.findall(r"checkov:skip=(\w+)(.*)", "".join(FILES.values()))
    assert exceptions
    assert all(len(reason) > 40 for _, reason in exceptions), exceptions
