"""A ranking: its rows, their measures from counts, and their adjusted p-values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from fastinfo._columns.information_units import unit_name
from fastinfo._columns.named_rows import NamedRows
from fastinfo._columns.notes import notes_of, same_as, warn_of_notes, warn_of_target
from fastinfo._core.checks import Array, base_divisor, inner_fraction, read_only
from fastinfo._core.messages import listed, shown_name
from fastinfo._counts.table import Table
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.independence import g_test, test_independence
from fastinfo._measures.information import (
    expected_information,
    information_of,
    normalize,
    plug_in,
    share_of,
    standard_error,
)
from fastinfo._measures.resampling import check_permutations, permuted_information, seed_key
from fastinfo.significance.adjusting import adjust_pvalues

_NO_KEY = read_only(np.zeros(2, np.uint64))
_DIGITS = 12  # digits that determine the order, so that rounding does not


class RankedFeature(NamedTuple):
    """
    Information of one column about the target.

    Attributes
    ----------
    name : str
        Name of the column.
    above_chance : float
        Mutual information minus its expectation by chance, ``I - E[I]``, in nats unless `base` is
        given; it can be negative. It is not an estimate of the information, and is below it if many
        levels determine the target.
    share : float
        ``above_chance / (H(y) - E[I])``: 1 if the column determines the target, and about 0 by
        chance. For labels that are nearly all different, the denominator is close to 0, and the
        share has no meaning.
    mi : float
        Mutual information with the target, with the chosen correction.
    normalized_mi : float
        `mi` divided by the arithmetic mean of the two entropies, from 0 to 1.
    pvalue : float
        P-value of the test of independence of column and target.
    adjusted_pvalue : float
        P-value adjusted for the number of columns.
    test : str
        Test of the p-value: "g" or "permutation"; "" if there is none.
    levels : int
        Number of bins or labels of the column that occur.
    n : int
        Number of pairs that were counted.
    n_missing : int
        Number of rows omitted because the column or the target is missing.
    note : str
        Remarks to consider before trusting the rank; "" if there are none.
    """

    name: str
    above_chance: float
    share: float
    mi: float
    normalized_mi: float
    pvalue: float
    adjusted_pvalue: float
    test: str
    levels: int
    n: int
    n_missing: int
    note: str


class Ranking(NamedRows[RankedFeature]):
    """
    Columns ranked by their mutual information with a target above chance, with the best first.

    This is a sequence of :class:`RankedFeature`, as :func:`fastinfo.rank_features` returns it, with
    significant columns first. Index it by position or by name, ``ranking["age"]``. It prints as a
    table.

    Parameters
    ----------
    rows : sequence of RankedFeature
        The columns, with the best first.
    target : str or None
        Name of the target, if it has one.
    base : float or None
        Base of the logarithm; None means nats.
    alpha : float
        Columns with an adjusted p-value up to this level are significant.
    n_rows : int
        Number of rows of the table.
    given : sequence of str
        Names of the columns to condition on, if there are any.
    standard_errors : mapping of str to float
        Standard error of `above_chance` for each column, over tables with as many rows: to first
        order (Moddemeijer 1989), or that of independent columns if it is larger. Columns with very
        many levels have none.

    References
    ----------
    Moddemeijer, R. (1989), On estimation of entropy and mutual information of continuous
    distributions, Signal Processing 16, 233-248. https://doi.org/10.1016/0165-1684(89)90132-1

    Examples
    --------
    >>> import fastinfo
    >>> X = [[0, 0], [1, 0], [0, 1], [1, 1]] * 10
    >>> ranking = fastinfo.rank_features(X, [0, 0, 1, 1] * 8 + [0, 1, 0, 1] * 2)
    >>> ranking.names, ranking.significant().names
    (['x1', 'x0'], ['x1'])
    >>> ranking["x1"].levels, round(ranking["x1"].share, 3)
    (2, 0.522)
    """

    _called = "ranking"
    _fields = RankedFeature._fields
    _formats: ClassVar[dict[str, str]] = {
        "above_chance": "z.6f",
        "share": "z.4f",
        "mi": "z.6f",
        "normalized_mi": "z.6f",
        "pvalue": ".3g",
        "adjusted_pvalue": ".3g",
        "levels": "d",
        "n": "d",
        "n_missing": "d",
    }
    _brief = ("name", "above_chance", "share", "adjusted_pvalue", "n", "note")

    def __init__(
        self,
        rows: Sequence[RankedFeature],
        *,
        target: str | None = None,
        base: float | None = None,
        alpha: float = 0.05,
        n_rows: int = 0,
        standard_errors: Mapping[str, float] | None = None,
        given: Sequence[str] = (),
    ) -> None:
        super().__init__(rows)
        self.target = target
        self.base = base
        self.alpha = alpha
        self.n_rows = n_rows
        self.given = tuple(given)
        self.standard_errors = dict(standard_errors or {})

    def _with_rows(self, rows: Sequence[RankedFeature]) -> Ranking:
        return Ranking(
            rows,
            target=self.target,
            base=self.base,
            alpha=self.alpha,
            n_rows=self.n_rows,
            standard_errors=self.standard_errors,
            given=self.given,
        )

    def _summary(self) -> str:
        n = len(self.significant())
        about = "" if self.target is None else f" about {shown_name(self.target)}"
        if self.given:
            about += f" given {listed(self.given)}"
        return (
            f"{len(self):,} columns{about}, {n:,} significant; {self.n_rows:,} rows; "
            f"{unit_name(self.base)}"
        )

    def significant(self) -> Ranking:
        """Return the columns whose adjusted p-value is at most `alpha`, in the same order."""
        return self._with_rows([row for row in self.rows if row.adjusted_pvalue <= self.alpha])

    def plot(self, *, ax: Any = None, top: int | None = 30) -> Any:
        """
        Draw the first `top` columns as bars, with :func:`fastinfo.plot.plot_ranking`.

        Returns the axes, which are on a new pyplot figure unless `ax` is given.
        """
        from fastinfo.plot.rankings import plot_ranking

        return plot_ranking(self, ax=ax, top=top)


@dataclass(frozen=True)
class RankOptions:
    """How columns are measured and ordered."""

    base: float | None
    correction: str | float | None
    n_permutations: int | str
    key: Array  #: key of the streams of permutations
    alpha: float
    nan_policy: str

    @classmethod
    def of(
        cls,
        base: float | None,
        correction: Any,
        n_permutations: Any,
        seed: Any,
        alpha: float,
        nan_policy: str,
    ) -> RankOptions:
        """The options of :func:`fastinfo.rank_features`, checked."""
        base_divisor(base)
        correction = check_correction(correction, of_information=True)
        m = check_permutations(n_permutations)
        inner_fraction(alpha, "alpha")
        fresh = seed is None and (isinstance(m, str) or not m)  # that would not be used
        return cls(base, correction, m, _NO_KEY if fresh else seed_key(seed), alpha, nan_policy)

    def stream(self, i: int) -> int | None:
        """The first stream of a column's own permutations, or None if it has none."""
        m = self.n_permutations
        return None if isinstance(m, str) or not m else i * m


