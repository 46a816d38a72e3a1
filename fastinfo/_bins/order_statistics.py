"""Quantiles and edges of many samples, without sorting all of them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from fastinfo._bins.ranges import Range
from fastinfo._codes.coder import coder
from fastinfo._core.checks import Array, as_block, read_only
from fastinfo._core.coded_variable import CHUNK, code_dtype
from fastinfo._core.filled_tables import fill
from fastinfo._core.threads import get_num_threads, run_in_order, spans
from fastinfo.kernels.binning import equal_counts as kernels
from fastinfo.kernels.binning.searching import BITWISE, LINEAR

FEWEST = 1 << 14  #: fewer samples are sorted

_DRAWN = 1 << 11  # so many samples show where the others are
_CELLS = 1 << 13
_CELLS_OF_FEW = 1 << 12
_CELLS_OF_BIN = 1 << 6  # at least so many cells for each bin that begins at a cell
_MANY = 1 << 17
_PIECE = 1 << 16
FEWEST_SPREAD = 200_001  #: from so many samples on, ranks may be slightly off
_MOST_SPREAD = 400  # the most bins, so that cells are small compared with them
_USUAL = 64  # a value is frequent if more than one in so many samples has it


class Grid(NamedTuple):
    """Cells of equal width, or of equally many float64, and one value with a cell of its own."""

    kind: int
    low: float
    high: float
    scale: float
    shift: int
    last: int
    usual: float  #: the frequent value; infinity if there is none
    whole: bool  #: whether no sample is NaN

    @property
    def n_cells(self) -> int:
        """Number of cells, without that of NaN."""
        return self.last + 3

    def cells_of(self, values: Array) -> Array:
        """Cells of a few numbers."""
        cells = np.empty(values.size, np.int32)
        kernels.cells_of(read_only(values), *self, cells)
        return cells

    def tally(self, block: Array) -> Array:
        """How many samples are in each cell; the last count is of NaN."""
        counts = np.zeros(self.n_cells + 1, np.int64)
        kernels.count_in_cells(block, *self, counts)
        return counts


@functools.lru_cache(maxsize=4)
def _drawn_places(n: int) -> Array:
    return np.sort(np.random.default_rng(0).integers(n, size=_DRAWN))


def _choose_grid(a: Array, last: int) -> Grid:
    """The kind of grid that separates some of the samples better."""
    drawn = np.sort(a[_drawn_places(a.size)].astype(np.float64))
    drawn = drawn[np.searchsorted(drawn, -np.inf, "right") : np.searchsorted(drawn, np.inf)]
    usual, low, high = np.inf, 0.0, 1.0
    if drawn.size and drawn[0] < drawn[-1]:
        few = max(drawn.size // _USUAL, 1)
        repeated = drawn[few:][drawn[few:] == drawn[:-few]]
        usual = float(repeated[repeated.size // 2]) if repeated.size else usual
        few = drawn.size // 1024
        few = few if drawn[few] < drawn[-1 - few] else 0
        low, high = float(drawn[few]), float(drawn[-1 - few])
    elif drawn.size:
        low, high = float(drawn[0]) - 1.0, float(drawn[0]) + 1.0
        usual = float(drawn[0])
    grids = _grids(low, high, last, usual)

    def crowded(grid: Grid) -> int:
        sizes = np.bincount(grid.cells_of(drawn)).astype(np.int64)
        return int((sizes * sizes).sum())

    return min(grids, key=crowded)


def _grids(
    low: float, high: float, last: int, usual: float = np.inf, whole: bool = False
) -> list[Grid]:
    """Grids between two numbers: of equal width if float64 allows it, of equally many float64."""
    keys = np.array([low, high]).view(np.int64)
    keys ^= (keys >> 63) & 0x7FFFFFFFFFFFFFFF
    shift = max((int(keys[1]) - int(keys[0])).bit_length() - (last + 1).bit_length() + 1, 0)
    grids = [Grid(BITWISE, low, high, 0.0, shift, last, usual, whole)]
    if 1e-300 < high - low < np.inf:
        grids.insert(0, Grid(LINEAR, low, high, last / (high - low), 0, last, usual, whole))
    return grids


def _pieces(a: Array) -> list[tuple[int, int]]:
    """Pieces for the threads, if samples need no conversion: counts don't depend on the pieces."""
    whole = a.dtype in (np.float32, np.float64) and a.flags.c_contiguous
    return spans(a.size, max(-(-a.size // get_num_threads()), CHUNK) if whole else CHUNK)


def _tally(a: Array, grid: Grid, pieces: list[tuple[int, int]]) -> Array:
    """How many samples are in each cell; the last count is of NaN."""
    parts = run_in_order(lambda span: grid.tally(as_block(a[slice(*span)])), pieces)
    return np.asarray(np.sum(parts, axis=0))


class Spread:
    """
    Many samples for which no cell of a grid holds many: edges are where cells begin.

    The grid covers the range of the samples, so edges depend only on the values and their number.
    Their ranks are off by at most a twentieth of a bin. Use :meth:`find` to make one.
    """

    def __init__(self, a: Array, grid: Grid, ends: Array, bins: int) -> None:
        self._a, self._grid = a, grid
        wanted = np.arange(1, bins) * (int(ends[-1]) / bins)
        after = np.searchsorted(ends, wanted)
        before = np.where(after > 0, ends[after - 1], 0)
        self._first = after + (ends[after] - wanted < wanted - before)  # cells where bins begin

    @classmethod
    def find(cls, a: Array, bins: int, extent: Range | None = None) -> Spread | None:
        """Of samples; None if they are few, or some cell has more than a tenth of a bin."""
        for grid in cls.grids(a, bins, extent):
            found = cls.of_counts(a, grid, _tally(a, grid, _pieces(a)), bins)
            if found is not None:
                return found
        return None

    @staticmethod
    def grids(a: Array, bins: int, extent: Range | None = None) -> Iterator[Grid]:
        """The grids to try for samples; none if there are few samples."""
        if a.size < FEWEST_SPREAD or bins > _MOST_SPREAD:
            return
        low, high, n = Range.of(a) if extent is None else extent
        if n < FEWEST_SPREAD or not (-np.inf < low < high < np.inf):
            return
        drawn = a[_drawn_places(a.size)[::2]].astype(np.float64)  # each reads a page of memory
        cells = _CELLS_OF_BIN << max((bins - 1).bit_length(), 3)
        for grid in _grids(float(low), float(high), cells - 1, whole=n == a.size):
            if np.bincount(grid.cells_of(drawn)[drawn == drawn]).max() * bins <= drawn.size:
                yield grid  # in others, a cell has ten times too many, not by chance

    @classmethod
    def of_counts(cls, a: Array, grid: Grid, counts: Array, bins: int) -> Spread | None:
        """Make it from counts of cells; None if a cell has more than a tenth of a bin."""
        ends = np.cumsum(counts[:-1])
        return cls(a, grid, ends, bins) if counts[:-1].max() * 10 * bins <= ends[-1] else None

    @property
    def n_bins(self) -> int:
        """Number of bins."""
        return int(self._first.size) + 1

    def codes_of_cells(self, dtype: np.dtype[Any]) -> Array:
        """The code of each cell; the last one is for NaN."""
        steps = np.bincount(self._first, minlength=self._grid.n_cells + 1)
        table = np.cumsum(steps).astype(dtype)
        table[-1] = self.n_bins
        return read_only(table)

    def count_with(self, other: Spread) -> Array:
        """Count pairs of samples in bins of both, without storing codes."""
        shape = self.n_bins, other.n_bins
        dtype = code_dtype(max(shape))
        codes = self.codes_of_cells(dtype), other.codes_of_cells(dtype)
        grids = self._grid, other._grid

        def add(start: int, stop: int, table: Array) -> None:
            x, y = (as_block(a[start:stop], np.float64) for a in (self._a, other._a))
            kernels.count_cell_pairs(x, y, *grids, *codes, table)

        return fill(shape, self._a.size, add)

    def edges(self) -> Array:
        """The smallest float64 of each cell in which a bin begins, between the extreme samples."""
        grid = self._grid
        inner = np.empty(self._first.size)
        kernels.cell_starts(self._first, *grid, inner)
        return np.concatenate([[grid.low], inner, [grid.high]])

    def code(self, edges: Array, out: Array) -> None:
        """Write the codes of all samples among these edges; NaN has the last code."""
        table = self.codes_of_cells(out.dtype)

        def write(span: tuple[int, int]) -> None:
            part = slice(*span)
            kernels.code_cells(as_block(self._a[part]), *self._grid, table, out[part])

        run_in_order(write, spans(self._a.size, CHUNK))


def _places_of(mark: Any, codes: Array) -> Array:
    """Where a code occurs, found piece by piece, so that large masks need no new memory."""
    found = [np.flatnonzero(codes[i:j] == mark) + i for i, j in spans(codes.size, _PIECE)]
    return np.concatenate(found)


class Selected:
    """Samples in the cells of a grid, sorted in chosen cells; `n` of them are not NaN."""

    def __init__(self, a: Array) -> None:
        self._a = a
        self._grid = _choose_grid(a, (_CELLS if a.size >= _MANY else _CELLS_OF_FEW) - 1)
        self._spans = _pieces(a)
        self._sizes = _tally(a, self._grid, self._spans)[:-1]
        self._ends: Array = np.cumsum(self._sizes)
        self.n = int(self._ends[-1])
        self._picked = np.zeros(self._sizes.size, np.bool_)
        self._values = np.empty(0)
        self._skipped = self._ends.copy()
        self._places: list[list[tuple[Array, Array]]] = [[] for _ in self._spans]
        self._coded: tuple[Array, Array] | None = None
        self._usual = -1
        if self._grid.usual < np.inf:
            self._usual = int(self._grid.cells_of(np.array([self._grid.usual]))[0])

    def _block(self, i: int) -> Array:
        return as_block(self._a[slice(*self._spans[i])])

    def _pick(self, wanted: Array, codes: Array | None = None) -> None:
        """Sort the samples of further cells; with `codes` of each cell, code all others."""
        new = wanted & ~self._picked & (self._sizes > 0)
        table = np.zeros(new.size + 1, np.uint8) if codes is None else codes.copy()
        mark = table.dtype.type(np.iinfo(table.dtype).max)
        table[:-1][new] = mark
        table = read_only(table)
        out = np.empty(self._a.size, table.dtype)

        def pick(i: int) -> tuple[Array, Array]:
            part = out[slice(*self._spans[i])]
            kernels.code_cells(self._block(i), *self._grid, table, part)
            places = _places_of(mark, part)
            return self._a[slice(*self._spans[i])][places].astype(np.float64), places

        parts = run_in_order(pick, range(len(self._spans)))
        for kept, part in zip(self._places, parts, strict=True):
            kept.append(part)
        if codes is not None:
            self._coded = table, out
        self._values = np.sort(np.concatenate([self._values, *(part[0] for part in parts)]))
        self._picked |= new
        self._skipped = self._ends - np.cumsum(np.where(self._picked, self._sizes, 0))

    def at(self, ranks: Array, codes: Array | None = None) -> Array:
        """
        The samples of these ranks, as float64.

        With `codes` of each cell, all samples are coded on the way, when this is first called.
        """
        inside = np.searchsorted(self._ends, ranks, side="right")
        wanted = np.zeros(self._picked.size, np.bool_)
        wanted[inside] = True
        if self._usual >= 0:
            wanted[self._usual] = False
        self._pick(wanted, None if self._picked.any() else codes)
        own = inside == self._usual
        places = np.where(own, 0, ranks - self._skipped[inside])
        if not self._values.size:
            return np.full(ranks.shape, self._grid.usual)
        return np.where(own, self._grid.usual, self._values[places])

    def runs(self, bins: int) -> Array:
        """First and last rank (exclusive) of each value that fills a bin, (k, 2)."""
        if int(self._sizes.max()) * bins < self.n:
            return np.empty((0, 2), np.int64)
        ranks = np.arange(bins) * self.n // bins  # each run has one of these
        inside = np.searchsorted(self._ends, ranks, side="right")
        large = self._sizes[inside] * bins >= self.n
        ranks, inside = ranks[large], inside[large]
        own = inside == self._usual
        stop = self._ends[inside]
        start = stop - self._sizes[inside]
        if not own.all():
            values = self.at(ranks[~own], self.likely_codes(bins))
            skipped = self._skipped[inside[~own]]
            start[~own] = skipped + np.searchsorted(self._values, values)
            stop[~own] = skipped + np.searchsorted(self._values, values, side="right")
        found = np.unique(np.stack([start, stop], axis=1), axis=0)
        return found[np.diff(found)[:, 0] * bins >= self.n]

    def likely_codes(self, bins: int) -> Array | None:
        """The code of each cell without an edge, if no value repeats; NaN's is the last."""
        dtype = code_dtype(bins + 1)
        if dtype != code_dtype(bins):
            return None
        places = (self.n - 1) * (np.arange(1, bins) * (1.0 / bins))
        first = np.searchsorted(self._ends - self._sizes, places)  # cell that starts after each
        return self._steps(first, bins, dtype)

    def _steps(self, first: Array, bins: int, dtype: np.dtype[Any]) -> Array:
        """How many of these cells are at or before each cell; for NaN's cell, `bins`."""
        steps = np.bincount(first, minlength=self._sizes.size + 1)[: self._sizes.size + 1]
        codes = np.cumsum(steps).astype(dtype)
        codes[-1] = bins
        return codes

    def code(self, edges: Array, out: Array) -> None:
        """Write the codes of all samples among edges between the extremes; NaN has the last."""
        bins, dtype = edges.size - 1, out.dtype
        inner = self._grid.cells_of(edges[1:-1].copy())
        split = np.zeros(self._picked.size, np.bool_)
        split[inner] = True
        split &= self._sizes > 0
        codes = self._steps(inner + 1, bins, dtype)
        if self._usual >= 0:
            split[self._usual] = False
            codes[self._usual] = np.searchsorted(inner, self._usual, side="right")
        if (split & ~self._picked).any():
            self._pick(split)
        codes = read_only(codes)
        code = coder(edges, np.dtype(np.float64), self._values.size)
        ready = None
        if self._coded is not None:
            likely, ready = self._coded
            others = np.append(~self._picked & (self._sizes > 0), True)
            if likely.dtype != dtype or (likely[others] != codes[others]).any():
                ready = None

        def write(i: int) -> None:
            part = out[slice(*self._spans[i])]
            if ready is not None:
                part[:] = ready[slice(*self._spans[i])]
            else:
                kernels.code_cells(self._block(i), *self._grid, codes, part)
            for values, places in self._places[i]:
                if values.size:
                    exact = np.empty(values.size, dtype)
                    code(values, exact)
                    part[places] = exact

        run_in_order(write, range(len(self._spans)))
