"""Counts of pairs: histograms of two variables, contingency tables of labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._bins.edges import count_of, date_edges, edges_between, given_edges
from fastinfo._bins.options import Binning
from fastinfo._bins.ranges import Range
from fastinfo._codes.coder import bin_samples, compares_in_float64
from fastinfo._core.checks import Array, as_array, as_numeric, shown
from fastinfo._core.coded_variable import Coded
from fastinfo._core.in_njit import in_njit
from fastinfo._core.limits import check_size
from fastinfo._counts import dense
from fastinfo._counts.samples import count_samples


@in_njit("fastinfo.numba_ext.of_samples")
def histogram2d(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    bins: Any = 10,
    range: Any = None,
    density: bool | None = None,
    weights: npt.ArrayLike | None = None,
) -> tuple[Array, Array, Array]:
    """
    Histogram of two variables, with exactly the counts of :func:`numpy.histogram2d`.

    Parameters
    ----------
    x, y : (n,) array_like of real numbers, datetime64 or timedelta64
        The samples. Pairs outside the range are dropped, and NaN too if a range or edges are given.
    bins : int or array_like or [int, int] or [array, array] or a mix of those, optional
        Number of bins or edges, for both variables or for each.
    range : [[x_min, x_max], [y_min, y_max]], optional
        Outermost edges, if bins are given as numbers; by default, the range of the data.
    density : bool, optional
        Return the probability density of each bin instead of the count.
    weights : (n,) array_like of real numbers, optional
        Weight of each pair. Weights are added in the order of the samples, as in NumPy.

    Returns
    -------
    H : (nx, ny) float64 ndarray
        Counts, sums of weights, or densities, with x along the first axis.
    x_edges, y_edges : (nx + 1,) and (ny + 1,) ndarray
        Edges of the bins along x and y.

    Raises
    ------
    TypeError
        If the samples or weights are not real numbers, dates have no edges of dates, or a number of
        bins is not an integer.
    ValueError
        If bins or edges are not valid, a range is reversed or not finite, lengths differ, or the
        table would not fit into memory.

    Examples
    --------
    >>> import fastinfo
    >>> H, x_edges, y_edges = fastinfo.histogram2d([0, 1, 2, 2], [0, 1, 1, 1], bins=2)
    >>> H
    array([[1., 0.],
           [0., 3.]])
    """
    a, b = _as_samples(x, "x"), _as_samples(y, "y")
    for array, name in ((a, "x"), (b, "y")):
        if array.ndim != 1:
            raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    if a.size != b.size:
        raise ValueError(f"x and y must have the same length. Got {a.size} and {b.size} samples")
    dates = [s.dtype.kind in "mM" for s in (a, b)]
    common = None if any(dates) else np.result_type(a, b)  # NumPy joins numbers in one array
    edges = _edges([a, b], common, bins, range)
    table = None
    if weights is None:
        if common is not None and all(compares_in_float64(common, e) for e in edges):
            table = dense.count_between(a, b, *edges)
        if table is None:
            table = dense.count_coded(*_coded([a, b], edges, common))
    else:
        w = as_numeric(weights, "weights")
        if w.shape != a.shape:
            raise ValueError(
                "The weights and list don't have the same length. "
                f"weights must have the shape of the samples, {a.shape}, got {w.shape}"
            )
        table = dense.count_coded_weighted(*_coded([a, b], edges, common), w)
    hist = table.astype(np.float64)
    x_edges, y_edges = edges
    if density:
        with np.errstate(invalid="ignore", divide="ignore"):
            total = hist.sum()
            widths = [
                np.diff(e).astype(float) if d else np.diff(e)
                for e, d in zip(edges, dates, strict=True)
            ]
            for width in (widths[0][:, None], widths[1], total):
                hist /= width
    return hist, x_edges, y_edges


def _as_samples(a: npt.ArrayLike, name: str) -> Array:
    """Read samples that are numbers, dates or durations."""
    array = as_array(a, name)
    return array if array.dtype.kind in "mM" else as_numeric(array if array.size else a, name)


def _coded(
    samples: list[Array], edges: list[Array], dtype: np.dtype[Any] | None
) -> tuple[Coded, Coded]:
    x, y = (bin_samples(a, e, dtype) for a, e in zip(samples, edges, strict=True))
    return x, y


def _edges(
    samples: list[Array], common: np.dtype[Any] | None, bins: Any, range: Any
) -> list[Array]:
    """Edges of two variables, where `bins` and `range` mean the same as in NumPy."""
    try:
        count = len(bins)
    except TypeError:
        count = 1
        bins = [bins, bins]
    if count not in (1, 2):
        bins = [as_array(bins, "bins")] * 2
    elif len(bins) != 2:
        raise ValueError(
            "The dimension of bins must be equal to the dimension of the sample x. "
            f"bins must be a number, edges, or a pair of those, got {shown(bins)}"
        )
    ranges = (None, None) if range is None else range
    entries = hasattr(ranges, "__len__") and getattr(ranges, "ndim", True)
    if not entries or len(ranges) != 2:
        raise ValueError(
            f"range argument must have one entry per dimension. range must have 2, "
            f"got {shown(range)}"
        )
    check_size(*(count_of(setting) for setting in bins))
    edges = []
    for i, (a, setting, given) in enumerate(zip(samples, bins, ranges, strict=True)):
        if a.dtype.kind in "mM":
            edges.append(date_edges(a, setting, f"bins[{i}]"))
            continue
        dtype = a.dtype if common is None else common
        found = given_edges(setting, f"bins[{i}]")
        if found is None:
            bounds = given
            if given is None and a.size:
                low, high, n = Range.of(a.astype(dtype) if dtype.itemsize > 8 else a)
                bounds = (low, high) if n == a.size else (np.nan, np.nan)
            found = edges_between(setting, f"bins[{i}]", dtype, bounds, detected=given is None)
        edges.append(found)
    return edges


def contingency_table(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, Array, Array]:
    """
    Contingency table: counts of the pairs of labels of two variables.

    Parameters
    ----------
    x, y : (n,) array_like
        Labels: integers, booleans, strings, dates, objects or floats. Pairs with a missing label
        (NaN, None, NaT) are ignored.

    Returns
    -------
    table : (r, c) int64 ndarray
        Number of samples with each pair of labels, with x along the first axis.
    x_levels, y_levels : (r,) and (c,) ndarray
        The labels of x and y, sorted if they can be compared.

    Raises
    ------
    ValueError
        If the lengths differ, there are no samples, or the table would not fit into memory.

    Examples
    --------
    >>> import fastinfo
    >>> table, x_levels, y_levels = fastinfo.contingency_table(["a", "b", "a"], [1, 2, 2])
    >>> table
    array([[1, 1],
           [0, 1]])
    >>> y_levels
    array([1, 2])
    """
    counted = count_samples(x, y, Binning(discrete=True))
    assert counted.x_levels is not None
    assert counted.y_levels is not None
    return counted.table.dense(), counted.x_levels, counted.y_levels
