"""Samples to codes among edges, and edges of equal counts."""
