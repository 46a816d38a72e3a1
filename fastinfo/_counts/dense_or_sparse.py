"""The rule for which tables keep all their cells, and which only the occupied ones."""

from __future__ import annotations

DENSE_CELLS = 1 << 16  #: a table with up to this many cells is dense
CELLS_PER_PAIR = 2  #: a larger table is dense with up to this many cells per pair
STREAMED_PAIRS = 1 << 20  #: tables that grow in parts stop growing at this many pairs
PRODUCT_CELLS = 1 << 1000  #: limit for products of numbers of levels, as float64 has to hold them


def is_dense(n_cells: int, n_pairs: int) -> bool:
    """Whether a table of `n_cells` cells for `n_pairs` samples keeps all its cells."""
    return n_cells <= max(DENSE_CELLS, CELLS_PER_PAIR * n_pairs)
