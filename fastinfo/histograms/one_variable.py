"""Histograms of one variable: NumPy's counts and edges, and edges of equal counts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._bins.edges import STRATEGIES, check_number, date_edges, given_edges, is_scalar
from fastinfo._bins.quantiles import quantile_edges
from fastinfo._bins.ranges import Range
from fastinfo._bins.rules import MOST_BINS, mi_bins_of_one, rule_bins
from fastinfo._codes.coder import all_values, coder, compares_in_float64, count_each_value
from fastinfo._core.checks import Array, as_array, as_block, as_numeric, choice, read_only, shown
from fastinfo._core.coded_variable import code_dtype
from fastinfo._core.in_njit import in_njit
from fastinfo._core.messages import warn
from fastinfo._core.threads import run_in_order, spans
from fastinfo._counts import dense
from fastinfo.kernels.binning import edges as binning_kernels
from fastinfo.kernels.counting import tables as kernels

_NUMPYS_BLOCK = 1 << 16  # samples of which NumPy adds up the weights at a time
_MOST_FLOAT32_BINS = 1 << 18  # past it NumPy's own rounding decides, a bin or more away
_BLOCKS_AT_ONCE = 64  # whose sums are kept until they are merged
_FEW = 1 << 18
_WIDTH_IN_ULPS = 8.0  # of a bin: NumPy looks at narrower ones itself


@in_njit("fastinfo.numba_ext.of_samples")
def histogram(
    a: npt.ArrayLike,
    bins: Any = 10,
    range: Any = None,
    density: bool | None = None,
    weights: npt.ArrayLike | None = None,
) -> tuple[Array, Array]:
    """
    Histogram of one variable, with exactly the counts of :func:`numpy.histogram`.

    Parameters
    ----------
    a : array_like of real numbers, datetime64 or timedelta64
        The samples, of any shape. Samples outside the range are dropped, and NaN too if a range or
        edges are given. Dates and durations need edges of their own kind.
    bins : int or array_like or str, optional
        Number of bins, edges, or the name of a rule listed in :func:`histogram_bin_edges`.
    range : (float, float), optional
        Outermost edges; by default, the range of the data.
    density : bool, optional
        Return the probability density of each bin instead of the count.
    weights : array_like of real numbers, optional
        Weight of each sample, with the shape of `a`.

    Returns
    -------
    hist : (n,) ndarray
        Counts, sums of weights in the dtype of the weights, or densities. In bins of equal width,
        weights are added in NumPy's order. Between given edges, they are summed bin by bin, which
        rounds less than NumPy's differences of running sums.
    bin_edges : (n + 1,) ndarray
        The edges.

    Raises
    ------
    TypeError
        If the samples or weights are not real numbers, dates have no edges of dates, the number of
        bins is not an integer, or a rule is combined with weights.
    ValueError
        If bins or edges are not valid or do not fit into memory, a range is reversed or not
        finite, or the weights have another shape.

    See Also
    --------
    histogram2d : Histogram of two variables.

    Notes
    -----
    Edges have the same dtype as in NumPy: float32 samples are counted between float32 edges.
    :func:`histogram2d` and all other functions use float64 edges, like :func:`numpy.histogram2d`.

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.histogram([1, 2, 1, 4], bins=3)
    (array([2, 1, 1]), array([1., 2., 3., 4.]))
    """
    array = as_array(a, "a")
    if array.dtype.kind in "mM":
        bins = _given(bins, array)
        weights = None if weights is None else as_numeric(weights, "weights")
        with np.errstate(invalid="ignore"):
            hist, edges = np.histogram(array, bins, range, density, weights)
        return hist, edges
    samples, w = _checked(array if array.size else a, weights)
    edges = _edges(samples, bins, range, w)
    equal = isinstance(bins, (str, int)) or is_scalar(bins)
    hist = _counts(samples, edges, equal, range, w)
    if density:
        widths = np.array(np.diff(edges), float)
        with np.errstate(all="ignore"):
            hist = hist / widths / hist.sum()
    return hist, edges


def histogram_bin_edges(
    a: npt.ArrayLike,
    bins: Any = 10,
    range: Any = None,
    weights: npt.ArrayLike | None = None,
    *,
    strategy: str = "uniform",
) -> Array:
    """
    Bin edges for a histogram of one variable.

    Beyond :func:`numpy.histogram_bin_edges`, there are the rule "mi" and edges at quantiles.

    Parameters
    ----------
    a : array_like of real numbers
        The samples, of any shape.
    bins : int or array_like or str, optional
        Number of bins, edges, or the name of a rule. NumPy's rules are "auto", "doane", "fd",
        "rice", "scott", "sqrt", "stone" and "sturges". "mi" is the number of bins for the entropy
        of one variable (Hacine-Gharbi et al. 2012): ``round(z / 6 + 2 / (3 z) + 1 / 3)`` with
        ``z = (8 + 324 n + 12 sqrt(36 n + 729 n**2))**(1/3)`` and `n` samples in the range.
    range : (float, float), optional
        Outermost edges; by default, the range of the data. Rules ignore samples outside.
    weights : array_like, optional
        Weights, with the shape of `a`. Edges do not depend on them, and rules do not accept them.
    strategy : {"uniform", "quantile"}, optional
        "uniform": bins of equal width. "quantile": bins with equally many samples, with the edges
        ``quantile(a, linspace(0, 1, bins + 1))`` of the samples within the range, without NaN. A
        value that fills a bin has a bin of its own; if several do, there can be more bins than
        asked for. If there are no more distinct values than bins, each value has its own bin.

    Returns
    -------
    (n + 1,) ndarray
        The edges.

    Raises
    ------
    TypeError, ValueError
        If the input is not valid: the conditions are listed in :func:`histogram`.

    Warns
    -----
    RuntimeWarning
        If a rule asks for more than 1,048,576 bins, as "fd" and "scott" do for heavy tails. Then
        1,048,576 are used.

    References
    ----------
    Hacine-Gharbi, A., Ravier, P., Harba, R. & Mohamadi, T. (2012), Low bias histogram-based
    estimation of mutual information for feature selection, Pattern Recognition Letters 33(10),
    1302-1308. https://doi.org/10.1016/j.patrec.2012.02.022

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.histogram_bin_edges([0, 1, 2, 3, 100], bins=2)
    array([  0.,  50., 100.])
    >>> fastinfo.histogram_bin_edges([0, 1, 2, 3, 100], bins=2, strategy="quantile")
    array([  0.,   2., 100.])
    """
    choice(strategy, "strategy", STRATEGIES)
    array = as_array(a, "a")
    if array.dtype.kind in "mM":
        return np.array(_given(bins, array))
    samples, w = _checked(array if array.size else a, weights)
    if strategy == "uniform":
        return _edges(samples, bins, range, w)
    edges = _given(bins)
    if edges is not None:
        return edges.copy()
    count = _number(samples, bins, range, w)
    _equal_edges(np.zeros(0), 1, range)  # for what is wrong with a range
    return quantile_edges(samples, count, range)


def _checked(a: Any, weights: Any) -> tuple[Array, Array | None]:
    """Samples and weights in one dimension."""
    samples = as_numeric(a, "a")
    if samples.dtype.kind == "b":
        warn(
            f"Converting input from {samples.dtype} to {np.uint8} for compatibility.",
            RuntimeWarning,
        )
        samples = samples.astype(np.uint8)
    if weights is None:
        return samples.reshape(-1), None
    w = as_numeric(weights, "weights")
    if w.shape != samples.shape:
        raise ValueError(
            "weights should have the same shape as a. "
            f"weights must have shape {samples.shape}, got {w.shape}"
        )
    return samples.reshape(-1), w.reshape(-1)


def _edges(a: Array, bins: Any, range: Any, weights: Array | None) -> Array:
    given = _given(bins)
    if given is not None:
        return given.copy()
    return _equal_edges(_bounds(a, range), _number(a, bins, range, weights), range)


def _given(bins: Any, dates: Array | None = None) -> Array | None:
    """Edges given by the user, also for dates, or None; errors use the words of NumPy."""
    if type(bins) is int and dates is None:
        return None
    if not isinstance(bins, str) and not is_scalar(bins):
        array = as_array(bins, "bins")
        if array.ndim != 1:
            raise ValueError(f"`bins` must be 1d, when an array, got shape {array.shape}")
        if array.dtype.kind in "biufmM" and np.any(array[:-1] > array[1:]):
            raise ValueError(f"`bins` must increase monotonically, when an array, got {array!r}")
    return given_edges(bins) if dates is None else date_edges(dates, bins)


def _number(a: Array, bins: Any, range: Any, weights: Array | None) -> int:
    """Number of bins: the given one, or that of a rule."""
    if not isinstance(bins, str):
        try:
            return check_number(bins, "bins")
        except TypeError:
            raise TypeError(
                f"`bins` must be an integer, a string, or an array, got {shown(bins)}"
            ) from None
    if weights is not None:
        raise TypeError(
            "Automated estimation of the number of bins is not supported for weighted data: "
            f"give their number in place of {shown(bins)}"
        )
    if bins != "mi":
        return rule_bins(a, bins, "bins", range, MOST_BINS)
    if range is None:
        return mi_bins_of_one(a.size)
    first, last = _equal_edges(np.zeros(0), 1, range)
    return mi_bins_of_one(int(np.count_nonzero((a >= first) & (a <= last))))


def _bounds(a: Array, range: Any) -> Array:
    """Two samples with the range of all samples (NaN if one is); empty if a range is given."""
    if range is not None or a.size == 0:
        return a[:0]
    if a.dtype.kind != "f" or a.dtype.itemsize not in (4, 8):
        with np.errstate(invalid="ignore"):
            return np.array([a.min(), a.max()])
    low, high, n = Range.of(a)
    if n < a.size:
        low = high = np.nan
    return np.array([low, high], a.dtype.newbyteorder("="))


def _equal_edges(bounds: Array, number: int, range: Any) -> Array:
    """Return NumPy's edges; errors are those of NumPy, with the given values added."""
    if range is None and bounds.size == 2 and bounds.dtype == np.float64:
        low, high = bounds.tolist()
        width = high - low or 1.0
        if _WIDTH_IN_ULPS * number * math.ulp(max(-low, high)) < width < math.inf:
            edges = np.empty(number + 1)
            binning_kernels.equal_edges(low, high, edges)
            return edges
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            edges = np.asarray(np.histogram_bin_edges(bounds, number, range))
            finite = bool(np.isfinite(edges[-1] - edges[0]))
        if finite and not bool((edges[:-1] < edges[1:]).all()):  # NumPy says it from 2.2 on
            raise ValueError(
                f"Too many bins for data range. Cannot create {number} finite-sized bins."
            )
    except (TypeError, OverflowError) as error:
        raise TypeError(f"range must be a pair of numbers, got {shown(range)}: {error}") from None
    except ValueError as error:
        raise ValueError(f"{error} Got range={shown(range)}, bins={number!r}") from None
    if not finite:
        raise ValueError(
            f"range of [{edges[0]}, {edges[-1]}] is not finite: its width is more than "
            f"{edges.dtype} holds"
        )
    return edges


