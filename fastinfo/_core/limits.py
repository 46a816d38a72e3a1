"""What fits into memory, and what a kernel's index can reach."""

from __future__ import annotations

from fastinfo._core.machine import free_memory

INDEXED_CELLS = 1 << 31  #: a kernel's index reaches fewer cells, bins or levels than this
CELL = 16  #: bytes per cell of a dense table while it is counted and measured

_SMALL = 1 << 26  # fewer bytes than this are allocated without a check
_SHARE = 0.9  # of the free memory; the rest is for everything small


def is_too_large(size: float) -> bool:
    """Whether this process should not allocate so many bytes."""
    return size > _SMALL and size > _SHARE * free_memory()


def check_memory(size: float, what: str, instead: str) -> None:
    """Raise an error if `size` bytes, at the peak, are not available; `instead` is the advice."""
    if is_too_large(size):
        raise ValueError(
            f"{what} would take {int(size)} bytes of memory, and {free_memory()} are free; "
            f"{instead}"
        )


def check_size(nx: int, ny: int, cell: int = CELL) -> None:
    """Raise an error for a dense table that does not fit into memory, at `cell` bytes per cell."""
    size = cell * (nx + 1) * (ny + 1)
    if size > _SMALL:
        check_memory(size, f"a table of {nx} by {ny} cells", "use fewer bins or levels")
