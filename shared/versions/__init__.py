"""Versions of datasets: frozen under a hash, and compared."""
