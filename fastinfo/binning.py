"""Bins: how many, between which edges, and the codes of samples among them."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from fastinfo._codes import CHUNK, Coded, code_dtype
from fastinfo._threads import run_in_order, spans
from fastinfo._validate import Array, as_array, as_block, read_only
from fastinfo.kernels import binning as kernels

__all__ = [
    "bin_samples",
    "compares_in_float64",
    "count_of",
    "edges_between",
    "find_edges",
    "find_range",
    "given_edges",
    "mi_bins",
    "pair_summary",
    "split_bins",
    "split_range",
]

#: NumPy's rules for a number of bins, in its own words.
NUMPY_RULES = ("auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges")

_MOST_MI_BINS = 4096


def mi_bins(n: int, r: float = 0.0) -> int:
    """
    Return the number of bins for the mutual information of two variables.

    ``round(sqrt((1 + sqrt(1 + 24 n / (1 - r**2))) / 2))`` for `n` pairs with correlation `r`. As
    ``|r|`` tends to 1 it would grow without bound: ``1 - r**2`` is taken as ``1 / n`` at least, and
    the number as 4,096 at most.

    References
    ----------
    Hacine-Gharbi, A. & Ravier, P. (2018), A binning formula of bi-histogram for joint entropy
    estimation using mean square error minimization, Pattern Recognition Letters 101, 21-28.
    https://doi.org/10.1016/j.patrec.2017.11.007
    """
    if n < 1:
        return 1
    unexplained = max(1.0 - r * r, 1.0 / n) if r == r else 1.0
    return min(
        round(math.sqrt((1.0 + math.sqrt(1.0 + 24.0 * n / unexplained)) / 2.0)), _MOST_MI_BINS
    )


def compares_in_float64(dtype: np.dtype[Any], edges: Array) -> bool:
    """Whether NumPy's search compares samples of this dtype with these edges as float64 would."""
    if max(dtype.itemsize, edges.dtype.itemsize) > 8:
        return False
    if dtype.kind in "iu" and edges.dtype.kind in "iu" and edges.size:
        return bool(np.abs(edges.astype(np.float64)).max() < 2.0**53)  # else as integers
    return True


def find_range(a: Array) -> tuple[float, float, int]:
    """Smallest and largest sample that is not NaN, and how many are not."""
    if a.dtype.itemsize > 8:
        present = a[~np.isnan(a)]
        low, high = (present.min(), present.max()) if present.size else (math.inf, -math.inf)
        return low, high, present.size
    parts = run_in_order(
        lambda span: kernels.sample_range(as_block(a[slice(*span)])), spans(a.size, CHUNK)
    )
    return (
        min((part[0] for part in parts), default=math.inf),
        max((part[1] for part in parts), default=-math.inf),
        sum(part[2] for part in parts),
    )


def pair_summary(x: Array, y: Array) -> tuple[int, tuple[float, float], tuple[float, float], float]:
    """Number of complete pairs, range of x, range of y, Pearson correlation; in one pass."""
    x0, y0 = _first_finite(x), _first_finite(y)

    def moments(span: tuple[int, int]) -> Array:
        out = np.empty(10)
        part = slice(*span)
        kernels.pair_moments(as_block(x[part]), as_block(y[part]), x0, y0, out)
        return out

    parts = np.array(run_in_order(moments, spans(x.size, CHUNK)))
    n = int(parts[:, 0].sum())
    x_range = float(parts[:, 1].min()), float(parts[:, 2].max())
    y_range = float(parts[:, 3].min()), float(parts[:, 4].max())
    with np.errstate(all="ignore"):
        sx, sy, sxx, syy, sxy = (parts[:, i].sum() / max(n, 1) for i in range(5, 10))
        r = (sxy - sx * sy) / np.sqrt((sxx - sx * sx) * (syy - sy * sy))
    return n, x_range, y_range, float(np.clip(r, -1.0, 1.0)) if np.isfinite(r) else 0.0


def _first_finite(a: Array) -> float:
    """A sample to measure from, so that sums of squares lose nothing to a large mean."""
    for start, stop in [(0, 64), *spans(a.size, CHUNK)]:
        part = as_block(a[start:stop])
        finite = np.isfinite(part)
        if finite.any():
            return float(part[finite.argmax()])
    return 0.0


def split_range(given: Any) -> tuple[Any, Any]:
    """One range for each of two variables: None, or a pair of which either may be None."""
    if given is None:
        return None, None
    if not hasattr(given, "__len__") or len(given) != 2:
        raise ValueError(f"range must have an entry for each variable, got {given!r}")
    return given[0], given[1]


def count_of(setting: Any) -> int:
    """The number of bins that is asked for; 1 where that is for :func:`edges_between` to say."""
    return int(setting) if isinstance(setting, (int, np.integer)) and setting > 0 else 1


def split_bins(bins: Any) -> tuple[Any, Any]:
    """One setting for each of two variables: a number, edges, a rule's name, or a pair of those."""
    if isinstance(bins, str) or not hasattr(bins, "__len__"):
        return bins, bins
    if len(bins) == 2:
        return bins[0], bins[1]
    return bins, bins


