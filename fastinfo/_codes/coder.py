"""Code the samples of one variable among edges: by multiplication, by look-up or by search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fastinfo._core.checks import Array, as_block, read_only
from fastinfo._core.coded_variable import CHUNK, Coded, code_dtype
from fastinfo._core.filled_tables import fill
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.binning import edges as kernels
from fastinfo.kernels.binning import searching
from fastinfo.kernels.counting.tables import count_codes

#: A function that writes the codes of some samples to an array of the same size.
Coder = Callable[[Array, Array], None]

_FEWEST_TO_LOOK_UP = {1: 1 << 16, 2: 1 << 18}  # by bytes per sample
_MOST_TO_HALVE = 1 << 13  # for more samples than this, a grid saves more than it costs
_GRID_CELLS = 1 << 16  # cells of the grid of a search, which fit the second-level cache


def compares_in_float64(dtype: np.dtype[Any], edges: Array) -> bool:
    """Whether NumPy's search compares such samples and edges as if both were float64."""
    if max(dtype.itemsize, edges.dtype.itemsize) > 8 or dtype.kind in "mM":
        return False
    if dtype.kind in "iu" and edges.dtype.kind in "iu" and edges.size:
        return bool(np.abs(edges.astype(np.float64)).max() < 2.0**53)  # else as integers
    return True


def are_few(n: int) -> bool:
    """Whether so few samples are best searched for among the edges, whatever the edges are."""
    return n <= _MOST_TO_HALVE


def _by_search(edges: Array, dtype: np.dtype[Any], n: int) -> Coder | None:
    """NumPy's search, for samples or edges that float64 can't represent."""
    if edges.size >= 2 and compares_in_float64(dtype, edges):
        return None
    return lambda part, out: np.copyto(
        out, _search(part.astype(dtype, copy=False), edges), "unsafe"
    )


def _by_halving(edges: Array, dtype: np.dtype[Any], n: int) -> Coder | None:
    """Binary search of a few samples among any edges, without preparation."""
    if not are_few(n):
        return None
    exact = read_only(np.ascontiguousarray(edges, np.float64))
    return lambda part, out: kernels.codes_from_edges(as_block(part), exact, out)


def _by_multiplying(edges: Array, dtype: np.dtype[Any], n: int) -> Coder | None:
    """Multiplication, for edges at nearly equal distances."""
    exact = read_only(np.ascontiguousarray(edges, np.float64))
    scale, margin, step = kernels.grid(exact)
    if margin >= 0.25:
        return None
    return lambda part, out: kernels.uniform_codes(as_block(part), exact, scale, margin, step, out)


def _by_cells(edges: Array, dtype: np.dtype[Any], n: int) -> Coder:
    """Search among any edges, starting in the cell of a grid."""
    exact = read_only(np.ascontiguousarray(edges, np.float64))
    starts = np.empty(min(max(8 * edges.size, 64), _GRID_CELLS), np.int32)
    kind, scale, shift, reach = searching.search_grid(exact, starts)
    cells = read_only(starts)

    def search_from_cells(part: Array, out: Array) -> None:
        searching.search_codes(as_block(part), exact, cells, kind, scale, shift, reach, out)

    return search_from_cells


#: Ways to code samples among edges; the first one that applies is used.
WAYS: tuple[Callable[[Array, np.dtype[Any], int], Coder | None], ...] = (
    _by_search,
    _by_halving,
    _by_multiplying,
    _by_cells,
)


def coder(edges: Array, dtype: np.dtype[Any], n: int) -> Coder:
    """The function that codes `n` samples, which NumPy compares with the edges in `dtype`."""
    return next(code for way in WAYS if (code := way(edges, dtype, n)) is not None)


def _search(a: Array, edges: Array) -> Array:
    """Codes by NumPy's search, for dtypes that float64 can't represent."""
    bins = edges.size - 1
    place = np.searchsorted(edges, a, side="right") - 1
    if bins >= 0:
        place[a == edges[-1]] = bins - 1
    return np.where((place < 0) | (place >= bins) | (a != a), bins, place)


def is_small(dtype: np.dtype[Any], n: int) -> bool:
    """Whether samples are 8- or 16-bit integers, and so many that looking them up pays."""
    return dtype.kind in "biu" and dtype.itemsize <= 2 and n >= _FEWEST_TO_LOOK_UP[dtype.itemsize]


def as_values(part: Array) -> Array:
    """Integers of 8 or 16 bits as the unsigned integers with the same bits."""
    native = np.require(part, dtype=part.dtype.newbyteorder("="), requirements=["C", "A"])
    return read_only(native.view(f"u{native.itemsize}"))


def all_values(dtype: np.dtype[Any]) -> Array:
    """Each value of a dtype of 8 or 16 bits, in the order of the bit patterns."""
    patterns = np.arange(1 << (8 * dtype.itemsize), dtype=f"u{dtype.itemsize}")
    return patterns != 0 if dtype.kind == "b" else patterns.view(dtype.newbyteorder("="))


def count_each_value(a: Array) -> Array:
    """Count each value of 8 or 16 bits, in the order of the bit patterns."""

    def add(start: int, stop: int, counts: Array) -> None:
        count_codes(as_values(a[start:stop]), counts)

    return fill((1 << (8 * a.itemsize),), a.size, add)


def room_for_codes(n: int, edges: Array, out: Array | None = None) -> Array:
    """An array for the codes of `n` samples: `out` if it has the right dtype."""
    dtype = code_dtype(edges.size - 1)
    return out if out is not None and out.dtype == dtype else np.empty(n, dtype)


def value_codes(edges: Array, kind: np.dtype[Any], dtype: np.dtype[Any]) -> Array:
    """Code of each value of a dtype of 8 or 16 bits, in the order of the bit patterns."""
    values = all_values(kind)
    codes = room_for_codes(values.size, edges)
    coder(edges, dtype, values.size)(values, codes)
    return read_only(codes)


def bin_samples(
    a: Array, edges: Array, dtype: np.dtype[Any] | None = None, out: Array | None = None
) -> Coded:
    """
    Codes of samples among edges, by the rule of :func:`numpy.histogramdd`.

    `dtype` is the dtype in which NumPy compares the samples, if it is not their own. Codes are
    written to `out` if it has the right dtype.
    """
    codes = room_for_codes(a.size, edges, out)
    code = coder_of(a, edges, a.dtype if dtype is None else dtype)

    def fill(span: tuple[int, int]) -> None:
        part = slice(*span)
        code(a[part], codes[part])

    run_in_order(fill, spans(a.size, CHUNK))
    return Coded(codes, edges.size - 1, edges=edges)


def coder_of(a: Array, edges: Array, dtype: np.dtype[Any]) -> Coder:
    """The function that codes these samples; by look-up if the dtype has few values."""
    if not is_small(a.dtype, a.size):
        return coder(edges, dtype, a.size)
    codes = value_codes(edges, a.dtype, dtype)
    return lambda part, out: searching.look_up(as_values(part), codes, out)
