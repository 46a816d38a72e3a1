"""Counts, information and rankings of Dask collections, lazily."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import numpy as np

from fastinfo._bins.coded_variables import refuse_missing
from fastinfo._bins.edges import EQUAL_COUNTS, split_bins
from fastinfo._bins.options import Binning
from fastinfo._bins.surveys import check_streamed_bins, has_equal_counts
from fastinfo._core.checks import base_divisor, check_nan_policy, choice
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.information import AVERAGES, information_of, normalize
from fastinfo.dask.graphs import aligned, as_vector, columns_of, folded, is_frame, load_dask
from fastinfo.dask.pair_surveys import PairCounting, PairInside, PairSurveys
from fastinfo.streaming.column_counts import ColumnCounts
from fastinfo.streaming.folds import Counting, Counts, Inside, Ranges, refined
from fastinfo.streaming.pair_counts import PairCounts


def joint_counts(
    x: Any,
    y: Any,
    *,
    bins: Any = "mi",
    strategy: str = "uniform",
    range: Any = None,
    discrete: Any = "auto",
) -> Any:
    """
    Count pairs of two variables, like :meth:`fastinfo.JointCounts.from_samples`.

    Errors in a partition are raised, with its number, when the result is computed.

    Parameters
    ----------
    x, y : dask.array.Array or dask.dataframe.Series
        The samples of both variables, which have the same partitions.
    bins, strategy, range, discrete
        The options of :meth:`fastinfo.JointCounts.from_samples`. The rules "fd", "auto", "scott",
        "doane" and "stone" need all samples at once and are refused.

    Returns
    -------
    dask.delayed.Delayed
        The lazy :class:`fastinfo.JointCounts`.

    Raises
    ------
    TypeError, ValueError
        If the samples are not a Dask collection, lengths differ, or the bins are not valid.

    Examples
    --------
    >>> import dask.array as da
    >>> from fastinfo import dask as fd
    >>> x = da.arange(1000, chunks=100) % 4
    >>> fd.joint_counts(x, x // 2).compute().table.tolist()
    [[250, 0], [250, 0], [0, 250], [0, 250]]
    """
    dask = load_dask()
    settings = split_bins(bins)
    for setting in settings:
        check_streamed_bins(setting, strategy)
    data = aligned(as_vector(x, "x"), as_vector(y, "y"))
    # Tasks run later: what the caller may change until then is copied.
    binning = Binning(*copy.deepcopy((bins, strategy, range, discrete)))
    known = folded(data, PairSurveys(binning))
    by_counts = any(has_equal_counts(setting, strategy) for setting in settings)
    for _ in itertools.repeat(None, _CLOSER if by_counts else 0):
        inside = dask.delayed(PairInside, pure=False)(binning, known)
        known = inside.refined(folded(data, inside, may_be_idle=True))
    counts = folded(data, dask.delayed(PairCounting, pure=False)(binning, known))
    return dask.delayed(_whole, pure=False)(counts)


def _whole(counts: Any) -> Any:
    """Return the counts, or raise an error if there are none."""
    if counts is None:
        raise ValueError("x and y must have at least one sample, got none")
    return counts


def mutual_information(
    x: Any,
    y: Any,
    *,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    range: Any = None,
    discrete: Any = "auto",
    base: float | None = None,
    correction: str | float | None = None,
    normalized: str | None = None,
    nan_policy: str = "propagate",
) -> Any:
    """
    Compute the mutual information of two variables, like :func:`fastinfo.mutual_information`.

    Parameters
    ----------
    x, y : dask.array.Array or dask.dataframe.Series
        The samples of both variables, which have the same partitions.
    bins, strategy, range, discrete, base, correction, normalized, nan_policy
        The options of :func:`fastinfo.mutual_information`.

    Returns
    -------
    dask.array.Array
        A lazy float64 number, in nats unless `base` is given.

    Raises
    ------
    TypeError, ValueError
        If the samples are not a Dask collection, lengths differ, or an option is not valid.

    Examples
    --------
    >>> import dask.array as da
    >>> from fastinfo import dask as fd
    >>> x = da.arange(1000, chunks=100) % 4
    >>> float(fd.mutual_information(x, x // 2, base=2))
    1.0
    """
    dask = load_dask()
    base_divisor(base)
    correction = check_correction(correction, of_information=True)
    choice(normalized, "normalized", (None, *AVERAGES))
    check_nan_policy(nan_policy)
    counts = joint_counts(x, y, bins=bins, strategy=strategy, range=range, discrete=discrete)
    value = dask.delayed(_information, pure=False)(counts, base, correction, normalized, nan_policy)
    return dask.array.from_delayed(value, (), np.float64)


def _information(counts: Any, base: Any, correction: Any, normalized: Any, policy: str) -> Any:
    if refuse_missing(counts.n_missing, "x and y", policy, "pairs") or not counts.n:
        return np.float64(np.nan)
    if normalized is not None:
        table = counts._table
        information = information_of(table, None, correction)
        return np.float64(normalize(information, table, normalized, correction))
    return np.float64(counts.mutual_information(base, correction))


def mutual_information_matrix(
    X: Any,
    *,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    discrete: Any = "auto",
    base: float | None = None,
    correction: str | float | None = None,
    normalized: str | None = None,
    nan_policy: str = "omit",
    missing: str | None = None,
) -> Any:
    """
    Compute the mutual information of all pairs of columns.

    The result equals that of :func:`fastinfo.mutual_information_matrix`.

    Parameters
    ----------
    X : (n, f) dask.array.Array or dask.dataframe.DataFrame
        The columns.
    bins, strategy, discrete, base, correction, normalized, nan_policy, missing
        The options of :func:`fastinfo.mutual_information_matrix`.

    Returns
    -------
    (f, f) dask.array.Array of float64
        The lazy matrix, with entropies on the diagonal, in nats unless `base` is given. Its method
        ``compute()`` returns a :class:`fastinfo.InformationMatrix`.

    Raises
    ------
    TypeError, ValueError
        If the columns are not a Dask collection, or an option is not valid.

    Examples
    --------
    >>> import dask.array as da
    >>> from fastinfo import dask as fd
    >>> x = da.arange(1000, chunks=100) % 4
    >>> fd.mutual_information_matrix(da.stack([x, x // 2], axis=1), base=2).compute()
            x0      x1
    x0  2.0000  1.0000
    x1  1.0000  1.0000
    [2 x 2, bits, entropies on the diagonal]
    """
    dask = load_dask()
    base_divisor(base)
    correction = check_correction(correction, of_information=True)
    choice(normalized, "normalized", (None, *AVERAGES))
    binning = Binning(bins, strategy, discrete=discrete, missing=missing, nan_policy=nan_policy)
    X, names = columns_of(X, binning)
    empty = PairCounts(names, bins=binning.bins, strategy=strategy, discrete=discrete)
    counts = _counted(X, empty)
    options = {
        "base": base,
        "correction": correction,
        "normalized": normalized,
        "nan_policy": nan_policy,
        "missing": missing,
    }
    found = dask.delayed(_matrix, pure=False)(counts, options)
    return dask.array.from_delayed(found, (len(names), len(names)), np.float64)


def _matrix(counts: Any, options: dict[str, Any]) -> Any:
    return counts.matrix(**options)


def rank_features(
    X: Any,
    y: Any,
    *,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    discrete: Any = "auto",
    base: float | None = None,
    correction: str | float | None = None,
    n_permutations: int | str = "auto",
    seed: Any = None,
    alpha: float = 0.05,
    nan_policy: str = "omit",
    missing: str | None = None,
) -> Any:
    """
    Rank columns by their information about a target, like :func:`fastinfo.rank_features`.

    Parameters
    ----------
    X : (n, f) dask.array.Array or dask.dataframe.DataFrame
        The columns.
    y : (n,) dask.array.Array, dask.dataframe.Series, or str
        The target, with the same partitions as `X`, or the name of its column in `X`.
    bins, strategy, discrete, base, correction, n_permutations, seed, alpha, nan_policy, missing
        The options of :func:`fastinfo.rank_features`.

    Returns
    -------
    dask.delayed.Delayed
        The lazy :class:`fastinfo.Ranking`.

    Raises
    ------
    TypeError, ValueError
        If the columns or the target are not Dask collections, lengths differ, the target is
        unknown, or an option is not valid.

    Examples
    --------
    >>> import dask.array as da
    >>> from fastinfo import dask as fd
    >>> X = da.random.default_rng(0).integers(0, 4, (10_000, 3), chunks=(1000, 3))
    >>> fd.rank_features(X, 2 * X[:, 2] + X[:, 0] > 3).compute()[0].name
    'x2'
    """
    dask = load_dask()
    base_divisor(base)
    correction = check_correction(correction, of_information=True)
    binning = Binning.alike(
        bins, strategy, discrete=discrete, missing=missing, nan_policy=nan_policy
    )
    X, names = columns_of(X, binning)
    if isinstance(y, str):
        if not is_frame(X) or y not in names:
            raise ValueError(f"y must be a column of X, one of {names}, got {y!r}")
        names.remove(y)
        target, data = y, X
    else:
        data = aligned(X, as_vector(y, "y"), "X and y")
        name = getattr(data[1], "name", None)
        target = str(name) if is_frame(data[1]) and name is not None else "y"
    if not names:
        raise ValueError("X must have at least one column beside the target, got none")
    settings = {"bins": binning.bins, "strategy": strategy, "discrete": discrete}
    counts = _counted(data, ColumnCounts(names, target, **settings))
    options = {
        "base": base,
        "correction": correction,
        "n_permutations": n_permutations,
        "seed": seed,
        "alpha": alpha,
        "nan_policy": nan_policy,
        "missing": missing,
    }
    return dask.delayed(_ranking, pure=False)(counts, options)


#: Passes that look closer where many samples lie together; one with nothing to look for is idle.
_CLOSER = 3


def _counted(data: Any, empty: Counts) -> Any:
    """Count a table lazily, between edges that are found from all partitions."""
    dask = load_dask()
    columns = empty.streamed()
    known = folded(data, Ranges(columns))
    for _ in itertools.repeat(None, _CLOSER if any(column.by_counts for column in columns) else 0):
        inside = dask.delayed(Inside, pure=False)(columns, known)
        found = folded(data, inside, may_be_idle=True)
        known = dask.delayed(refined, pure=False)(known, inside, found)
    return folded(data, dask.delayed(_counting, pure=False)(empty, known))


def _counting(empty: Counts, known: dict[int, Any]) -> Counting:
    """Empty counts with known edges, to which partitions can be added."""
    empty = copy.deepcopy(empty)
    empty.know(known)
    return Counting(empty)


def _ranking(counts: Any, options: dict[str, Any]) -> Any:
    return counts.ranking(**options)