def _counts(a: Array, edges: Array, equal: bool, range: Any, weights: Array | None) -> Array:
    if not _is_search(a, edges, equal) or not _adds_up(weights):
        setting = edges.size - 1 if equal else edges
        if weights is None and a.dtype == np.float16 and a.size >= _FEW:
            a, weights = _distinct(a)
        with np.errstate(invalid="ignore"):
            return np.histogram(a, setting, range, weights=weights)[0]
    if weights is None:
        return dense.count_in_bins(a, edges).astype(np.intp, copy=False)
    return _weighted(a, edges, equal, weights)


def _is_search(a: Array, edges: Array, equal: bool) -> bool:
    """
    Whether a search for samples between the edges, in float64, gives NumPy's counts.

    For equal bins, NumPy computes a bin number in the dtype of the edges and corrects it by one bin
    at most. This equals a search unless rounding changes the number by more, which does not happen
    in float64.
    """
    if not compares_in_float64(a.dtype, edges):
        return False
    if not equal:
        return True
    if edges.dtype == np.float32:
        return edges.size <= _MOST_FLOAT32_BINS and np.can_cast(a.dtype, np.float32)
    if edges.dtype != np.float64:
        return False
    return a.dtype.kind == "f" or a.dtype.itemsize < 8 or bool(np.abs(edges).max() < 2.0**53)


