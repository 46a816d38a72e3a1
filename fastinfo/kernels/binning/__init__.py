"""Codes of samples between edges, and edges of bins with equal counts."""
