"""Versions of datasets: frozen under a hash, compared, exported."""
