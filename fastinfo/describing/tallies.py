"""What a description needs to know about a column, collected from one part or several."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np

from fastinfo._codes.column import UNIQUE_FROM, Column, Numbers
from fastinfo._codes.label_or_number import MOST_LABELS
from fastinfo._codes.labels import join_levels
from fastinfo._core.checks import Array
from fastinfo._core.messages import printable
from fastinfo.describing.distinct_values import DistinctValues

_MOST_KEPT = 10_000  # different values of a column that is read part by part

#: What numbers are called whose values are of a type of Python's; the first that fits.
_TIMES: tuple[tuple[type, str], ...] = (
    (dt.datetime, "dates and times"),
    (dt.date, "dates"),
    (dt.timedelta, "durations"),
    (dt.time, "times of day"),
)


class Tally:
    """What is known about a column, which is added at once, or part by part in little memory."""

    def __init__(self, name: str, said: bool | None, *, in_parts: bool) -> None:
        self.name, self._said = name, said
        self.n_missing = self.n_infinite = self.n_rows = 0
        self.refused = ""  #: why it is neither numbers nor labels
        self.levels: Array | None = np.zeros(0, object)  #: None: too many to keep
        self.counts = np.zeros(0, np.int64)
        self._kinds: set[str] = set()
        self._whole = True
        self._least: tuple[Any, Any] | None = None  # as a number, and as it is
        self._most: tuple[Any, Any] | None = None
        self._ends: frozenset[int] = frozenset()  # where those are, of a column that is whole
        self._seen = DistinctValues() if in_parts else None
        self._counts_rows = in_parts  # as long as whole numbers go on by the same step
        self._row: tuple[Any, Any] | None = None  # the last one, and that step

    def add(self, values: Any, hashes: Array | None = None) -> None:
        """Add the column, or a part of it with the hashes of its values."""
        self.n_rows += len(values)
        if self.refused:
            return
        try:
            self._add(values, hashes)
        except (TypeError, ValueError) as error:
            self.refused = printable(str(error).splitlines()[0])

    def _add(self, values: Any, hashes: Array | None) -> None:
        column = Column.of(values, f"column {self.name!r}")
        kind = column.kind
        if kind is None:
            self.n_missing += len(column)
            return
        self._kinds.add(kind)
        if self._said is False:
            column.numbers()  # an error where it has none
        if self._seen is not None and hashes is not None:
            self._seen.add(hashes)
            if self._seen.number > _MOST_KEPT:
                self.levels, self.counts = None, np.zeros(0, np.int64)
        levels: tuple[Array, Array] | None = None
        if kind != "labels":
            n_missing, levels = self._see_numbers(column.numbers(exact=True, moved=False), values)
        elif self.levels is None:
            n_missing = values.null_count
        if self.levels is not None:
            if levels is None:
                n_missing, levels = self._labels_of(column)
            self._see_levels(*levels)
        self.n_missing += n_missing

    def _see_numbers(self, found: Numbers, values: Any) -> tuple[int, tuple[Array, Array] | None]:
        """Add numbers; return how many are missing, and the counts of values if floats."""
        a = found.values
        floats = a.dtype.kind == "f"
        missing = np.isnan(a) if floats else found.missing
        n_missing = 0 if missing is None else int(np.count_nonzero(missing))
        n_infinite = int(np.count_nonzero(np.isinf(a))) if floats else 0
        places = None
        if n_infinite:
            places = np.flatnonzero(np.isfinite(a))
        elif n_missing and missing is not None:
            places = np.flatnonzero(~missing)
        self.n_infinite += n_infinite
        self._whole &= found.whole
        some = a if places is None else a[places]
        if some.size:
            self._see_ends(some, places, values)
        if self._counts_rows:
            self._counts_rows = not (floats or n_missing) and found.whole and self._goes_on(a)
        if not floats or self.levels is None:
            return n_missing, None
        return n_missing, np.unique(some, return_counts=True)

    def _goes_on(self, a: Array) -> bool:
        """Whether integers continue the part before in the same steps."""
        if self._row is not None:
            a = np.concatenate([np.array([self._row[0]], a.dtype), a])
        steps = np.diff(a)
        step = steps[0] if self._row is None and steps.size else (self._row or (0, 0))[1]
        self._row = a[-1], step
        return bool(step) and bool((steps == step).all())

    def _see_ends(self, some: Array, places: Array | None, values: Any) -> None:
        """Update the smallest and the largest number; `places` are the positions of the numbers."""
        ends = [int(i if places is None else places[i]) for i in (some.argmin(), some.argmax())]
        least, most = some.min().item(), some.max().item()
        if self._least is None or least < self._least[0]:
            self._least = least, plain_value(value_at(values, ends[0]))
        if self._most is None or most > self._most[0]:
            self._most = most, plain_value(value_at(values, ends[1]))
        self._ends = frozenset(ends)

    def _labels_of(self, column: Column) -> tuple[int, tuple[Array, Array]]:
        """Return the number of missing samples, the different values, and how often each occurs."""
        coded = column.labels()
        assert coded.levels is not None
        n = coded.n_levels
        counts = np.bincount(coded.codes, minlength=n + 1)
        levels, missing = coded.levels, int(counts[n])
        if self.n_infinite:
            counts[:n][_infinite(levels)] = 0
        occurs = counts[:n] > 0
        return missing, (levels[occurs], counts[:n][occurs])

    def _see_levels(self, levels: Array, counts: Array) -> None:
        """Add different values, and how often each occurs."""
        if not len(self.counts):
            self.levels, self.counts = levels, counts
        elif len(counts):
            assert self.levels is not None
            self.levels, old, new = join_levels(self.levels, levels)
            joined = np.zeros(len(self.levels), np.int64)
            joined[old] += self.counts
            joined[new] += counts
            self.counts = joined

    @property
    def n(self) -> int:
        """Number of rows with a value."""
        return self.n_rows - self.n_missing

    @property
    def row_number(self) -> bool:
        """Whether a column that is read part by part is a row number."""
        counts = self._counts_rows and self._row is not None and not self.n_missing
        return counts and self.are_plain_numbers  # points of time are no numbers of rows

    @property
    def exact(self) -> bool:
        """Whether the number of different values is exact."""
        return self.levels is not None

    @property
    def n_levels(self) -> int:
        """Number of different finite values."""
        if self._seen is None or self.levels is not None:
            return len(self.counts)
        return min(self._seen.number, self.n)

    @property
    def labels(self) -> bool:
        """Whether a ranking treats the column as labels."""
        if self._said is not None:
            return self._said
        few = self._whole and self.exact and self.n_levels <= MOST_LABELS
        return "labels" in self._kinds or (few and len(self._kinds) == 1)

    @property
    def kind(self) -> str:
        """How a ranking treats the column."""
        if self.refused:
            return "left out"
        if not self._kinds:
            return "nothing"
        if "labels" in self._kinds:
            first = None if self.levels is None or not len(self.levels) else self.levels[0]
            return "true/false" if isinstance(first, bool | np.bool_) else "labels"
        value = None if self._least is None else self._least[1]
        what = next((name for kind, name in _TIMES if isinstance(value, kind)), None)
        if what is None:
            what = "whole numbers" if self._whole else "numbers"
            what = "periods" if type(value).__name__ == "Period" else what
        return f"{what} as labels" if self.labels else what

    @property
    def are_plain_numbers(self) -> bool:
        """Whether the values are numbers, not labels or times."""
        return self.kind.startswith(("numbers", "whole numbers"))

    @property
    def least(self) -> Any:
        """The smallest number or time, with the type of the table."""
        return None if self._least is None else self._least[1]

    @property
    def most(self) -> Any:
        """The largest number or time, with the type of the table."""
        return None if self._most is None else self._most[1]

    @property
    def common(self) -> Any:
        """The most frequent label."""
        if self.levels is None or not self.labels or not len(self.counts):
            return None
        return plain_value(self.levels[self.counts.argmax()])

    @property
    def alike(self) -> tuple[Any, ...] | None:
        """Key that is equal for columns that may be copies of each other; None if there is none."""
        if self.levels is None or self.refused or self.n_infinite or len(self.counts) < 2:
            return None
        if len(self.counts) == self.n < UNIQUE_FROM:  # as any two columns of a small table may be
            return None
        ends = frozenset() if self.labels else self._ends  # also of a column that falls as it rises
        return self.n, len(self.counts), np.sort(self.counts).tobytes(), ends


def _infinite(levels: Array) -> Any:
    if levels.dtype.kind == "f":
        return np.isinf(levels)
    return [isinstance(value, float) and math.isinf(value) for value in levels.tolist()]


def value_at(values: Any, i: int) -> Any:
    """One value of a column from any library."""
    return values.iloc[i] if hasattr(values, "iloc") else values[i]


def plain_value(value: Any) -> Any:
    """Convert a value to a type of Python, if there is one."""
    if hasattr(value, "as_py"):
        value = value.as_py()
    if isinstance(value, np.datetime64 | np.timedelta64):
        plain = value.item()
        return value.astype(f"{value.dtype.kind}8[us]").item() if type(plain) is int else plain
    return value.item() if isinstance(value, np.generic) else value
