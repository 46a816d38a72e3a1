"""Joint histograms of a column and the target, reduced to a size that people can read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeGuard

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._counts.table import Table
from fastinfo.describing.description import shown_value
from fastinfo.describing.tallies import plain_value

_MOST_X, _MOST_Y = 24, 12
_LONGEST = 18  # characters of a label
_DIGITS = range(3, 16)


@dataclass(frozen=True)
class Side:
    """The name of a variable, and the meaning of its codes."""

    name: str
    kind: str | None  #: "numbers", a type of time, or "labels"
    edges: Array | None
    levels: Array | None


class Joint(NamedTuple):
    """Counts of a column (first axis) and the target (second axis)."""

    table: Table
    x: Side
    y: Side


class Groups(NamedTuple):
    """Groups of levels or bins of a variable; each group is shown as one cell."""

    places: Array  #: the group of each level
    labels: list[str]
    ends: list[str]  #: where bins meet, one more than there are; none of labels
    others: bool = False  #: whether the last one is of labels that are rare


class SmallTable(NamedTuple):
    """Counts of groups of a column and of the target."""

    x: Groups
    y: Groups
    counts: Array

    @property
    def share(self) -> Array:
        """Distribution of the target in each group of the column."""
        shares: Array = self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1)
        return shares


def small_table(joint: Joint) -> SmallTable:
    """Count joint groups: neighbouring bins are joined, and so are rare labels."""
    table = joint.table
    x = _grouped(joint.x, table.margin(0), _MOST_X)
    y = _grouped(joint.y, table.margin(1), _MOST_Y)
    counts = np.zeros((len(x.labels), len(y.labels)), np.int64)
    rows, columns, values = table.cells()
    np.add.at(counts, (x.places[rows], y.places[columns]), values.astype(np.int64))
    return SmallTable(x, y, counts)


def _grouped(side: Side, counts: Array, most: int) -> Groups:
    if side.edges is not None:
        return _grouped_bins(side, side.edges, most)
    return _grouped_labels(side, counts, most)


def _grouped_bins(side: Side, edges: Array, most: int) -> Groups:
    n = len(edges) - 1
    k = -(-n // -(-n // most))
    places = np.arange(n) * k // n
    starts = np.searchsorted(places, np.arange(k))
    ends = _texts([*edges[starts].tolist(), float(edges[-1])], side.kind)
    labels = [f"{a} to {b}" for a, b in pairwise(ends)]
    return Groups(places, labels, ends)


def _grouped_labels(side: Side, counts: Array, most: int) -> Groups:
    """Groups of the most frequent labels (numbers and times in order), and one of all others."""
    levels = np.asarray(np.arange(len(counts)) if side.levels is None else side.levels)
    occurring = np.flatnonzero(counts > 0)
    by_count = occurring[np.argsort(-counts[occurring], kind="stable")]
    shown = by_count if len(by_count) <= most else by_count[: most - 1]
    if side.kind != "labels" or levels.dtype.kind == "b":
        shown = np.sort(shown)
    places = np.full(len(counts), len(shown), np.int64)
    places[shown] = np.arange(len(shown))
    labels = _labels(levels[shown], side.kind)
    others = len(occurring) - len(shown)
    if others:
        labels.append(f"{others:,} others")
    return Groups(places, labels, [], others > 0)


def _labels(levels: Array, kind: str | None) -> list[str]:
    if _is_time(kind) and levels.dtype.kind in "iumM":
        return _times(levels.astype(np.int64).view(kind))
    return [shown_value(plain_value(level), _LONGEST) for level in levels]


def _is_time(kind: str | None) -> TypeGuard[str]:
    return kind is not None and kind.startswith(("datetime64[", "timedelta64["))


def _texts(numbers: list[float], kind: str | None) -> list[str]:
    """Short texts of numbers or times, which differ if the values differ."""
    if _is_time(kind):
        return _times(np.array(numbers).round().astype(np.int64).view(kind))
    different = len({*numbers})
    texts: list[str] = []
    for digits in _DIGITS:
        texts = [_number(number, digits) for number in numbers]
        if len({*texts}) == different:
            break
    return texts


def _number(value: float, digits: int) -> str:
    text = f"{value:.{digits}g}"
    if "e" in text and 1.0 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    return text.replace("-", "−")


def _times(times: Array) -> list[str]:
    if times.dtype.kind == "m":
        seconds = times.astype("m8[s]")
        short = len(np.unique(seconds)) == len(np.unique(times))
        return [str(plain_value(time)) for time in (seconds if short else times)]
    days = times.astype("M8[D]")
    if len(np.unique(days)) == len(np.unique(times)):
        return [str(day) for day in days]
    return [str(time).replace("T", " ") for time in times.astype("M8[m]")]
