"""The columns of a table, or file, in the order of their information about a target."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.coded_counts import by_rows_of, count_coded
from fastinfo._columns.coding import batch_size, code_features, code_target, weight_of_target
from fastinfo._columns.counted_columns import CountedColumn, count_columns
from fastinfo._columns.notes import (
    counts_rows,
    find_twins,
    warn_of_infinite,
    warn_of_unreadable,
)
from fastinfo._columns.permutations import JointTest, permute_together, step_down
from fastinfo._columns.ranked import (
    Measured,
    Ranking,
    RankOptions,
    measure_counts,
    ranking_of,
)
from fastinfo._core.checks import choice, shown
from fastinfo._core.progress import reporting
from fastinfo._core.threads import SMALL, run_in_order, spans
from fastinfo._neighbors.options import (
    ESTIMATORS,
    Options,
    refuse_binning,
    refuse_neighbors,
    refuse_no_permutations,
)
from fastinfo._tables.features import Features
from fastinfo._tables.table_readers import opened, split_target, split_weights, warn_of_nested
from fastinfo.files.sources import Source, refuse_checkpoint
from fastinfo.ranking.given import rank_given
from fastinfo.significance.adjusting import adjust_pvalues

_MOST_COPIED = 1 << 26  # bytes of the columns of an array that are coded after others were counted
ADJUSTMENTS = ("benjamini-hochberg", "max-statistic")


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
    adjustment: str = "benjamini-hochberg",
    seed: Any = None,
    alpha: float = 0.05,
    nan_policy: str = "omit",
    missing: str | None = None,
    given: Any = None,
    sample_weight: Any = None,
    estimator: str = "histogram",
    n_neighbors: int = 3,
    jitter: float = 0.0,
    random_state: Any = None,
    progress: bool | Callable[[int, int], None] = False,
    checkpoint: str | os.PathLike[str] | None = None,
) -> Ranking:
    """
    Rank columns by their mutual information with a target above chance, with p-values.

    Plug-in mutual information grows with the levels of a column: that of an identifier equals the
    target's entropy. The ranking subtracts what chance alone would give, ``E[I]``, the exact mean
    over all tables with the same margins, which leaves 0 for an identifier.

    Parameters
    ----------
    X : (n, f) array_like, table, mapping of names to columns, path, or source
        The columns: of an array, of a table in memory (pandas, Polars, PyArrow, narwhals, and what
        exports Arrow's C stream or is a reader of batches, which is read once), or of a file.
        A pyarrow Dataset, a Polars LazyFrame and a DuckDB relation of up to 256 MB are read once,
        into memory. Larger ones, large files and what :func:`fastinfo.streaming.open_files` opens
        (after ``import fastinfo.streaming``) are read part by part, in memory that does not grow
        with the rows, to the same ranking.
    y : (n,) array_like, or the name of a column
        The target, or the name of its column in `X` (itself, or written out: a string, a number, a
        tuple), which then is no feature.
    bins : int, edges or str, optional
        As in :func:`mutual_information`; the rule "mi" (default) takes a correlation of 0.
    strategy : {"quantile", "uniform"}, optional
        Equal counts (default) or equal widths, as in :func:`mutual_information`.
    discrete : {"auto", True, False}, a pair of those, or a mapping of names to those, optional
        Whether the features, and the target, are labels: all, or ``{"zip": True}`` by name. "auto"
        (default) decides as in :func:`mutual_information`, for arrays and tables alike.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    correction : str or float, optional
        Estimator of `mi` and `normalized_mi`, as in :func:`entropy_from_counts`; neither the order
        nor the p-values depend on it.
    n_permutations : {"auto"} or int, optional
        "auto" (default): a G-test where its law holds, else a test over the tables with the same
        margins; the choice depends on the margins alone, so that p-values are the same every time.
        A number: permutations of the target, as in :func:`permutation_test`, with p-values of at
        least ``1 / (n_permutations + 1)``. 0: the G-test for every column.
    adjustment : {"benjamini-hochberg", "max-statistic"}, optional
        How p-values are adjusted for the number of columns. "benjamini-hochberg" (default) bounds
        the false discovery rate. "max-statistic" bounds the probability of any false discovery
        (Westfall & Young 1993, step-down): the target is permuted for all columns at once, so that
        columns that depend on each other count as few; it needs `n_permutations`.
    seed : int, SeedSequence or Generator, optional
        Where permutations come from, as in :func:`permutation_test`.
    alpha : float, optional
        Adjusted p-value up to which a column is significant; significant columns come first.
    nan_policy : {"omit", "propagate", "raise"}, optional
        Whether a missing sample drops its row for that column (default), makes the information of
        the column NaN, or raises.
    missing : {"category"}, optional
        Make missing a level of its own, for features and target.
    given : name of a column, or list of names, optional
        Columns of a table in memory that are known. Each of the others is ranked by what it tells
        beyond those: `mi` is the conditional mutual information ``I(column; target | given)``,
        chance and p-values are those of :func:`conditional_independence_test`, and `share` is that
        of what the given columns leave open of the target. Three variables or more are counted
        then, and so the rule "mi" is 8 bins for each.
    sample_weight : (n,) array_like, or the name of a column of `X`, optional
        Weights of the rows of a table in memory: finite, not negative. Bins are those of the rows,
        whatever their weights. p-values are those of G of as many rows as the weights are worth,
        ``sum(w)**2 / sum(w**2)`` (Kish 1965), of thin tables from permutations of the rows; chance
        is ``(r - 1) (c - 1)`` by twice their number. No result depends on the scale of the weights.
    estimator : {"histogram", "ksg", "mixed", "gaussian", "gaussian-copula"}, optional
    n_neighbors : int, optional
    jitter : float, optional
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Estimator of the information, and its options, as in :func:`mutual_information`: of a table
        in memory, without bins, weights and missing levels. By neighbours "auto" is 199
        permutations of each column, whose mean is what chance gives; below ``1 / 20`` the p-value
        is that of a law with their mean and variance, tested by the largest of them. "gaussian"
        and its copula have the chi-squared law of Bartlett (1938). `share` is NaN where the target
        is a number, `normalized_mi` always.
    progress : bool or callable, optional
        Show a bar (needs rich), or call ``progress(done, total)`` after columns are done; after
        rows, where they are read part by part: a row that was read for edges, and is still to be
        counted, is half done, and the total is 0 as long as it is not known.
    checkpoint : str or path-like, optional
        Where data is read part by part: a file that keeps what is counted so far. A run that was
        stopped goes on from it; at the end the file is removed.

    Returns
    -------
    Ranking
        Significant columns first, then by ``max(0, above_chance) * n / N``, of N rows with a
        target, then by `share`; equal ones in the order of the table, all-missing ones last. The
        values of each are described in :class:`RankedFeature`.

    Raises
    ------
    TypeError
        If `X` is no array or table, no column can be read as numbers or labels, or the target, one
        that is given or one that `discrete` names can't.
    ValueError
        If there are no rows or columns, lengths differ, the target or a given column is unknown,
        the target is all missing or has one value, the width of a range is not finite, or an option
        is unknown.

    Warns
    -----
    UserWarning
        Names the columns with a note: constant, nearly unique labels, row numbers, mostly missing,
        those that all but decide the target, and copies of an earlier column. Others say that the
        target is labels that are nearly all different, that columns of lists, structs or maps are
        left out, or others that are neither numbers nor labels, that infinite values lie outside of
        the bins of a column and so are left out, with their number, or that data that is read part
        by part changed between two passes.

    Notes
    -----
    `above_chance` orders columns; it is no estimate of the information, which is larger where many
    levels decide the target. Edges are those of all values of a column; :func:`mutual_information`
    finds them in the complete pairs, and so may differ where a sample is missing. Where more than
    100,000 rows are read part by part, edges with equal counts are off by at most a twentieth of a
    bin's samples, or a warning says by how many.

    References
    ----------
    Vinh, Epps & Bailey (2010), https://jmlr.org/papers/v11/vinh10a.html, and Mandros, Boley &
    Vreeken (2017), https://doi.org/10.1145/3097983.3098062, in full in
    :meth:`JointCounts.mutual_information`; Benjamini & Hochberg (1995),
    https://doi.org/10.1111/j.2517-6161.1995.tb02031.x, in
    :func:`fastinfo.significance.adjust_pvalues`.

    Westfall, P. H. & Young, S. S. (1993), Resampling-Based Multiple Testing, Wiley, algorithm 4.1.

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(10_000, 3))
    >>> y = X[:, 1] + rng.normal(size=10_000)
    >>> ranking = fastinfo.rank_features(X, y)
    >>> ranking[0].name, ranking[0].pvalue < 1e-100, len(ranking.significant())
    ('x1', True, 1)
    """
    binning = Binning.alike(
        bins, strategy, discrete=discrete, missing=missing, nan_policy=nan_policy
    )
    choice(adjustment, "adjustment", ADJUSTMENTS)
    binned = choice(estimator, "estimator", ESTIMATORS) == "histogram"
    ways = None
    if binned:
        refuse_neighbors(estimator, n_neighbors, jitter, random_state)
    else:
        refuse_binning(estimator, bins, strategy, None, sample_weight)
        ways = Options.checked(estimator, n_neighbors, jitter, random_state, correction)
        ways.refuse(missing=(missing, None), adjustment=(adjustment, ADJUSTMENTS[0]))
    asked = RankOptions.of(
        base, correction if binned else None, n_permutations, seed, alpha, nan_policy
    )
    if ways is not None:
        refuse_no_permutations(estimator, asked.n_permutations)
        asked = replace(asked, correction=ways.correction)
        ways = ways._replace(correction=None)
    if sample_weight is not None and isinstance(asked.n_permutations, int) and asked.n_permutations:
        raise ValueError(
            f"n_permutations must be 'auto' or 0 with sample_weight, since weights have no "
            f"permutations, got {n_permutations}"
        )
    joint = adjustment == "max-statistic"
    if joint and given is not None:
        raise ValueError(
            "adjustment must be 'benjamini-hochberg' with given, got 'max-statistic': it permutes "
            "the target for all columns at once, whatever is given"
        )
    if joint and (isinstance(asked.n_permutations, str) or not asked.n_permutations):
        raise ValueError(
            f"adjustment='max-statistic' needs n_permutations of at least 1, got {n_permutations!r}"
        )
    data = opened(X, small=checkpoint is None)
    if not isinstance(data, Source):
        refuse_checkpoint(checkpoint)
        if ways is not None:
            from fastinfo.ranking.without_bins import rank_without_bins

            return rank_without_bins(data, y, given, binning, asked, ways, progress)
        if given is not None:
            return rank_given(data, y, given, binning, asked, sample_weight, progress)
        return _rank_table(data, y, binning, asked, joint, sample_weight, progress)
    for name, value in (
        ("given", given),
        ("sample_weight", sample_weight),
        ("estimator", None if binned else estimator),
    ):
        if value is not None:
            raise ValueError(
                f"{name} must be {'histogram' if name == 'estimator' else None!r} where X is read "
                f"part by part, got {shown(value)}: it is for tables in memory"
            )
    if joint:
        raise ValueError(
            "adjustment must be 'benjamini-hochberg' where X is read part by part, "
            "got 'max-statistic': it permutes all rows at once"
        )
    from fastinfo.streaming.rank_and_matrix import rank_stream

    return rank_stream(data, y, binning, asked, progress, checkpoint)


def _rank_table(
    data: Features,
    y: Any,
    binning: Binning,
    asked: RankOptions,
    joint: bool,
    sample_weight: Any,
    progress: bool | Callable[[int, int], None],
) -> Ranking:
    """Rank the columns of a table in memory, by p-values that hold for all of them if `joint`."""
    features, values, target_name = split_target(data, y)
    features, weights = split_weights(features, sample_weight)
    warn_of_nested(features.nested, binning.discrete)
    binning.check_names([*features.names, target_name or "y"])
    target = code_target(values, target_name or "y", binning)
    n_target = features.n_rows - int(target.n_missing[0])
    weight = None if weights is None else weight_of_target(weights, target)
    found: list[Measured] = []
    tested: list[JointTest] = []
    infinite, unreadable = dict(target.infinite), dict[str, str]()
    total = len(features.names)
    with reporting(progress) as report:
        for first, last in spans(total, batch_size(features)):
            part = features.part(first, last)
            apart = joint or weights is not None
            counted = {} if apart else count_columns(part, binning, target)
            rest = [i for i in range(last - first) if i not in counted]
            if counted and rest and part.array is not None:
                copied = len(rest) * part.array[:, 0].nbytes
                if copied > _MOST_COPIED:
                    rest = list(range(rest[0], rest[-1] + 1))  # and others between those
            coded = {i: k for k, i in enumerate(rest)}
            matrix = None
            if rest:
                matrix = code_features(part.chosen(rest) if counted else part, binning)
                infinite |= matrix.infinite
                unreadable |= matrix.unreadable

            def measure(
                i: int,
                first: int = first,
                part: Features = part,
                counted: dict[int, CountedColumn] = counted,
                coded: dict[int, int] = coded,
                matrix: CodeMatrix | None = matrix,
            ) -> Measured:
                if i in counted:
                    (table, n_missing), n, labels = counted[i], None, False
                    by_rows = None
                else:
                    assert matrix is not None
                    table, n_missing, n = count_coded(matrix, coded[i], target, weights)
                    labels = bool(matrix.labels[coded[i]])
                    by_rows = by_rows_of(matrix, coded[i], target, weights)
                return measure_counts(
                    part.names[i],
                    table,
                    n_missing,
                    asked,
                    None if joint else asked.stream(first + i),
                    n_rows=n_target,
                    labels=labels,
                    row_number=counts_rows(features.values(first + i)),
                    n=n,
                    weight=weight,
                    by_rows=by_rows,
                )

            done = (lambda k, n=first: report(n + k, total)) if report is not None else None
            small = not counted and (last - first) * features.n_rows <= SMALL
            found += run_in_order(measure, range(last - first), done=done, small=small)
            if joint and matrix is not None:
                m = int(asked.n_permutations)
                tested.append(permute_together(matrix, target, m, asked.key))
    rows = [measured.row for measured in found]
    if joint:
        pvalues, adjusted = step_down(tested, np.isnan([row.mi for row in rows]))
    else:
        pvalues = np.array([row.pvalue for row in rows])
        adjusted = adjust_pvalues(pvalues)
    twins = find_twins(features, binning, [measured.alike for measured in found])
    warn_of_infinite(infinite)
    warn_of_unreadable(unreadable, features.names)
    kept = [i for i, name in enumerate(features.names) if name not in unreadable]
    return ranking_of(
        [found[i] for i in kept],
        pvalues[kept],
        adjusted[kept],
        asked,
        target=target_name,
        n_rows=features.n_rows,
        n_target=n_target,
        twins={k: twins[i] for k, i in enumerate(kept) if i in twins},
    )
