"""The OpenAPI document is valid and complete."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.contracts.openapi import build_openapi
from shared.operations.discovery import list_http_functions


def test_the_openapi_document_is_valid() -> None:
    document = build_openapi()
    OpenAPIV31SpecValidator(document).validate()
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert described == {
        (operation.method, operation.path) for _, operation in list_http_functions()
    }
