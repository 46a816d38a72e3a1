"""Integers of any range and sign as labels: as keys, as levels, and counted without codes."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._core.checks import Array, as_block, read_only
from fastinfo._core.filled_tables import fill_parts, sum_of
from fastinfo.kernels.counting.integer_pairs import count_integer_pairs

_HEAD = 1 << 11  # labels at either end that, with some in between, suggest the ranges
_BETWEEN = 1 << 8
_CELLS = 1 << 12  # a table of up to this many cells is small
_CELLS_TWICE = 1 << 12  # two tables of up to this many cells fit the first-level cache
_FEW = 1 << 14  # counting more labels than this takes longer than calling a kernel
_INT64 = np.dtype(np.int64)


def as_few(a: Array) -> Array | None:
    """A few integers or booleans as int64, for the kernels of few labels; else None."""
    if a.dtype is not _INT64 or not a.flags.c_contiguous or not a.flags.aligned:
        if a.dtype.kind not in "biu" or (a.dtype.kind == "u" and a.dtype.itemsize == 8):
            return None
        a = np.array(a, _INT64) if a.size <= _FEW else a
    return read_only(a) if a.ndim == 1 and 0 < a.size <= _FEW else None


class _OutsideError(Exception):
    """A label lies outside the range of the labels that were looked at."""


def count_integers(a: Array, b: Array) -> tuple[Array, Array, Array] | None:
    """
    The table of pairs of integers or booleans, and the sorted levels that occur.

    None if the ranges are too large for a table, or if either is not integers.
    """
    if a.dtype.kind not in "biu" or b.dtype.kind not in "biu":
        return None
    for guess in (True, False):
        windows = [likely_window(labels) if guess else _window(labels) for labels in (a, b)]
        shape = windows[0][1], windows[1][1]
        if shape[0] * shape[1] > max(_CELLS, a.size):
            return None
        table = _count(a, b, windows[0][0], windows[1][0], shape)
        if table is not None:
            break
    assert table is not None
    rows = np.flatnonzero(table.sum(axis=1))
    columns = np.flatnonzero(table.sum(axis=0))
    if rows.size < shape[0] or columns.size < shape[1]:
        table = table[np.ix_(rows, columns)]
    x_levels, y_levels = (
        shifted(found, least, labels.dtype)
        for labels, (least, _), found in zip((a, b), windows, (rows, columns), strict=True)
    )
    return table, x_levels, y_levels


def _window(labels: Array) -> tuple[int, int]:
    """The smallest label, and the number of integers up to the largest."""
    least = int(labels.min())
    return least, int(labels.max()) - least + 1


def likely_window(labels: Array) -> tuple[int, int]:
    """The window of a part of the labels."""
    if labels.size <= 16 * _HEAD:
        return _window(labels)
    between = labels[:: labels.size // _BETWEEN]
    return _window(np.concatenate([labels[:_HEAD], labels[-_HEAD:], between]))


def shifted(offsets: Array, least: int, dtype: np.dtype[Any]) -> Array:
    """The integers ``least + offset`` in a dtype that can represent them."""
    wrapped = offsets.astype(np.uint64) + np.uint64(least % 2**64)
    return wrapped.view(np.int64 if least < 0 else np.uint64).astype(dtype)


def as_keys(labels: Array) -> Array:
    """Integers as kernels take them: uint64, in which negative ones wrap around."""
    if labels.dtype.kind == "i":
        return as_block(as_block(labels, np.int64).view(np.uint64), np.uint64)
    return as_block(labels, np.uint64)


def _count(a: Array, b: Array, a_least: int, b_least: int, shape: tuple[int, int]) -> Array | None:
    """The table for these ranges, or None if a label lies outside."""
    n_cells = shape[0] * shape[1]
    x_window = np.uint64(a_least % 2**64), np.uint64(shape[0])
    y_window = np.uint64(b_least % 2**64), np.uint64(shape[1])
    odd = n_cells if n_cells <= _CELLS_TWICE else 0

    def add(start: int, stop: int, table: Array) -> None:
        x, y = as_keys(a[start:stop]), as_keys(b[start:stop])
        if not count_integer_pairs(x, y, *x_window, *y_window, np.uint64(odd), table):
            raise _OutsideError

    try:
        tables = fill_parts((n_cells + odd,), a.size, add)
    except _OutsideError:
        return None
    total = sum_of(tables, (n_cells + odd,))
    if odd:
        total = total[:n_cells] + total[n_cells:]
    return total.reshape(shape)
