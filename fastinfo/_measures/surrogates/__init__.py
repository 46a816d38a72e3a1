"""Surrogates: variables with reordered rows, and the information that remains."""
