"""Codes to counts: tables of pairs, all cells or the occupied ones."""
