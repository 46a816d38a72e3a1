"""The pairs of columns with the most information, with p-values: :func:`strongest_pairs`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.coded_counts import by_rows_of
from fastinfo._columns.pairs.largest_statistics import largest_of_permuted, statistic_of_table
from fastinfo._columns.pairs.strongest import StrongestPairs, strongest_of
from fastinfo._core.checks import (
    Array,
    as_float,
    base_divisor,
    choice,
    inner_fraction,
    integer,
    is_real,
    shown,
)
from fastinfo._core.limits import check_memory
from fastinfo._core.messages import listed, shown_name, warn
from fastinfo._core.progress import reporting
from fastinfo._core.threads import run_in_order
from fastinfo._counts.table import Table
from fastinfo._measures.independence import g_test, test_independence
from fastinfo._measures.resampling import check_permutations, permuted_information, seed_key
from fastinfo._tables.row_weights import refuse_permutations
from fastinfo.pairwise.coded_tables import code_table
from fastinfo.pairwise.pair_rankings import PairRanking, RankedPair

_DEFAULT_K = 20
_MOST_ROWS = 1 << 20  # that are found by a threshold
_ROW = 600  # bytes of a pair that is kept
ADJUSTMENTS = ("benjamini-hochberg", "max-statistic")


def strongest_pairs(
    X: Any,
    k: int | None = _DEFAULT_K,
    *,
    threshold: float | None = None,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    discrete: Any = "auto",
    base: float | None = None,
    n_permutations: int | str = "auto",
    adjustment: str = "benjamini-hochberg",
    seed: Any = None,
    alpha: float = 0.05,
    nan_policy: str = "omit",
    missing: str | None = None,
    sample_weight: Any = None,
    progress: bool | Callable[[int, int], None] = False,
) -> PairRanking:
    """
    Find the pairs of columns with the most mutual information above chance, with p-values.

    All pairs are counted as in :func:`mutual_information_matrix`. But the matrix, which takes 3 GB
    for 20,000 columns, is not stored. Pairs are ordered by their information above chance,
    ``I - E[I]``, with the exact mean over all tables with the same margins. So columns do not come
    first just because they have many levels.

    Parameters
    ----------
    X : (n, f) array_like, table, mapping of names to columns, path, or source
        The table: any input that :func:`rank_features` accepts. If it is read part by part, the
        codes of the samples are kept in memory.
    k : int or None, optional
        Number of pairs to return, 20 by default. None returns all.
    threshold : float, optional
        Minimum information above chance, in nats unless `base` is given. All pairs that reach it
        are returned. Only a `k` other than 20 limits their number.
    bins : int, edges or str, optional
        Bins of numbers, as in :func:`mutual_information_matrix`.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    discrete : {"auto", True, False}, or a mapping of names to those, optional
        Which columns are labels, as in :func:`rank_features`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    n_permutations : {"auto"} or int, optional
        How p-values are computed. "auto" (default) uses the G-test if the chi-squared distribution
        is accurate, and otherwise a test over the tables with the same margins. A number permutes
        each returned pair. 0 uses the G-test for all pairs.
    adjustment : {"benjamini-hochberg", "max-statistic"}, optional
        How p-values are adjusted for the number of all pairs, not only of those returned.
        "benjamini-hochberg" (default) controls the false discovery rate. "max-statistic" controls
        the probability of any false discovery. It needs a number for `n_permutations`, and each
        permutation takes as long as counting all pairs. See Notes.
    seed : int, SeedSequence or Generator, optional
        Source of the permutations, as in :func:`permutation_test`.
    alpha : float, optional
        Pairs with an adjusted p-value up to this level are significant.
    nan_policy : {"omit", "propagate", "raise"}, optional
        Whether a missing sample drops its row for the pairs of its column (default), omits all
        pairs of its column, or raises.
    missing : {"category"}, optional
        Treat missing values as a level of their own.
    sample_weight : (n,) array_like, or the name of a column of `X`, optional
        Weights of the rows, as in :func:`rank_features`: finite, not negative. Expectations by
        chance and tests use the effective number of rows, ``sum(w)**2 / sum(w**2)``.
    progress : bool or callable, optional
        Show a progress bar, or call ``progress(done, total)`` with numbers of pairs.

    Returns
    -------
    PairRanking
        The pairs, ordered by their information above chance, with the largest first; ties are
        ordered by `share`, then as the columns of the table. The values are described in
        :class:`fastinfo.pairwise.RankedPair`.

    Raises
    ------
    TypeError
        If `X` is not an array or table, no column can be read as numbers or labels, or a column
        does not fit its entry in `discrete`.
    ValueError
        If there are no rows or fewer than two columns; if more than 2**20 pairs reach the threshold
        and `k` does not limit them (the error says about how many); if an option is not valid; or
        if a sample is missing and ``nan_policy="raise"``.

    Warns
    -----
    UserWarning
        If :func:`mutual_information_matrix` warns of columns: those that are all missing, constant
        or nearly all different. Also if a column of a returned pair is a copy of the other: each
        value of one occurs with a single value of the other. The warnings name the columns.

    See Also
    --------
    mutual_information_matrix : Mutual information of all pairs, as a matrix.
    chow_liu_tree : Tree of the strongest pairs.
    rank_features : Information of all columns about a target.

    Notes
    -----
    Memory is needed for the codes, one byte for each sample of a column with at most 254 levels.
    Some tens of MB more are needed, for any number of columns. The value that a pair must exceed
    rises while pairs are counted. If the expectation by chance needs a sum over the table of a
    pair, a lower bound is tried first, which excludes most pairs.

    With "benjamini-hochberg", only the p-values of returned pairs are known. Among all ``m`` pairs,
    the ``i``-th smallest known p-value, ``p_(i)``, is at least the ``i``-th smallest of all. So
    ``min over j >= i of m p_(j) / j`` over the known p-values is at least its value over all pairs,
    and the false discovery rate is still controlled. With ``k=None``, the two are equal. Pairs
    without a complete row are ignored.

    With "max-statistic", each permutation reorders every column independently, including its
    missing samples. The statistic of a pair is ``2 n I``, which is about chi-squared, converted to
    a standard normal number (Wilson & Hilferty 1931). Each permutation gives the largest statistic
    of all pairs. The adjusted p-value is ``(b + 1) / (n_permutations + 1)`` if `b` permutations
    give at least the statistic of the pair (Westfall & Young 1993, single-step).

    Results do not depend on the number of threads.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995), Controlling the false discovery rate, Journal of the Royal
    Statistical Society B 57, 289-300. https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

    Vinh, N. X., Epps, J. & Bailey, J. (2010), Information theoretic measures for clusterings
    comparison, Journal of Machine Learning Research 11, 2837-2854.
    https://jmlr.org/papers/v11/vinh10a.html

    Westfall, P. H. & Young, S. S. (1993), Resampling-Based Multiple Testing, Wiley.

    Wilson, E. B. & Hilferty, M. M. (1931), The distribution of chi-square, Proceedings of the
    National Academy of Sciences 17, 684-688. https://doi.org/10.1073/pnas.17.12.684

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(1000, 100))
    >>> X[:, 70] += X[:, 30]
    >>> pairs = fastinfo.strongest_pairs(X, 3)
    >>> pairs[0].x, pairs[0].y, pairs[0].adjusted_pvalue < 1e-50, len(pairs.significant())
    ('x30', 'x70', True, 1)
    """
    asked = _Asked.of(k, threshold, base, n_permutations, adjustment, seed, alpha)
    refuse_permutations(asked.n_permutations, sample_weight)
    binning = Binning(bins, strategy, discrete=discrete, missing=missing, nan_policy=nan_policy)
    matrix = code_table(X, binning, sample_weight)
    if matrix.n_columns < 2:
        raise ValueError(f"X must have at least two columns, got {matrix.n_columns}")
    if nan_policy == "propagate" and matrix.n_missing.any():
        matrix = matrix.chosen(np.flatnonzero(matrix.n_missing == 0))
    f = matrix.n_columns
    total = f * (f - 1) // 2
    most = min(total if asked.k is None else asked.k, _MOST_ROWS if asked.limited else total)
    check_memory(_ROW * most, f"{most:,} pairs", "use a smaller k, or a threshold")
    counted = f * (f + 1) // 2
    passes = asked.n_passes + 1
    with reporting(progress, "pairs") as report:
        done = (lambda n: report(n, counted * passes)) if report is not None else None
        limit = _MOST_ROWS if asked.limited else None
        found = strongest_of(matrix, asked.k, asked.least, limit, done)
        if found.n_reaching:
            raise ValueError(
                f"threshold={shown(threshold)} is reached by about {found.n_reaching:,} of "
                f"{found.n_pairs:,} pairs, more than the {_MOST_ROWS:,} that can be listed: use "
                f"a larger threshold, or give k"
            )
        largest = np.empty(asked.n_passes)
        for r in range(asked.n_passes):
            largest[r] = largest_of_permuted(matrix, asked.key, r)
            if done is not None:
                done(counted * (r + 2))
    return _ranked(matrix, found, asked, largest)


class _Asked(NamedTuple):
    """The number of pairs to return, and how to test them."""

    k: int | None
    least: float  #: nats above chance
    limited: bool  #: whether it is not known before how many pairs there will be
    base: float | None
    n_permutations: int | str
    n_passes: int  #: permutations of all pairs together
    key: Array
    alpha: float

    @classmethod
    def of(
        cls,
        k: Any,
        threshold: Any,
        base: Any,
        n_permutations: Any,
        adjustment: Any,
        seed: Any,
        alpha: Any,
    ) -> _Asked:
        """Check the options."""
        k = None if k is None else integer(k, "k", least=1)
        least = -math.inf
        if threshold is not None:
            if not is_real(threshold):
                raise TypeError(f"threshold must be a number, got {shown(threshold)}")
            least = as_float(threshold) * base_divisor(base)
            if not math.isfinite(least):
                raise ValueError(f"threshold must be a finite number, got {shown(threshold)}")
            k = None if k == _DEFAULT_K else k
        base_divisor(base)
        choice(adjustment, "adjustment", ADJUSTMENTS)
        m = check_permutations(n_permutations)
        joint = adjustment == "max-statistic"
        if joint and (isinstance(m, str) or not m):
            raise ValueError(
                f"adjustment='max-statistic' needs n_permutations of at least 1, got "
                f"{n_permutations!r}"
            )
        inner_fraction(alpha, "alpha")
        key = seed_key(0 if seed is None and (isinstance(m, str) or not m) else seed)
        limited = threshold is not None and k is None
        return cls(k, least, limited, base, m, int(m) if joint else 0, key, alpha)


class _TestedPair(NamedTuple):
    pvalue: float
    statistic: float  #: comparable between pairs
    copied: bool  #: whether each value of a column goes with one value of the other, in all rows


def _test(matrix: CodeMatrix, found: StrongestPairs, i: int, asked: _Asked) -> _TestedPair:
    """Test one of the found pairs."""
    x, y = found.places[i].tolist()
    sides = matrix.column(x), matrix.column(y)
    table = Table.count(*sides, matrix.weights)
    m = asked.n_permutations
    if isinstance(m, str):
        own = float(found.information[i]), float(found.expected[i])
        by_rows = by_rows_of(matrix, x, matrix, matrix.weights, y)
        pvalue = test_independence(table, *own, by_rows).pvalue
    elif m:
        first = (x * matrix.n_columns + y) * m
        pvalue = (permuted_information(table, m, asked.key, first)[1] + 1) / (m + 1)
    else:
        pvalue = g_test(table).pvalue
    rows, columns = table.occurring
    complete = matrix.n_rows - matrix.n_missing[[x, y]]
    one_each = rows == columns == np.count_nonzero(table.counts) and rows > 1
    n = int(table.n)
    if table.weighted and one_each:
        n = int(np.count_nonzero(~(sides[0].invalid | sides[1].invalid)))
    copied = bool(one_each and (complete == n).all())
    return _TestedPair(pvalue, statistic_of_table(table) if asked.n_passes else 0.0, copied)


def _ranked(
    matrix: CodeMatrix, found: StrongestPairs, asked: _Asked, largest: Array
) -> PairRanking:
    """Return the found pairs with their p-values, and warn of copies."""
    pieces = range(len(found.places))
    tested = run_in_order(lambda i: _test(matrix, found, i, asked), pieces, small=True)
    pvalues = np.array([pair.pvalue for pair in tested])
    if asked.n_passes:
        statistics = np.array([pair.statistic for pair in tested])
        reached = largest >= statistics[:, None] - 1e-9
        adjusted = (np.count_nonzero(reached, axis=1) + 1.0) / (asked.n_passes + 1.0)
    else:
        adjusted = _adjusted(pvalues, found.n_pairs)
    names = [(matrix.names[i], matrix.names[j]) for i, j in found.places.tolist()]
    copies = [pair for pair, test in zip(names, tested, strict=True) if test.copied]
    if copies:
        said = [f"{shown_name(x)} = {shown_name(y)}" for x, y in copies]
        warn(
            f"{len(copies):,} of the pairs are copies: each value of one column always occurs with "
            f"the same value of the other: {listed(said)}"
        )
    divisor = base_divisor(asked.base)
    columns = found.above_chance / divisor, found.share, pvalues, adjusted
    values = np.stack(columns, axis=1).tolist()
    rows = [RankedPair(*pair, *row) for pair, row in zip(names, values, strict=True)]
    return PairRanking(
        rows,
        base=asked.base,
        alpha=asked.alpha,
        n_pairs=found.n_pairs,
        n_rows=matrix.n_rows,
        copies=copies,
    )


def _adjusted(pvalues: Array, m: int) -> Array:
    """Upper bounds of adjusted p-values (Benjamini-Hochberg), if only these of `m` are known."""
    order = np.argsort(pvalues, kind="stable")
    scaled = pvalues[order] * m / np.arange(1, pvalues.size + 1)
    adjusted = np.empty(pvalues.size)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted
