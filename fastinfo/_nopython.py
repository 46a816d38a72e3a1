"""What the functions inside ``@njit`` are made of: coercion, edges, codes and tables of one call.

Helpers whose code depends on types are overloads of stubs; the rest are kernels.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload, register_jitable

from fastinfo._jit import kernel
from fastinfo.kernels import binning, counting, information
from fastinfo.kernels.distributions import has_negative, total
from fastinfo.kernels.losses import check_targets
from fastinfo.rules import mi_bins

__all__ = [
    "MOST_CELLS",
    "as_common",
    "as_floats",
    "as_targets",
    "check_pair",
    "check_weights",
    "codes_of",
    "conditional_information",
    "count_between",
    "count_codes",
    "count_one",
    "edges_of",
    "first_of",
    "information_of",
    "number_of_bins",
    "second_of",
]

MOST_CELLS = 1 << 24  # of a table that is made inside of a compiled function
_WINDOW = 1 << 16

register_jitable(mi_bins)


def as_floats(a: Any) -> Any:
    """Contiguous float32 as it is, all else as contiguous float64."""
    raise NotImplementedError


@overload(as_floats)
def _as_floats(a):
    if a.dtype in (types.float32, types.float64):
        if a.layout == "C":
            return lambda a: a
        return lambda a: np.ascontiguousarray(a)
    if a.dtype == types.float16:
        return lambda a: np.ascontiguousarray(a).astype(np.float32)
    return lambda a: np.ascontiguousarray(a).astype(np.float64)


def as_common(x: Any, y: Any) -> Any:
    """Both contiguous: float32 if both are, else float64."""
    raise NotImplementedError


@overload(as_common)
def _as_common(x, y):
    narrow = [a.dtype in (types.float32, types.float16) for a in (x, y)]
    if narrow[0] == narrow[1]:
        return lambda x, y: (as_floats(x), as_floats(y))
    if narrow[0]:
        return lambda x, y: (as_floats(x).astype(np.float64), as_floats(y))
    return lambda x, y: (as_floats(x), as_floats(y).astype(np.float64))


@kernel
def check_weights(p):
    """Raise for weights that make no distribution."""
    if p.size == 0 or total(p) == 0.0:
        raise ValueError("weights must not all be zero")
    if has_negative(p):
        raise ValueError("weights must not be negative")


@kernel
def check_pair(p, q):
    """The same of two, which must be as long."""
    if p.size != q.size:
        raise ValueError("pk and qk must have the same length")
    check_weights(p)
    check_weights(q)


def as_targets(x: Any, targets: Any) -> Any:
    """Targets of logits, checked: int64, or probabilities of the logits' dtype."""
    raise NotImplementedError


@overload(as_targets)
def _as_targets(x, targets):
    if targets.ndim == 2:

        def probabilities(x, targets):
            if targets.shape != x.shape:
                raise ValueError("targets must have the shape of logits")
            return as_floats(targets).astype(x.dtype)

        return probabilities

    def labels(x, targets):
        if targets.size != x.shape[0]:
            raise ValueError("targets must be as many as rows of logits")
        t = targets.astype(np.int64)
        if check_targets(t, x.shape[1], False, np.int64(0), np.empty(0), np.empty(0))[0] >= 0:
            raise ValueError("targets must be classes, from 0 to the number of columns less 1")
        return t

    return labels


# Bins


def first_of(bins: Any) -> Any:
    """The bins of the first of two variables."""
    raise NotImplementedError


def second_of(bins: Any) -> Any:
    """Those of the second."""
    raise NotImplementedError


@overload(first_of)
def _first_of(bins):
    if isinstance(bins, types.BaseTuple):
        return lambda bins: bins[0]
    return lambda bins: bins


@overload(second_of)
def _second_of(bins):
    if isinstance(bins, types.BaseTuple):
        return lambda bins: bins[1]
    return lambda bins: bins


@kernel
def _equal_edges(a, bins, low, high):
    """Edges of equal bins as :func:`numpy.histogramdd` makes them."""
    if bins < 1:
        raise ValueError("bins must be positive, when an integer")
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("the range of the samples is not finite")
    if low > high:
        raise ValueError("max must be larger than min in range parameter")
    edges = np.empty(bins + 1, a.dtype)
    binning.equal_edges(low, high, edges)
    return edges


@kernel
def _check_edges(edges):
    if edges.size < 2:
        raise ValueError("bins must hold at least two edges")
    for i in range(edges.size - 1):
        if not edges[i] <= edges[i + 1]:
            raise ValueError("bins must be monotonically increasing, when an array")


def edges_of(a: Any, bins: Any, bounds: Any) -> Any:
    """Edges of samples: given ones, or equal ones within `bounds` or all of the samples."""
    raise NotImplementedError


@overload(edges_of)
def _edges_of(a, bins, bounds):
    if isinstance(bins, types.Array):

        def given(a, bins, bounds):
            edges = as_floats(bins)
            _check_edges(edges)
            return edges

        return given
    if isinstance(bounds, types.BaseTuple | types.Array):

        def between(a, bins, bounds):
            return _equal_edges(a, bins, np.float64(bounds[0]), np.float64(bounds[1]))

        return between

    def detected(a, bins, bounds):
        low, high, n = binning.sample_range(a)
        if n == 0:
            low, high = 0.0, 1.0
        return _equal_edges(a, bins, low, high)

    return detected


