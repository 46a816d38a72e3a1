"""One column of two tables, counted in the same bins or levels, at once or in parts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fastinfo._bins.surveys import Edges, Survey
from fastinfo._codes.column import Column, Numbers
from fastinfo._codes.label_or_number import MOST_LABELS
from fastinfo._codes.labels import join_levels
from fastinfo._column_readers.forms import Values
from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import Coded
from fastinfo._core.messages import shown_name

_MOST_NAMED = 3  # new levels


class Counted(NamedTuple):
    """Counts of a column in both tables; the reference is the first."""

    counts: Array  #: (2, cells) int64
    missing: Array  #: (2,)
    labels: bool  #: whether the cells are levels, and not bins
    notes: tuple[str, ...]
    other_type: bool  #: whether one table has values of another type


class TwoColumns:
    """
    Counts of one column in two tables: of labels, or of numbers in bins of the reference.

    The edges for numbers come from the reference, and the outermost bins are open. Integers are
    labels while both tables together have at most 32 different values, unless the user decides.
    Values of another type than in the reference count as one level.
    """

    def __init__(self, name: str, said: bool | None, bins: Any, strategy: str) -> None:
        self.name, self._said, self._bins, self._strategy = name, said, bins, strategy
        self.kind: str | None = None  #: what the first part with a value held
        self.edges: Edges | None = None
        self._survey = Survey()
        self._levels: Array | None = None
        self._counts = np.zeros((2, 0), np.int64)
        self._outside = np.zeros((2, 2), np.int64)  # below and above the edges
        self._others = np.zeros(2, np.int64)
        self._kinds: set[str] = set()  # of those
        self.missing = np.zeros(2, np.int64)

    def know(self, survey: Survey) -> None:
        """Set what is known about the numbers of the reference."""
        self._survey = survey
        if self._said is False or not survey.is_labels:
            self._find_edges()

    def add(self, which: int, values: Any) -> None:
        """Add a part of the reference (0) or of the current table (1)."""
        column = _as_numbers_if_bool(Column.of(values, f"column {self.name!r}"))
        kind = column.kind
        if kind is None:
            self.missing[which] += len(column)
            return
        if self.kind is None:
            self.kind = kind
        if kind != self.kind and not self._said:
            aligned = _in_unit(column, kind, self.kind)
            if aligned is None and self._said is None:
                self._add_others(which, column, kind)
                return
            column = column if aligned is None else aligned
        found = self._read(column)
        if isinstance(found, Numbers):
            self._add_numbers(which, found)
        else:
            self._add_labels(which, found)

    def _read(self, column: Column) -> Numbers | Coded:
        """Read a part as numbers to be binned, or as labels."""
        if self._said:
            return column.labels()
        if self.edges is None and self._said is None:
            coded = column.labels() if self.kind == "labels" else column.few_numbers()
            if coded is not None:
                return coded
        return column.numbers(exact=True)

    def _add_others(self, which: int, column: Column, kind: str) -> None:
        n = int(np.count_nonzero(column.labels().invalid))
        self.missing[which] += n
        self._others[which] += len(column) - n
        self._kinds.add(kind)

    def _add_labels(self, which: int, coded: Coded) -> None:
        n = coded.n_levels
        counts = np.bincount(coded.codes, minlength=n + 1)
        self.missing[which] += counts[n]
        assert coded.levels is not None
        occurs = counts[:n] > 0
        levels, counts = coded.levels[occurs], counts[:n][occurs]
        if levels.dtype.kind in "mM" and not self._said:
            native = levels.dtype.newbyteorder("=")
            levels = levels.astype(native, copy=False).view(np.int64)
        if not len(levels):
            return
        if self._levels is None:
            joined, old, new = levels, np.zeros(0, np.intp), np.arange(len(levels))
        else:
            joined, old, new = join_levels(self._levels, levels)
        self._levels = joined
        before, self._counts = self._counts, np.zeros((2, len(joined)), np.int64)
        self._counts[:, old] = before
        self._counts[which, new] += counts
        if self._said is None and self.kind != "labels" and len(joined) > MOST_LABELS:
            self._find_edges()

    def _add_numbers(self, which: int, numbers: Numbers) -> None:
        if self.edges is None:
            self._find_edges()
        present = numbers.present
        if present.dtype.kind == "f":
            present = present[~np.isnan(present)]
        self.missing[which] += len(numbers) - present.size
        inside, outside = self._in_bins(present)
        self._counts[which] += inside
        self._outside[which] += outside

    def _in_bins(self, a: Array) -> tuple[Array, list[int]]:
        """Counts of numbers in the bins, and how many are below and above the edges."""
        assert self.edges is not None
        n = self.edges.n_bins
        counts = np.bincount(self.edges.code(a).codes, minlength=n + 1)
        beyond, below = int(counts[n]), 0
        if beyond:
            least = self.edges.values[0]
            low = int(least) + self.edges.origin if self.edges.origin else least
            below = int(np.count_nonzero(a < low))
        return counts[:n], [below, beyond - below]

    def _find_edges(self) -> None:
        """Find the edges; from now on all numbers are binned, also those counted as labels."""
        self.edges = self._edges_of(self._survey)
        levels, before = self._levels, self._counts
        self._levels, self._counts = None, np.zeros((2, self.edges.n_bins), np.int64)
        if levels is None:
            return
        numbers = levels.astype(np.float64) if levels.dtype == object else levels
        codes = self.edges.code(numbers).codes.astype(np.intp)
        for i in range(len(numbers)):
            if codes[i] < self.edges.n_bins:
                self._counts[:, codes[i]] += before[:, i]
            else:
                _, beyond = self._in_bins(numbers[i : i + 1])
                self._outside[:, beyond.index(1)] += before[:, i]

    def _edges_of(self, survey: Survey) -> Edges:
        if np.ndim(self._bins):
            return Edges(np.asarray(self._bins, np.float64))
        if not survey.n:  # the reference has no number: all of them are in one bin
            return Edges(np.array([0.0, 1.0]))
        if self._is_constant:
            return Edges(np.array([survey.low, np.nextafter(survey.low, np.inf)]))
        return survey.edges(f"column {self.name!r}", self._bins, self._strategy)

    @property
    def _is_constant(self) -> bool:
        """Whether the reference has a single number; smaller and larger ones get own bins."""
        return np.ndim(self._bins) == 0 and self._survey.low == self._survey.high

    def counted(self) -> Counted:
        """Counts of all parts, with notes."""
        counts, notes = self._counts.copy(), []
        labels = self.edges is None
        if not labels:
            below, above = self._outside.T
            if self._is_constant:
                counts = np.column_stack([below, counts, above])
            else:
                counts[:, 0] += below
                counts[:, -1] += above
            n, beyond = int(counts[1].sum()), int(self._outside[1].sum())
            if beyond and (self._survey.n or np.ndim(self._bins)):
                notes.append(f"outside reference: {percent(beyond / n)}")
        elif self._levels is not None:
            notes += self._new_levels()
        if self._others.any():
            table = "current" if self._others[1] else "reference"
            kinds = " and ".join(sorted(_word(kind) for kind in self._kinds))
            notes.append(f"{_word(self.kind)} in reference, {kinds} in {table}")
            counts = np.column_stack([counts, self._others])
        return Counted(counts, self.missing, labels, tuple(notes), bool(self._others.any()))

    def _new_levels(self) -> list[str]:
        new = np.flatnonzero((self._counts[0] == 0) & (self._counts[1] > 0))
        if not new.size or not self._counts[0].any():
            return []
        assert self._levels is not None
        levels = self._levels
        times = self.kind not in (None, "labels", "numbers")
        if times and levels.dtype == np.int64:
            levels = levels.view(np.dtype(self.kind))
        first = new[np.argsort(-self._counts[1][new], kind="stable")][:_MOST_NAMED]
        said = [shown_name(str(levels[i])).replace(";", ",") for i in np.sort(first)]
        more = f" and {new.size - first.size} more" if new.size > first.size else ""
        return [f"new levels: {', '.join(said)}{more}"]


def percent(share: float) -> str:
    """Format a share as a percentage."""
    hundredths = 100.0 * share
    if hundredths < 0.1:
        return "< 0.1 %"
    return f"{hundredths:.3g} %" if hundredths < 99.95 else "100 %"


def _word(kind: str | None) -> str:
    """Name of a type in a note."""
    if kind is None or kind in ("numbers", "labels"):
        return kind or "nothing"
    return "dates" if kind.startswith("datetime") else "durations"


def _as_numbers_if_bool(column: Column) -> Column:
    """Convert booleans to the numbers 0 and 1, as the other table may store them."""
    form = column.form
    if isinstance(form, Values) and form.array.dtype.kind == "b":
        return Column(Values(form.array.view(np.uint8), form.missing), column.subject)
    return column


def _in_unit(column: Column, kind: str, wanted: str) -> Column | None:
    """Convert times to the unit of the reference; None if they are of another kind."""
    form = column.form
    if kind[:8] != wanted[:8] or not isinstance(form, Values) or kind[:1] not in "dt":
        return None
    if form.array.dtype.kind not in "mM":
        return None
    turned = form.array.astype(wanted)
    if np.dtype(wanted) < np.dtype(kind) or bool(
        (turned.astype(kind)[~np.isnat(form.array)] == form.array[~np.isnat(form.array)]).all()
    ):
        return Column(Values(turned, form.missing), column.subject)
    return None
