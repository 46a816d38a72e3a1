"""Rules for the number of bins, from the number, spread and correlation of samples."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from fastinfo._bins.quantiles import quantiles
from fastinfo._core.checks import Array
from fastinfo._core.messages import warn

#: Names of NumPy's rules for the number of bins.
NUMPY_RULES = ("auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges")

MOST_MI_BINS = 4096  #: the most bins that a rule gives for each of several variables
MOST_BINS = 1 << 20  #: the most bins that a rule gives for a histogram of one variable


def mi_bins(n: int, r: float = 0.0) -> int:
    """
    Return the number of bins for the mutual information of two variables.

    The number is ``round(sqrt((1 + sqrt(1 + 24 n / (1 - r**2))) / 2))``. It would grow without
    bound as ``|r|`` tends to 1. Therefore ``1 / n`` is used if ``1 - r**2`` is less, and the number
    of bins is at most 4,096.

    Parameters
    ----------
    n : int
        Number of pairs.
    r : float, optional
        Pearson correlation of the two variables; NaN means 0.

    Returns
    -------
    int
        The number of bins of each variable; 1 if there are no pairs.

    References
    ----------
    Hacine-Gharbi, A. & Ravier, P. (2018), A binning formula of bi-histogram for joint entropy
    estimation using mean square error minimization, Pattern Recognition Letters 101, 21-28.
    https://doi.org/10.1016/j.patrec.2017.11.007

    Examples
    --------
    >>> from fastinfo.rules import mi_bins
    >>> mi_bins(1000), mi_bins(1000, 0.9)
    (9, 13)
    """
    if n < 1:
        return 1
    unexplained = max(1.0 - r * r, 1.0 / n) if r == r else 1.0
    return min(
        round(math.sqrt((1.0 + math.sqrt(1.0 + 24.0 * n / unexplained)) / 2.0)), MOST_MI_BINS
    )


def mi_bins_of_one(n: int) -> int:
    """
    Return the number of bins for the entropy of one variable.

    The number is ``round(z / 6 + 2 / (3 z) + 1 / 3)`` with
    ``z = (8 + 324 n + 12 sqrt(36 n + 729 n**2))**(1/3)``.

    Parameters
    ----------
    n : int
        Number of samples.

    Returns
    -------
    int
        The number of bins; 1 if there are no samples.

    References
    ----------
    Hacine-Gharbi, A., Ravier, P., Harba, R. & Mohamadi, T. (2012), Low bias histogram-based
    estimation of mutual information for feature selection, Pattern Recognition Letters 33(10),
    1302-1308. https://doi.org/10.1016/j.patrec.2012.02.022

    Examples
    --------
    >>> from fastinfo.rules import mi_bins_of_one
    >>> mi_bins_of_one(1000)
    15
    """
    if n < 1:
        return 1
    z = math.cbrt(8.0 + 324.0 * n + 12.0 * math.sqrt(36.0 * n + 729.0 * n * n))
    return round(z / 6.0 + 2.0 / (3.0 * z) + 1.0 / 3.0)


def rule_bins(a: Array, rule: str, name: str, given_range: Any, most: int) -> int:
    """
    Return the number of bins by one of NumPy's rules, limited to `most`.

    NumPy's rules have no limit: with a single outlier, the bins may not fit into memory. So the
    number is estimated first. If it is above `most`, `most` is returned, with a warning. NaN is
    ignored.

    Parameters
    ----------
    a : ndarray of real numbers
        The samples.
    rule : {"auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges"}
        Name of the rule.
    name : str
        Name of the argument in errors and warnings.
    given_range : (float, float) or None
        Range of the samples to use; None means all.
    most : int
        The largest number of bins.

    Returns
    -------
    int
        The number of bins.

    Raises
    ------
    TypeError, ValueError
        If the rule is unknown, or the range is not a pair of numbers.

    Warns
    -----
    RuntimeWarning
        If the rule asks for more than `most` bins.

    Examples
    --------
    >>> import numpy as np
    >>> from fastinfo.rules import rule_bins
    >>> rule_bins(np.arange(100.0), "sturges", "bins", None, 4096)
    8
    """
    if rule not in NUMPY_RULES:
        known = ", ".join(repr(known) for known in ("mi", *NUMPY_RULES))
        raise ValueError(
            f"{rule!r} is not a valid estimator for `bins`: "
            f"{name} must be a number, edges or one of {known}, got {rule!r}"
        )
    a = a.astype(np.uint8) if a.dtype.kind == "b" else a
    present = a[~np.isnan(a)] if a.dtype.kind == "f" and np.isnan(a).any() else a
    with np.errstate(invalid="ignore"):  # of a NaN that NumPy does not know, as bfloat16's
        wanted = _estimate(present, rule, given_range)
        if wanted <= 4 * most:
            try:
                wanted = np.histogram_bin_edges(present, rule, range=given_range).size - 1
            except TypeError as error:
                raise TypeError(f"range must be a pair of numbers: {error}") from error
    if wanted > most:
        warn(
            f"{name}={rule!r} asks for about {wanted:.4g} bins: {most} are used. Give a number of "
            "bins, or a range that excludes the samples far from all others",
            RuntimeWarning,
        )
        return most
    return int(wanted)


def _estimate(a: Array, rule: str, given_range: Any) -> float:
    """Estimate the number of bins that NumPy would make; 0 without samples or a range."""
    if a.size == 0:
        return 0.0
    bounds = a.min(), a.max()
    try:
        first, last = bounds if given_range is None else given_range
        low, high = float(first), float(last)
    except (TypeError, ValueError, OverflowError):
        return 0.0  # for NumPy to say what is wrong
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return 0.0
    if not (bounds[0] >= low and bounds[1] <= high):
        a = a[(a >= first) & (a <= last)]
        if a.size == 0:
            return 0.0
    width = _width(a, rule)
    if a.dtype.kind in "iu":
        width = max(width, 1.0)
    return high / width - low / width if width > 0.0 else 1.0


def _width(a: Array, rule: str) -> float:
    """Estimate the width of a bin by one of NumPy's rules; 0 if it is not defined."""
    n = a.size
    extent = float(a.max()) - float(a.min())
    if rule == "scott":
        with np.errstate(all="ignore"):
            return math.cbrt(24.0 * math.sqrt(math.pi) / n) * float(np.std(a, dtype=float))
    if rule in ("fd", "auto"):
        quarters = quantiles(a, np.array([0.25, 0.75]))
        width = 2.0 * float(quarters[1] - quarters[0]) / math.cbrt(n)
        if rule == "fd":
            return width
        if _auto_is_limited():
            width = max(width, extent / math.sqrt(n) / 2.0)
        by_number = extent / (math.log2(n) + 1.0)
        return min(width, by_number) if width > 0.0 else by_number
    # The others by their formulas: NumPy would warn, and does so again with the number itself.
    if rule == "stone":
        return extent / _bins_of_stone(a)
    bins = {"rice": 2.0 * math.cbrt(n), "sqrt": math.sqrt(n), "sturges": math.log2(n) + 1.0}
    return extent / (bins[rule] if rule in bins else _bins_of_doane(a))


def _bins_of_doane(a: Array) -> float:
    """Number of bins by the number of samples and their skewness."""
    n = a.size
    with np.errstate(all="ignore"):
        from_mean = a - np.mean(a, dtype=float)
        spread = float(np.std(from_mean))
        if n < 3 or not spread > 0.0:
            return 1.0
        skewness = abs(float(np.mean((from_mean / spread) ** 3)))
    usual = math.sqrt(6.0 * (n - 2) / ((n + 1.0) * (n + 3.0)))
    return 1.0 + math.log2(n) + math.log2(1.0 + skewness / usual)


def _bins_of_stone(a: Array) -> int:
    """Number of bins with the smallest loss, which is estimated by leaving out each sample."""
    n = a.size

    def loss(bins: int) -> float:
        shares = np.histogram(a, bins)[0] / n
        return (2.0 - (n + 1.0) * float(shares @ shares)) * bins

    return min(range(1, max(100, math.isqrt(n)) + 1), key=loss)


@functools.cache
def _auto_is_limited() -> bool:
    """Whether this version of NumPy limits "auto" to 2 sqrt(n) bins."""
    outlier = np.append(np.linspace(0.0, 1.0, 999), 1e3)
    return np.histogram_bin_edges(outlier, "auto").size < 200
