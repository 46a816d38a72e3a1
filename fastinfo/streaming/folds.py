"""Computations on a table in parts: how they start, add a part, and combine two results.

Files are processed part by part. Dask processes partitions separately and combines them in a tree.
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

State = Mapping[int, Any]  # by the place of a column


class Fold(Protocol):
    """A computation on parts; it does not modify the states that are passed to it."""

    def start(self) -> Any:
        """The state for no rows."""

    def add(self, state: Any, *parts: Any) -> Any:
        """The state after adding a part of the table, whose target may be given separately."""

    def combine(self, a: Any, b: Any) -> Any:
        """The state for the rows of two states."""


class Counts(Protocol):
    """Counts to which parts are added."""

    n_rows: int

    def know(self, ranges: Mapping[int, Survey]) -> None:
        """Set the ranges of columns by their places."""

    def update(self, X: Any) -> Any:
        """Add a part."""

    def merge(self, other: Any) -> Any:
        """Add other counts."""

    def streamed(self) -> list[StreamedColumn]:
        """The columns."""

    def dropped(self) -> list[tuple[int, int]]:
        """For each column, the number of samples outside the edges, and of missing samples."""

    @property
    def _size(self) -> int:
        """Bytes of the tables."""

    def _to_state(self) -> dict[str, Any]:
        """The counts as plain values for a checkpoint."""

    @classmethod
    def _from_state(cls, state: Any) -> Self:
        """The counts from the result of :meth:`_to_state`."""


class Ranges:
    """Fold that finds the ranges of `chosen` columns, or of all whose edges depend on them."""

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
        """The range of a part of a column; parts of it may be known. None for labels."""
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
    """Fold that examines the samples in cells that need it; idle if there are no such cells."""

    def __init__(self, columns: Sequence[StreamedColumn], ranges: Mapping[int, Survey]) -> None:
        self.columns = list(columns)
        found = {i: columns[i].unclear(one) for i, one in ranges.items()}
        self.within: dict[int, Within] = {i: one for i, one in found.items() if one is not None}

    @property
    def idle(self) -> bool:
        """Whether there are no such cells."""
        return not self.within

    def start(self) -> State:
        return {}

    def of(self, i: int, values: Any) -> Sketch | None:
        """The samples of a part of a column in these cells; None for labels."""
        numbers = self.columns[i].numbers(values)
        return None if numbers is None else self.within[i].look(_finite(numbers.present))

    def add(self, state: State, *parts: Any) -> State:
        found = _each(self.columns, list(self.within), parts, self.of)
        return self.combine(state, found)

    def combine(self, a: State, b: State) -> State:
        return _joined(a, b)


class Counting:
    """Fold that counts a table, starting from empty counts with known edges."""

    def __init__(self, empty: Counts) -> None:
        self.empty = empty

    def start(self) -> Any:
        return copy.deepcopy(self.empty)

    def add(self, state: Any, *parts: Any) -> Any:
        return state.update(*parts) if len(parts[0]) else state

    def combine(self, a: Any, b: Any) -> Any:
        return copy.deepcopy(a).merge(b)


def refined(ranges: Mapping[int, Survey], inside: Inside, found: State) -> dict[int, Survey]:
    """Return the ranges, refined with the result of a further pass."""
    return {
        i: one.refined(inside.within[i], found[i]) if i in found else one
        for i, one in ranges.items()
    }


def _finite(samples: Array) -> Array:
    """The finite samples, which determine the edges."""
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
    """Results of a function for some columns of a part; the last column may be the target."""
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
