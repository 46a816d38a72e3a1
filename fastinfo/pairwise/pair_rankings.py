"""Ranked pairs of columns, with the strongest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from fastinfo._columns.information_units import unit_name
from fastinfo._columns.named_rows import NamedRows


class RankedPair(NamedTuple):
    """
    Mutual information of two columns.

    Attributes
    ----------
    x, y : str
        Names of the columns, in the order of the table.
    above_chance : float
        Mutual information minus its expectation by chance, ``I - E[I]``, in nats unless `base` is
        given. It is not an estimate of the information, and is below it if there are many levels.
    share : float
        ``above_chance / (min(H(x), H(y)) - E[I])``: 1 if one column determines the other, and about
        0 by chance.
    pvalue : float
        P-value of the test of independence of the two columns.
    adjusted_pvalue : float
        P-value adjusted for the number of all pairs.
    """

    x: str
    y: str
    above_chance: float
    share: float
    pvalue: float
    adjusted_pvalue: float


class PairRanking(NamedRows[RankedPair]):
    """
    Pairs of columns, with the strongest first: a sequence of :class:`RankedPair`.

    :func:`fastinfo.strongest_pairs` returns it. Index it by position, or by the names of both
    columns in any order: ``pairs["age", "income"]``. When printed, it is a table.

    Parameters
    ----------
    rows : sequence of RankedPair
        The pairs, with the strongest first.
    base : float or None
        Base of the logarithm; None means nats.
    alpha : float
        Pairs with an adjusted p-value up to this level are significant.
    n_pairs : int
        Number of pairs that were compared.
    n_rows : int
        Number of rows of the table.
    copies : sequence of (str, str)
        Pairs in which each value of one column occurs with a single value of the other, in all
        rows.

    Examples
    --------
    >>> import fastinfo
    >>> table = {"a": [0, 0, 1, 1] * 10, "b": [0, 1, 0, 1] * 10, "c": [0, 0, 1, 1] * 9 + [1] * 4}
    >>> pairs = fastinfo.strongest_pairs(table, 2)
    >>> pairs[0].x, pairs[0].y, len(pairs.significant()), pairs.n_pairs
    ('a', 'c', 1, 3)
    >>> pairs["c", "a"] == pairs[0]
    True
    """

    _called = "pairs"
    _fields = RankedPair._fields
    _formats: ClassVar[dict[str, str]] = {
        "above_chance": "z.6f",
        "share": "z.4f",
        "pvalue": ".3g",
        "adjusted_pvalue": ".3g",
    }
    _named = ("x", "y")

    def __init__(
        self,
        rows: Sequence[RankedPair],
        *,
        base: float | None = None,
        alpha: float = 0.05,
        n_pairs: int = 0,
        n_rows: int = 0,
        copies: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(rows)
        self.base = base
        self.alpha = alpha
        self.n_pairs = n_pairs
        self.n_rows = n_rows
        self.copies = list(copies)

    def _with_rows(self, rows: Sequence[RankedPair]) -> PairRanking:
        kept = {row[:2] for row in rows}
        return PairRanking(
            rows,
            base=self.base,
            alpha=self.alpha,
            n_pairs=self.n_pairs,
            n_rows=self.n_rows,
            copies=[pair for pair in self.copies if pair in kept],
        )

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, tuple):
            return super().__getitem__(index)
        for row in self.rows:
            if index in (row[:2], row[1::-1]):
                return row
        raise KeyError(f"there is no pair {index!r} in the {self._called}")

    @property
    def names(self) -> list[tuple[str, str]]:  # type: ignore[override]
        """Names of both columns of each pair, in the order of the rows."""
        return [row[:2] for row in self.rows]

    def significant(self) -> PairRanking:
        """Return the pairs whose adjusted p-value is at most `alpha`, in the same order."""
        return self._with_rows([row for row in self.rows if row.adjusted_pvalue <= self.alpha])

    def _summary(self) -> str:
        parts = [
            f"{len(self):,} of {self.n_pairs:,} pairs, {len(self.significant()):,} significant",
            f"{self.n_rows:,} rows",
            unit_name(self.base),
        ]
        parts += [f"copies: {len(self.copies):,}"] if self.copies else []
        return "; ".join(parts)
