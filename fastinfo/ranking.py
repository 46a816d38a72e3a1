"""Which columns tell about a target: all of them in order, with p-values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, ClassVar, NamedTuple

import numpy as np

from fastinfo._code_matrix import CodeMatrix
from fastinfo._features import (
    Coding,
    batch_size,
    code_features,
    code_target,
    split_target,
    warn_of_columns,
)
from fastinfo._joint_permutations import JointTest, permute_together, step_down
from fastinfo._measures import check_correction, information_of, normalize
from fastinfo._named_rows import NamedRows
from fastinfo._occupied import count_cells
from fastinfo._report import progress_bar
from fastinfo._resampling import MOST_REPLICATES, permuted_information, seed_key
from fastinfo._threads import run_in_order, spans
from fastinfo._validate import Array, base_divisor, choice, inner_fraction, integer
from fastinfo.joint_counts import JointCounts
from fastinfo.significance import adjust_pvalues

__all__ = ["RankedFeature", "Ranking", "rank_features"]

ADJUSTMENTS = ("benjamini-hochberg", "max-statistic")


class RankedFeature(NamedTuple):
    """What one column tells about the target."""

    name: str  #: the column
    mi: float  #: mutual information with the target, in units of the ranking's base
    normalized_mi: float  #: by the arithmetic mean of the two entropies: 0 to 1
    pvalue: float  #: of the G-test of independence, or of permutations
    adjusted_pvalue: float  #: over all columns
    n: int  #: pairs that were counted
    n_missing: int  #: rows left out, since the column or the target is missing there


class Ranking(NamedRows[RankedFeature]):
    """
    Columns in the order of their mutual information with a target, the best one first.

    A sequence of :class:`RankedFeature`, which prints as a table.

    Parameters
    ----------
    rows : sequence of RankedFeature
        The columns, the best one first.
    target : str or None
        Name of the target, where it has one.
    base : float or None
        Base of the logarithm; None is nats.
    alpha : float
        False discovery rate up to which a column is called significant.
    n_rows : int
        Number of rows of the table.

    Examples
    --------
    >>> import fastinfo
    >>> ranking = fastinfo.rank_features([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 1, 1])
    >>> [row.name for row in ranking]
    ['x0', 'x1']
    >>> ranking.to_dict()["mi"]
    [0.6931471805599453, 0.0]
    """

    _fields = RankedFeature._fields
    _formats: ClassVar[dict[str, str]] = {
        "mi": ".6f",
        "normalized_mi": ".6f",
        "pvalue": ".3g",
        "adjusted_pvalue": ".3g",
        "n": "d",
        "n_missing": "d",
    }

    def __init__(
        self,
        rows: Sequence[RankedFeature],
        *,
        target: str | None = None,
        base: float | None = None,
        alpha: float = 0.05,
        n_rows: int = 0,
    ) -> None:
        super().__init__(rows)
        self.target = target
        self.base = base
        self.alpha = alpha
        self.n_rows = n_rows

    def _with_rows(self, rows: Sequence[RankedFeature]) -> Ranking:
        return Ranking(
            rows, target=self.target, base=self.base, alpha=self.alpha, n_rows=self.n_rows
        )

    def significant(self) -> Ranking:
        """Columns whose adjusted p-value is at most `alpha`, in the same order."""
        return self._with_rows([row for row in self.rows if row.adjusted_pvalue <= self.alpha])


def rank_features(
    X: Any,
    y: Any,
    *,
    bins: Any = "mi",
    strategy: str = "uniform",
    discrete: Any = "auto",
    base: float | None = None,
    correction: str | float | None = None,
    n_permutations: int = 0,
    adjustment: str = "benjamini-hochberg",
    seed: Any = None,
    alpha: float = 0.05,
    nan_policy: str = "omit",
    missing: str | None = None,
    progress: bool | Callable[[int, int], None] = False,
) -> Ranking:
    """
    Rank columns by their mutual information with a target, with p-values.

    Each column is coded once, and counted against the target.

    Parameters
    ----------
    X : (n, f) array_like, or pandas, Polars or PyArrow table
        The columns.
    y : (n,) array_like, or str
        The target, or the name of its column in `X`, which then is no feature.
    bins : int, edges or str, optional
        Number of bins, edges or the name of a rule for what is binned: "mi" (default;
        Hacine-Gharbi & Ravier 2018, with a correlation of 0) or one of NumPy's.
    strategy : {"uniform", "quantile"}, optional
        Whether bins that are not given as edges are equally wide or equally full.
    discrete : {"auto", True, False} or a pair of those, optional
        Whether the features, and the target, are labels. "auto" goes by the dtype of an array
        (floats are binned, the rest are labels); a numeric column of a table is binned when it has
        more than 32 distinct values.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    correction : str or float, optional
        Estimator of the entropies; see :func:`entropy_from_counts`. Takes the bias off, by which a
        column of many levels would rank too high. p-values do not depend on it.
    n_permutations : int, optional
        0 (default): p-values of a G-test. Else of so many permutations of the target, as
        :func:`permutation_test`: right where cells are nearly empty, too, and at least
        ``1 / (n_permutations + 1)``.
    adjustment : {"benjamini-hochberg", "max-statistic"}, optional
        What is done for the number of columns. "benjamini-hochberg" (default) bounds the false
        discovery rate. "max-statistic" bounds the probability of any false discovery (Westfall &
        Young 1993, step-down): the target is permuted for all columns at once and all are counted
        anew, so that columns that depend on each other count as few; it needs `n_permutations`.
    seed : int, SeedSequence or Generator, optional
        Where permutations come from. With the same one the result is the same, whatever the number
        of threads; None is different each time.
    alpha : float, optional
        Bound for :meth:`Ranking.significant`.
    nan_policy : {"omit", "propagate", "raise"}, optional
        What a missing sample does: leave out its row for that column (default), make the
        information of the column NaN, or raise.
    missing : {"category"}, optional
        Make missing a level of its own, for features and target.
    progress : bool or callable, optional
        Show a bar (needs rich), or call ``progress(done, total)`` after columns are done.

    Returns
    -------
    Ranking
        The best column first; equal ones in the order of the table, all-missing ones last.

    Raises
    ------
    TypeError
        If `X` is no array or table, or a column can be neither binned nor labels.
    ValueError
        If there are no rows or columns, lengths differ, the target is unknown, all missing or has
        one value, a range is not finite, or an option is unknown.

    Warns
    -----
    UserWarning
        Names the columns that are all missing (information NaN) or have one value (0).

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995), Controlling the false discovery rate: a practical and
    powerful approach to multiple testing, Journal of the Royal Statistical Society B 57, 289-300.
    https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

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
    divisor = base_divisor(base)
    correction = check_correction(correction)
    coding = Coding.for_all(bins, strategy, discrete, missing, nan_policy)
    coding.check()
    choice(adjustment, "adjustment", ADJUSTMENTS)
    m = integer(n_permutations, "n_permutations", least=0, most=MOST_REPLICATES)
    if adjustment == "max-statistic" and not m:
        raise ValueError("adjustment='max-statistic' needs n_permutations of at least 1, got 0")
    inner_fraction(alpha, "alpha")
    key = seed_key(seed)
    features, values, target_name = split_target(X, y)
    target = code_target(values, target_name or "y", coding)
    joint = adjustment == "max-statistic"
    found: list[_Measured] = []
    tested: list[JointTest] = []
    total = len(features.names)
    with progress_bar() if progress is True else nullcontext(progress) as report:
        for first, last in spans(total, batch_size(features)):
            matrix = code_features(features.part(first, last), coding)

            def measure(i: int, matrix: CodeMatrix = matrix, first: int = first) -> _Measured:
                stream = None if joint or not m else (first + i) * m
                return _measure(matrix, i, target, correction, nan_policy, m, key, stream)

            done = (lambda k, n=first: report(n + k, total)) if callable(report) else None
            found += run_in_order(measure, range(matrix.n_columns), done=done)
            if joint:
                tested.append(permute_together(matrix, target, m, key))
    rows = [measured.row for measured in found]
    warn_of_columns(
        [row.name for row in rows if row.n == 0],
        [measured.row.name for measured in found if measured.constant],
        stacklevel=2,
    )
    if joint:
        pvalues, adjusted = step_down(tested, np.isnan([row.mi for row in rows]))
    else:
        pvalues = np.array([row.pvalue for row in rows])
        adjusted = adjust_pvalues(pvalues)
    ranked = [
        row._replace(mi=row.mi / divisor, pvalue=float(p), adjusted_pvalue=float(q))
        for row, p, q in zip(rows, pvalues, adjusted, strict=True)
    ]
    ranked.sort(key=lambda row: (math.isnan(row.mi), -row.mi))
    return Ranking(ranked, target=target_name, base=base, alpha=alpha, n_rows=features.n_rows)


