"""Calls of a running system by what generators made; a program for their environment alone.

Its arguments are the folder of what was made, and the system's address.
"""

import importlib
import pkgutil
import sys
from typing import Any


def main(folder: str, address: str) -> None:
    """Import all, make a project, read it, page through the list, and meet a problem."""
    sys.path.insert(0, folder)
    models = importlib.import_module("generated_client.models")
    generated = importlib.import_module("generated_models")
    client = importlib.import_module("generated_client")
    api = importlib.import_module("generated_client.api")
    for found in pkgutil.walk_packages(api.__path__, "generated_client.api."):
        importlib.import_module(found.name)
    with client.Client(base_url=address) as anybody:
        account = {"email": "ada@example.org", "password": "a long and secret sentence"}
        body = models.UserRegister(**account)
        call("accounts.accounts_register", 201, client=anybody, body=body)
        body = models.SessionCreate(**account)
        pair = call("accounts.accounts_sign_in", 201, client=anybody, body=body)
    with client.AuthenticatedClient(base_url=address, token=pair.access_token) as person:
        use_projects(person, models, generated)
    print("A project was made, read and listed, and a problem was told.")


def use_projects(person: Any, models: Any, generated: Any) -> None:
    """Make projects, read them, and meet a problem; both generators' models take the answers."""
    for name in ("one", "two", "three"):
        body = models.ProjectCreate(name=name)
        made = call("projects.projects_create", 201, client=person, body=body)
        assert isinstance(made, models.ProjectRead), made
        generated.ProjectRead.model_validate(made.to_dict())
    names: list[str] = []
    cursor = None
    while not names or cursor is not None:
        page = call("projects.projects_list", 200, client=person, limit=2, cursor=cursor)
        names += [one.name for one in page.items]
        cursor = page.next_cursor
    assert names == ["three", "two", "one"], names
    found = call("projects.projects_get", 200, client=person, project_id=made.id)
    assert found.status == models.ProjectStatus.ACTIVE, found
    body = models.ProjectCreate(name="")
    problem = call("projects.projects_create", 422, client=person, body=body)
    assert problem.errors[0].pointer == "/name", problem
    assert generated.Problem.model_validate(problem.to_dict()).status == 422


def call(operation: str, status: int, **arguments: Any) -> Any:
    """Return what an operation answers; fail for another status."""
    module = importlib.import_module(f"generated_client.api.{operation}")
    response = module.sync_detailed(**arguments)
    assert response.status_code == status, response
    return response.parsed


if __name__ == "__main__":
    main(*sys.argv[1:])
