"""Which tables of counts keep all of their cells, and which the occupied ones alone."""

from __future__ import annotations

DENSE_CELLS = 1 << 16  #: a table of no more cells than this is dense
CELLS_PER_PAIR = 2  #: a larger one is dense while it has no more cells than this for each pair
STREAMED_PAIRS = 1 << 20  #: of more pairs, tables that grow in parts do not become larger
PRODUCT_CELLS = 1 << 1000  #: a product of numbers of levels, which float64 has to hold


def is_dense(n_cells: int, n_pairs: int) -> bool:
    """Whether a table of so many cells keeps them all where so many samples are counted."""
    return n_cells <= max(DENSE_CELLS, CELLS_PER_PAIR * n_pairs)