@kernel
def number_of_bins(x, y):
    """The rule "mi" for two variables without missing samples."""
    out = np.empty(10)
    binning.pair_moments(x, y, np.float64(x[0]), np.float64(y[0]), out)
    n = out[0]
    mx = out[5] / n
    my = out[6] / n
    square = (out[7] / n - mx * mx) * (out[8] / n - my * my)
    r = (out[9] / n - mx * my) / math.sqrt(square) if square > 0.0 else 0.0
    return mi_bins(int(n), min(max(r, -1.0), 1.0) if math.isfinite(r) else 0.0)


# Codes and tables


@kernel
def _codes_among(a, edges, out):
    """Codes of samples; the number of bins where they are outside."""
    exact = edges.astype(np.float64)
    scale, margin, step = binning.grid(exact)
    if margin < 0.25:
        binning.uniform_codes(a, exact, scale, margin, step, out)
    else:
        binning.codes_from_edges(a, exact, out)


def codes_of(a: Any, bins: int) -> Any:
    """Codes of labels or of samples in so many equal bins, and the number of levels."""
    raise NotImplementedError


@overload(codes_of)
def _codes_of(a, bins):
    if isinstance(a.dtype, types.Float):

        def of_numbers(a, bins):
            samples = as_floats(a)
            edges = edges_of(samples, bins, None)
            codes = np.empty(samples.size, np.uint32)
            _codes_among(samples, edges, codes)
            return codes, edges.size - 1

        return of_numbers

    def of_labels(a, bins):
        labels = a.astype(np.int64)
        least = labels.min()
        span = labels.max() - least
        codes = np.empty(labels.size, np.uint32)
        if 0 <= span < max(_WINDOW, 4 * labels.size):
            for i in range(labels.size):
                codes[i] = labels[i] - least
            return codes, span + 1
        levels = np.unique(labels)
        found = np.searchsorted(levels, labels)
        for i in range(labels.size):  # an assignment of a slice would take seconds to compile
            codes[i] = found[i]
        return codes, levels.size

    return of_labels


@kernel
def count_codes(x, nx, y, ny):
    """Table of two variables of so many levels."""
    if x.size != y.size:
        raise ValueError("x and y must have the same length")
    if (nx + 1) * (ny + 1) > MOST_CELLS:
        raise ValueError("x and y must have fewer levels for a table in compiled code")
    table = np.zeros((nx + 1, ny + 1), np.uint32)
    counting.count_pairs(x, y, table)
    return table[:nx, :ny].astype(np.int64)


@kernel
def count_one(a, edges):
    """Counts of samples among edges."""
    codes = np.empty(a.size, np.uint32)
    _codes_among(a, edges, codes)
    counts = np.zeros(edges.size, np.int64)
    counting.count_codes(codes, counts)
    return counts[: edges.size - 1].copy()


@kernel
def count_between(x, y, x_edges, y_edges):
    """Table of two variables among edges."""
    if x.size != y.size:
        raise ValueError("x and y must have the same length")
    nx = x_edges.size - 1
    ny = y_edges.size - 1
    if (nx + 1) * (ny + 1) > MOST_CELLS:
        raise ValueError("bins must be fewer for a table in compiled code")
    table = np.zeros((nx + 1, ny + 1), np.uint32)
    x_exact = x_edges.astype(np.float64)
    y_exact = y_edges.astype(np.float64)
    x_grid = binning.grid(x_exact)
    y_grid = binning.grid(y_exact)
    if max(x_grid[1], y_grid[1]) < 0.25:
        counting.count_samples(x, y, x_exact, y_exact, x_grid, y_grid, table)
    else:
        x_codes = np.empty(x.size, np.uint32)
        y_codes = np.empty(y.size, np.uint32)
        _codes_among(x, x_edges, x_codes)
        _codes_among(y, y_edges, y_codes)
        counting.count_pairs(x_codes, y_codes, table)
    return table[:nx, :ny].astype(np.int64)


@kernel
def information_of(table):
    """Mutual information of a table of counts, in nats; NaN of none."""
    counts = table.astype(np.float64)
    x_counts = np.empty(table.shape[0])
    y_counts = np.empty(table.shape[1])
    information.margins(counts, x_counts, y_counts)
    if not total(x_counts) > 0.0:
        return np.nan
    return information.mutual_information(counts, x_counts, y_counts)


@kernel
def conditional_information(x, nx, y, ny, z, nz):
    """``I(x; y | z)`` of codes of so many levels, in nats."""
    if not (x.size == y.size and y.size == z.size):
        raise ValueError("x, y and z must have the same length")
    if (nx + 1) * (ny + 1) * (nz + 1) > MOST_CELLS:
        raise ValueError("x, y and z must have fewer levels for a table in compiled code")
    table = np.zeros((nz + 1, nx + 1, ny + 1))
    for i in range(x.size):
        table[z[i], x[i], y[i]] += 1.0
    x_counts = np.empty(nx)
    y_counts = np.empty(ny)
    s = 0.0
    n = 0.0
    for k in range(nz):
        part = np.ascontiguousarray(table[k, :nx, :ny])
        information.margins(part, x_counts, y_counts)
        m = total(x_counts)
        n += m
        s += m * information.mutual_information(part, x_counts, y_counts)
    return s / n if n > 0.0 else np.nan
