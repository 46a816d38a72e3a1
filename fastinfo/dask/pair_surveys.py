"""Surveys and counts of two variables, which can be computed in parts and added."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fastinfo._bins.coded_variables import any_of
from fastinfo._bins.edges import check_range, split_bins, split_range
from fastinfo._bins.options import Binning
from fastinfo._bins.ranges import PairRange
from fastinfo._bins.sketches import Sketch, Within
from fastinfo._bins.surveys import Edges, Survey, has_equal_counts
from fastinfo._codes.column import Column, Numbers
from fastinfo._codes.label_or_number import MOST_LABELS, said_discrete
from fastinfo._core.checks import Array, same_length
from fastinfo._core.coded_variable import Coded
from fastinfo._counts.samples import count_codes
from fastinfo.information.joint_counts import JointCounts


class _Option(NamedTuple):
    """How one of two variables is coded."""

    name: str
    bins: Any
    strategy: str
    range: Any
    discrete: bool | None

    @classmethod
    def both(cls, binning: Binning) -> list[_Option]:
        """Return the options of both variables."""
        settings, ranges = split_bins(binning.bins), split_range(binning.range)
        words = [said_discrete(binning.discrete, i) for i in (0, 1)]
        limits = [None if given is None else check_range(given) for given in ranges]
        return [cls("xy"[i], settings[i], binning.strategy, limits[i], words[i]) for i in (0, 1)]

    @property
    def by_counts(self) -> bool:
        """Whether edges depend on the order of all samples."""
        return self.discrete is not True and has_equal_counts(self.bins, self.strategy)


class _Samples(NamedTuple):
    """Samples of a variable in one part: labels, or numbers with their values if these are few."""

    values: Array
    coded: Coded | None  #: of labels, and of integers and times that are few
    levels: Array | bool | None  #: the values of numbers that are few, True for labels

    @classmethod
    def of(cls, a: Any, option: _Option) -> _Samples:
        column = Column.of(a, option.name)
        found = column.read(option.discrete, moved=False)
        if isinstance(found, Numbers):
            return cls(found.values, None, None)
        levels = found.levels
        if option.discrete is None and levels is not None and levels.dtype.kind in "iumM":
            return cls(column.numbers(moved=False).values, found, levels)
        return cls(found.codes, found, True)

    @classmethod
    def complete(cls, x: Any, y: Any, options: list[_Option]) -> tuple[list[_Samples], list[Array]]:
        """Samples of both variables, and the values of each in pairs without a missing sample."""
        pair = [cls.of(a, option) for a, option in zip((x, y), options, strict=True)]
        same_length(pair[0].values, pair[1].values)
        gone = [np.isnan(one.values) if one.coded is None else one.coded.invalid for one in pair]
        missing = any_of(gone)
        return pair, [one.values if missing is None else one.values[~missing] for one in pair]


class PairSurvey(NamedTuple):
    """Data on which the edges of two variables depend; ``a | b`` joins two parts."""

    n: int
    ranges: tuple[Survey, Survey]
    levels: tuple[Array | bool | None, Array | bool | None]
    moments: PairRange | None  #: of numbers in bins of equal width

    @classmethod
    def of(cls, x: Any, y: Any, options: list[_Option]) -> PairSurvey:
        """Survey a part that is not empty."""
        pair, numbers = _Samples.complete(x, y, options)
        levels = pair[0].levels, pair[1].levels
        found = [
            Survey() if own is True else Survey.of(_within(a, option), ordered=option.by_counts)
            for own, a, option in zip(levels, numbers, options, strict=True)
        ]
        by_width = not any(option.by_counts for option in options)
        ruled = by_width and any(isinstance(o.bins, str) and o.bins == "mi" for o in options)
        both = ruled and not any(own is True for own in levels)
        moments = PairRange.of(pair[0].values, pair[1].values) if both else None
        return cls(numbers[0].size, (found[0], found[1]), levels, moments)

    def __or__(self, other: PairSurvey) -> PairSurvey:
        a, b = self.ranges, other.ranges
        moments = None
        if self.moments is not None and other.moments is not None:
            moments = self.moments | other.moments
        return PairSurvey(
            self.n + other.n,
            (a[0] | b[0], a[1] | b[1]),
            (_joined(self.levels[0], other.levels[0]), _joined(self.levels[1], other.levels[1])),
            moments,
        )

    def edges(self, options: list[_Option]) -> list[Edges | None]:
        """Edges of both variables; None for labels."""
        numbers = [one is None for one in self.levels]
        r = self.moments.correlation if all(numbers) and self.moments is not None else 0.0
        common = np.result_type(self.ranges[0].dtype, self.ranges[1].dtype)
        found: list[Edges | None] = []
        for one, option, is_number in zip(self.ranges, options, numbers, strict=True):
            dtype = common if all(numbers) else one.dtype
            settings = option.name, option.bins, option.strategy, option.range
            found.append(one.edges(*settings, self.n, r, dtype) if is_number else None)
        return found


def _within(a: Array, option: _Option) -> Array:
    """Samples whose order determines the edges: those in the range, if one is given."""
    if not option.by_counts or option.range is None:
        return a
    first, last = option.range
    chosen: Array = a[(a >= first) & (a <= last)]
    return chosen


def _joined(a: Array | bool | None, b: Array | bool | None) -> Array | bool | None:
    if (a is True) != (b is True):
        raise ValueError("x and y must each have the same type in all partitions")
    if a is None or b is None or a is True:
        return None if a is None or b is None else True
    levels = np.union1d(np.asarray(a), np.asarray(b))
    return levels if levels.size <= MOST_LABELS else None


class _OfPairs:
    """Fold of two variables; its state is None until there are pairs."""

    def __init__(self, binning: Binning) -> None:
        self.options = _Option.both(binning)

    def start(self) -> Any:
        return None

    def add(self, state: Any, x: Any, y: Any) -> Any:
        return self.combine(state, self.of(x, y)) if len(x) else state

    def combine(self, a: Any, b: Any) -> Any:
        return b if a is None else a if b is None else self.joined(a, b)

    def of(self, x: Any, y: Any) -> Any:
        raise NotImplementedError

    def joined(self, a: Any, b: Any) -> Any:
        return a | b


class PairSurveys(_OfPairs):
    """Fold that finds the surveys of two variables."""

    def of(self, x: Any, y: Any) -> PairSurvey:
        return PairSurvey.of(x, y, self.options)


class PairInside(_OfPairs):
    """Fold that examines the samples in cells that need it; idle if there are no such cells."""

    def __init__(self, binning: Binning, known: PairSurvey | None) -> None:
        super().__init__(binning)
        self.known = known
        self.within: list[Within | None] = [None, None]
        if known is not None:
            self.within = [
                one.unclear(option.bins, option.strategy, known.n) if levels is None else None
                for one, option, levels in zip(
                    known.ranges, self.options, known.levels, strict=True
                )
            ]

    @property
    def idle(self) -> bool:
        return self.within == [None, None]

    def of(self, x: Any, y: Any) -> list[Sketch | None]:
        _, numbers = _Samples.complete(x, y, self.options)
        return [
            None if cells is None else cells.look(_within(a, option))
            for cells, a, option in zip(self.within, numbers, self.options, strict=True)
        ]

    def joined(self, a: Any, b: Any) -> list[Sketch | None]:
        return [None if one is None else one | other for one, other in zip(a, b, strict=True)]

    def refined(self, found: Any) -> PairSurvey | None:
        """Return the survey, refined with the result of this pass."""
        if self.known is None or found is None:
            return self.known
        ranges = [
            one if cells is None else one.refined(cells, inside)
            for one, cells, inside in zip(self.known.ranges, self.within, found, strict=True)
        ]
        return self.known._replace(ranges=(ranges[0], ranges[1]))


class PairCounting(_OfPairs):
    """Fold that counts pairs, between edges that are found from all pairs."""

    def __init__(self, binning: Binning, known: PairSurvey | None) -> None:
        super().__init__(binning)
        self.edges = [None, None] if known is None else known.edges(self.options)

    def of(self, x: Any, y: Any) -> JointCounts:
        pair: list[tuple[Array | None, Coded]] = []
        for a, option, edges in zip((x, y), self.options, self.edges, strict=True):
            column = Column.of(a, option.name)
            if edges is None:
                pair.append((None, column.labels()))
            else:
                values = column.numbers(moved=False).values
                pair.append((values, edges.code(values)))
        return JointCounts._of(**count_codes(pair[0], pair[1])._asdict())

    def joined(self, a: Any, b: Any) -> Any:
        return a + b
