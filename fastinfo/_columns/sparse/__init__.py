"""Columns of which most samples are one value: their codes, counts and measures at that cost."""
