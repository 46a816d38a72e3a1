"""A ranking: its rows, how each is measured from counts, and what is done for their number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from fastinfo._measures import information_of, normalize
from fastinfo._named_rows import NamedRows
from fastinfo._occupied import Occupied
from fastinfo._resampling import permuted_information
from fastinfo._validate import Array
from fastinfo.joint_counts import JointCounts

__all__ = ["Measured", "RankedFeature", "Ranking", "measure_counts", "ranking_of"]


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


class Measured(NamedTuple):
    """A column as it was counted against the target."""

    row: RankedFeature  #: in nats, the adjusted p-value still to come
    constant: bool  #: whether it has one value


def measure_counts(
    name: str,
    table: Array | Occupied,
    n_missing: int,
    correction: str | float | None,
    nan_policy: str,
    n_permutations: int,
    key: Array,
    stream: int | None,
) -> Measured:
    """Measure a column by its counts; `stream` is where its own permutations begin, if any."""
    counts = JointCounts(table)
    n, nan = int(counts.n), math.nan
    if n == 0 or (nan_policy == "propagate" and n_missing):
        return Measured(RankedFeature(name, nan, nan, nan, nan, n, n_missing), False)
    cells = counts._cells()
    constant = bool(np.count_nonzero(cells.x_counts) == 1)
    if stream is None:
        pvalue = nan if n_permutations else counts.independence_test().pvalue
    else:
        extreme = permuted_information(cells, n_permutations, key, stream)[1]
        pvalue = (extreme + 1) / (n_permutations + 1)
    information = information_of(cells, None, correction)
    share = normalize(information, cells, "arithmetic", correction)
    return Measured(RankedFeature(name, information, share, pvalue, nan, n, n_missing), constant)


def ranking_of(
    rows: Iterable[RankedFeature],
    pvalues: Array,
    adjusted: Array,
    *,
    target: str | None,
    base: float | None,
    divisor: float,
    alpha: float,
    n_rows: int,
) -> Ranking:
    """Rows in nats with their p-values, in the order of their information."""
    ranked = [
        row._replace(mi=row.mi / divisor, pvalue=float(p), adjusted_pvalue=float(q))
        for row, p, q in zip(rows, pvalues, adjusted, strict=True)
    ]
    ranked.sort(key=lambda row: (math.isnan(row.mi), -row.mi))
    return Ranking(ranked, target=target, base=base, alpha=alpha, n_rows=n_rows)
