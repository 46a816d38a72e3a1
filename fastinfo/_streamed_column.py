"""One column of data that comes in parts: its range, its edges or levels, and its codes so far."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from fastinfo._codes import Coded, code_dtype
from fastinfo._column import Column, Numbers
from fastinfo._serial import array_from_plain, plain_array
from fastinfo._surveys import Survey
from fastinfo._validate import Array, kept, read_only
from fastinfo.binning import bin_samples, given_edges
from fastinfo.encoding import MOST_LABELS, join_levels

__all__ = ["Part", "StreamedColumn", "needs_survey"]

#: Codes beyond the levels: of what is outside the edges, and of what is missing.
DROPPED, MISSING = 0, 1


def needs_survey(column: StreamedColumn) -> bool:
    """Whether the edges of a column, if it has numbers, depend on their range."""
    return column.discrete is not True and not column.given


class Part(NamedTuple):
    """A part of a column in codes, and where the levels go that were known before and are new."""

    coded: Coded  #: of as many levels as occur, those beyond the column's included
    before: Array | None  #: places of the codes so far among those of now; None: they are the same
    now: Array | None  #: places of this part's codes among those of now; None: the same


class StreamedColumn:
    """
    A column as it is coded: labels, numbers in bins, or numbers that are labels as long as few.

    Codes are places in `levels` or between `edges`; two more follow, for what is outside of the
    edges and for what is missing.

    Parameters
    ----------
    name : str
        Its name.
    bins : int, edges or str
        How numbers are binned.
    discrete : bool, optional
        Whether numbers are labels; None goes by how many differ, as for tables.
    survey : Survey, optional
        Range of all samples. Without it, and without given edges, numbers can't be binned.
    """

    def __init__(
        self, name: str, bins: Any, discrete: bool | None = None, survey: Survey | None = None
    ) -> None:
        edges = given_edges(bins, "bins")
        self.bins = bins if edges is None else kept(edges)
        self.name, self.discrete, self.survey = name, discrete, survey
        self.kind: str | None = None  #: "numbers", a type of time or "labels", once there are some
        self.edges: Array | None = None
        self.levels: Array | None = None

    @property
    def n_codes(self) -> int:
        """Number of codes: of the levels, and of the two beyond."""
        return self.n_levels + 2

    @property
    def n_levels(self) -> int:
        """Number of bins or levels so far."""
        if self.edges is not None:
            return self.edges.size - 1
        return 0 if self.levels is None else len(self.levels)

    def kept(self, missing: bool) -> Array:
        """Where codes go in a table without those beyond, or with `missing` as a last level."""
        places = np.full(self.n_codes, -1, np.int64)
        places[: self.n_levels] = np.arange(self.n_levels)
        if missing:
            places[-1] = self.n_levels
        return places

    @property
    def given(self) -> bool:
        """Whether edges are given, outside of which samples may be."""
        return isinstance(self.bins, np.ndarray)

    def read(self, values: Any) -> Array | Coded:
        """A part of the column as numbers, or as codes of labels."""
        column = Column.of(values, f"column {self.name!r}")
        kind = column.kind
        if kind is None:  # all missing, of any type
            if self.edges is not None:
                return np.full(len(column), np.nan)
            return Coded(np.zeros(len(column), np.uint8), 0, levels=np.zeros(0))
        self._check_kind(kind, kind)
        if self.discrete is False or (self.edges is not None and self.discrete is None):
            return _plain(column.numbers())
        coded = column.labels() if self.discrete or kind == "labels" else column.few_numbers()
        if coded is None:
            return _plain(column.numbers())
        if coded.levels is not None and coded.levels.dtype.kind in "mM":
            return replace(coded, levels=coded.levels.view(np.int64))
        return coded

    def numbers(self, values: Any) -> Array | None:
        """A part of the column as numbers; None where it holds labels, or nothing."""
        column = Column.of(values, f"column {self.name!r}")
        return None if column.kind in (None, "labels") else _plain(column.numbers())

    def _check_kind(self, kind: str, given: Any) -> None:
        if self.kind is None:
            self.kind = kind
        elif self.kind != kind:
            raise ValueError(
                f"column {self.name!r} must be of one type in all parts, "
                f"got {given} where it was {self.kind} before"
            )

    def take(self, values: Array | Coded) -> Part:
        """Code a part, and keep the levels that it brings."""
        if isinstance(values, np.ndarray) or self.edges is not None:
            into = None if self.edges is not None else self._turn_to_bins()
            return Part(self._in_bins(values), into, None)
        size = self.n_codes
        n = values.n_levels
        codes = values.codes.astype(code_dtype(n + 1), copy=False)
        if codes.size and int(codes.max()) == n:
            codes = codes + (codes == n).astype(codes.dtype)  # missing is the second one beyond
            n += 2
        coded = Coded(codes, n)
        assert values.levels is not None
        self.levels, old, new = _join(self.levels, values.levels)
        before, now = (_with_beyond(places, self.n_levels) for places in (old, new))
        if self._too_many:
            into = self._turn_to_bins()
            before, now = into[before], into[now]
        if size == self.n_codes and _in_order(before):
            return Part(coded, None, None if _in_order(now[:n]) else now)
        return Part(coded, before, now)

    @property
    def _too_many(self) -> bool:
        return (
            self.kind not in (None, "labels")
            and self.discrete is None
            and self.levels is not None
            and len(self.levels) > MOST_LABELS
        )

    def _turn_to_bins(self) -> Array:
        """Bin numbers that were labels so far: the places of their levels among the bins."""
        if self.edges is not None:
            return np.arange(self.n_codes)
        if self.given:
            self.edges = read_only(Survey().edges(self.bins, self.name))
        elif self.survey is None:
            raise ValueError(
                f"column {self.name!r} has more than {MOST_LABELS} different numbers: give edges, "
                f"or a first pass over the data, to bin them"
            )
        else:
            self.edges = read_only(self.survey.edges(self.bins, self.name))
        levels = np.zeros(0) if self.levels is None else self.levels
        if levels.dtype == object:  # whole numbers in one part, and not in another
            levels = levels.astype(np.float64)
        places = self._in_bins(levels).codes.astype(np.intp)
        self.levels = None
        return _with_beyond(places, self.n_levels)

    def _in_bins(self, values: Array | Coded) -> Coded:
        assert self.edges is not None
        assert isinstance(values, np.ndarray)
        coded = bin_samples(values, self.edges)
        n, codes = coded.n_levels, coded.codes
        if not codes.size or int(codes.max()) < n:
            return Coded(codes, n)
        codes = codes.astype(code_dtype(n + 1), copy=False)
        if values.dtype.kind == "f":
            codes[np.isnan(values)] = n + MISSING
        return Coded(codes, n + 2)

    def join(self, other: StreamedColumn) -> tuple[Array, Array]:
        """Take the levels of another part of the same column; the places of the codes of both."""
        self._check_same(other)
        if self.edges is None and other.edges is None:
            self.levels, old, new = _join(self.levels, other.levels)
            places = _with_beyond(old, self.n_levels), _with_beyond(new, self.n_levels)
            if not self._too_many:
                return places
            into = self._turn_to_bins()
            return into[places[0]], into[places[1]]
        before = self._turn_to_bins()
        part = other.copy()
        if part.survey is None:
            part.survey = self.survey
        now = part._turn_to_bins()
        if not np.array_equal(self.edges, part.edges):  # type: ignore[arg-type]
            raise ValueError(f"column {self.name!r} must have the same edges in both counts")
        return before, now

    def _check_same(self, other: StreamedColumn) -> None:
        """Refuse a column that is coded otherwise."""
        if self.kind is None:
            self.discrete = other.discrete
        if other.kind is not None:
            self._check_kind(other.kind, other.kind)
        same = np.array_equal(np.asarray(self.bins), np.asarray(other.bins))
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
        """The same, to go on by itself."""
        return copy.copy(self)

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        bins = plain_array(np.asarray(self.bins)) if np.ndim(self.bins) else self.bins
        survey = None if self.survey is None else self.survey.to_plain()
        return {
            "name": self.name,
            "bins": bins,
            "discrete": self.discrete,
            "survey": survey,
            "kind": self.kind,
            "edges": None if self.edges is None else plain_array(self.edges),
            "levels": None if self.levels is None else plain_array(np.asarray(self.levels)),
        }

    @classmethod
    def from_dict(cls, plain: Any) -> StreamedColumn:
        """What :meth:`to_dict` wrote."""
        bins = plain["bins"]
        bins = array_from_plain(bins) if isinstance(bins, dict) else bins
        survey = plain["survey"]
        survey = None if survey is None else Survey.from_plain(survey)
        found = cls(str(plain["name"]), bins, plain["discrete"], survey)
        found.kind = plain["kind"]
        for name in ("edges", "levels"):
            value = plain[name]
            setattr(found, name, None if value is None else array_from_plain(value))
        return found


def _in_order(places: Array) -> bool:
    return bool(np.array_equal(places, np.arange(places.size)))


def _with_beyond(places: Array, n_levels: int) -> Array:
    """Places of levels, and of the two codes beyond."""
    return np.concatenate([places, [n_levels + DROPPED, n_levels + MISSING]]).astype(np.intp)


def _join(a: Array | None, b: Array | None) -> tuple[Array | None, Array, Array]:
    """Levels of two parts, and the places of both among them; a part may have none."""
    if a is None or b is None or not len(a) or not len(b):
        n, m = (0 if levels is None else len(levels) for levels in (a, b))
        if not n and b is not None:
            a = kept(b)  # they may be the user's
        return a, np.arange(n), np.arange(m)
    return join_levels(a, b)


def _plain(numbers: Numbers) -> Array:
    """The numbers themselves, as near as float64 has them."""
    return numbers.values + float(numbers.origin) if numbers.origin else numbers.values
