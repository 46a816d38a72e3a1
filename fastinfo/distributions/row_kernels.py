"""Choose the kernel for the rows of a matrix, by their length and memory order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from fastinfo._core.checks import Array
from fastinfo.kernels.log_domain import float32_sums
from fastinfo.kernels.log_domain import row_sums as kernels


def _long_row_sums(x: Array, start: int, stop: int, m: Array, count: Array, rest: Array) -> None:
    """Sums of rows that are long, or that have no elements."""
    if x.shape[1] == 0:
        m[:], count[:], rest[:] = -np.inf, 0.0, 0.0
        return
    if x.shape[1] >= float32_sums.VERY_LONG and x.dtype == np.float32:
        float32_sums.very_long_row_sums(x, start, stop, m, count, rest)
        return
    blocks = -(-x.shape[1] // kernels.BLOCK)
    if blocks == 1:
        kernels.block_sums(x, kernels.BLOCK, start, stop, m, count, rest)
        return
    m2, count2, rest2 = np.empty((3, blocks * (stop - start)))
    kernels.block_sums(x, kernels.BLOCK, start, stop, m2, count2, rest2)
    kernels.merge_blocks(stop - start, blocks, m2, count2, rest2, m, count, rest)


def by_length(n: int, short: Callable[..., None], middle: Any, long: Any) -> Callable[..., None]:
    """Choose the kernel for rows of length `n`, so that only this kernel is compiled."""
    if not 0 < n <= kernels.MIDDLE:
        return cast("Callable[..., None]", long)
    return short if n <= kernels.SHORT else cast("Callable[..., None]", middle)


def row_sums_for(x: Array) -> Callable[..., None]:
    """Choose the kernel that sums the rows of a matrix."""
    if x.shape[1] > 1 and not x.flags.c_contiguous:
        return cast("Callable[..., None]", kernels.fortran_row_sums)
    return by_length(x.shape[1], kernels.short_row_sums, kernels.middle_row_sums, _long_row_sums)
