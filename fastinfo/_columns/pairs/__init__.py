"""Pairs of columns: counted together, and measured from their counts."""
