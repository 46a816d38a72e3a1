"""Codes of labels: small ranges, hashing, sorting."""
