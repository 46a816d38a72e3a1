"""Greedy selection of columns that together are informative about a target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._columns.information_units import unit_name
from fastinfo._columns.named_rows import NamedRows
from fastinfo._columns.notes import (
    notes_of_columns,
    warn_of_infinite,
    warn_of_notes,
    warn_of_target,
    warn_of_unreadable,
    without_information,
)
from fastinfo._core.checks import Array, base_divisor, choice, integer, shown
from fastinfo._core.messages import listed, shown_name, warn
from fastinfo._core.progress import reporting
from fastinfo.selection.coded_tables import code_table
from fastinfo.selection.criteria import METHODS, greedy


class SelectedFeature(NamedTuple):
    """
    One selected column.

    Attributes
    ----------
    name : str
        Name of the column.
    position : int
        Position of the column in the table, from 0.
    score : float
        Score of the method when the column was selected. For the first column, it is `mi`, unless
        columns were given.
    mi : float
        Mutual information with the target above chance, ``max(0, I - E[I])``, in nats unless `base`
        is given.
    """

    name: str
    position: int
    score: float
    mi: float


class Selection(NamedRows[SelectedFeature]):
    """
    Selected columns, in the order of selection.

    :func:`fastinfo.select_features` returns it. It is a sequence of :class:`SelectedFeature`. When
    printed, it is a table.

    Parameters
    ----------
    rows : sequence of SelectedFeature
        The columns, in the order of selection.
    method : str
        The selection criterion.
    target : str or None
        Name of the target, if it has one.
    base : float or None
        Base of the logarithm; None means nats.
    n_significant : int
        Number of columns that were significant when they were selected.
    given : sequence of str
        Names of the given columns.

    Examples
    --------
    >>> import fastinfo
    >>> X = [[0, 0, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]] * 10
    >>> selection = fastinfo.select_features(X, [0, 1, 2, 3] * 10, 2, method="jmi")
    >>> selection.names, selection.indices.tolist(), selection.n_significant
    (['x0', 'x2'], [0, 2], 2)
    """

    _called = "selection"
    _fields = SelectedFeature._fields
    _formats: ClassVar[dict[str, str]] = {"position": "d", "score": "z.6f", "mi": "z.6f"}

    def __init__(
        self,
        rows: Sequence[SelectedFeature],
        *,
        method: str = "mrmr",
        target: str | None = None,
        base: float | None = None,
        n_significant: int = 0,
        given: Sequence[str] = (),
    ) -> None:
        super().__init__(rows)
        self.method = method
        self.target = target
        self.base = base
        self.n_significant = n_significant
        self.given = tuple(given)

    def _with_rows(self, rows: Sequence[SelectedFeature]) -> Selection:
        return Selection(
            rows,
            method=self.method,
            target=self.target,
            base=self.base,
            n_significant=min(self.n_significant, len(rows)),
            given=self.given,
        )

    def _summary(self) -> str:
        about = "" if self.target is None else f" about {shown_name(self.target)}"
        if self.given:
            about += f" given {listed(self.given)}"
        return (
            f"{len(self)} columns{about} by {self.method}, {self.n_significant} significant when "
            f"chosen; {unit_name(self.base)}"
        )

    @property
    def indices(self) -> Array:
        """Positions of the columns in the table, as an int64 array."""
        return np.array([row.position for row in self.rows], np.int64)


def select_features(
    X: Any,
    y: Any,
    k: int,
    *,
    method: str = "mrmr",
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    discrete: Any = "auto",
    base: float | None = None,
    nan_policy: str = "omit",
    missing: str | None = None,
    given: Any = None,
    sample_weight: Any = None,
    progress: bool | Callable[[int, int], None] = False,
) -> Selection:
    """
    Select columns that together are informative about a target, one after the other.

    The first column has the largest mutual information with the target. Each further column has the
    largest score given the columns selected so far; ties go to the first column. All terms of a
    score are information above chance, ``max(0, I - E[I])``, with the mean over all tables with the
    same margins. So a column does not gain from its number of levels alone.

    A candidate that is not significant at 5 % is selected only if none of the 64 best is. The first
    step, and all steps of "mim", "mrmr" and "mrmr-quotient", test the information of a candidate
    with the target (adjusted with Benjamini-Hochberg). For the last two, a candidate that is a
    function of a selected column is not significant either. From the second step on, or from the
    first with `given`, the other methods test the information that a candidate adds given a
    selected column, with the p-value multiplied by the number of candidates. For "jmim" and "cmim",
    and for candidates whose information with the target is significant, the test must be
    significant given each selected column. For all other candidates, it must be significant given
    one of them, with the p-value also multiplied by the number of selected columns. A column with a
    single value is never selected.

    Parameters
    ----------
    X : (n, f) array_like, sparse matrix, table, mapping of names to columns, path, or source
        The table: any input that :func:`fastinfo.rank_features` accepts. If all columns are sparse,
        the cost depends only on the number of stored values. If data is read part by part, and the
        target is one of its columns, the codes of the samples are kept in memory: one byte for each
        sample of a column with at most 254 levels.
    y : (n,) array_like, or the name of a column
        The target, or the name of its column in `X`, which is then not a feature.
    k : int
        Number of columns to select, from 1 to the number of columns that are not given.
    method : {"mrmr", "mrmr-quotient", "mim", "jmi", "jmim", "cmim", "disr"}, optional
        The score of a column x, where S is the set of selected columns:

        - "mim": ``I(x; y)``;
        - "mrmr": ``I(x; y) - mean over s in S of I(x; s)`` (Peng, Long & Ding 2005);
        - "mrmr-quotient": ``I(x; y) / mean over s in S of I(x; s)`` (Ding & Peng 2005);
        - "jmi": ``sum over s in S of I(x, s; y)`` (Yang & Moody 1999);
        - "jmim": ``min over s in S of I(x, s; y)`` (Bennasar, Hicks & Setchi 2015);
        - "cmim": ``min over s in S of I(x; y | s)`` (Fleuret 2004);
        - "disr": ``sum over s in S of I(x, s; y) / H(x, s, y)`` (Meyer & Bontempi 2006).
    bins : int, edges or str, optional
        Bins of numbers, as in :func:`rank_features`. For the methods "jmi", "jmim", "cmim" and
        "disr", use 5 to 10 bins, since they count tables of three variables.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    discrete : {"auto", True, False}, a pair of those, or a mapping of names to those, optional
        Which features are labels, and whether the target is, as in :func:`rank_features`.
    base : float, optional
        Base of the logarithm of scores and information: 2 for bits. None means nats.
    nan_policy : {"omit", "propagate", "raise"}, optional
        Whether a missing sample drops its row from terms that use its column (default), puts its
        column after all others with a score of NaN, or raises.
    missing : {"category"}, optional
        Treat missing values as a level of their own.
    given : name of a column, or list of names, optional
        Columns of the table that are in S from the beginning, and are never selected. Then the
        first selected column is also the one with the largest score. "mim" does not accept this.
    sample_weight : (n,) array_like, or the name of a column of `X`, optional
        Weights of the rows, as in :func:`rank_features`: finite, not negative. Expectations by
        chance and tests use the effective number of rows, ``sum(w)**2 / sum(w**2)``.
    progress : bool or callable, optional
        Show a progress bar, or call ``progress(done, total)`` with numbers of selected columns.

    Returns
    -------
    Selection
        The columns in the order of selection, with their scores. If fewer than `k` columns have at
        least two values, all of these are selected. ``n_significant`` is the number of columns that
        were significant.

    Raises
    ------
    TypeError, ValueError
        If the data or an option is not valid: the conditions are listed in :func:`rank_features`.
        Also if `k` is not an integer from 1 to the number of columns, or `given` is combined with
        "mim".

    Warns
    -----
    UserWarning
        If columns are all missing or have a single value. From 100 rows on, also if the labels of a
        selected column are nearly all different, or if it has fewer than half of its values, since
        scores use only rows with a value (``missing="category"`` uses all). If columns of lists,
        structs or maps, or others that are neither numbers nor labels, are omitted. These warnings
        name the columns. Other warnings say that fewer than `k` columns are left, that the labels
        of the target are nearly all different, or how many infinite values are outside the bins.

    See Also
    --------
    rank_features : Information of each column on its own, with p-values.
    fastinfo.selection.MutualInfoSelector : This selection as a scikit-learn transformer.

    References
    ----------
    Bennasar, M., Hicks, Y. & Setchi, R. (2015), Feature selection using joint mutual information
    maximisation, Expert Systems with Applications 42, 8520-8532.
    https://doi.org/10.1016/j.eswa.2015.07.007

    Brown, G., Pocock, A., Zhao, M.-J. & Luján, M. (2012), Conditional likelihood maximisation: a
    unifying framework for information theoretic feature selection, Journal of Machine Learning
    Research 13, 27-66. https://www.jmlr.org/papers/v13/brown12a.html

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.integers(0, 2, (2, 1000))
    >>> X = np.column_stack([a, a, b])  # the second column adds nothing to the first
    >>> sorted(fastinfo.select_features(X, 2 * a + b, 2, method="cmim").names)
    ['x0', 'x2']
    """
    divisor = base_divisor(base)
    choice(method, "method", tuple(METHODS))
    binning = Binning.alike(
        bins, strategy, discrete=discrete, missing=missing, nan_policy=nan_policy
    )
    k = integer(k, "k", least=1)
    if given is not None and METHODS[method] is None:
        raise ValueError(
            f"given must be None with method={method!r}, which looks at each column by itself, got "
            f"{shown(given)}"
        )
    table = code_table(X, y, k, binning, sample_weight, given)
    matrix, target, target_name = table.matrix, table.target, table.target_name
    notes = notes_of_columns(matrix)
    useless = without_information(notes)
    kept = np.array([i for i, name in enumerate(matrix.names) if name not in useless], np.int64)
    known = [at for at, i in enumerate(kept.tolist()) if i in table.given]
    if kept.size - len(known) < k:
        left = kept.size - len(known)
        warn(
            f"k={k} is more than the number of columns with two values or more, {left}: "
            f"only {left} are selected"
        )
        k = left
    matrix = matrix.chosen(kept)
    lost = np.zeros(kept.size, np.bool_)
    if nan_policy == "propagate":
        lost = (matrix.n_missing > 0) | bool(target.n_missing[0])
        lost |= bool(lost[known].any())
    with reporting(progress) as report:
        done = (lambda i: report(i, k)) if report is not None else None
        found = greedy(matrix, target, k, method, lost, done, known)
    picked = {matrix.names[i] for i in [*known, *found.places]}
    warn_of_infinite(target.infinite | matrix.infinite)
    warn_of_unreadable(matrix.unreadable, table.matrix.names)
    useless -= set(matrix.unreadable)
    n_rows = matrix.n_rows
    warn_of_target(target_name or "y", n_rows - int(target.n_missing[0]), n_rows)
    warn_of_notes({name: note for name, note in notes.items() if name in useless | picked})
    scores = [score / divisor for score in found.scores]
    if method in ("mrmr-quotient", "disr"):  # ratios but the first, which is information
        scores = found.scores if known else [*scores[:1], *found.scores[1:]]
    places = np.array(table.places)[kept]
    rows = [
        SelectedFeature(matrix.names[i], int(places[i]), score, float(found.relevance[i]) / divisor)
        for i, score in zip(found.places, scores, strict=True)
    ]
    return Selection(
        rows,
        method=method,
        target=target_name,
        base=base,
        n_significant=found.n_significant,
        given=[table.matrix.names[i] for i in table.given],
    )