class _Measured(NamedTuple):
    """A column as it was counted against the target."""

    row: RankedFeature  #: in nats, the adjusted p-value still to come
    constant: bool  #: whether it has one value


def _measure(
    matrix: CodeMatrix,
    i: int,
    target: CodeMatrix,
    correction: str | float | None,
    nan_policy: str,
    n_permutations: int,
    key: Array,
    stream: int | None,
) -> _Measured:
    """Count a column and measure it; `stream` is where its own permutations begin, if any."""
    table = count_cells(matrix.column(i), target.column(0))
    if isinstance(table, np.ndarray) and not table.any(axis=1).all():
        table = count_cells(matrix.occurring(i), target.column(0))
    counts = JointCounts(table)
    n, name, nan = int(counts.n), matrix.names[i], math.nan
    masks = [mask for mask in (matrix.missing(i), target.missing(0)) if mask is not None]
    n_missing = int(np.logical_or.reduce(masks).sum()) if masks else 0
    if n == 0 or (nan_policy == "propagate" and n_missing):
        return _Measured(RankedFeature(name, nan, nan, nan, nan, n, n_missing), False)
    cells = counts._cells()
    constant = bool(np.count_nonzero(cells.x_counts) == 1)
    if stream is None:
        pvalue = nan if n_permutations else counts.independence_test().pvalue
    else:
        extreme = permuted_information(cells, n_permutations, key, stream)[1]
        pvalue = (extreme + 1) / (n_permutations + 1)
    information = information_of(cells, None, correction)
    share = normalize(information, cells, "arithmetic", correction)
    return _Measured(RankedFeature(name, information, share, pvalue, nan, n, n_missing), constant)