def given_edges(bins: Any, name: str = "bins") -> Array | None:
    """The edges that the user gives, checked; None for a number or a rule's name."""
    if isinstance(bins, str) or np.ndim(bins) == 0:
        return None
    edges = as_array(bins, name)
    if edges.ndim != 1:
        raise ValueError(
            f"`{name}` must be a scalar or 1d array, got an array of shape {edges.shape}"
        )
    if edges.dtype.kind not in "biuf":
        raise TypeError(f"`{name}` must hold real numbers, got dtype {edges.dtype}")
    if edges.size == 0:
        raise ValueError(f"`{name}` must hold at least one edge, got an empty array")
    if edges.dtype.kind == "f" and np.isnan(edges).any():
        raise ValueError(f"`{name}` must not hold NaN, got {edges!r}")
    if np.any(edges[:-1] > edges[1:]):
        raise ValueError(f"`{name}` must be monotonically increasing, when an array, got {edges!r}")
    return edges


def edges_between(
    count: Any,
    name: str,
    dtype: np.dtype[Any],
    bounds: Any,
    *,
    detected: bool,
) -> Array:
    """
    Edges of equal bins, as :func:`numpy.histogramdd` makes them.

    `bounds` are the user's, or `detected` in samples of this dtype; None if there are no samples.
    """
    first, last = (0.0, 1.0) if bounds is None else bounds if detected else _check_range(bounds)
    if detected and not (np.isfinite(first) and np.isfinite(last)):
        raise ValueError(f"autodetected range of [{first}, {last}] is not finite")
    if (
        detected and bounds is not None and dtype.kind == "f"
    ):  # linspace computes in the dtype of the samples
        first, last = dtype.type(first), dtype.type(last)
    if first == last:
        first, last = first - 0.5, last + 0.5
    with np.errstate(over="ignore"):
        if not np.isfinite(last - first):
            raise ValueError(
                f"autodetected range of [{first}, {last}] is not finite: its width is more than "
                f"{np.asarray(last - first).dtype} holds"
            )
    try:
        if count < 1:
            raise ValueError(f"`{name}` must be positive, when an integer, got {count!r}")
        number = operator.index(count)
    except TypeError:
        raise TypeError(f"`{name}` must be an integer, when a scalar, got {count!r}") from None
    if number >= 2**31:
        raise ValueError(
            f"`{name}` must be less than 2**31 bins, got {number} (edges of {8 * number} bytes)"
        )
    return np.linspace(first, last, number + 1)


def _check_range(given: Any) -> tuple[Any, Any]:
    try:
        first, last = given
    except (TypeError, ValueError):
        raise ValueError(f"range must be a pair of numbers, got {given!r}") from None
    if first > last:
        raise ValueError(
            "max must be larger than min in range parameter. "
            f"range must be (min, max), got {given!r}"
        )
    if not (np.isfinite(first) and np.isfinite(last)):
        raise ValueError(f"supplied range of [{first}, {last}] is not finite")
    return first, last


def find_edges(
    a: Array,
    bins: Any,
    name: str,
    bounds: tuple[float, float],
    n: int,
    r: float = 0.0,
    given_range: Any = None,
    dtype: np.dtype[Any] | None = None,
) -> Array:
    """
    Edges for one variable with `n` samples within `bounds`: given, by number, or by rule.

    `dtype` is what NumPy joins the samples with their partners in, where that is not their own.
    """
    dtype = a.dtype if dtype is None else dtype
    edges = given_edges(bins, name)
    if edges is not None:
        if edges.size < 2:
            raise ValueError(f"`{name}` must hold at least two edges, got {edges!r}")
        return edges.copy()
    if isinstance(bins, str):
        if bins == "mi":
            bins = mi_bins(n, r)
        elif bins in NUMPY_RULES:
            present = a[~np.isnan(a)] if a.dtype.kind == "f" else a
            bins = np.histogram_bin_edges(present, bins, range=given_range).size - 1
        else:
            known = ", ".join(repr(rule) for rule in ("mi", *NUMPY_RULES))
            raise ValueError(f"{name} must be a number, edges or one of {known}, got {bins!r}")
    if given_range is not None:
        return edges_between(bins, name, dtype, given_range, detected=False)
    return edges_between(bins, name, dtype, bounds if n else None, detected=True)


def bin_samples(a: Array, edges: Array, dtype: np.dtype[Any] | None = None) -> Coded:
    """
    Codes of samples among edges, as :func:`numpy.histogramdd` counts them.

    `dtype` is what NumPy compares the samples in, where that is not their own.
    """
    bins = edges.size - 1
    codes = np.empty(a.size, code_dtype(bins))
    dtype = a.dtype if dtype is None else dtype
    if bins and compares_in_float64(dtype, edges):
        exact = read_only(np.ascontiguousarray(edges, np.float64))
        scale, margin, step = kernels.grid(exact)

        def fill(span: tuple[int, int]) -> None:
            part = slice(*span)
            block = as_block(a[part])
            if margin < 0.25:
                kernels.uniform_codes(block, exact, scale, margin, step, codes[part])
            else:
                kernels.codes_from_edges(block, exact, codes[part])
    else:

        def fill(span: tuple[int, int]) -> None:
            part = slice(*span)
            codes[part] = _search(a[part].astype(dtype, copy=False), edges)

    run_in_order(fill, spans(a.size, CHUNK))
    return Coded(codes, bins, edges=edges)


def _search(a: Array, edges: Array) -> Array:
    """The same by NumPy's search, for dtypes that float64 does not hold."""
    bins = edges.size - 1
    place = np.searchsorted(edges, a, side="right") - 1
    place[a == edges[-1]] = bins - 1
    return np.where((place < 0) | (place >= bins) | (a != a), bins, place)
