"""What is wanted of the order of many samples, without sorting all of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fastinfo._codes import CHUNK, code_dtype
from fastinfo._coding import coder
from fastinfo._threads import run_in_order, spans
from fastinfo._validate import Array, as_block, read_only
from fastinfo.kernels import equal_counts as kernels
from fastinfo.kernels.searching import BITWISE, LINEAR, look_up

__all__ = ["FEWEST", "Selected"]

FEWEST = 1 << 14  #: fewer samples are sorted

_DRAWN = 1 << 12  # samples that show where the others are
_CELLS = 1 << 13
_CELLS_OF_FEW = 1 << 12
_MANY = 1 << 17
_USUAL = 64  # a value is usual that is more than one of so many samples


class _Grid(NamedTuple):
    """Cells of equal width, or of equally many float64, and a value that is one by itself."""

    kind: int
    low: float
    high: float
    scale: float
    shift: int
    last: int
    usual: float  #: infinity for none

    @property
    def n_cells(self) -> int:
        """Number of cells, that of NaN not included."""
        return self.last + 3

    def cells_of(self, block: Array) -> tuple[Array, Array]:
        """Cells of samples that a kernel takes, and how many are in each."""
        cells = np.empty(block.size, np.uint16)
        counts = np.zeros((2, self.n_cells + 1), np.uint32)
        kernels.count_in_cells(block, *self, cells, counts)
        return read_only(cells), counts[0] + counts[1]


def _choose_grid(a: Array, low: float, high: float, last: int) -> _Grid:
    """The kind of grid that parts some of the samples better."""
    places = np.random.default_rng(0).integers(a.size, size=_DRAWN)
    drawn = np.sort(a[places].astype(np.float64))
    drawn = drawn[: drawn.size - int(np.isnan(drawn).sum())]
    usual = np.inf
    few = drawn.size // _USUAL
    if few:
        repeated = drawn[few:][drawn[few:] == drawn[:-few]]
        usual = float(np.median(repeated[repeated.size // 2 :][:1])) if repeated.size else usual
        few = drawn.size // 512
        if drawn[few] < drawn[-1 - few]:
            low, high = float(drawn[few]), float(drawn[-1 - few])
    keys = np.array([low, high]).view(np.int64)
    keys ^= (keys >> 63) & 0x7FFFFFFFFFFFFFFF
    shift = max((int(keys[1]) - int(keys[0])).bit_length() - (last + 1).bit_length() + 1, 0)
    grids = [_Grid(BITWISE, low, high, 0.0, shift, last, usual)]
    width = high - low
    if 1e-300 < width < np.inf:
        grids.append(_Grid(LINEAR, low, high, last / width, 0, last, usual))
    block = read_only(drawn)

    def crowded(grid: _Grid) -> int:
        counts = grid.cells_of(block)[1].astype(np.int64)
        return int((counts * counts).sum())

    return min(grids, key=crowded)


class Selected:
    """
    Samples in the cells of a grid, sorted in the cells of which that is wanted.

    Parameters
    ----------
    a : (n,) ndarray of real numbers of at most 64 bits
        The samples; NaN is left out.
    low, high : float
        The least and the largest sample, which are finite and differ.
    """

    def __init__(self, a: Array, low: float, high: float) -> None:
        self._a, self._low, self._high = a, low, high
        self._grid = _choose_grid(a, low, high, (_CELLS if a.size >= _MANY else _CELLS_OF_FEW) - 1)
        self._spans = spans(a.size, CHUNK)
        parts = run_in_order(
            lambda span: self._grid.cells_of(as_block(a[slice(*span)])), self._spans
        )
        self._cells = [part[0] for part in parts]
        sizes = np.array([part[1] for part in parts], np.int64)
        self._sizes: Array = np.asarray(sizes.sum(axis=0))[:-1]
        self._ends: Array = np.cumsum(self._sizes)
        self._picked = np.zeros(self._sizes.size, np.bool_)
        self._values = np.empty(0)
        self._skipped = self._ends.copy()
        self._places: list[list[tuple[Array, Array]]] = [[] for _ in self._spans]
        self._codes: tuple[Array, list[Array]] | None = None
        self._usual = -1
        if self._grid.usual < np.inf:
            self._usual = int(self._grid.cells_of(read_only(np.array([self._grid.usual])))[0][0])

    def _pick(self, wanted: Array, codes: Array | None = None) -> None:
        """
        Sort the samples of these cells, too.

        With `codes`, of each cell, all samples of the others get them on the way.
        """
        new = wanted & ~self._picked & (self._sizes > 0)
        table = np.zeros(new.size + 1, np.uint8) if codes is None else codes.copy()
        mark = table.dtype.type(np.iinfo(table.dtype).max)
        table[:-1][new] = mark
        table = read_only(table)

        def pick(i: int) -> tuple[Array, Array, Array]:
            found = np.empty(self._cells[i].size, table.dtype)
            look_up(self._cells[i], table, found)
            places = np.flatnonzero(found == mark)
            values = self._a[slice(*self._spans[i])][places].astype(np.float64)
            return values, places, found

        parts = run_in_order(pick, range(len(self._spans)))
        for kept, part in zip(self._places, parts, strict=True):
            kept.append((part[0], part[1]))
        if codes is not None:
            self._codes = table, [part[2] for part in parts]
        self._values = np.sort(np.concatenate([self._values, *(part[0] for part in parts)]))
        self._picked |= new
        self._skipped = self._ends - np.cumsum(np.where(self._picked, self._sizes, 0))

    def at(self, ranks: Array) -> Array:
        """Samples of these ranks, as float64."""
        inside = np.searchsorted(self._ends, ranks, side="right")
        wanted = np.zeros(self._picked.size, np.bool_)
        wanted[inside] = True
        if self._usual >= 0:
            wanted[self._usual] = False
        self._pick(wanted)
        own = inside == self._usual
        places = np.where(own, 0, ranks - self._skipped[inside])
        if not self._values.size:
            return np.full(ranks.shape, self._grid.usual)
        return np.where(own, self._grid.usual, self._values[places])

    def edges(self, bins: int) -> Array:
        """Edges with equally many samples between them, as :func:`quantile_edges` has them."""
        edges = np.empty(3 * bins + 3)
        runs, shares = np.empty((bins + 1, 3), np.int64), np.empty(bins + 1, np.int64)
        codes: Array | None = self._likely_codes(bins)
        while True:
            wanted = np.zeros(self._picked.size, np.bool_)
            n = kernels.equal_count_edges(
                read_only(self._values),
                read_only(self._ends),
                read_only(self._skipped),
                read_only(self._picked),
                wanted,
                self._usual,
                self._grid.usual,
                self._low,
                self._high,
                bins,
                runs,
                shares,
                edges,
            )
            if n > 0:
                return edges[:n].copy()
            self._pick(wanted, codes)
            codes = None

    def _likely_codes(self, bins: int) -> Array | None:
        """Code of each cell in which no edge lies, if nothing repeats; NaN's is the last."""
        dtype = code_dtype(bins + 1)
        if dtype != code_dtype(bins):
            return None
        n = int(self._ends[-1])
        places = (n - 1) * (np.arange(1, bins) * (1.0 / bins))
        starts = self._ends - self._sizes
        return np.append(np.searchsorted(places, starts, side="right"), bins).astype(dtype)

    def codes(self, edges: Array) -> Array:
        """Codes of all samples among edges from the least to the largest one; NaN has the last."""
        bins = edges.size - 1
        inner = self._grid.cells_of(read_only(edges[1:-1].copy()))[0]
        split = np.zeros(self._picked.size, np.bool_)
        split[inner] = True
        split &= self._sizes > 0
        dtype = code_dtype(bins)
        codes = np.searchsorted(inner, np.arange(self._picked.size)).astype(dtype)
        if self._usual >= 0:
            split[self._usual] = False
            codes[self._usual] = np.searchsorted(inner, self._usual, side="right")
        if (split & ~self._picked).any():
            self._pick(split)
        codes = read_only(np.append(codes, dtype.type(bins)))
        code = coder(edges, np.dtype(np.float64))
        out = np.empty(self._a.size, dtype)
        likely = self._codes
        if likely is not None:
            others = np.append(~self._picked & (self._sizes > 0), True)
            if likely[0].dtype != dtype or (likely[0] != codes)[others].any():
                likely = None

        def fill(i: int) -> None:
            part = out[slice(*self._spans[i])]
            if likely is None:
                look_up(self._cells[i], codes, part)
            else:
                part[:] = likely[1][i]
            for values, places in self._places[i]:
                if values.size:
                    found = np.empty(values.size, dtype)
                    code(values, found)
                    part[places] = found

        run_in_order(fill, range(len(self._spans)))
        return out
