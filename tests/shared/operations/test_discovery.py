"""Names follow mechanically: file, function and service."""

import importlib

import pytest

from shared.operations import get_operation
from shared.operations.discovery import ROOT, list_bundles, list_functions, list_http_functions


@pytest.mark.parametrize("bundle", list_bundles())
def test_a_declaration_is_named_for_its_file(bundle: str) -> None:
    module = importlib.import_module(f"functions.{bundle}.main")
    declared = {name: value for name, value in vars(module).items() if get_operation(value)}
    assert declared
    for name, value in declared.items():
        assert name == value.__name__
    in_use = {value.operation.handler.__module__.rsplit(".", 1)[-1] for value in declared.values()}
    files = {path.stem for path in (ROOT / bundle).glob("*.py")}
    assert in_use == files - {"main", "__init__"}


def test_names_are_unique_and_deployable() -> None:
    services = [function.service for function in list_functions()]
    assert len(services) == len(set(services))
    assert all(service.replace("-", "").isalnum() and service.islower() for service in services)


def test_no_two_routes_are_the_same() -> None:
    routes = [(operation.method, operation.path) for _, operation in list_http_functions()]
    assert len(routes) == len(set(routes))
