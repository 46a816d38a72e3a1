"""Bin numbers of the samples of one variable, or of the columns of a matrix."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._bins.columns_of_matrix import code_columns
from fastinfo._bins.edges import STRATEGIES
from fastinfo._bins.options import Binning, bins_of_columns
from fastinfo._core.checks import Array, as_array, as_numeric, choice, kept, shown


@dataclass(frozen=True, repr=False)
class Codes:
    """
    Bin numbers of samples, as :func:`discretize` returns them.

    Attributes
    ----------
    codes : (n,) or (n, f) ndarray of uint8, uint16 or uint32
        Bin number of each sample, in the smallest dtype that holds every code. A sample that is
        missing or outside the range has the code `n_levels` of its column. Each column is
        contiguous (Fortran order).
    edges : list of ndarray
        Edges of the bins of each column, read-only. For one variable, the list has one array.
    n_levels : int or (f,) int64 ndarray
        Number of bins, for each column of a matrix.

    Examples
    --------
    >>> import fastinfo
    >>> found = fastinfo.discretize([0.0, 1.0, float("nan"), 4.0], bins=2)
    >>> found.codes, found.n_levels
    (array([0, 0, 2, 1], dtype=uint8), 2)
    >>> found
    <Codes: 4 samples, uint8, in 2 bins>
    """

    codes: Array
    edges: list[Array]
    n_levels: Any

    def __len__(self) -> int:
        return len(self.codes)

    def __repr__(self) -> str:
        n, *columns = self.codes.shape
        levels = np.atleast_1d(self.n_levels)
        few, many = levels.min(initial=1 << 62), levels.max(initial=0)
        return (
            f"<Codes: {n:,} samples{f' of {columns[0]:,} columns' if columns else ''}, "
            f"{self.codes.dtype}, in {many if few >= many else f'{few} to {many}'} bins>"
        )


def discretize(
    X: npt.ArrayLike,
    bins: Any = "mi",
    *,
    y: Any = None,
    strategy: str = "uniform",
    range: Any = None,
) -> Codes:
    """
    Replace samples by their bin numbers.

    Parameters
    ----------
    X : (n,) or (n, f) array_like of real numbers, datetime64 or timedelta64
        Samples of one variable, or of several variables in columns. Every numeric dtype is binned,
        also integers. Dates and durations need edges of their own kind.
    bins : int, array_like, str, or a sequence of those, optional
        Number of bins, edges, or the name of a rule. "mi" (default) is the rule of
        :func:`mutual_information` (Hacine-Gharbi & Ravier 2018) without a correlation:
        ``round(sqrt((1 + sqrt(1 + 24 n)) / 2))`` for `n` samples that are not missing. NumPy's
        rules are listed in :func:`histogram_bin_edges`. For a matrix, a list or tuple has one entry
        for each column, and an array holds the edges of all columns. With "mdl", a number is the
        maximum number of bins, and "mi" means no limit.
    y : (n,) array_like, optional
        Class of each sample, only for "mdl": labels of any type. A sample whose class is missing
        is treated as missing.
    strategy : {"uniform", "quantile", "mdl"}, optional
        "uniform": bins of equal width. "quantile": bins with equally many samples; a value that
        fills a bin has a bin of its own, and if there are no more distinct values than bins, each
        value has its own bin. "mdl": bins that separate the classes `y`, by minimum description
        length (Fayyad & Irani 1993; see Notes).
    range : (float, float) or sequence of f of those, optional
        Outermost edges (for "quantile" and "mdl": limits of the samples), for all columns or for
        each. None means the range of the data. Samples outside are dropped.

    Returns
    -------
    Codes
        The codes, the edges and the number of bins. Samples fall into bins as in
        :func:`histogram2d`: edges are float64 (or as given), and the last bin is closed.

    Raises
    ------
    TypeError
        If the samples are not real numbers, dates have neither edges of dates nor classes, or a
        number of bins is not an integer.
    ValueError
        If there are infinite samples and no range, the shape, bins or range is not valid, or `y`
        is given without "mdl" or "mdl" without `y`.

    Warns
    -----
    RuntimeWarning
        If one of NumPy's rules asks for more than 4,096 bins, as "fd" does for heavy tails. Then
        4,096 are used.
    UserWarning
        If most classes of `y` occur once, as in an identifier.

    Notes
    -----
    "mdl" cuts a column in two where the mean class entropy of the two parts is smallest. It accepts
    the cut if the information gained exceeds the cost of the cut, ``(log2(n - 1) + log2(3**k - 2) -
    k H + k1 H1 + k2 H2) / n`` bits. Here the `n` samples have `k` classes with an entropy of `H`
    bits, and the two parts have `k1` and `k2` classes with entropies `H1` and `H2`. Each part is
    then cut in the same way. If cuts are equally good, the lowest one is used. If the number of
    bins is limited, the cut with the largest gain, multiplied by its number of samples, is made
    first.

    A cut lies halfway between two neighbouring values: above the lower value, and at most at the
    upper one. The edges of dates are dates, and the edges of integers that float64 cannot hold are
    integers. A column that contains no information about the classes, such as a constant, has a
    single bin: look at `n_levels` before you use it as a feature.

    References
    ----------
    Fayyad, U. M. & Irani, K. B. (1993), Multi-Interval Discretization of Continuous-Valued
    Attributes for Classification Learning, Proceedings of the 13th International Joint Conference
    on Artificial Intelligence, 1022-1027. https://hdl.handle.net/2014/35171

    Hacine-Gharbi, A. & Ravier, P. (2018), A binning formula of bi-histogram for joint entropy
    estimation using mean square error minimization, Pattern Recognition Letters 101, 21-28.
    https://doi.org/10.1016/j.patrec.2017.11.007

    Examples
    --------
    >>> import fastinfo
    >>> found = fastinfo.discretize([[0.0, 10], [1.0, 30], [4.0, 90]], bins=4)
    >>> found.codes
    array([[0, 0],
           [1, 1],
           [3, 3]], dtype=uint8)
    >>> found.edges[1]
    array([10., 30., 50., 70., 90.])
    >>> found = fastinfo.discretize(range(20), y=[0] * 8 + [1] * 12, strategy="mdl")
    >>> found.edges[0]
    array([ 0. ,  7.5, 19. ])
    """
    choice(strategy, "strategy", (*STRATEGIES, "mdl"))
    supervised = strategy == "mdl"
    if supervised and y is None:
        raise ValueError("y must hold the class of each sample where strategy='mdl', got None")
    if y is not None and not supervised:
        raise ValueError(f"y must be None unless strategy='mdl', got it with strategy={strategy!r}")
    array = as_array(X, "X")
    dates = array.dtype.kind in "mM"
    array = array if dates else as_numeric(array if array.size else X, "X")
    if array.ndim not in (1, 2):
        raise ValueError(f"X must have one or two dimensions, got shape {array.shape}")
    f = 1 if array.ndim == 1 else array.shape[1]
    settings = [bins] if array.ndim == 1 else bins_of_columns(bins, f)
    ranges = _ranges(range, f, array.ndim)
    matrix = array.reshape(len(array), f)
    if supervised:
        from fastinfo.histograms.class_cuts import Classes, code_by_classes

        codes, edges = code_by_classes(matrix, Classes.of(y, array, "X"), settings, ranges)
    else:
        options = [
            Binning(setting, strategy, own) for setting, own in zip(settings, ranges, strict=True)
        ]
        codes, edges = code_columns(matrix, options)
    n_levels = np.array([len(found) - 1 for found in edges], np.int64)
    edges = [kept(found) for found in edges]  # given ones are the user's
    if array.ndim == 1:
        return Codes(codes[:, 0], edges, int(n_levels[0]))
    return Codes(codes, edges, n_levels)


def _ranges(given: Any, n_columns: int, ndim: int) -> Sequence[Any]:
    if ndim == 1 or given is None:
        return [given] * n_columns
    entries = list(given) if hasattr(given, "__len__") and getattr(given, "ndim", True) else []
    if len(entries) == 2 and all(isinstance(bound, numbers.Real) for bound in entries):
        return [given] * n_columns
    if len(entries) != n_columns:
        raise ValueError(
            f"range must be a pair, or have an entry for each of the {n_columns} columns, "
            f"got {shown(given)}"
        )
    return entries
