"""Limits of tables of counts: which keep all of their cells, and which fit into memory."""

from __future__ import annotations

import functools
import os

DENSE_CELLS = 1 << 16  #: a table of no more cells than this is dense
CELLS_PER_PAIR = 2  #: a larger one is dense while it has no more cells than this for each pair
STREAMED_PAIRS = 1 << 20  #: of more pairs, tables that grow in parts do not become larger
INDEXED_CELLS = 1 << 31  #: cells, bins or levels that the index of a kernel reaches
PRODUCT_CELLS = 1 << 1000  #: a product of numbers of levels, which float64 has to hold


def is_dense(n_cells: int, n_pairs: int) -> bool:
    """Whether a table of so many cells keeps them all where so many samples are counted."""
    return n_cells <= max(DENSE_CELLS, CELLS_PER_PAIR * n_pairs)


@functools.cache
def memory() -> int:
    """Bytes of memory that this machine has."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # no such call on this system
        return 1 << 36


def check_size(nx: int, ny: int) -> None:
    """Refuse a dense table that does not fit into memory."""
    size = 8 * (nx + 1) * (ny + 1)
    if size > memory() // 2:
        raise ValueError(
            f"a table of {nx} by {ny} cells would take {size} bytes; use fewer bins or levels"
        )
