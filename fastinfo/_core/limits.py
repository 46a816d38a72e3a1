"""What fits into memory, and what the index of a kernel reaches."""

from __future__ import annotations

import functools
import os

INDEXED_CELLS = 1 << 31  #: cells, bins or levels that the index of a kernel reaches


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
