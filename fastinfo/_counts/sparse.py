"""Counts of pairs of codes if a dense table would be too large: only occupied cells."""

from __future__ import annotations

import numpy as np

from fastinfo._codes.hashing import distinct_keys
from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import CHUNK, Coded, code_dtype
from fastinfo._core.threads import run_in_order, spans
from fastinfo._counts.dense_or_sparse import is_dense
from fastinfo.kernels.encoding import sorting as kernels


def _keys(x: Coded, y: Coded) -> tuple[Array, Array | None]:
    """The number ``x * ny + y`` of each complete pair, and which pairs are (None if all)."""
    if x.codes.size != y.codes.size:
        raise ValueError(
            f"x and y must have the same length, got {x.codes.size} and {y.codes.size} samples"
        )
    keys = np.empty(x.codes.size, np.uint64)
    width = np.uint64(y.n_levels)

    def fill(span: tuple[int, int]) -> bool:
        part = slice(*span)
        p, q = x.codes[part], y.codes[part]
        np.multiply(p, width, out=keys[part], dtype=np.uint64)
        keys[part] += q
        return bool((p == x.n_levels).any() or (q == y.n_levels).any())

    if any(run_in_order(fill, spans(keys.size, CHUNK))):
        complete = ~(x.invalid | y.invalid)
        return keys[complete], complete
    return keys, None


def _distinct(keys: Array) -> tuple[Array, Array]:
    keys = read_only(keys)
    return distinct_keys(keys.size, lambda start, stop: keys[start:stop])


def split_keys(keys: Array, ny: int) -> tuple[Array, Array]:
    """Rows and columns (uint32) of the cells with the numbers ``row * ny + column``."""
    rows = keys // np.uint64(max(ny, 1))
    return rows.astype(np.uint32), (keys - rows * np.uint64(ny)).astype(np.uint32)


def count_occupied(x: Coded, y: Coded) -> tuple[Array, Array, Array]:
    """
    Count pairs in occupied cells: sorted rows and columns (uint32), counts (int64).

    Pairs with a missing code are left out.
    """
    keys, _ = _keys(x, y)
    keys.sort()
    keys = read_only(keys)
    n = sum(
        int(np.count_nonzero(keys[start + 1 : stop + 1] != keys[start : min(stop, keys.size - 1)]))
        for start, stop in spans(keys.size, CHUNK)
    )
    n += min(keys.size, 1)
    rows, columns = np.empty(n, np.uint32), np.empty(n, np.uint32)
    counts = np.empty(n, np.int64)
    kernels.count_runs(keys, np.uint64(max(y.n_levels, 1)), rows, columns, counts)
    return rows, columns, counts


def count_occupied_weighted(x: Coded, y: Coded, weights: Array) -> tuple[Array, Array, Array]:
    """Add up the weights of pairs in the order of the samples: rows, columns, sums (float64)."""
    keys, complete = _keys(x, y)
    weights = np.asarray(weights, np.float64)
    cells, places = _distinct(keys)
    sums = np.bincount(places, weights if complete is None else weights[complete], cells.size)
    return (*split_keys(cells, y.n_levels), sums)


def add_sorted(one: tuple[Array, Array], other: tuple[Array, Array]) -> tuple[Array, Array]:
    """Union of two sorted lists of keys, and the sums of their counts."""
    (a, a_counts), (b, b_counts) = one, other
    if a.size < b.size:
        a, a_counts, b, b_counts = b, b_counts, a, a_counts
    places = np.searchsorted(a, b)
    known = np.zeros(b.size, np.bool_)
    inside = places < a.size
    known[inside] = a[places[inside]] == b[inside]
    counts = a_counts.astype(np.result_type(a_counts, b_counts))
    counts[places[known]] += b_counts[known]
    if known.all():
        return a, counts
    new = ~known
    return np.insert(a, places[new], b[new]), np.insert(counts, places[new], b_counts[new])


def join_codes(x: Coded, y: Coded) -> Coded:
    """
    Combine two variables into one; it is missing if either is.

    If a table of all combinations would be dense, all of them are levels, in the order ``x * ny +
    y``. Otherwise the combinations that occur are levels, in the same order.
    """
    keys, complete = _keys(x, y)
    n = x.n_levels * y.n_levels
    if is_dense(n, x.codes.size):
        found = keys.astype(code_dtype(n))
    else:
        cells, found = _distinct(keys)
        n = cells.size
    if complete is None:
        return Coded(found, n)
    codes = np.full(complete.size, n, found.dtype)
    codes[complete] = found
    return Coded(codes, n)
