"""What fits into memory, and what the index of a kernel reaches."""

from __future__ import annotations

from fastinfo._core.machine import free_memory

INDEXED_CELLS = 1 << 31  #: cells, bins or levels that the index of a kernel reaches
CELL = 16  #: bytes of a cell of a dense table, while it is counted and while it is measured

_SMALL = 1 << 26  # bytes for which nobody looks whether they are there
_SHARE = 0.9  # of the memory that is free; the rest is for all that is small


def is_too_large(size: float) -> bool:
    """Whether so many bytes are more than this process should take."""
    return size > _SMALL and size > _SHARE * free_memory()


def check_memory(size: float, what: str, instead: str) -> None:
    """Refuse what would take so many bytes at its peak, if they are not there."""
    if is_too_large(size):
        raise ValueError(
            f"{what} would take {int(size)} bytes of memory, of which {free_memory()} are free; "
            f"{instead}"
        )


def check_size(nx: int, ny: int, cell: int = CELL) -> None:
    """Refuse a dense table that does not fit into memory, with so many bytes for each cell."""
    size = cell * (nx + 1) * (ny + 1)
    if size > _SMALL:
        check_memory(size, f"a table of {nx} by {ny} cells", "use fewer bins or levels")
