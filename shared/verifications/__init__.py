"""Verifications: the origins of a project's images are asked again."""
