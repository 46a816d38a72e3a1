"""Options of bins, and edges of bins of equal width."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from fastinfo._bins.rules import NUMPY_RULES
from fastinfo._core.checks import Array, as_array, choice, infinite_range, shown
from fastinfo._core.limits import INDEXED_CELLS, is_too_large
from fastinfo.kernels.binning import edges as kernels

STRATEGIES = ("uniform", "quantile")


class _Unsaid(str):
    """A default strategy, with which NumPy's rules mean NumPy's own equal widths."""

    __slots__ = ()


#: The default of functions of two or more variables.
EQUAL_COUNTS = _Unsaid("quantile")

_BIN = 32  # bytes per bin: its edge, its count, and what both are made from


def is_default(strategy: str) -> bool:
    """Whether the user has not chosen a strategy."""
    return isinstance(strategy, _Unsaid)


def strategy_of(strategy: str, bins: Any) -> str:
    """The strategy for these bins of one variable, if the user has not chosen one."""
    if strategy is not EQUAL_COUNTS:
        choice(strategy, "strategy", STRATEGIES)
    if is_default(strategy) and isinstance(bins, str) and bins in NUMPY_RULES:
        return "uniform"
    return str(strategy)


def split_range(given: Any) -> tuple[Any, Any]:
    """One range for each of two variables: None, or a pair of which either may be None."""
    if given is None:
        return None, None
    pair = hasattr(given, "__len__") and len(given) == 2
    if not pair or any(np.ndim(part) == 0 and part is not None for part in given):
        raise ValueError(
            f"range must have an entry for each variable, a pair of numbers or None, "
            f"got {shown(given)}"
        )
    return given[0], given[1]


def count_of(setting: Any) -> int:
    """The requested number of bins; 1 if :func:`edges_between` will report an error."""
    return int(setting) if isinstance(setting, (int, np.integer)) and setting > 0 else 1


def split_bins(bins: Any) -> tuple[Any, Any]:
    """One setting for each of two variables: a number, edges, a rule's name, or a pair of these."""
    one = isinstance(bins, (str, bytes)) or getattr(bins, "ndim", 1) == 0
    if one or not hasattr(bins, "__len__"):
        return bins, bins
    if len(bins) == 2:
        return bins[0], bins[1]
    return bins, bins


def is_scalar(bins: Any) -> bool:
    """Whether a setting has no elements."""
    try:
        return np.ndim(bins) == 0
    except Exception:  # reading them will report the error, for example lists of unequal lengths
        return False


def given_edges(bins: Any, name: str = "bins", kinds: str = "biuf") -> Array | None:
    """The user's edges, checked for samples of these `kinds`; None for a number or a rule."""
    if isinstance(bins, (str, int)) or is_scalar(bins):
        return None
    edges = as_array(bins, f"`{name}`")
    if edges.ndim != 1:
        raise ValueError(
            f"`{name}` must be a scalar or 1d array, got an array of shape {edges.shape}"
        )
    if edges.dtype.kind not in kinds:
        raise TypeError(f"`{name}` must hold real numbers, got dtype {edges.dtype}")
    if edges.size == 0:
        raise ValueError(f"`{name}` must hold at least one edge, got an empty array")
    if edges.dtype.kind in "fmM" and np.isnan(edges).any():
        raise ValueError(f"`{name}` must not hold NaN or NaT, got {shown(edges)}")
    if np.any(edges[:-1] > edges[1:]):
        raise ValueError(
            f"`{name}` must be monotonically increasing, when an array, got {shown(edges)}"
        )
    return edges


def date_edges(a: Array, bins: Any, name: str = "bins") -> Array:
    """The user's edges for points in time or durations, which are required."""
    one_kind = not isinstance(bins, str) and as_array(bins, f"`{name}`").dtype.kind == a.dtype.kind
    edges = given_edges(bins, name, a.dtype.kind) if one_kind else None
    if edges is None:
        kind = "datetime64" if a.dtype.kind == "M" else "timedelta64"
        raise TypeError(
            f"`{name}` must be an array of edges of {kind} for samples of {a.dtype}, got "
            f"{shown(bins)}. For a number of bins or a rule, convert the samples to integers "
            f"first, with astype('int64')"
        )
    return edges


def check_number(count: Any, name: str) -> int:
    """Return a number of bins: a positive integer for which there is enough memory."""
    try:
        if count < 1:
            raise ValueError(f"`{name}` must be positive, when an integer, got {shown(count)}")
        number = operator.index(count)
    except (ArithmeticError, TypeError):  # a signalling NaN
        raise TypeError(f"`{name}` must be an integer, when a scalar, got {shown(count)}") from None
    size = _BIN * number
    if number >= INDEXED_CELLS or is_too_large(size):
        raise ValueError(
            f"`{name}` must be less than 2**31 bins that fit into memory, "
            f"got {number} (which take {size} bytes)"
        )
    return number


def edges_between(
    count: Any,
    name: str,
    dtype: np.dtype[Any],
    bounds: Any,
    *,
    detected: bool,
) -> Array:
    """
    Edges of bins of equal width, as made by :func:`numpy.histogramdd`.

    `bounds` are the user's, or `detected` in samples of this dtype; None if there are no samples.
    """
    first, last = (0.0, 1.0) if bounds is None else bounds if detected else check_range(bounds)
    if detected and type(first) is type(last) is float and _as_float64(dtype):
        number = check_number(count, name)
        if math.isfinite(last - first):
            edges = np.empty(number + 1)
            kernels.equal_edges(first, last, edges)
            return edges
    if detected and not (np.isfinite(first) and np.isfinite(last)):
        raise infinite_range(first, last)
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
    number = check_number(count, name)
    return np.linspace(first, last, number + 1)


def _as_float64(dtype: np.dtype[Any]) -> bool:
    """Whether NumPy computes edges for samples of this dtype in float64."""
    return dtype.kind in "biu" or dtype == np.float64


def check_range(given: Any) -> tuple[Any, Any]:
    """Return a given range: a pair of finite numbers in ascending order."""
    try:
        first, last = given
        reversed_ = bool(first > last)
        finite = bool(np.isfinite(first) and np.isfinite(last))
    except (ArithmeticError, TypeError, ValueError):
        raise ValueError(f"range must be a pair of numbers, got {shown(given)}") from None
    if reversed_:
        raise ValueError(
            "max must be larger than min in range parameter. "
            f"range must be (min, max), got {shown(given)}"
        )
    if not finite:
        raise ValueError(f"supplied range of [{first}, {last}] is not finite")
    return first, last
