"""Bins inside ``@njit``: edges for samples, and codes of numbers and labels.

Functions named ``..._by`` return compiled functions. They choose by the types and constants that
are known when the user's function is compiled.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from fastinfo._bins.rules import mi_bins
from fastinfo._core.in_njit import OVERLOADS, jitable
from fastinfo._core.jit import kernel
from fastinfo.kernels.binning import edges as binning
from fastinfo.kernels.binning.searching import key, number_of
from fastinfo.kernels.binning.sorted_samples import sorted_edges
from fastinfo.kernels.elementary.memory import new_array, new_zeros
from fastinfo.kernels.encoding.sorting import number_runs, sort_keys
from fastinfo.numba_ext.arguments import as_floats, as_labels

MOST_CELLS = 1 << 24  # of a table that is made inside of a compiled function
_WINDOW = 1 << 16
_SHORT = 64  # numbers of which some may be unused
_EXACT = 2.0**53  # integers up to here are float64 numbers

jitable(mi_bins)

# One of several settings, by its place, which numba wants written out; or the one for all.
_ITEMS = tuple(
    jitable(take) for take in (lambda each: each[0], lambda each: each[1], lambda each: each[2])
)
_ALL = jitable(lambda setting: setting)


def as_binned(a: Any) -> Any:
    """Samples as floats, for bins of equal counts; large integers as distances to the smallest."""
    raise NotImplementedError


@overload(as_binned, jit_options=OVERLOADS)
def _as_binned(a):
    if not (isinstance(a.dtype, types.Integer) and a.dtype.bitwidth == 64):
        return lambda a: as_floats(a)

    def near_the_least(a):
        least = a.min()
        span = np.float64(np.uint64(a.max()) - np.uint64(least))  # wraps, as the difference does
        longest = max(-np.float64(least), np.float64(a.max()))
        if span < _EXACT < longest:
            return (a - least).astype(np.float64)
        return a.astype(np.float64)

    return near_the_least


# Edges


@kernel
def _check_number(bins):
    if bins < 1:
        raise ValueError("bins must be positive, when an integer")
    if bins >= MOST_CELLS:
        raise ValueError("bins must be fewer: compiled code allows no table of so many cells")


@kernel
def edges_within(a, bins, low, high):
    """Edges of equal bins like those of :func:`numpy.histogramdd`, in the dtype of the samples."""
    _check_number(bins)
    if low > high:
        raise ValueError("max must be larger than min in range parameter")
    edges = new_array(bins + 1, a.dtype)
    binning.equal_edges(low, high, edges)
    if not math.isfinite(edges[bins] - edges[0]):
        raise ValueError("the range of the samples is not finite, or wider than their dtype holds")
    return edges


@kernel
def edges_of_equal_counts(a, bins):
    """Edges with equally many samples between them; no sample is missing."""
    _check_number(bins)
    keys = new_array(a.size, np.uint64)
    for i in range(a.size):
        keys[i] = key(a[i])
    keys = sort_keys(keys)[0]
    values = new_array(a.size, np.float64)
    for i in range(a.size):
        values[i] = number_of(keys[i])
    if not (values[0] > -np.inf and values[a.size - 1] < np.inf):
        raise ValueError("the range of the samples is not finite")
    edges = new_array(3 * bins + 3, np.float64)
    return edges[: sorted_edges(values, bins, edges)]


@kernel
def _check_edges(edges):
    if edges.size < 2:
        raise ValueError("bins must hold at least two edges")
    for i in range(edges.size - 1):
        if not edges[i] <= edges[i + 1]:
            raise ValueError("bins must be monotonically increasing, when an array")


@jitable
def given_edges(bins):
    """Check edges given by the user, and return them as floats."""
    edges = as_floats(bins)
    _check_edges(edges)
    return edges


@jitable
def widths_of(a, bins):
    """Edges of equal bins within the range of the samples."""
    low, high, n = binning.sample_range(a)
    if n == 0:
        low, high = 0.0, 1.0
    return edges_within(a, bins, low, high)


@jitable
def _given(a, setting):
    return given_edges(setting)


def edges_by(kind: str, by_counts: bool) -> Any:
    """Return a compiled function that finds edges from samples without missing ones, and bins."""
    if kind == "edges":
        return _given
    return edges_of_equal_counts if by_counts else widths_of


@jitable
def _edges_of_two(bins, n):
    """Return edges for both variables; two entries are refused, which Python reads as numbers."""
    if bins.size == 2:
        raise ValueError("bins must be a tuple if it has two entries, or an array of more edges")
    return bins


@jitable
def _edges_of_three(bins, n):
    if bins.size == 3:
        raise ValueError("bins must be a tuple if it has three entries, or an array of more edges")
    return bins


def setting_by(kind: str, place: int, bins: Any, rule: int | None, variables: int = 2) -> Any:
    """
    Return a compiled function of the bins of all variables and of the number of samples.

    It returns the bins of the variable at `place`. `rule` is the number of bins by the rule "mi",
    or None if that depends on the number of samples.
    """
    if kind == "edges" and not isinstance(bins, types.BaseTuple):
        return _edges_of_two if variables == 2 else _edges_of_three
    if kind != "mi":
        take = _ITEMS[place] if isinstance(bins, types.BaseTuple) else _ALL
        return jitable(lambda bins, n: take(bins))
    if rule is None:
        return jitable(lambda bins, n: mi_bins(n, 0.0))
    return jitable(lambda bins, n: rule)


@kernel
def number_by_correlation(x, y):
    """Number of bins by the rule "mi" for equal widths; no sample of `x` and `y` is missing."""
    out = new_array(10, np.float64)
    binning.pair_moments(x, y, np.float64(x[0]), np.float64(y[0]), out)
    n = out[0]
    mx = out[5] / n
    my = out[6] / n
    square = (out[7] / n - mx * mx) * (out[8] / n - my * my)
    r = (out[9] / n - mx * my) / math.sqrt(square) if square > 0.0 else 0.0
    return mi_bins(int(n), min(max(r, -1.0), 1.0) if math.isfinite(r) else 0.0)


# Codes


@kernel
def code_among(a, edges):
    """Codes of samples between edges; the number of bins for samples outside."""
    out = new_array(a.size, np.uint32)
    exact = edges.astype(np.float64)
    scale, margin, step = binning.grid(exact)
    if margin < 0.25:
        binning.uniform_codes(a, exact, scale, margin, step, out)
    else:
        binning.codes_from_edges(a, exact, out)
    return out


@kernel
def _search(a, edges):
    out = new_array(a.size, np.uint32)
    binning.codes_from_edges(a, edges, out)
    return out


def code_between(a: Any, edges: Any) -> Any:
    """Codes of samples between given edges; integers are compared with integer edges exactly."""
    raise NotImplementedError


@overload(code_between, jit_options=OVERLOADS)
def _code_between(a, edges):
    kinds = [b.dtype for b in (a, edges)]
    whole = all(isinstance(kind, types.Integer) for kind in kinds)
    if whole and kinds[0].signed == kinds[1].signed:

        def between_integers(a, edges):
            _check_edges(edges)
            return _search(np.ascontiguousarray(a), np.ascontiguousarray(edges))

        return between_integers
    return lambda a, edges: code_among(as_floats(a), given_edges(edges))


@kernel
def number_labels(labels, gaps):
    """Codes of labels from 0 on, and their number; with `gaps`, some codes may not occur."""
    least = most = labels[0]
    for i in range(labels.size):
        least = min(least, labels[i])
        most = max(most, labels[i])
    codes = new_array(labels.size, np.uint32)
    span = np.uint64(most) - np.uint64(least)  # wraps around, as the difference does
    if gaps and span < np.uint64(min(_SHORT, labels.size)):
        for i in range(labels.size):
            codes[i] = np.uint64(labels[i]) - np.uint64(least)
        return codes, np.int64(span) + 1
    if span < np.uint64(max(_WINDOW, 4 * labels.size)):
        number = new_zeros(span + np.uint64(1), np.uint32)
        for i in range(labels.size):
            number[np.uint64(labels[i]) - np.uint64(least)] = 1
        n = 0
        for k in range(number.size):
            if number[k]:
                number[k] = n
                n += 1
        for i in range(labels.size):
            codes[i] = number[np.uint64(labels[i]) - np.uint64(least)]
        return codes, n
    keys, places = sort_keys(labels.view(np.uint64))
    return codes, number_runs(keys, places, new_array(labels.size, np.uint64), codes)


@jitable
def _codes_of_labels(a, bins):
    return number_labels(as_labels(a), False)


@jitable
def _codes_with_gaps(a, bins):
    return number_labels(as_labels(a), True)


def codes_by(
    label: bool,
    kind: str,
    by_counts: bool,
    place: int,
    bins: Any,
    rule: int | None = None,
    variables: int = 2,
    wide: bool = False,
    gaps: bool = False,
) -> Any:
    """
    Return a compiled function that codes a variable without missing samples.

    It returns the codes and the number of levels. With `gaps`, some levels of labels may not occur.
    """
    if label:
        return _codes_with_gaps if gaps else _codes_of_labels
    setting = setting_by(kind, place, bins, rule, variables)
    if kind == "edges":

        @jitable
        def among_edges(a, bins):
            edges = setting(bins, a.size)
            return code_between(a, edges), edges.size - 1

        return among_edges
    if by_counts:

        @jitable
        def by_order(a, bins):
            samples = as_binned(a)
            edges = edges_of_equal_counts(samples, setting(bins, a.size))
            return _search(samples, edges), edges.size - 1

        return by_order

    @jitable
    def by_width(a, bins):
        samples = as_floats(a).astype(np.float64) if wide else as_floats(a)
        edges = widths_of(samples, setting(bins, a.size))
        return code_among(samples, edges), edges.size - 1

    return by_width
