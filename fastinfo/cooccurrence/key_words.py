"""Events of two groups, as rows: one for each, with how much it marks one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from fastinfo._columns.information_units import unit_name
from fastinfo._columns.named_rows import NamedRows


class KeyWord(NamedTuple):
    """
    How much one word, or another event, marks one of two groups.

    All values are NaN where it occurs in neither.

    Attributes
    ----------
    name : str
        The word.
    count_a, count_b : int or float
        How often it occurs in the groups.
    g2 : float
        Signed G²: positive where its share is larger in the first group, negative where it is
        larger in the second.
    log_ratio : float
        Logarithm of the ratio of both shares: in base 2 unless another is asked for, 1 is twice as
        frequent in the first group, -1 twice as frequent in the second.
    pvalue : float
        Of both groups having it in the same share: of ``abs(g2)`` by the chi-squared law of one
        degree of freedom.
    adjusted_pvalue : float
        The p-value after Benjamini and Hochberg, over all words.
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
    Words, or other events, of two groups: those first that mark the first group.

    A sequence of :class:`KeyWord`, the largest signed `g2` first; those that mark the second group
    are the last ones. Rows are also found by name, ``found["tea"]``; it prints as a table.

    Parameters
    ----------
    rows : sequence of KeyWord
        The words.
    base : float, optional
        Base of the log ratio; None is nats.
    alpha : float, optional
        Adjusted p-value up to which a word is significant.
    total_a, total_b : float
        Number of all words of the groups.

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
        """Words whose adjusted p-value is at most `alpha`, in the same order."""
        return self._with_rows([row for row in self.rows if row.adjusted_pvalue <= self.alpha])
