"""Writes what follows from the declarations: the deployment manifest and the OpenAPI document."""
