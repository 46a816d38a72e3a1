"""A column of data in parts: its range, its edges or levels, and its codes so far."""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from fastinfo._bins.edges import EQUAL_COUNTS, check_number, given_edges, strategy_of
from fastinfo._bins.sketches import Within
from fastinfo._bins.surveys import Edges, Survey, check_streamed_bins, has_equal_counts
from fastinfo._codes.column import Column, Numbers
from fastinfo._codes.label_or_number import MOST_LABELS
from fastinfo._codes.labels import join_levels
from fastinfo._core.as_json import of_type, plain_array, shortly
from fastinfo._core.checks import Array, kept
from fastinfo._core.coded_variable import Coded, code_dtype
from fastinfo._counts.as_json import edges_from_plain, levels_from_plain

#: Codes after the levels: for samples outside the edges, and for missing samples.
DROPPED, MISSING = 0, 1

_TIMES = re.compile(r"(datetime|timedelta)64(\[\d{0,9}[A-Za-z]{1,2}\])?")


class Part(NamedTuple):
    """A coded part of a column, and the new places of the known levels and of the part's levels."""

    coded: Coded  #: codes, including those for outside and missing
    before: Array | None  #: new places of the earlier codes; None if unchanged
    now: Array | None  #: new places of this part's codes; None if unchanged


