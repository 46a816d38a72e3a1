"""Pairs of many columns: which may be among the strongest, and the trees that connect them."""
