"""Samples as codes, to keep: one variable, or the columns of a matrix."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from fastinfo._bins.edges import STRATEGIES, check_number, count_of, strategy_of
from fastinfo._bins.extents import find_range
from fastinfo._bins.options import Binning
from fastinfo._bins.rules import mi_bins
from fastinfo._codes.coder import code_between, coder_of
from fastinfo._core.checks import Array, as_array, as_block, as_numeric, choice, kept, read_only
from fastinfo._core.coded import CHUNK, Coded, code_dtype
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.binning.edges import sample_range
from fastinfo.kernels.binning.turning import column_ranges

T = TypeVar("T")

_CELLS = 1 << 19  # of a part of a matrix that is turned at a time
_SIDE_BY_SIDE = 64  # columns of it, at most
_TURNED = 512  # rows of it that the first cache turns best
_TURNED_TOGETHER = 8  # columns: numbers of 64 bits that lie in a line of the cache


@dataclass(frozen=True)
class Codes:
    """
    Numbers of the bins that samples fall into: what :func:`discretize` returns.

    Attributes
    ----------
    codes : (n,) or (n, f) ndarray of uint8, uint16 or uint32
        The smallest dtype that holds every code. A sample that is missing, or outside the range,
        has the code `n_levels` of its column. Each column is contiguous (Fortran order): codes are
        counted by column.
    edges : list of ndarray
        Edges of the bins of each column, read-only; of one for samples of one variable.
    n_levels : int or (f,) int64 ndarray
        Number of bins, for each column of a matrix.

    Examples
    --------
    >>> import fastinfo
    >>> found = fastinfo.discretize([0.0, 1.0, float("nan"), 4.0], bins=2)
    >>> found.codes, found.n_levels
    (array([0, 0, 2, 1], dtype=uint8), 2)
    """

    codes: Array
    edges: list[Array]
    n_levels: Any

    def __len__(self) -> int:
        return len(self.codes)


def discretize(
    X: npt.ArrayLike,
    bins: Any = "mi",
    *,
    strategy: str = "uniform",
    range: Any = None,
) -> Codes:
    """
    Replace samples by the numbers of their bins.

    Parameters
    ----------
    X : (n,) or (n, f) array_like of real numbers, datetime64 or timedelta64
        The samples of one variable, or of several in columns. Every numeric dtype is binned,
        integers too; dates and durations among edges of their kind.
    bins : int, array_like, str, or a sequence of those, optional
        Number of bins, edges, or the name of a rule: "mi" (the default) is that of
        :func:`mutual_information` (Hacine-Gharbi & Ravier 2018) without a correlation,
        ``round(sqrt((1 + sqrt(1 + 24 n)) / 2))`` with `n` samples that are not missing; NumPy's are
        those of :func:`histogram_bin_edges`. For a matrix, a list or tuple with an entry for each
        column is taken as that; an array is edges for all of them.
    strategy : {"uniform", "quantile"}, optional
        Bins of equal width, or with equally many samples in each: a value that fills a bin has one
        of its own then, and no more distinct values than bins have one each.
    range : (float, float) or sequence of f of those, optional
        Outermost edges, or for "quantile" limits of the samples, for all columns or each. None
        stands for the range of the data. Samples outside are dropped.

    Returns
    -------
    Codes
        The codes, the edges and the number of bins. The codes are those by which
        :func:`histogram2d` counts: edges are float64 (or the given ones), the last bin is closed.

    Raises
    ------
    TypeError
        If the samples are not real numbers, dates are to be binned without edges of dates, or a
        number of bins is no integer.
    ValueError
        If there are infinite samples without a range, or the shape, bins or range can't be used.

    Warns
    -----
    RuntimeWarning
        If one of NumPy's rules asks for more than 4,096 bins, as "fd" does of heavy tails: so many
        are used.

    References
    ----------
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
    """
    choice(strategy, "strategy", STRATEGIES)
    array = as_array(X, "X")
    dates = array.dtype.kind in "mM"
    array = array if dates else as_numeric(array if array.size else X, "X")
    if array.ndim not in (1, 2):
        raise ValueError(f"X must have one or two dimensions, got shape {array.shape}")
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    f = 1 if array.ndim == 1 else array.shape[1]
    settings = [bins] if array.ndim == 1 else bins_of_columns(bins, f)
    ranges = _ranges(range, f, array.ndim)
    if dates:
        codes, edges = _by_dates(array, settings)
    elif strategy_of(strategy, bins if isinstance(bins, str) else None) == "quantile":
        codes, edges = _by_counts(array, settings, ranges, strategy)
    else:
        codes, edges = _by_edges(array, settings, ranges, strategy)
    n_levels = np.array([len(found) - 1 for found in edges], np.int64)
    edges = [kept(found) for found in edges]  # given ones are the user's
    return Codes(codes, edges, int(n_levels[0]) if array.ndim == 1 else n_levels)


def _by_edges(
    array: Array, settings: Sequence[Any], ranges: Sequence[Any], strategy: str
) -> tuple[Array, list[Array]]:
    """Codes and edges; the range of all columns comes first, then the codes, part by part."""
    columns = [array] if array.ndim == 1 else list(array.T)
    blocks = _Blocks(array)
    edges = [
        Binning(setting, strategy, given).edges(column, extent)
        for column, setting, given, extent in zip(
            columns, settings, ranges, blocks.ranges(), strict=True
        )
    ]
    most = max((len(found) - 1 for found in edges), default=0)
    codes = np.empty(array.shape, code_dtype(most), order="F")
    coders = [coder_of(c, e, c.dtype) for c, e in zip(columns, edges, strict=True)]
    targets = [codes] if array.ndim == 1 else list(codes.T)

    def fill(i: int, part: slice, block: Array) -> None:
        coders[i](block, targets[i][part])

    blocks.each(fill)
    return codes, edges


def _by_dates(array: Array, settings: Sequence[Any]) -> tuple[Array, list[Array]]:
    """Codes and edges of points of time or durations, between edges that are given."""
    columns = [array] if array.ndim == 1 else list(array.T)
    edges = [
        Binning(setting, "uniform").edges(column, (math.nan, math.nan, 0))
        for column, setting in zip(columns, settings, strict=True)
    ]
    most = max((len(found) - 1 for found in edges), default=0)
    codes = np.empty(array.shape, code_dtype(most), order="F")
    targets = [codes] if array.ndim == 1 else list(codes.T)
    for column, found, target in zip(columns, edges, targets, strict=True):
        code_between(column, found, column.dtype, target)
    return codes, edges


def _by_counts(
    array: Array, settings: Sequence[Any], ranges: Sequence[Any], strategy: str
) -> tuple[Array, list[Array]]:
    """Codes and edges of columns, one after the other; those in rows are turned a few at a time."""
    columns = array[:, None] if array.ndim == 1 else array
    n, f = columns.shape
    in_rows = f > 1 and abs(columns.strides[1]) < abs(columns.strides[0])
    most = max((_most_bins(setting, n) for setting in settings), default=1)
    codes = np.empty(array.shape, code_dtype(most), order="F")
    targets = [codes] if array.ndim == 1 else list(codes.T)
    found: list[Coded] = []
    for left, right in spans(f, _TURNED_TOGETHER):
        part = columns[:, left:right].T
        if in_rows:
            part = _turned(part)

        def code(i: int, part: Array = part, left: int = left) -> Coded:
            own = Binning(settings[left + i], strategy, ranges[left + i])
            known = own.alone and not own.by_rule_mi
            extent = None if known else find_range(part[i])
            return own.code(part[i], extent=extent, out=targets[left + i])

        found += run_in_order(code, range(right - left))
    edges = [coded.edges for coded in found if coded.edges is not None]
    if all(coded.codes is target for coded, target in zip(found, targets, strict=True)):
        return codes, edges
    most = max((coded.n_levels for coded in found), default=0)
    codes = np.empty(array.shape, code_dtype(most), order="F")
    for target, coded in zip([codes] if array.ndim == 1 else codes.T, found, strict=True):
        target[:] = coded.codes
    return codes, edges


def _most_bins(setting: Any, n: int) -> int:
    """The number of bins that is likely to be the largest for so many samples."""
    return mi_bins(n) if isinstance(setting, str) else check_number(count_of(setting), "bins")


def _turned(part: Array) -> Array:
    """Columns, each contiguous."""
    out = np.empty(part.shape, part.dtype)

    def turn(span: tuple[int, int]) -> None:
        for first, last in spans(span[1] - span[0], _TURNED):
            here = slice(span[0] + first, span[0] + last)
            out[:, here] = part[:, here]

    run_in_order(turn, spans(part.shape[1], CHUNK))
    return out


class _Blocks:
    """The columns of a matrix in parts; rows that lie together in memory are turned together."""

    def __init__(self, array: Array) -> None:
        self.array = array[:, None] if array.ndim == 1 else array
        n, f = self.array.shape
        self.in_rows = f > 1 and abs(self.array.strides[1]) < abs(self.array.strides[0])
        width = min(f, _SIDE_BY_SIDE) if self.in_rows else 1
        self.row_spans = spans(n, _CELLS // width if self.in_rows else CHUNK)
        self.pieces = [(rows, columns) for rows in self.row_spans for columns in spans(f, width)]

    def each(self, work: Callable[[int, slice, Array], T]) -> list[list[T]]:
        """Call ``work(column, rows, samples)``; the results of each column, by parts."""

        def of_piece(piece: tuple[tuple[int, int], tuple[int, int]]) -> list[T]:
            (start, stop), (left, right) = piece
            part = slice(start, stop)
            if not self.in_rows:
                return [work(left, part, self.array[part, left])]
            turned = np.empty((right - left, stop - start), self.array.dtype)
            for first, last in spans(stop - start, _TURNED):
                turned[:, first:last] = self.array[start + first : start + last, left:right].T
            return [work(left + i, part, turned[i]) for i in range(right - left)]

        found: list[list[T]] = [[] for _ in range(self.array.shape[1])]
        for (_, (left, _)), results in zip(
            self.pieces, run_in_order(of_piece, self.pieces), strict=True
        ):
            for i, result in enumerate(results):
                found[left + i].append(result)
        return found

    def ranges(self) -> list[tuple[float, float, int]]:
        """Smallest and largest sample of each column that is not NaN, and how many are not."""
        if self.array.dtype.itemsize > 8:
            return [find_range(column) for column in self.array.T]
        if self.in_rows and self.array.dtype in (np.float32, np.float64) and len(self.array):
            return self._ranges_of_rows()
        return [
            (
                min((p[0] for p in parts), default=math.inf),
                max((p[1] for p in parts), default=-math.inf),
                sum(p[2] for p in parts),
            )
            for parts in self.each(lambda i, part, block: sample_range(as_block(block)))
        ]

    def _ranges_of_rows(self) -> list[tuple[float, float, int]]:
        n_columns = self.array.shape[1]

        def measure(span: tuple[int, int]) -> tuple[Array, Array, Array]:
            low = np.full(n_columns, np.inf, self.array.dtype)
            high, n = -low, np.zeros(n_columns, np.int64)
            column_ranges(read_only(self.array[slice(*span)]), low, high, n)
            return low, high, n

        lows, highs, numbers = zip(*run_in_order(measure, self.row_spans), strict=True)
        return list(
            zip(
                np.min(lows, axis=0).astype(float).tolist(),
                np.max(highs, axis=0).astype(float).tolist(),
                np.sum(numbers, axis=0).tolist(),
                strict=True,
            )
        )


def bins_of_columns(bins: Any, n_columns: int) -> Sequence[Any]:
    """The bins of each column of a matrix: a list or tuple has an entry for each, or is edges."""
    if isinstance(bins, (list, tuple)) and len(bins) == n_columns:
        return bins
    if isinstance(bins, (list, tuple)) and any(np.ndim(b) or isinstance(b, str) for b in bins):
        raise ValueError(
            f"bins must have an entry for each of the {n_columns} columns, got {bins!r}"
        )
    return [bins] * n_columns


def _ranges(given: Any, n_columns: int, ndim: int) -> Sequence[Any]:
    if ndim == 1 or given is None:
        return [given] * n_columns
    entries = list(given) if hasattr(given, "__len__") else []
    if len(entries) == 2 and all(isinstance(bound, numbers.Real) for bound in entries):
        return [given] * n_columns
    if len(entries) != n_columns:
        raise ValueError(
            f"range must be a pair, or have an entry for each of the {n_columns} columns, "
            f"got {given!r}"
        )
    return entries