class Measured(NamedTuple):
    """A column that was counted against the target."""

    row: RankedFeature  #: in nats; adjusted p-value and some notes are added later
    notes: tuple[str, ...]
    alike: tuple[Any, ...] | None  #: equal for columns that may be equal; None if there is none
    standard_error: float = math.nan  #: of the information above chance, in nats
    known: float = 0.0  #: share of the rows with a target (or of their weight) that have a value


def measure_counts(
    name: str,
    table: Table,
    n_missing: int,
    asked: RankOptions,
    stream: int | None,
    *,
    n_rows: int,
    labels: bool,
    row_number: bool = False,
    n: int | None = None,
    weight: float | None = None,
    by_rows: Callable[[], float] | None = None,
) -> Measured:
    """
    Measure a column by its counts, for `n_rows` rows with a target.

    `stream` is the first of its own permutations, if it has any. `labels` says whether its levels
    are labels, and `row_number` whether it counts the rows. With weights, `n` rows were counted,
    the rows with a target have the total `weight`, and `by_rows` finds the p-value of a thin table.
    """
    n, nan = int(table.n) if n is None else n, math.nan
    m, correction = asked.n_permutations, asked.correction
    sizes = table.x_counts[table.x_counts > 0.0]
    levels = int(sizes.size)

    def notes(share: float) -> tuple[str, ...]:
        return notes_of(levels, n, n_rows, share, labels=labels, row_number=row_number)

    if not table.n or (asked.nan_policy == "propagate" and n_missing):
        row = RankedFeature(name, nan, nan, nan, nan, nan, nan, "", levels, n, n_missing, "")
        return Measured(row, notes(0.0), None)
    plain, hx, hy, hxy = plug_in(table)
    expected = expected_information(table, plain)
    above = plain - expected
    room = hy - expected
    share = above / room if room > 1e-9 * hy else 0.0
    if isinstance(m, str):
        pvalue, test = test_independence(table, plain, expected, by_rows)
    elif stream is None:
        pvalue = nan if m else g_test(table).pvalue
        test = "permutation" if m else "g"
    else:
        extreme = permuted_information(table, m, asked.key, stream)[1]
        pvalue, test = (extreme + 1) / (m + 1), "permutation"
    information, normalized = plain, float(share_of(plain, hx, hy, hxy, "arithmetic"))
    if correction is not None:
        information = information_of(table, None, correction)
        normalized = normalize(information, table, "arithmetic", correction)
    row = RankedFeature(
        name, above, share, information, normalized, pvalue, nan, test, levels, n, n_missing, ""
    )
    key_of_twins = None
    if levels > 1:
        key_of_twins = (n, n_missing, levels, round(above, 9), np.sort(sizes).tobytes())
    known = float(table.n) / (n_rows if weight is None else weight)
    return Measured(row, notes(share), key_of_twins, standard_error(table, plain), known)


