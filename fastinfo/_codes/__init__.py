"""Samples to codes: a column of any library, labels to numbers, numbers among edges."""
