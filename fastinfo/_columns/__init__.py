"""Columns of a table and a target: coded, counted in pairs, ranked, with notes and p-values."""
