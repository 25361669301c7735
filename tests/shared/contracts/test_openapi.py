"""The OpenAPI document is valid and complete."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.contracts.openapi import openapi
from shared.operations.discovery import http_functions


def test_the_openapi_document_is_valid() -> None:
    document = openapi()
    OpenAPIV31SpecValidator(document).validate()
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert described == {(operation.method, operation.path) for _, operation in http_functions()}
