"""The reference page of the API, made of the OpenAPI document."""