def _adds_up(weights: Array | None) -> bool:
    """Whether weights can be summed as float64 or int64."""
    return weights is None or (weights.dtype.kind in "iuf" and weights.dtype.itemsize <= 8)


def _distinct(a: Array) -> tuple[Array, Array]:
    """Distinct values of float16 samples, and how often each occurs."""
    native = a.astype(a.dtype.newbyteorder("="), copy=False)
    counts = count_each_value(native)
    there = counts > 0
    return all_values(native.dtype)[there], counts[there]


def _weighted(a: Array, edges: Array, equal: bool, weights: Array) -> Array:
    """Sum the weights in each bin, in blocks of the same size and order as NumPy's."""
    bins = edges.size - 1
    as_integers = not equal and weights.dtype.kind in "iu"
    dtype = np.dtype(np.int64 if as_integers else np.float64)
    code = coder(edges, a.dtype, a.size)

    def add(span: tuple[int, int]) -> Array:
        codes = np.empty(span[1] - span[0], code_dtype(bins))
        code(a[slice(*span)], codes)
        sums = np.zeros(bins + 1, dtype)
        kernels.count_weighted(read_only(codes), as_block(weights[slice(*span)], dtype), sums)
        return sums[:bins]

    total = np.zeros(bins, weights.dtype if equal else dtype)
    blocks = spans(a.size, _NUMPYS_BLOCK)
    for first, last in spans(len(blocks), _BLOCKS_AT_ONCE):
        for sums in run_in_order(add, blocks[first:last]):
            total += sums.astype(total.dtype, copy=False)
    return total.astype(weights.dtype, copy=False)
