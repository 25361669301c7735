"""Beginnings by which our tokens and keys are told from others (decisions/opaque-tokens.md)."""

ACCESS, REFRESH, API_KEY = OURS = "pxa_", "pxr_", "pxk_"
