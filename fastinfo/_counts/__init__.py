"""Counts of codes: tables of pairs, with all cells or only the occupied ones."""