class StreamedColumn:
    """
    A column and its coding: labels, numbers in bins, or numbers that are labels while few differ.

    Codes are places in `levels` or between `edges`. Two more codes follow: for samples outside the
    edges, and for missing ones. If `discrete` is None, the number of distinct values decides what
    is a label, as for tables. Without a `survey` and without given edges, a column may have 32
    distinct numbers.
    """

    def __init__(
        self,
        name: str,
        bins: Any,
        discrete: bool | None = None,
        survey: Survey | None = None,
        strategy: str = EQUAL_COUNTS,
    ) -> None:
        edges = given_edges(bins, "bins")
        self.bins = bins if edges is None else kept(edges)
        self.name, self.discrete, self.survey = name, discrete, survey
        self.strategy = strategy_of(strategy, bins)
        self.kind: str | None = None  #: "numbers", a type of time or "labels", once known
        self.whole = True  #: whether all numbers so far are integers or times
        self.edges: Edges | None = None
        self.levels: Array | None = None
        if survey is not None:
            self.know(survey)

    def know(self, survey: Survey) -> None:
        """Set the survey of all samples."""
        self.survey = survey.bare
        if survey.n and self._has_numbers(survey):
            self.edges = self._edges_of(survey)

    def unclear(self, survey: Survey) -> Within | None:
        """The cells that have to be examined to find the edges."""
        if not self._has_numbers(survey):
            return None
        with self._named():
            return survey.unclear(self.bins, self.strategy)

    def _has_numbers(self, survey: Survey) -> bool:
        """Whether samples are known to be binned, with edges that depend on them."""
        return self.needs_survey and (self.discrete is False or survey.is_labels is False)

    @property
    def needs_survey(self) -> bool:
        """Whether the edges of the column, if it has numbers, depend on its range."""
        return self.discrete is not True and not self.given

    @property
    def by_counts(self) -> bool:
        """Whether the edges depend on the order of all samples."""
        return self.needs_survey and has_equal_counts(self.bins, self.strategy)

    @property
    def n_codes(self) -> int:
        """Number of codes: the levels, and the two additional codes."""
        return self.n_levels + 2

    @property
    def n_levels(self) -> int:
        """Number of bins or levels so far."""
        if self.edges is not None:
            return self.edges.n_bins
        return 0 if self.levels is None else len(self.levels)

    def kept(self, missing: bool) -> Array:
        """New places of the codes without the two additional ones, or with `missing` as a level."""
        places = np.full(self.n_codes, -1, np.int64)
        places[: self.n_levels] = np.arange(self.n_levels)
        if missing:
            places[-1] = self.n_levels
        return places

    @property
    def given(self) -> bool:
        """Whether edges are given by the user, so that samples may lie outside."""
        return isinstance(self.bins, np.ndarray)

    def read(self, values: Any) -> Numbers | Coded:
        """A part of the column as numbers, or as codes of labels."""
        column = Column.of(values, f"column {self.name!r}")
        kind = column.kind
        if kind is None:  # all values are missing
            if self.edges is not None:
                return Numbers(np.full(len(column), np.nan))
            return Coded(np.zeros(len(column), np.uint8), 0, levels=np.zeros(0))
        self._check_kind(kind, kind)
        if self.discrete is False or (self.edges is not None and self.discrete is None):
            return column.numbers(exact=True)
        coded = column.labels() if self.discrete or kind == "labels" else column.few_numbers()
        if coded is None:
            return column.numbers(exact=True)
        if coded.levels is not None and coded.levels.dtype.kind in "mM":
            native = coded.levels.dtype.newbyteorder("=")
            return replace(coded, levels=coded.levels.astype(native, copy=False).view(np.int64))
        return coded

    def numbers(self, values: Any) -> Numbers | None:
        """A part of the column as numbers; None if it holds labels, or nothing."""
        column = Column.of(values, f"column {self.name!r}")
        kind = column.kind
        if kind is None or (kind == "labels" and self.discrete is not False):
            return None
        return column.numbers(exact=True)

    def _check_kind(self, kind: str, given: Any) -> None:
        if self.kind is None:
            self.kind = kind
        elif self.kind != kind:
            raise ValueError(
                f"column {self.name!r} must be of one type in all parts, "
                f"got {given} where it was {self.kind} before"
            )

    def take(self, values: Numbers | Coded) -> Part:
        """Code a part, and add its new levels."""
        if isinstance(values, Numbers):
            into = None if self.edges is not None else self._turn_to(self._find_edges())
            return Part(self._in_bins(values), into, None)
        size = self.n_codes
        n = values.n_levels
        codes = values.codes.astype(code_dtype(n + 1), copy=False)
        if codes.size and int(codes.max()) == n:
            codes = codes + (codes == n).astype(codes.dtype)  # missing is the second one after
            n += 2
        coded = Coded(codes, n)
        assert values.levels is not None
        self._see(values.levels)
        self.levels, old, new = _join(self.levels, values.levels)
        before, now = (_with_beyond(places, self.n_levels) for places in (old, new))
        if self._to_be_binned:
            into = self._turn_to(self._find_edges())
            before, now = into[before], into[now]
        if size == self.n_codes and _in_order(before):
            return Part(coded, None, None if _in_order(now[:n]) else now)
        return Part(coded, before, now)

    def _see(self, levels: Array) -> None:
        """Note that floats have to be binned, even if few are distinct."""
        self.whole &= not (self.kind == "numbers" and len(levels) and levels.dtype.kind == "f")

    @property
    def _to_be_binned(self) -> bool:
        if self.kind in (None, "labels") or self.discrete is not None or self.levels is None:
            return False
        known = self.given or (self.survey is not None and not self.by_counts)
        return len(self.levels) > MOST_LABELS or (known and not self.whole)

    def _find_edges(self) -> Edges:
        """Find edges for numbers that will no longer be coded by level."""
        if self.given:
            return self._edges_of(Survey())
        if self.survey is None or (self.by_counts and self.survey.n):
            raise ValueError(
                f"column {self.name!r} has more than {MOST_LABELS} different numbers, which need "
                f"edges of bins: give edges, or surveys=, which fastinfo.streaming.survey makes in "
                f"a first pass over the data"
            )
        return self._edges_of(self.survey)

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Name the column in an error if it can't be binned."""
        try:
            yield
        except ValueError as error:
            raise ValueError(f"column {self.name!r}: {error}") from error

    def _edges_of(self, survey: Survey) -> Edges:
        with self._named():
            return survey.edges(f"column {self.name!r}", self.bins, self.strategy)

    def _turn_to(self, edges: Edges) -> Array:
        """Bin numbers that were labels so far; return the bins of their levels."""
        if self.edges is not None:
            return np.arange(self.n_codes)
        self.edges = edges
        levels = np.zeros(0) if self.levels is None else self.levels
        if levels.dtype == object:  # integers in one part, but not in another
            levels = levels.astype(np.float64)
        places = self._in_bins(Numbers(levels)).codes.astype(np.intp)
        self.levels = None
        return _with_beyond(places, self.n_levels)

    def settle(self, counts: Array) -> Array | None:
        """
        Bin the numbers that have to be, once all levels and their counts are known.

        Returns the new places of the codes, or None if nothing changes.
        """
        if self.whole or self.discrete is not None or self.levels is None or self.edges is not None:
            return None
        levels = np.asarray(self.levels)
        levels = levels.astype(np.float64) if levels.dtype == object else levels
        counts = np.where(np.isfinite(levels), counts[: levels.size], 0)
        return self._turn_to(self._edges_of(Survey.of_levels(levels, counts)))

    def _in_bins(self, numbers: Numbers) -> Coded:
        assert self.edges is not None
        coded = self.edges.code(numbers.values)
        n, codes, missing = coded.n_levels, coded.codes, numbers.missing
        if missing is None and (not codes.size or int(codes.max()) < n):
            return Coded(codes, n)
        codes = codes.astype(code_dtype(n + 1), copy=False)
        if numbers.values.dtype.kind == "f":
            missing = np.isnan(numbers.values)
        if missing is not None:
            codes[missing] = n + MISSING
        return Coded(codes, n + 2)

    def join(self, other: StreamedColumn) -> tuple[Array, Array]:
        """Add the levels of another part of the column; return the new places of both."""
        self._check_same(other)
        self.whole &= other.whole
        if self.edges is None and other.edges is None:
            self.levels, old, new = _join(self.levels, other.levels)
            places = _with_beyond(old, self.n_levels), _with_beyond(new, self.n_levels)
            if not self._to_be_binned:
                return places
            into = self._turn_to(self._find_edges())
            return into[places[0]], into[places[1]]
        part = other.copy()
        edges = self.edges or other.edges
        assert edges is not None
        before, now = self._turn_to(edges), part._turn_to(edges)
        assert self.edges is not None
        if part.edges is None or not self.edges.same_as(part.edges):
            raise ValueError(f"column {self.name!r} must have the same edges in both counts")
        return before, now

    def _check_same(self, other: StreamedColumn) -> None:
        """Raise an error for a column that is coded differently."""
        if self.kind is None:
            self.discrete = other.discrete
        if other.kind is not None:
            self._check_kind(other.kind, other.kind)
        same = np.array_equal(np.asarray(self.bins), np.asarray(other.bins))
        same &= self.strategy == other.strategy
        if not same or (other.kind is not None and self.discrete != other.discrete):
            raise ValueError(
                f"column {self.name!r} must have the same edges and options in both counts"
            )
        if self.survey is None:
            self.survey = other.survey
        elif other.survey is not None and self.survey != other.survey and not self.given:
            raise ValueError(
                f"column {self.name!r} must have the same survey in both counts: that of all data"
            )

    def copy(self) -> StreamedColumn:
        """An independent copy."""
        return copy.copy(self)

    def to_dict(self) -> dict[str, Any]:
        """The column as plain values for JSON."""
        bins = plain_array(np.asarray(self.bins)) if np.ndim(self.bins) else self.bins
        survey = None if self.survey is None else self.survey.to_plain()
        return {
            "name": self.name,
            "bins": bins,
            "strategy": self.strategy,
            "discrete": self.discrete,
            "survey": survey,
            "kind": self.kind,
            "whole": self.whole,
            "edges": None if self.edges is None else self.edges.to_plain(),
            "levels": None if self.levels is None else plain_array(np.asarray(self.levels)),
        }

    @classmethod
    def from_dict(cls, plain: Any) -> StreamedColumn:
        """The column from the result of :meth:`to_dict`."""
        bins = plain["bins"]
        if isinstance(bins, dict):
            bins = edges_from_plain(bins, "bins")
        elif type(bins) is not str:
            bins = check_number(of_type(bins, "bins", int), "bins")
        strategy = of_type(plain["strategy"], "strategy", str)
        check_streamed_bins(bins, strategy)
        discrete = of_type(plain["discrete"], "discrete", bool, type(None))
        found = cls(of_type(plain["name"], "name", str), bins, discrete, None, strategy)
        found.kind = of_type(plain["kind"], "kind", str, type(None))
        found.whole = of_type(plain["whole"], "whole", bool)
        for name, read in (
            ("survey", Survey.from_plain),
            ("edges", Edges.from_plain),
            ("levels", levels_from_plain),
        ):
            setattr(found, name, None if plain[name] is None else read(plain[name]))
        found._check()
        return found

    def _check(self) -> None:
        """Raise an error if a column that was read is impossible."""
        if self.kind not in (None, "numbers", "labels") and not _TIMES.fullmatch(self.kind):
            raise ValueError(f"kind must be numbers, labels or a time, got {shortly(self.kind)}")
        if self.survey is not None and self.survey != self.survey.bare:
            raise ValueError("the survey of a column must have a range only")
        if self.edges is not None and (self.levels is not None or self.discrete is True):
            raise ValueError("a column must have edges or levels, not both")
        if self.levels is None or self.kind in (None, "labels") or self.discrete is True:
            return
        levels = self.levels.astype(np.float64)
        if not (levels[1:] >= levels[:-1]).all():
            raise ValueError("levels that are numbers must ascend")


def _in_order(places: Array) -> bool:
    return bool(np.array_equal(places, np.arange(places.size)))


def _with_beyond(places: Array, n_levels: int) -> Array:
    """Places of levels, and of the two codes after them."""
    return np.concatenate([places, [n_levels + DROPPED, n_levels + MISSING]]).astype(np.intp)


def _join(a: Array | None, b: Array | None) -> tuple[Array | None, Array, Array]:
    """Levels of two parts, and the places of both among them; a part may have none."""
    if a is None or b is None or not len(a) or not len(b):
        n, m = (0 if levels is None else len(levels) for levels in (a, b))
        if not n and b is not None:
            a = kept(b)  # a copy, as they may be the user's
        return a, np.arange(n), np.arange(m)
    return join_levels(a, b)
