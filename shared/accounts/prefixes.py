"""Beginnings by which our tokens and keys are told from others (decisions/opaque-tokens.md)."""

ACCESS, REFRESH, API_KEY = OURS = "pxa_", "pxr_", "pxk_"
CODE = "pxc_"  # is no credential of a request
DEVICE = "pxd_"  # says which browser asks, and opens nothing
