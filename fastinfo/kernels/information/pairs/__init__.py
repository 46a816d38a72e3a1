"""Pairs of many columns: which may be among the strongest, and what joins them."""
