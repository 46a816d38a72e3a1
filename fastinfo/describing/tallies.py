"""What is known of a column: all that its description is made of, from one part or several."""

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
    """What is known of a column, which is whole, or is read part by part in little memory."""

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
        self._seen = DistinctValues() if in_parts else None

    def add(self, values: Any, hashes: Array | None = None) -> None:
        """Take the column, or a part of it with the hashes of its values."""
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
        n_missing: int | None = None
        if kind != "labels":
            n_missing = self._see_numbers(column.numbers(exact=True, moved=False), values)
        if self.levels is None and n_missing is None:
            n_missing = values.null_count
        if self.levels is not None:
            n_missing = self._see_labels(column)
        self.n_missing += n_missing or 0

    def _see_numbers(self, found: Numbers, values: Any) -> int:
        """Take the range of numbers; how many are missing."""
        a = found.values
        missing = found.missing
        if missing is None:
            missing = np.isnan(a) if a.dtype.kind == "f" else np.zeros(a.size, np.bool_)
        outside = np.isinf(a) if a.dtype.kind == "f" else np.zeros(a.size, np.bool_)
        self.n_infinite += int(np.count_nonzero(outside))
        self._whole &= found.whole
        places = np.flatnonzero(~(missing | outside))
        if places.size:
            some = a[places]
            for end, i in (("_least", places[some.argmin()]), ("_most", places[some.argmax()])):
                new, known = a[i].item(), getattr(self, end)
                below = known is None or (new < known[0]) == (end == "_least")
                if below and not (known is not None and new == known[0]):
                    setattr(self, end, (new, plain_value(value_at(values, int(i)))))
        return int(np.count_nonzero(missing))

    def _see_labels(self, column: Column) -> int:
        """Take the different values, and how often each occurs; how many are missing."""
        coded = column.labels()
        assert coded.levels is not None
        n = coded.n_levels
        counts = np.bincount(coded.codes, minlength=n + 1)
        levels, missing = coded.levels, int(counts[n])
        if self.n_infinite:
            counts[:n][_infinite(levels)] = 0
        occurs = counts[:n] > 0
        levels, counts = levels[occurs], counts[:n][occurs]
        if not len(self.counts):
            self.levels, self.counts = levels, counts
        elif len(counts):
            assert self.levels is not None
            self.levels, old, new = join_levels(self.levels, levels)
            joined = np.zeros(len(self.levels), np.int64)
            joined[old] += self.counts
            joined[new] += counts
            self.counts = joined
        return missing

    @property
    def n(self) -> int:
        """Rows with a value."""
        return self.n_rows - self.n_missing

    @property
    def exact(self) -> bool:
        """Whether the number of values is known, and no estimate."""
        return self.levels is not None

    @property
    def n_levels(self) -> int:
        """Number of different values, infinite ones apart."""
        if self._seen is None or self.levels is not None:
            return len(self.counts)
        return min(self._seen.number, self.n)

    @property
    def labels(self) -> bool:
        """Whether a ranking takes the column as labels."""
        if self._said is not None:
            return self._said
        few = self._whole and self.exact and self.n_levels <= MOST_LABELS
        return "labels" in self._kinds or (few and len(self._kinds) == 1)

    @property
    def kind(self) -> str:
        """What a ranking takes it for."""
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
    def least(self) -> Any:
        """The smallest number or time, as it is in the table."""
        return None if self._least is None else self._least[1]

    @property
    def most(self) -> Any:
        """The largest number or time, as it is in the table."""
        return None if self._most is None else self._most[1]

    @property
    def common(self) -> Any:
        """The most frequent label."""
        if self.levels is None or not self.labels or not len(self.counts):
            return None
        return plain_value(self.levels[self.counts.argmax()])

    @property
    def alike(self) -> tuple[Any, ...] | None:
        """Equal for columns that may part the rows alike; None for none."""
        if self.levels is None or self.refused or self.n_infinite or len(self.counts) < 2:
            return None
        if len(self.counts) == self.n < UNIQUE_FROM:  # as any two columns of a small table may be
            return None
        return self.n, len(self.counts), np.sort(self.counts).tobytes()


def _infinite(levels: Array) -> Any:
    if levels.dtype.kind == "f":
        return np.isinf(levels)
    return [isinstance(value, float) and math.isinf(value) for value in levels.tolist()]


def value_at(values: Any, i: int) -> Any:
    """One value of a column of any library."""
    return values.iloc[i] if hasattr(values, "iloc") else values[i]


def plain_value(value: Any) -> Any:
    """A value as Python has it, where it has such."""
    if hasattr(value, "as_py"):
        value = value.as_py()
    if isinstance(value, np.datetime64 | np.timedelta64):
        plain = value.item()
        return value.astype(f"{value.dtype.kind}8[us]").item() if type(plain) is int else plain
    return value.item() if isinstance(value, np.generic) else value
