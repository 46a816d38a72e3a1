"""What is found out about a table in parts: how it starts, how a part is added, how two are one.

Files are folded with it part by part, Dask's partitions apart and then in a tree.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Self

import numpy as np

from fastinfo._bins.ranges import Range
from fastinfo._bins.sketches import Sketch, Within
from fastinfo._bins.surveys import Survey
from fastinfo._core.checks import Array
from fastinfo._core.threads import run_in_order
from fastinfo._tables.parts import as_part
from fastinfo._tables.table_readers import is_table
from fastinfo.streaming.streamed_column import StreamedColumn

State = Mapping[int, Any]  # by the place of the column


class Fold(Protocol):
    """How what is found out about a table adds up; states that are given stay as they are."""

    def start(self) -> Any:
        """What is known of no rows."""

    def add(self, state: Any, *parts: Any) -> Any:
        """What is known with a part of the table added, of which the target may come apart."""

    def combine(self, a: Any, b: Any) -> Any:
        """What is known of the rows of both."""


class Counts(Protocol):
    """What parts are added to."""

    n_rows: int

    def know(self, ranges: Mapping[int, Survey]) -> None:
        """Take the ranges of columns by their places."""

    def update(self, X: Any) -> Any:
        """Add a part."""

    def merge(self, other: Any) -> Any:
        """Add other counts."""

    def streamed(self) -> list[StreamedColumn]:
        """The columns."""

    def dropped(self) -> list[tuple[int, int]]:
        """By column: how many samples were outside the edges, and how many missing."""

    @property
    def _size(self) -> int:
        """Bytes of the tables."""

    def _to_state(self) -> dict[str, Any]:
        """As plain values for a checkpoint."""

    @classmethod
    def _from_state(cls, state: Any) -> Self:
        """What :meth:`_to_state` wrote."""


class Ranges:
    """Ranges of columns of numbers; `chosen` are places, by default where edges depend on them."""

    def __init__(
        self, columns: Sequence[StreamedColumn], chosen: Sequence[int] | None = None
    ) -> None:
        self.columns = list(columns)
        if chosen is None:
            chosen = [i for i, column in enumerate(columns) if column.needs_survey]
        self.chosen = list(chosen)

    def start(self) -> State:
        return {}

    def of(self, i: int, values: Any, known: Survey | None) -> Survey | None:
        """The range of a part of a column, of which some is known; None of labels."""
        column = self.columns[i]
        found = column.numbers(values)
        if found is None:
            return None
        return Survey.of(
            _finite(found.present), ordered=column.by_counts, whole=found.whole, known=known
        )

    def add(self, state: State, *parts: Any) -> State:
        def measure(i: int, values: Any) -> Survey | None:
            return self.of(i, values, state.get(i))

        return self.combine(state, _each(self.columns, self.chosen, parts, measure))

    def combine(self, a: State, b: State) -> State:
        return _joined(a, b)


class Inside:
    """What is in the cells of which more must be known: a further pass, if there are any."""

    def __init__(self, columns: Sequence[StreamedColumn], ranges: Mapping[int, Survey]) -> None:
        self.columns = list(columns)
        found = {i: columns[i].unclear(one) for i, one in ranges.items()}
        self.within: dict[int, Within] = {i: one for i, one in found.items() if one is not None}

    @property
    def idle(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.within

    def start(self) -> State:
        return {}

    def of(self, i: int, values: Any) -> Sketch | None:
        """What is in the cells of a part of a column; None of labels."""
        numbers = self.columns[i].numbers(values)
        return None if numbers is None else self.within[i].look(_finite(numbers.present))

    def add(self, state: State, *parts: Any) -> State:
        found = _each(self.columns, list(self.within), parts, self.of)
        return self.combine(state, found)

    def combine(self, a: State, b: State) -> State:
        return _joined(a, b)


class Counting:
    """Counts of a table, begun with those of no rows, which know their edges."""

    def __init__(self, empty: Counts) -> None:
        self.empty = empty

    def start(self) -> Any:
        return copy.deepcopy(self.empty)

    def add(self, state: Any, *parts: Any) -> Any:
        return state.update(*parts) if len(parts[0]) else state

    def combine(self, a: Any, b: Any) -> Any:
        return copy.deepcopy(a).merge(b)


def refined(ranges: Mapping[int, Survey], inside: Inside, found: State) -> dict[int, Survey]:
    """Ranges with what a further pass has found."""
    return {
        i: one.refined(inside.within[i], found[i]) if i in found else one
        for i, one in ranges.items()
    }


def _finite(samples: Array) -> Array:
    """Samples on which edges depend: infinite ones are outside of them."""
    if samples.dtype.kind != "f":
        return samples
    extent = Range.of(samples)
    known = not extent.n or bool(np.isfinite([extent.low, extent.high]).all())
    return samples if known else samples[np.isfinite(samples)]


def _each(
    columns: Sequence[StreamedColumn],
    chosen: Sequence[int],
    parts: Sequence[Any],
    measure: Callable[[int, Any], Any],
) -> State:
    """What is measured of some columns of a part, of the last one in the target if there is one."""
    part, *target = parts
    if not chosen or not len(part):
        return {}
    last = len(columns) - len(target)
    own = [i for i in chosen if i < last] if is_table(part) else range(last)
    values = dict(zip(own, as_part(part, [columns[i].name for i in own]), strict=True))
    values |= {last + k: one for k, one in enumerate(target)}
    found = run_in_order(lambda i: measure(i, values[i]), chosen)
    return {i: one for i, one in zip(chosen, found, strict=True) if one is not None}


def _joined(a: State, b: State) -> State:
    return dict(a) | {i: a[i] | one if i in a else one for i, one in b.items()}
