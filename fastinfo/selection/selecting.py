"""A few columns that together are informative about a target: greedy selection."""

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
from fastinfo._core.checks import Array, base_divisor, choice, integer
from fastinfo._core.messages import shown_name, warn
from fastinfo._core.progress import reporting
from fastinfo.selection.coded_tables import code_table
from fastinfo.selection.criteria import METHODS, greedy


class SelectedFeature(NamedTuple):
    """
    A column that was chosen.

    Attributes
    ----------
    name : str
        The column.
    position : int
        Its place in the table, from 0.
    score : float
        Of the method, when the column was chosen; the first one's is its information.
    mi : float
        Mutual information with the target above chance, at least 0, in units of the base.
    """

    name: str
    position: int
    score: float
    mi: float


class Selection(NamedRows[SelectedFeature]):
    """
    Columns in the order in which they were chosen.

    A sequence of :class:`SelectedFeature`, which prints as a table.

    Parameters
    ----------
    rows : sequence of SelectedFeature
        The columns, the first choice first.
    method : str
        How they were chosen.
    target : str or None
        Name of the target, where it has one.
    base : float or None
        Base of the logarithm; None is nats.
    n_significant : int
        How many of the columns added something by the test, when they were chosen.

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
    ) -> None:
        super().__init__(rows)
        self.method = method
        self.target = target
        self.base = base
        self.n_significant = n_significant

    def _with_rows(self, rows: Sequence[SelectedFeature]) -> Selection:
        return Selection(
            rows,
            method=self.method,
            target=self.target,
            base=self.base,
            n_significant=min(self.n_significant, len(rows)),
        )

    def _summary(self) -> str:
        about = "" if self.target is None else f" about {shown_name(self.target)}"
        return (
            f"{len(self)} columns{about} by {self.method}, {self.n_significant} significant when "
            f"chosen; {unit_name(self.base)}"
        )

    @property
    def indices(self) -> Array:
        """Places of the columns in the table, int64."""
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
    progress: bool | Callable[[int, int], None] = False,
) -> Selection:
    """
    Select columns that are informative about a target, one after the other.

    The first column has the largest mutual information with the target. Each further one has the
    largest score, given those chosen; equal scores go to the column that comes first. Each term is
    information above chance, ``max(0, I - E[I])`` with the mean over the tables with the same
    margins, so that levels alone count nothing.

    A candidate that is not significant at 5 % comes only when no other of the 64 best is left. For
    "mim", "mrmr" and "mrmr-quotient" the test is of its information with the target (adjusted
    after Benjamini and Hochberg), and a candidate that is a function of a chosen column adds
    nothing; for the others, from the second step on, of what it adds given chosen columns (times
    the number of candidates): given each of them for "jmim" and "cmim". A column of one value is
    never chosen.

    Parameters
    ----------
    X : (n, f) array_like, table, mapping of names to columns, path, or source
        The columns: whatever :func:`fastinfo.rank_features` takes. Of what is read part by part,
        with the target among its columns, the codes are kept: a byte for each sample of a column of
        at most 254 levels.
    y : (n,) array_like, or the name of a column
        The target, or the name of its column in `X`, which then is no feature.
    k : int
        How many columns to select: 1 to f.
    method : {"mrmr", "mrmr-quotient", "mim", "jmi", "jmim", "cmim", "disr"}, optional
        The score of a column x, where S are the columns that are chosen:

        - "mim": ``I(x; y)``;
        - "mrmr": ``I(x; y) - mean over s in S of I(x; s)`` (Peng, Long & Ding 2005);
        - "mrmr-quotient": ``I(x; y) / mean over s in S of I(x; s)`` (Ding & Peng 2005);
        - "jmi": ``sum over s in S of I(x, s; y)`` (Yang & Moody 1999);
        - "jmim": ``min over s in S of I(x, s; y)`` (Bennasar, Hicks & Setchi 2015);
        - "cmim": ``min over s in S of I(x; y | s)`` (Fleuret 2004);
        - "disr": ``sum over s in S of I(x, s; y) / H(x, s, y)`` (Meyer & Bontempi 2006).
    bins : int, edges or str, optional
        As in :func:`rank_features`. Tables of three variables have as many cells as the product: 5
        to 10 bins suit the methods "jmi", "jmim", "cmim" and "disr".
    strategy : {"quantile", "uniform"}, optional
        Equal counts (default) or equal widths, as in :func:`mutual_information`.
    discrete : {"auto", True, False}, a pair of those, or a mapping of names to those, optional
        Whether the features, and the target, are labels, as in :func:`rank_features`.
    base : float, optional
        Base of the logarithm of scores and information: 2 for bits. None is nats.
    nan_policy : {"omit", "propagate", "raise"}, optional
        Whether a missing sample drops its row where its column takes part (default), puts its
        column after all others with a score of NaN, or raises.
    missing : {"category"}, optional
        Makes missing a level of its own.
    progress : bool or callable, optional
        Shows a bar, or is called with the numbers of columns that are selected and to be selected.

    Returns
    -------
    Selection
        The columns in the order of selection, with their scores; fewer than `k` where fewer have
        two values. ``n_significant`` says how many added something by the test.

    Raises
    ------
    TypeError, ValueError
        Where :func:`rank_features` raises them; if `k` is no integer from 1 to the number of
        columns.

    Warns
    -----
    UserWarning
        Names the columns that are all missing or have one value; from 100 rows on also those
        chosen of which fewer than half of the values are there, since scores are of the rows that
        have one (``missing="category"`` is the other view), or whose labels are nearly all
        different; and those of lists, structs or maps, or otherwise neither numbers nor labels,
        which are left out. Others say that fewer than `k` are left, that the target is labels that
        are nearly all different, or how many infinite values are outside of the bins of a column.

    See Also
    --------
    rank_features : Each column on its own, with p-values.
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
    table = code_table(X, y, k, binning)
    matrix, target, target_name = table.matrix, table.target, table.target_name
    notes = notes_of_columns(matrix)
    useless = without_information(notes)
    kept = np.array([i for i, name in enumerate(matrix.names) if name not in useless], np.int64)
    if kept.size < k:
        warn(
            f"k={k} is more than the number of columns with two values or more, {kept.size}: "
            f"so many are selected"
        )
        k = kept.size
    matrix = matrix.chosen(kept)
    lost = np.zeros(kept.size, np.bool_)
    if nan_policy == "propagate":
        lost = (matrix.n_missing > 0) | bool(target.n_missing[0])
    with reporting(progress) as report:
        done = (lambda i: report(i, k)) if report is not None else None
        found = greedy(matrix, target, k, method, lost, done)
    picked = {matrix.names[i] for i in found.places}
    warn_of_infinite(target.infinite | matrix.infinite)
    warn_of_unreadable(matrix.unreadable, table.matrix.names)
    useless -= set(matrix.unreadable)
    n_rows = matrix.n_rows
    warn_of_target(target_name or "y", n_rows - int(target.n_missing[0]), n_rows)
    warn_of_notes({name: note for name, note in notes.items() if name in useless | picked})
    scores = [score / divisor for score in found.scores]
    if method in ("mrmr-quotient", "disr"):  # ratios but the first, which is information
        scores = [*scores[:1], *found.scores[1:]]
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
    )
