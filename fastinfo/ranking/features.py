"""Rank the columns of a table or file by their information about a target."""

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
from fastinfo._columns.sparse.measuring import SparsePart, measure_sparse
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
from fastinfo._tables.row_weights import refuse_permutations, split_weights
from fastinfo._tables.table_readers import opened, warn_of_nested
from fastinfo._tables.targets import split_target
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

    Plug-in mutual information grows with the number of levels of a column: for an identifier, it
    equals the entropy of the target. So the ranking subtracts the expectation by chance, ``E[I]``,
    the exact mean over all tables with the same margins. The result is 0 for an identifier.

    Parameters
    ----------
    X : (n, f) array_like, sparse matrix, table, mapping of names to columns, path, or source
        The table: an array, a SciPy sparse matrix, a table in memory (pandas, Polars, PyArrow,
        narwhals, or any object with an Arrow C stream), a reader of record batches, or a file. For
        sparse matrices and pandas Sparse columns, the cost depends only on the number of stored
        values, and the results equal those for dense columns.

        A pyarrow Dataset, a Polars LazyFrame and a DuckDB relation are read once, into memory, if
        they have at most 256 MB. Larger ones, large files, and sources from
        :func:`fastinfo.streaming.open_files` (after ``import fastinfo.streaming``) are read part by
        part, in memory that does not grow with the number of rows. The ranking is the same.
    y : (n,) array_like, or the name of a column
        The target, or the name of its column in `X` (a string, number or tuple, or its text form),
        which is then not a feature.
    bins : int, edges or str, optional
        Bins of numbers, as in :func:`mutual_information`. The rule "mi" (default) assumes a
        correlation of 0.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    discrete : {"auto", True, False}, a pair of those, or a mapping of names to those, optional
        Which features are labels, and whether the target is: for all columns, or by name, such as
        ``{"zip": True}``. "auto" (default) decides as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        Estimator of `mi` and `normalized_mi`, as in :func:`entropy_from_counts`. It changes neither
        the order nor the p-values.
    n_permutations : {"auto"} or int, optional
        "auto" (default) uses the G-test if the chi-squared distribution is accurate, and otherwise
        a test over the tables with the same margins. The choice depends only on the margins, and
        p-values are the same every time. A number permutes the target, as in
        :func:`permutation_test`; p-values are at least ``1 / (n_permutations + 1)``. 0 uses the
        G-test for all columns.
    adjustment : {"benjamini-hochberg", "max-statistic"}, optional
        How p-values are adjusted for the number of columns. "benjamini-hochberg" (default) controls
        the false discovery rate. "max-statistic" controls the probability of any false discovery
        (Westfall & Young 1993, step-down): the target is permuted for all columns at once, which
        gains power if columns depend on each other. It needs a number for `n_permutations`.
    seed : int, SeedSequence or Generator, optional
        Source of the permutations, as in :func:`permutation_test`.
    alpha : float, optional
        Columns with an adjusted p-value up to this level are significant and come first.
    nan_policy : {"omit", "propagate", "raise"}, optional
        Whether a missing sample drops its row for that column (default), makes the information of
        the column NaN, or raises.
    missing : {"category"}, optional
        Treat missing values as a level of their own, in features and target.
    given : name of a column, or list of names, optional
        Columns of the table to condition on. All other columns are ranked by their information
        beyond the given ones. `mi` is then the conditional mutual information
        ``I(column; target | given)``; its expectation by chance and the p-values are those of
        :func:`conditional_independence_test`. `share` is relative to the entropy of the target
        given these columns, ``H(y | given)``. The rule "mi" means 8 bins for each variable. If data
        is read part by part, the codes of the samples are kept in memory: one byte for each sample
        of a column with at most 254 levels.
    sample_weight : (n,) array_like, or the name of a column of `X`, optional
        Weights of the rows: finite, not negative. Bins do not depend on them, and no result depends
        on their scale. Tests use the effective number of rows, ``m = sum(w)**2 / sum(w**2)`` (Kish
        1965): the p-value is that of the G-test for m rows, or comes from permutations of the rows
        if the table has few rows for its cells. The expectation by chance is
        ``(r - 1) (c - 1) / (2 m)`` for a table of r by c levels. If data is read part by part, the
        codes of the samples are kept in memory, as with `given`.
    estimator : {"histogram", "ksg", "mixed", "gaussian", "gaussian-copula"}, optional
        Estimator of the information, as in :func:`mutual_information`. Estimators without bins need
        a table in memory, and do not accept the options of bins, `sample_weight` or `missing`. For
        "ksg" and "mixed", "auto" means 199 permutations of each column, and their mean is the
        expectation by chance. If fewer than 10 of them have at least the observed information, the
        p-value comes from a gamma distribution that is fitted to all of them and checked against
        the largest. "gaussian" and "gaussian-copula" use the chi-squared distribution of Bartlett
        (1938). `share` is NaN if the target consists of numbers, or with `given`. `normalized_mi`
        is NaN. Columns of labels are measured as with "histogram" if the target is also labels.
    n_neighbors : int, optional
        Number of nearest neighbours, for "ksg" and "mixed".
    jitter : float, optional
        Standard deviation of noise that "ksg" and "mixed" add first, in units of the standard
        deviation of each column.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Source of the noise. None means a new state for each call.
    progress : bool or callable, optional
        Show a progress bar (needs rich), or call ``progress(done, total)`` with numbers of columns.
        If data is read part by part, the numbers are of rows. A first reading, for edges, counts as
        half. The total is 0 if unknown.
    checkpoint : str or path-like, optional
        For data that is read part by part: a file that stores the counts so far, so that an
        interrupted run can continue. It is removed at the end.

    Returns
    -------
    Ranking
        One row for each column. Significant columns come first; both groups are sorted by
        ``max(0, above_chance) * n / N`` for N rows with a target, then by `share`, then by the
        order of the table. Columns that are all missing come last. The values are described in
        :class:`RankedFeature`.

    Raises
    ------
    TypeError
        If `X` is not an array or table, or no column can be read as numbers or labels. Also if the
        target, a given column or a column in `discrete` cannot be read.
    ValueError
        If there are no rows or columns, lengths differ, the target or a given column is unknown,
        the target is all missing or has a single value, the width of a range is not finite, or an
        option is not valid.

    Warns
    -----
    UserWarning
        If columns have a note; the warning names them. Such columns are constant, nearly unique
        labels, row numbers, mostly missing, nearly determine the target, or copy an earlier column.
        Other warnings say that the labels of the target are nearly all different; that columns are
        omitted, because they hold lists, structs or maps, or neither numbers nor labels; that
        infinite values outside the bins of a column are dropped; that data changed between two
        readings; or that `X` and `y` have the same pandas index in another order, while rows are
        paired by position.

    Notes
    -----
    `above_chance` is for ordering columns. It is not an estimate of the information, which is
    larger if many levels determine the target.

    Edges come from all values of a column, while :func:`mutual_information` uses the complete
    pairs: results may differ if samples are missing. If more than 100,000 rows are read part by
    part, equal counts are off by at most a twentieth of a bin, or a warning says by how much.

    References
    ----------
    Vinh, N. X., Epps, J. & Bailey, J. (2010), Information theoretic measures for clusterings
    comparison, Journal of Machine Learning Research 11, 2837-2854.
    https://jmlr.org/papers/v11/vinh10a.html

    Mandros, P., Boley, M. & Vreeken, J. (2017), Discovering reliable approximate functional
    dependencies, KDD 2017, 355-363. https://doi.org/10.1145/3097983.3098062

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
    refuse_permutations(asked.n_permutations, sample_weight)
    joint = adjustment == "max-statistic"
    if joint and given is not None:
        raise ValueError(
            "adjustment must be 'benjamini-hochberg' with given, got 'max-statistic', which "
            "permutes the target for all columns at once, whatever the values of given"
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
    if not binned:
        raise ValueError(
            f"estimator must be 'histogram' if X is read part by part, got {shown(estimator)}, "
            f"which needs a table in memory"
        )
    if joint:
        raise ValueError(
            "adjustment must be 'benjamini-hochberg' if X is read part by part, "
            "got 'max-statistic', which permutes all rows at once"
        )
    if given is not None or sample_weight is not None:
        from fastinfo.ranking.in_parts import rank_codes_of_source
        from fastinfo.streaming.read_weights import refuse_checkpoint_of_codes

        which = "given" if given is not None else "sample_weight"
        refuse_checkpoint_of_codes(checkpoint, which)
        return rank_codes_of_source(data, y, given, binning, asked, sample_weight, progress)
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
    """Rank the columns of a table in memory; if `joint`, permute the target for all at once."""
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
            sparse = SparsePart() if apart else measure_sparse(part, binning, target, asked)
            counted = {} if apart else count_columns(part, binning, target)
            rest = [i for i in range(last - first) if i not in counted and i not in sparse.places]
            if counted and rest and part.array is not None:
                copied = len(rest) * part.array[:, 0].nbytes
                if copied > _MOST_COPIED:
                    rest = list(range(rest[0], rest[-1] + 1))  # and others between those
            matrix = None
            if rest:
                every = len(rest) == last - first
                matrix = code_features(part if every else part.chosen(rest), binning)
                unreadable |= matrix.unreadable
            coded = {i: (matrix, k) for k, i in enumerate(rest)}
            for i, k in sparse.places.items():
                if i not in sparse.measured:
                    coded[i] = sparse.matrix, k
            for own in (matrix, sparse.matrix):
                infinite |= {} if own is None else own.infinite

            def measure(
                i: int,
                first: int = first,
                part: Features = part,
                counted: dict[int, CountedColumn] = counted,
                coded: dict[int, tuple[CodeMatrix | None, int]] = coded,
                sparse: SparsePart = sparse,
            ) -> Measured:
                if i in sparse.measured:
                    return sparse.measured[i]
                if i in counted:
                    (table, n_missing), n, labels = counted[i], None, False
                    by_rows = None
                else:
                    own, k = coded[i]
                    assert own is not None
                    table, n_missing, n = count_coded(own, k, target, weights)
                    labels = bool(own.labels[k])
                    by_rows = by_rows_of(own, k, target, weights)
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
            small = small or len(sparse.measured) == last - first
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
        asked,
        tested=(pvalues[kept], adjusted[kept]),
        target=target_name,
        n_rows=features.n_rows,
        n_target=n_target,
        twins={k: twins[i] for k, i in enumerate(kept) if i in twins},
    )