def ranking_of(
    found: Sequence[Measured],
    asked: RankOptions,
    *,
    tested: tuple[Array, Array] | None = None,
    target: str | None,
    n_rows: int,
    n_target: int,
    twins: Mapping[int, str] | None = None,
    given: Sequence[str] = (),
) -> Ranking:
    """
    The ranking of measured columns, and one warning about their notes.

    `n_target` rows have a target. `twins` has, for some columns, the name of an equal column.
    `tested` has p-values and adjusted ones; by default the columns' own, adjusted by Benjamini and
    Hochberg.
    """
    if tested is None:
        own_pvalues = np.array([measured.row.pvalue for measured in found])
        tested = own_pvalues, adjust_pvalues(own_pvalues)
    divisor = base_divisor(asked.base)
    ranked = []
    for i, (measured, p, q) in enumerate(zip(found, *tested, strict=True)):
        row = measured.row
        notes = list(measured.notes)
        if twins is not None and i in twins:
            notes.append(same_as(twins[i]))
        mi, note = row.mi / divisor, "; ".join(notes)
        own = row.above_chance / divisor, row.share, mi, row.normalized_mi, float(p), float(q)
        whole = RankedFeature(row.name, *own, row.test, row.levels, row.n, row.n_missing, note)
        ranked.append((whole, measured.known))

    def place(pair: tuple[RankedFeature, float]) -> tuple[bool, bool, float, float]:
        row, share = pair
        known = not math.isnan(row.above_chance)
        weight = max(row.above_chance, 0.0) * share if known else 0.0
        return (
            not known,
            not row.adjusted_pvalue <= asked.alpha,
            -round(weight, _DIGITS),
            -round(row.share, _DIGITS) if row.share == row.share else 0.0,
        )

    warn_of_target(target or "y", n_target, n_rows)
    warn_of_notes({row.name: row.note for row, _ in ranked if row.note})
    ranked.sort(key=place)
    return Ranking(
        [row for row, _ in ranked],
        target=target,
        base=asked.base,
        alpha=asked.alpha,
        n_rows=n_rows,
        given=given,
        standard_errors={
            measured.row.name: measured.standard_error / divisor
            for measured in found
            if not math.isnan(measured.standard_error)
        },
    )
