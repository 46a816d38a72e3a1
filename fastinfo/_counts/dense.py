"""Tables with all cells: filled from samples or codes by threads; moving rows and columns."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np

from fastinfo._codes.coder import (
    are_few,
    as_values,
    coder,
    coder_of,
    compares_in_float64,
    count_each_value,
    is_small,
    value_codes,
)
from fastinfo._core.checks import Array, as_block, read_only
from fastinfo._core.coded_variable import CHUNK, Coded, code_dtype
from fastinfo._core.filled_tables import fill
from fastinfo._core.limits import INDEXED_CELLS, check_size
from fastinfo._core.threads import spans
from fastinfo.kernels.binning import edges as binning_kernels
from fastinfo.kernels.counting import tables as kernels

Places: TypeAlias = Array | None  #: new places of rows or columns; None if all stay where they are

_FEWEST_BYTES = 1 << 19  # for fewer pairs of bytes, a table of all values does not pay


def _exact(edges: Array) -> Array:
    return read_only(np.ascontiguousarray(edges, np.float64))


def _grid(edges: Array) -> tuple[Array, tuple[float, float, float]]:
    exact = _exact(edges)
    return exact, binning_kernels.grid(exact)


def count_in_bins(a: Array, edges: Array, dtype: np.dtype[Any] | None = None) -> Array:
    """Count the numbers of one variable in bins, compared with the edges in `dtype` as in NumPy."""
    dtype = a.dtype if dtype is None else dtype
    bins = edges.size - 1
    if is_small(a.dtype, a.size):
        counts = np.zeros(bins + 1, np.int64)
        np.add.at(counts, value_codes(edges, a.dtype, dtype), count_each_value(a))
        return counts[:bins]
    if bins > 0 and compares_in_float64(dtype, edges):
        if are_few(a.size):
            counts = np.zeros(bins + 1, np.int64)
            kernels.count_few(as_block(a), _exact(edges), counts)
            return counts[:bins]
        exact, (scale, margin, step) = _grid(edges)
        if margin < 0.25:

            def add(start: int, stop: int, counts: Array) -> None:
                kernels.count_uniform(as_block(a[start:stop]), exact, scale, margin, step, counts)

            return fill((bins,), a.size, add)
    code = coder(edges, dtype, a.size)

    def add_coded(start: int, stop: int, counts: Array) -> None:
        codes = np.empty(stop - start, code_dtype(bins))
        code(a[start:stop], codes)
        kernels.count_codes(read_only(codes), counts)

    return fill((bins,), a.size, add_coded)


def count_between(x: Array, y: Array, x_edges: Array, y_edges: Array) -> Array | None:
    """
    Count pairs of numbers in bins without storing codes; NumPy compares them in float64.

    None if one variable has no bins.
    """
    nx, ny = x_edges.size - 1, y_edges.size - 1
    if min(nx, ny) < 1:
        return None
    check_size(nx, ny)
    if is_small(x.dtype, x.size) and is_small(y.dtype, y.size):
        if x.itemsize > 1 or y.itemsize > 1:
            return _count_by_part(x, y, x_edges, y_edges)
        if x.size >= _FEWEST_BYTES:
            return _count_bytes(x, y, x_edges, y_edges)
    dtype = np.float32 if x.dtype == y.dtype == np.float32 else np.float64
    if are_few(x.size):
        samples = as_block(x, dtype), as_block(y, dtype)
        table = np.zeros((nx + 1, ny + 1), np.int64)
        kernels.count_few_pairs(*samples, _exact(x_edges), _exact(y_edges), table)
        return np.ascontiguousarray(table[:nx, :ny])
    (x_exact, x_grid), (y_exact, y_grid) = _grid(x_edges), _grid(y_edges)
    if max(x_grid[1], y_grid[1]) >= 0.25 or (nx + 1) * (ny + 1) >= INDEXED_CELLS:
        return _count_by_part(x, y, x_edges, y_edges)

    def add(start: int, stop: int, table: Array) -> None:
        xs, ys = as_block(x[start:stop], dtype), as_block(y[start:stop], dtype)
        kernels.count_samples(xs, ys, x_exact, y_exact, x_grid, y_grid, table)

    return fill((nx, ny), x.size, add)


def _count_by_part(x: Array, y: Array, x_edges: Array, y_edges: Array) -> Array:
    """Code a part of both variables, count the codes, and forget them."""
    nx, ny = x_edges.size - 1, y_edges.size - 1
    common, dtype = np.result_type(x, y), code_dtype(max(nx, ny))
    x_code, y_code = coder_of(x, x_edges, common), coder_of(y, y_edges, common)

    def add(start: int, stop: int, table: Array) -> None:
        codes = np.empty((2, stop - start), dtype)
        x_code(x[start:stop], codes[0])
        y_code(y[start:stop], codes[1])
        kernels.count_pairs(read_only(codes[0]), read_only(codes[1]), table)

    return fill((nx, ny), x.size, add)


def _count_bytes(x: Array, y: Array, x_edges: Array, y_edges: Array) -> Array:
    """Count pairs of 8-bit integers by value, then add up the values of each bin."""

    def add(start: int, stop: int, table: Array) -> None:
        kernels.count_pairs(as_values(x[start:stop]), as_values(y[start:stop]), table)

    table = fill((256, 256), x.size, add)
    common = np.result_type(x, y)
    for edges, kind in ((x_edges, x.dtype), (y_edges, y.dtype)):
        codes = value_codes(edges, kind, common)
        order = np.argsort(codes, kind="stable")
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        joined = np.zeros((edges.size, table.shape[1]), np.int64)
        joined[codes[order[starts]]] = np.add.reduceat(table[order], starts, axis=0)
        table = joined[:-1].T  # first y is joined, then x
    return np.ascontiguousarray(table)


def count_few(x: Coded, y: Coded) -> tuple[Array, Array, Array, int]:
    """Count a few pairs of codes: the table (int64), its sums (float64), the number of pairs."""
    dtype = max(x.codes.dtype, y.codes.dtype, key=lambda d: d.itemsize)
    codes = as_block(x.codes, dtype), as_block(y.codes, dtype)
    check_size(x.n_levels, y.n_levels)
    table = np.zeros((x.n_levels, y.n_levels), np.int64)
    sums = np.zeros(x.n_levels), np.zeros(y.n_levels)
    return table, *sums, kernels.count_few_coded(*codes, table, *sums)


def count_coded(x: Coded, y: Coded) -> Array:
    """Count pairs of codes; pairs with a missing or dropped sample are in no cell."""
    if are_few(x.codes.size):
        return count_few(x, y)[0]
    dtype = max(x.codes.dtype, y.codes.dtype, key=lambda d: d.itemsize)

    def add(start: int, stop: int, table: Array) -> None:
        xs, ys = as_block(x.codes[start:stop], dtype), as_block(y.codes[start:stop], dtype)
        kernels.count_pairs(xs, ys, table)

    check_size(x.n_levels, y.n_levels)
    return fill((x.n_levels, y.n_levels), x.codes.size, add)


def count_coded_weighted(x: Coded, y: Coded, weights: Array) -> Array:
    """Add up weights in the order of the samples, rounded as by :func:`numpy.bincount`."""
    check_size(x.n_levels, y.n_levels)
    table = np.zeros((x.n_levels + 1, y.n_levels + 1))
    add_coded_weighted(x, y, weights, table)
    return np.ascontiguousarray(table[: x.n_levels, : y.n_levels])


def add_coded_weighted(x: Coded, y: Coded, weights: Array, table: Array) -> None:
    """Add weights to a table with an extra row and column for missing or dropped samples."""
    dtype = max(x.codes.dtype, y.codes.dtype, key=lambda d: d.itemsize)
    for start, stop in spans(x.codes.size, CHUNK):
        xs, ys = as_block(x.codes[start:stop], dtype), as_block(y.codes[start:stop], dtype)
        kernels.count_pairs_weighted(xs, ys, as_block(weights[start:stop], np.float64), table)


class Side(NamedTuple):
    """Which rows or columns are kept, and their new places."""

    old: Array | slice
    new: Array | slice
    end: int  #: one more than the last new place
    apart: bool  #: whether all places are different


def one_side(places: Places, size: int) -> Side:
    """New places of `size` rows or columns; those with place -1 are left out."""
    if places is None:
        return Side(slice(size), slice(size), size, True)
    places = places[:size]
    n = int(np.count_nonzero(places >= 0))
    first = slice(n)
    if not n or (places[0] == 0 and places[n - 1] == n - 1 and _rises(places[first])):
        return Side(first, first, n, True)
    old = np.flatnonzero(places >= 0)
    new = places[old]
    return Side(old, new, int(new.max()) + 1, _rises(new) or np.unique(new).size == n)


def unmoved(places: Places, size: int) -> Places:
    """None if the first `size` rows or columns stay where they are, else their places."""
    if places is None or np.array_equal(places[:size], np.arange(size)):
        return None
    return places


def _rises(places: Array) -> bool:
    return int(np.count_nonzero(places[1:] > places[:-1])) == places.size - 1


def add_to(whole: Array, part: Array, x: Side, y: Side) -> None:
    """Add all cells of a part in place."""
    cells = part[_index(x.old, y.old)]
    if x.apart and y.apart:
        whole[_index(x.new, y.new)] += cells
    else:
        np.add.at(whole, _index(x.new, y.new), cells)


def _index(x: Array | slice, y: Array | slice) -> Any:
    return (x, y) if isinstance(x, slice) or isinstance(y, slice) else np.ix_(x, y)
