"""Codes of many columns, from which all pairs of columns are counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fastinfo._columns.numbers_in_rows import NumbersInRows
from fastinfo._columns.sparse.sparse_codes import SparseCodes
from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import CHUNK, Coded, code_dtype
from fastinfo._core.lazy.attributes import lazy
from fastinfo._core.threads import spans
from fastinfo._counts.weight_units import unit_of, unless_equal
from fastinfo._measures.chance import Sizes, size_weights
from fastinfo.kernels.counting.tables import count_codes

_FEW = 8  # with up to this many levels, their sizes matter little for the information by chance
MOST_LEVELS = 254  #: the most levels of a column that is kept as bytes, without that for missing


@dataclass(frozen=True, eq=False)
class CodeMatrix:
    """
    Codes of many columns: as bytes if there are few levels, else column by column.

    A sample that is missing or dropped has the code ``n_levels`` of its column.
    """

    names: list[str]
    stored: Array | NumbersInRows | SparseCodes  #: (narrow columns, n): codes, or their source
    places: Array  #: (f,) int64: row of each column in `codes`, or -1 if it is in `wide`
    n_levels: Array  #: (f,) int64; for close integers, all from smallest to largest
    incomplete: Array  #: (f,) bool: whether any sample is missing or dropped
    n_missing: Array  #: (f,) int64
    labels: Array  #: (f,) bool: whether levels are labels, of which only those that occur count
    wide: dict[int, Coded]
    absent: dict[int, Array]  #: which samples are missing, if others can be outside the edges
    infinite: dict[str, int] = field(default_factory=dict)  #: by column; they are in no bin
    unreadable: dict[str, str] = field(default_factory=dict)  #: why neither numbers nor labels
    spanned: bool = False  #: whether nothing is missing and the first and last levels occur
    counted: dict[int, Array] = field(default_factory=dict)  #: known level counts, by place
    ascending: dict[int, Array] = field(default_factory=dict)  #: the same in order, without 0
    weights: Array | None = None  #: (n,) weights of the rows; the largest is between 0.5 and 1

    @classmethod
    def of(
        cls,
        names: list[str],
        codes: Array | NumbersInRows | SparseCodes,
        narrow: Sequence[int],
        n_levels: Sequence[int],
        n_missing: Sequence[int],
        labels: Sequence[bool],
        wide: dict[int, Coded],
        absent: dict[int, Array],
        infinite: dict[str, int] | None = None,
        unreadable: dict[str, str] | None = None,
        incomplete: Sequence[bool] | None = None,
        spanned: bool = False,
    ) -> CodeMatrix:
        """
        Columns: those at the places `narrow` are the rows of `codes`, the others are `wide`.

        Unless `incomplete` is given, the codes show which columns are incomplete.
        """
        if wide or len(narrow) < len(names):
            places = np.full(len(names), -1, np.int64)
            places[list(narrow)] = np.arange(len(narrow))
        else:
            places = np.arange(len(names))
        if incomplete is None:
            assert isinstance(codes, np.ndarray)
            incomplete = [
                bool((wide[i].codes if i in wide else codes[places[i]]).max(initial=0) == levels)
                for i, levels in enumerate(n_levels)
            ]
        return cls(
            names,
            read_only(codes) if isinstance(codes, np.ndarray) else codes,
            read_only(places),
            read_only(np.array(n_levels, np.int64)),
            np.array(incomplete, np.bool_),
            np.array(n_missing, np.int64),
            np.array(labels, np.bool_),
            wide,
            absent,
            infinite or {},
            unreadable or {},
            spanned,
        )

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.names)

    @property
    def n_rows(self) -> int:
        """Number of samples."""
        return int(self.stored.shape[1])

    @property
    def codes(self) -> Array:
        """The codes of the narrow columns: (columns, n) uint8, C-contiguous and read-only."""
        if isinstance(self.stored, np.ndarray):
            return self.stored
        return self.stored.all if isinstance(self.stored, SparseCodes) else self.stored.codes

    @property
    def sparse(self) -> SparseCodes | None:
        """The codes of the narrow columns if they are sparse, else None."""
        return self.stored if isinstance(self.stored, SparseCodes) else None

    def column(self, i: int) -> Coded:
        """One column."""
        if i in self.wide:
            return self.wide[i]
        return Coded(self._row(i), int(self.n_levels[i]))

    def _row(self, i: int) -> Array:
        """Codes of a narrow column."""
        if isinstance(self.stored, SparseCodes):
            return self.stored.row(int(self.places[i]))
        row: Array = self.codes[self.places[i]]
        return row

    @classmethod
    def of_one(cls, coded: Coded) -> CodeMatrix:
        """A matrix of a single column with at most :data:`MOST_LEVELS` levels."""
        codes = np.ascontiguousarray(coded.codes, np.uint8)[None]
        n_missing = int(np.count_nonzero(codes == coded.n_levels))
        return cls.of(["z"], codes, [0], [coded.n_levels], [n_missing], [False], {}, {})

    def weighted(self, weights: Array | None) -> CodeMatrix:
        """The matrix with weights of the rows; equal weights are the same as none."""
        weights = unless_equal(weights)
        if weights is None:
            return self
        exponent = math.frexp(float(weights.max(initial=0.0)))[1]
        return replace(self, weights=read_only(np.ldexp(weights, -exponent)))

    @lazy
    def unit(self) -> float:
        """The weight of one effective sample, over all rows."""
        return unit_of(self.weights)

    @lazy
    def total(self) -> float:
        """The number of rows, or the sum of their weights."""
        return float(self.n_rows if self.weights is None else self.weights.sum())

    def chosen(self, columns: Array) -> CodeMatrix:
        """A matrix of some of the columns, by their places; the codes are shared."""
        kept = {int(i): k for k, i in enumerate(columns)}
        return CodeMatrix(
            [self.names[i] for i in columns],
            self.stored,
            read_only(self.places[columns]),
            read_only(self.n_levels[columns]),
            self.incomplete[columns],
            self.n_missing[columns],
            self.labels[columns],
            {kept[i]: c for i, c in self.wide.items() if i in kept},
            {kept[i]: a for i, a in self.absent.items() if i in kept},
            self.infinite,
            self.unreadable,
            self.spanned,
            counted=self.counted,
            ascending=self.ascending,
            weights=self.weights,
        )

    def empty_and_constant(self) -> tuple[list[str], list[str]]:
        """Names of the columns that are all missing, and of those that have a single value."""
        empty, constant = list[str](), list[str]()
        for i, name in enumerate(self.names):
            if self.spanned:
                if self.n_levels[i] == 1:
                    constant.append(name)
                continue
            if self.sparse is not None and i not in self.wide:
                occurring = np.count_nonzero(self.level_counts(i)[:-1])
                if occurring < 2:
                    (constant if occurring else empty).append(name)
                continue
            column = self.column(i)
            ends = int(column.codes[0]), int(column.codes[-1])
            if ends[0] != ends[1] and max(ends) < column.n_levels:
                continue  # it has two values
            least, most = int(column.codes.min()), int(column.codes.max())
            if least == column.n_levels:
                empty.append(name)
            elif least == most:
                constant.append(name)
            elif most == column.n_levels:
                present = column.codes[~column.invalid]
                if present.min() == present.max():
                    constant.append(name)
        return empty, constant

    def missing(self, i: int) -> Array | None:
        """Which samples of a column are missing, or None if none is."""
        if not self.n_missing[i]:
            return None
        return self.absent[i] if i in self.absent else self.column(i).invalid

    def repeated(self, codes: Array) -> CodeMatrix:
        """A matrix of columns with the levels and missing rows of this one, from rows of codes."""
        k = len(codes)
        levels = int(self.n_levels[0])
        n_missing = int(np.count_nonzero(codes[0] == levels))
        wide = {}
        if self.wide:
            wide = {i: Coded(row, levels) for i, row in enumerate(codes)}
            codes = np.empty((0, codes.shape[1]), np.uint8)
        return CodeMatrix(
            [f"{self.names[0]}{i}" for i in range(k)],
            read_only(codes),
            read_only(np.full(k, -1, np.int64) if wide else np.arange(k)),
            read_only(np.full(k, levels)),
            np.full(k, n_missing > 0),
            np.full(k, n_missing),
            np.repeat(self.labels, k),
            wide,
            {},
        )

    def level_counts(self, i: int) -> Array:
        """How often each level of a narrow column occurs, missing last."""
        place = int(self.places[i])
        if place in self.counted:
            return self.counted[place]
        levels = int(self.n_levels[i])
        if isinstance(self.stored, SparseCodes):
            self.counted[place] = self.stored.level_counts(place, levels)
            return self.counted[place]
        counts = np.zeros(levels + 1, np.int64)
        codes = self._row(i)
        for start, stop in spans(codes.size, CHUNK):
            count_codes(codes[start:stop], counts)
        self.counted[place] = read_only(counts)
        return self.counted[place]

    def ascending_sizes(self, i: int) -> Array:
        """How often the levels of a narrow column occur that do, in ascending order."""
        place = int(self.places[i])
        if place not in self.ascending:
            counts = self.level_counts(i)[:-1]
            self.ascending[place] = read_only(np.sort(counts[counts > 0]))
        return self.ascending[place]

    def keep_counts(self, columns: Array, counts: Array) -> None:
        """Store the level counts of columns without missing samples, one after another."""
        if self.n_levels[columns].max(initial=0) <= _FEW:
            return  # counts that nobody needs
        stops = np.cumsum(self.n_levels[columns])
        own = np.zeros(counts.size + columns.size, np.int64)  # one more for each column: missing
        places = np.arange(counts.size) + np.repeat(np.arange(columns.size), self.n_levels[columns])
        own[places] = counts
        parts = np.split(own, stops + np.arange(1, columns.size + 1))
        self.counted.update(
            zip(self.places[columns].tolist(), map(read_only, parts[:-1]), strict=True)
        )

    def level_sizes(self, i: int) -> Array:
        """How often each level of any column occurs."""
        levels = int(self.n_levels[i])
        if i in self.wide:
            return np.bincount(self.wide[i].codes, minlength=levels + 1)[:levels]
        return self.level_counts(i)[:-1]

    def sizes(self, equal: bool) -> Sizes:
        """
        Approximate sizes of the levels of each column.

        Bins of `equal` counts, and levels of columns with few, are assumed to be equal without
        counting.
        """
        rows = []
        known: dict[tuple[int, int], Array] = {}  # for columns with the same number of equal levels
        for i, levels in enumerate(self.n_levels.tolist()):
            n = self.n_rows - int(self.n_missing[i])
            if levels <= _FEW or (equal and not self.labels[i]):
                if (levels, n) not in known:
                    known[levels, n] = size_weights(np.full(levels, n / max(levels, 1)))
                rows.append(known[levels, n])
                continue
            rows.append(size_weights(self.level_sizes(i)))
        return Sizes(np.array(rows), 1.0 - self.n_missing / max(self.n_rows, 1))

    def occurring(self, i: int) -> Coded:
        """One column with only those levels that occur."""
        column = self.column(i)
        if not self.labels[i] or i in self.wide:
            return column
        found = np.flatnonzero(self.level_counts(i)[:-1])
        if found.size == column.n_levels:
            return column
        lookup = np.full(column.n_levels + 1, found.size, np.uint8)
        lookup[found] = np.arange(found.size)
        return Coded(lookup[column.codes], found.size)

    @lazy
    def n_cells(self) -> Array:
        """Number of levels that count as cells, (f,) float64: all bins; labels that occur."""
        found = self.n_levels.astype(np.float64)
        for i in np.flatnonzero(self.labels & (self.places >= 0)).tolist():
            found[i] = np.count_nonzero(self.level_counts(i)[:-1])
        return read_only(found)


def with_missing_level(coded: Coded, missing: Array | None) -> Coded:
    """Codes in which missing is the last level; dropped samples stay outside."""
    if missing is None or not missing.any():
        return coded
    n_levels = coded.n_levels + 1
    codes = coded.codes.astype(code_dtype(n_levels))
    codes[coded.invalid] = n_levels
    codes[missing] = coded.n_levels
    return Coded(codes, n_levels)
