"""A ranking of columns: rows with a name, that print as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, overload

from fastinfo import _report

__all__ = ["RankedFeature", "Ranking"]


class RankedFeature(NamedTuple):
    """What one column tells about the target."""

    name: str  #: the column
    mi: float  #: mutual information with the target, in units of the ranking's base
    normalized_mi: float  #: by the arithmetic mean of the two entropies: 0 to 1
    pvalue: float  #: of the G-test of independence
    adjusted_pvalue: float  #: over all columns (Benjamini-Hochberg)
    n: int  #: pairs that were counted
    n_missing: int  #: rows left out, since the column or the target is missing there


class Ranking(Sequence[RankedFeature]):
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

    def __init__(
        self,
        rows: Sequence[RankedFeature],
        *,
        target: str | None = None,
        base: float | None = None,
        alpha: float = 0.05,
        n_rows: int = 0,
    ) -> None:
        self.rows = tuple(rows)
        self.target = target
        self.base = base
        self.alpha = alpha
        self.n_rows = n_rows

    @overload
    def __getitem__(self, index: int) -> RankedFeature: ...
    @overload
    def __getitem__(self, index: slice) -> Ranking: ...
    def __getitem__(self, index: int | slice) -> RankedFeature | Ranking:
        if isinstance(index, slice):
            return Ranking(
                self.rows[index],
                target=self.target,
                base=self.base,
                alpha=self.alpha,
                n_rows=self.n_rows,
            )
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[RankedFeature]:
        return iter(self.rows)

    def significant(self) -> Ranking:
        """Columns whose adjusted p-value is at most `alpha`, in the same order."""
        kept = [row for row in self.rows if row.adjusted_pvalue <= self.alpha]
        return Ranking(
            kept, target=self.target, base=self.base, alpha=self.alpha, n_rows=self.n_rows
        )

    def to_dict(self) -> dict[str, list[Any]]:
        """Return the ranking by columns: a list for each field of :class:`RankedFeature`."""
        return {
            field: [getattr(row, field) for row in self.rows] for field in RankedFeature._fields
        }

    def to_pandas(self) -> Any:
        """Return the ranking as a pandas DataFrame."""
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_pandas needs pandas: pip install pandas") from error
        return pd.DataFrame(self.to_dict())

    def to_polars(self) -> Any:
        """Return the ranking as a Polars DataFrame."""
        try:
            import polars as pl
        except ImportError as error:
            raise ImportError("to_polars needs Polars: pip install polars") from error
        return pl.DataFrame(self.to_dict())

    def __repr__(self) -> str:
        return _report.as_text(self)

    def _repr_html_(self) -> str:
        return _report.as_html(self)
