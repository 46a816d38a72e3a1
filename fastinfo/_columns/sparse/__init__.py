"""Sparse columns: coded, counted and measured at a cost that depends on the stored samples."""
