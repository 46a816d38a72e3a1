"""Codes to counts, and samples straight to counts."""
