"""The result of `keyness`: one row for each word, with how typical it is of either group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from fastinfo._columns.information_units import unit_name
from fastinfo._columns.named_rows import NamedRows


class KeyWord(NamedTuple):
    """
    How typical one word, or another event, is of one of two groups.

    If it occurs in neither group, both counts are 0, and `g2`, `log_ratio` and the p-values are
    NaN.

    Attributes
    ----------
    name : str
        The word.
    count_a, count_b : int or float
        How often it occurs in each group.
    g2 : float
        Signed G²: positive if the word's share is larger in group a, negative if it is larger in
        group b.
    log_ratio : float
        Logarithm of the ratio of both shares. In base 2 (default), 1 means twice as frequent in
        group a, and -1 twice as frequent in group b.
    pvalue : float
        P-value for equal shares in both groups: that of ``abs(g2)`` in the chi-squared distribution
        with one degree of freedom.
    adjusted_pvalue : float
        P-value adjusted for the number of words (Benjamini & Hochberg 1995).
    """

    name: str
    count_a: float
    count_b: float
    g2: float
    log_ratio: float
    pvalue: float
    adjusted_pvalue: float


class Keyness(NamedRows[KeyWord]):
    """
    Result of :func:`keyness`: words, or other events, of two groups.

    It is a sequence of :class:`KeyWord`, sorted by the signed `g2`, the largest first: words
    typical of group a are at the top, and words typical of group b at the end. ``found["tea"]``
    returns a row by its name. When printed, it is a table.

    Parameters
    ----------
    rows : sequence of KeyWord
        The words.
    base : float, optional
        Base of the logarithm in `log_ratio`. None means nats.
    alpha : float, optional
        Largest adjusted p-value of a significant word.
    total_a, total_b : float
        Number of all words in each group.

    Examples
    --------
    >>> from fastinfo.cooccurrence import keyness
    >>> found = keyness({"tea": 40, "cup": 60}, {"tea": 5, "cup": 95})
    >>> found.names, found["tea"].log_ratio, len(found.significant())
    (['tea', 'cup'], 3.0, 2)
    """

    _called = "words"
    _fields = KeyWord._fields
    _formats: ClassVar[dict[str, str]] = {
        "count_a": ".10g",
        "count_b": ".10g",
        "g2": "z.2f",
        "log_ratio": "z.3f",
        "pvalue": ".3g",
        "adjusted_pvalue": ".3g",
    }

    def __init__(
        self,
        rows: Sequence[KeyWord],
        *,
        base: float | None = 2,
        alpha: float = 0.05,
        total_a: float = 0,
        total_b: float = 0,
    ) -> None:
        super().__init__(rows)
        self.base = base
        self.alpha = alpha
        self.total_a = total_a
        self.total_b = total_b

    def __getitem__(self, index: Any) -> Any:
        try:
            return super().__getitem__(index)
        except KeyError:
            raise KeyError(f"there is no row {index!r}") from None

    def _with_rows(self, rows: Sequence[KeyWord]) -> Keyness:
        totals = {"total_a": self.total_a, "total_b": self.total_b}
        return Keyness(rows, base=self.base, alpha=self.alpha, **totals)

    def _summary(self) -> str:
        return (
            f"{len(self):,} rows, {len(self.significant()):,} significant; "
            f"{self.total_a:,.10g} and {self.total_b:,.10g} counts; "
            f"log ratio in {unit_name(self.base)}"
        )

    def significant(self) -> Keyness:
        """Return the words whose adjusted p-value is at most `alpha`, in the same order."""
        return self._with_rows([row for row in self.rows if row.adjusted_pvalue <= self.alpha])
