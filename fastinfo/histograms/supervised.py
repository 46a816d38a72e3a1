"""Bins of one variable that separate the classes of another, and their information."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array, as_array, as_numeric, base_divisor, integer, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo._counts.table import Table
from fastinfo._measures.information import plug_in, shares_without_empty
from fastinfo._measures.shown_results import short_html, short_repr
from fastinfo.histograms.class_cuts import Classes, code_by_classes, cuts_of_cells

_MOST = 2**45  # samples


class SupervisedSplits(NamedTuple):
    """
    Bins that separate classes, and their information about them: see :func:`supervised_splits`.

    Attributes
    ----------
    edges : ndarray
        Edges of the bins, including the outermost ones: ``edges[1:-1]`` are the cuts. The edges can
        be passed to every function that accepts edges.
    information_gain : float
        Mutual information of bin and class, in nats unless `base` is given: how much knowing the
        bin reduces the uncertainty about the class.
    gain_ratio : float
        The information gain divided by the entropy of the bins, the split information (Quinlan
        1993); 0 if there is a single bin.
    information_value : float
        ``sum((p - q) log(p / q))`` in nats, where `p` and `q` are the shares of the first and of
        the second class that fall into each bin; NaN unless there are two classes.

    Examples
    --------
    >>> import fastinfo
    >>> found = fastinfo.supervised_splits(range(20), [0] * 8 + [1] * 12, base=2)
    >>> found.edges[1:-1].tolist(), round(found.information_gain, 3), found.gain_ratio
    ([7.5], 0.971, 1.0)
    """

    edges: Array
    information_gain: float
    gain_ratio: float
    information_value: float

    def __repr__(self) -> str:
        return short_repr("SupervisedSplits", self._shown())

    def _repr_html_(self) -> str:
        return short_html("Supervised splits", self._shown())

    def _shown(self) -> dict[str, Any]:
        """The fields to print, with the number of bins in place of the edges."""
        return {"n_bins": self.edges.size - 1} | {
            name: value for name, value in self._asdict().items() if name != "edges"
        }


def supervised_splits(
    x: npt.ArrayLike,
    y: Any,
    *,
    max_bins: int | None = None,
    base: float | None = None,
) -> SupervisedSplits:
    """
    Find the bins of a variable that best separate classes, and measure their information.

    The cuts are those of :func:`discretize` with ``strategy="mdl"`` (Fayyad & Irani 1993). The
    notes of that function describe them.

    Parameters
    ----------
    x : (n,) array_like of real numbers, datetime64 or timedelta64
        The samples.
    y : (n,) array_like
        Class of each sample: labels of any type. Samples with a missing `x` or `y` are ignored.
    max_bins : int, optional
        Maximum number of bins. With None, only the criterion limits it.
    base : float, optional
        Base of the logarithm of `information_gain`: 2 for bits. None means nats.

    Returns
    -------
    SupervisedSplits
        The `edges`, `information_gain`, `gain_ratio` and `information_value`.

    Raises
    ------
    TypeError
        If `x` is neither real numbers nor dates.
    ValueError
        If lengths differ, `x` contains infinity, no sample is complete, or an option is not valid.

    Warns
    -----
    UserWarning
        If most classes occur once, as in an identifier.

    Notes
    -----
    The information is measured on the samples in which the cuts were found. It is too large for new
    samples, and the excess grows with the number of bins. It is 0 if the criterion accepts no cut.

    In credit scoring, an `information_value` below 0.02 is called useless, from 0.1 on medium, and
    from 0.3 on strong (Siddiqi 2006, Credit Risk Scorecards, Wiley). A bin without a sample of one
    class would make the value infinite, so such a class is counted as half a sample.

    References
    ----------
    Quinlan, J. R. (1993), C4.5: Programs for Machine Learning, Morgan Kaufmann, chapter 2.

    Examples
    --------
    >>> import fastinfo
    >>> age = [22, 25, 31, 38, 42, 47, 53, 58, 61, 66] * 10
    >>> bought = [0, 0, 0, 0, 1, 1, 1, 1, 0, 0] * 10
    >>> found = fastinfo.supervised_splits(age, bought)
    >>> found.edges
    array([22. , 40. , 59.5, 66. ])
    >>> found
    SupervisedSplits(n_bins=3, information_gain=0.67301, gain_ratio=0.63797,
                     information_value=8.4024)
    """
    divisor = base_divisor(base)
    array = as_array(x, "x")
    array = array if array.dtype.kind in "mM" else as_numeric(array if array.size else x, "x")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(f"x must be one-dimensional, got shape {array.shape}")
    classes = Classes.of(y, array, "x")
    most: Any = "mi"
    if max_bins is not None:  # of which no more are made than there are samples
        most = min(integer(max_bins, "max_bins", least=1), max(array.size, 1))
    codes, edges = code_by_classes(array[:, None], classes, [most], [None])
    coded = Coded(codes[:, 0], edges[0].size - 1)
    table = Table.count(coded, classes.coded)
    if not table.n:
        raise ValueError("x and y must have at least one sample that is complete, got none")
    return _splits(table, edges[0], divisor)


def splits_of_counts(
    table: Table, edges: Array, max_bins: int | None, base: float | None
) -> SupervisedSplits:
    """
    Return the result of :func:`supervised_splits` for a table of narrow bins and classes.

    Bins are rows, and classes are columns. Each cut is one of the edges. If there are empty rows
    between two parts, the cut is at the edge in their middle.
    """
    divisor = base_divisor(base)
    most = _MOST if max_bins is None else integer(max_bins, "max_bins", least=1)
    if table.weighted:
        raise ValueError("counts must be of samples without weights, to find splits, got weights")
    if not 0 < table.n < _MOST:
        raise ValueError(f"counts must be of 1 to 2**45 samples, to find splits, got {table.n}")
    rows, columns, values = table.cells()
    cuts = cuts_of_cells(rows, columns, values, table.shape[1], int(table.n), most)
    bins = np.searchsorted(cuts, np.arange(table.shape[0]), side="right")
    chosen = np.concatenate([[0], cuts, [table.shape[0]]])
    joined = table.placed(bins, None, (cuts.size + 1, table.shape[1]))
    return _splits(joined, edges[chosen], divisor)


def _splits(table: Table, edges: Array, divisor: float) -> SupervisedSplits:
    """The bins, and the measures of a table of bins and classes."""
    information, entropy, _, _ = plug_in(table)
    return SupervisedSplits(
        read_only(edges),
        information / divisor,
        information / entropy if entropy > 0.0 else 0.0,
        _information_value(table.dense()),
    )


def _information_value(table: Array) -> float:
    """Information value of a table of bins and classes; NaN unless two classes occur."""
    occurring = table[:, table.any(axis=0)]
    if occurring.shape[1] != 2:
        return math.nan
    p, q = shares_without_empty(occurring.T)
    return float(np.sum((p - q) * np.log(p / q)))
