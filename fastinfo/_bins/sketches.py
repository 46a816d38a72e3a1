"""The order of a column's samples, in parts and in little memory: counts in cells that add up."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastinfo._core.as_json import counted
from fastinfo._core.checks import Array, as_block, integer, read_only
from fastinfo._core.threads import spans
from fastinfo.kernels.binning import sketches as kernels

EXACT = 100_000  #: of no more samples, all are kept
KEPT = 1 << 17  #: samples that are kept, at most, until they are counted in cells

_MOST_CELLS = 1 << 14
_MOST_PARTS = 64  # that are kept apart
_LOOKED_AT = 1 << 16  # samples that limit how deep cells are
_TOP = np.uint64(1 << 63)
_NO_KEYS = np.empty(0, np.uint64)


class Within(NamedTuple):
    """Cells of which more must be known: their first and last keys, ascending."""

    starts: Array
    stops: Array
    integers: bool = False  #: whether the keys are those of integers

    def keep(self, keys: Array) -> Array:
        """The keys that are in one of the cells."""
        out = np.empty_like(keys)
        starts, stops = read_only(self.starts), read_only(self.stops)
        return out[: kernels.keep_within(read_only(keys), starts, stops, out)]

    def look(self, a: Array) -> Sketch:
        """Of the samples of a part those in these cells."""
        of = Sketch.of_integers if self.integers else Sketch.of
        return of(a, self, max(_MOST_CELLS, 1 << (4 * self.starts.size - 1).bit_length()))


class Sketch:
    """
    Samples as a multiset: all of no more than 100,000, else their numbers in cells.

    A cell is a run of neighbouring numbers: those whose keys begin with the same bits, as many as
    keep no more than 2**14 cells occupied. So the sketch depends on the samples' values and their
    number `n` alone, not on the parts they came in, and knows up to 2**14 different numbers
    exactly.
    """

    __slots__ = ("_counts", "_keys", "_settled", "_shift", "_starts", "most", "n")

    def __init__(self, most: int = _MOST_CELLS) -> None:
        self.n, self.most, self._settled = 0, most, False
        self._keys: list[Array] = []  # of samples that are not in cells
        self._starts, self._counts, self._shift = _NO_KEYS, _NO_KEYS, 0

    @classmethod
    def of(
        cls, a: Array, within: Within | None = None, most: int = _MOST_CELLS, floor: int = 0
    ) -> Sketch:
        """
        Of samples in the order of float64, NaN left out, or of those in some cells.

        Below a shift of `floor` nothing need be known, as the sketch it is added to knows no more.
        """

        def keys_of(part: Array) -> Array:
            out = np.empty(part.size, np.uint64)
            return out[: kernels.write_keys(as_block(part), out)]

        return cls._of_parts(a, keys_of, within, most, floor)

    @classmethod
    def of_integers(
        cls, a: Array, within: Within | None = None, most: int = _MOST_CELLS, floor: int = 0
    ) -> Sketch:
        """Of integers of 64 bits, each of them apart."""
        top = _TOP if a.dtype.kind == "i" else np.uint64(0)

        def keys_of(part: Array) -> Array:
            return np.require(part, part.dtype.newbyteorder("="), "C").view(np.uint64) ^ top

        return cls._of_parts(a, keys_of, within, most, floor)

    @classmethod
    def of_levels(cls, levels: Array, counts: Array) -> Sketch:
        """Of a few ascending float64, each of which occurs so often."""
        found = cls.of(levels)
        found.settle()
        found._counts, found.n = counts.astype(np.uint64), int(counts.sum())
        return found

    @property
    def floor(self) -> int:
        """The shift below which nothing need be known of samples that are added."""
        return self._shift

    @classmethod
    def _of_parts(
        cls, a: Array, keys_of: Any, within: Within | None, most: int, floor: int
    ) -> Sketch:
        found = cls(most)
        found._shift = floor

        def keys_between(start: int, stop: int) -> Array:
            keys: Array = keys_of(a[start:stop])
            return keys if within is None else within.keep(keys)

        rest = iter(spans(a.size, _LOOKED_AT) if a.size > KEPT else [(0, a.size)])
        for span in rest:  # few of many may count
            keys = keys_between(*span)
            found._keys.append(keys if a.size <= KEPT else keys.copy())
            found.n += keys.size
            if found.n > KEPT:
                found._count(keys_between(*later) for later in rest)
        return found

    def __or__(self, other: Sketch) -> Sketch:
        """Of the samples of both."""
        found = Sketch(max(self.most, other.most))
        found.n = self.n + other.n
        found._keys = self._keys + other._keys
        if len(found._keys) > _MOST_PARTS:
            found._keys = [np.concatenate(found._keys)]
        if found.n <= EXACT:
            found._keys += [part for sketch in (self, other) for part in sketch._repeated()]
            return found
        first, second = (self, other) if self._shift >= other._shift else (other, self)
        found._starts, found._counts, found._shift = first._starts, first._counts, first._shift
        waiting = sum(keys.size for keys in found._keys)
        if second._starts.size or waiting > KEPT:
            found._count([], [second])
        return found

    def _repeated(self) -> list[Array]:
        """All samples that are counted in cells, of which each has one value."""
        if not self._starts.size:
            return []
        assert not self._shift
        return [np.repeat(self._starts, self._counts.astype(np.int64))]

    def _count(self, parts: Iterable[Array], others: Sequence[Sketch] = ()) -> None:
        """Count all keys in cells, those that wait and those of parts, and other sketches."""
        shift = max(sketch._shift for sketch in (self, *others))
        size = 1 << (2 * self.most - 1).bit_length()
        table = np.empty(size, np.uint64), np.zeros(size, np.uint64)
        found = 0
        for sketch in (self, *others):
            cells = read_only(sketch._starts), read_only(sketch._counts)
            shift, found = kernels.add_cells(*cells, *table, shift, found, self.most)
        for keys in (*self._keys, *parts):
            if not (shift or found) and keys.size > self.most:  # these alone have so many cells
                some = read_only(np.sort(keys[:_LOOKED_AT]))
                shift = max(shift, kernels.shift_of_sorted(some, self.most))
            shift, found = kernels.add_keys(read_only(keys), *table, shift, found, self.most)
        taken = np.flatnonzero(table[1])
        self._keys, self._shift = [], shift
        self._starts, self._counts = table[0][taken], table[1][taken]
        self.n = int((self._counts & ~kernels.MIXED).sum())

    def settle(self) -> None:
        """Bring it into the one form that depends on the samples alone."""
        if self._settled:
            return
        if self._keys and self.n > EXACT:
            self._count([])
        elif self._keys:
            keys = np.sort(np.concatenate([*self._keys, *self._repeated()]))
            starts, counts = _runs(keys)
            few = starts.size <= self.most
            self._starts, self._counts = (
                (starts, counts.astype(np.uint64)) if few else (_NO_KEYS, _NO_KEYS)
            )
            self._keys = [] if few else [keys]
        self._settled = True
        order = np.argsort(self._starts)
        self._starts, self._counts = self._starts[order], self._counts[order]
        mixed = self._counts >= kernels.MIXED
        self._starts[mixed] &= np.uint64(2**64 - 2**self._shift)

    def cells(self) -> Cells:
        """The cells that are occupied, ascending; of few samples, one for each value."""
        self.settle()
        if self._keys:
            starts, counts = _runs(self._keys[0])
            return Cells(starts, counts, np.zeros(starts.size, np.uint8))
        mixed = self._counts >= kernels.MIXED
        counts = (self._counts & ~kernels.MIXED).astype(np.int64)
        return Cells(self._starts, counts, np.where(mixed, self._shift, 0).astype(np.uint8))

    def few(self, most: int) -> Array | None:
        """The keys of all values, if these are no more."""
        self.settle()
        return None if self._shift or self._keys or self._starts.size > most else self._starts

    def to_plain(self) -> list[Any]:
        """As plain values for JSON."""
        self.settle()
        arrays = [*self._keys, self._starts, self._counts]
        return [self.n, self.most, self._shift, *map(_plain, arrays)]

    @classmethod
    def from_plain(cls, plain: Any) -> Sketch:
        """What :meth:`to_plain` wrote, as settled as it was then."""
        n, most, shift, *arrays = plain
        found = cls()
        *found._keys, found._starts, found._counts = map(_from_plain, arrays)
        found.n = counted(n, "n")
        found._shift = integer(shift, "shift", least=0, most=63)
        if most != found.most or not found._is_settled():
            raise ValueError("the cells of a sketch must be in ascending order")
        return found

    def _is_settled(self) -> bool:
        """Whether it could be in its one form."""
        starts, shift = self._starts, np.uint64(self._shift)
        tallies = self._counts & ~kernels.MIXED
        if len(self._keys) > 1 or not starts.size == tallies.size <= self.most:
            return False
        few, mixed = self.n <= EXACT, bool((self._counts >= kernels.MIXED).any())
        if few and (shift or mixed or (self._keys and starts.size)):
            return False
        if self._keys and not (few and (self._keys[0][1:] >= self._keys[0][:-1]).all()):
            return False
        ascending = (starts[1:] >> shift > starts[:-1] >> shift).all()
        n = sum(tallies.tolist()) + sum(keys.size for keys in self._keys)
        return bool(ascending and tallies.all() and n == self.n)

    def __getstate__(self) -> Any:
        self.settle()
        return self.n, self.most, self._keys, self._starts, self._counts, self._shift

    def __setstate__(self, state: Any) -> None:
        self.n, self.most, self._keys, self._starts, self._counts, self._shift = state
        self._settled = True


class Cells(NamedTuple):
    """Cells that are occupied, ascending: where they begin, and in how many bits keys differ."""

    starts: Array
    counts: Array  #: int64
    shifts: Array  #: 0 of a cell with one value

    def bounds(self) -> tuple[Array, Array]:
        """The least and the largest float64 of each."""
        lows, highs = np.empty((2, self.starts.size))
        kernels.key_bounds(read_only(self.starts), read_only(self.shifts), lows, highs)
        return lows, highs

    def within(self, chosen: Array) -> Within:
        """Some of the cells."""
        starts = self.starts[chosen]
        sizes = np.uint64(1) << self.shifts[chosen].astype(np.uint64)
        return Within(starts, starts + (sizes - np.uint64(1)))

    def refined(self, within: Within, inside: Cells) -> Cells:
        """These cells with others in the place of those that they are within."""
        kept = ~np.isin(self.starts, within.starts)
        parts = [np.concatenate([old[kept], new]) for old, new in zip(self, inside, strict=True)]
        order = np.argsort(parts[0])
        return Cells(*(part[order] for part in parts))


def _runs(keys: Array) -> tuple[Array, Array]:
    """The different ones of ascending keys, and how often each occurs."""
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: keys.size])
    return keys[first], np.diff(first, append=keys.size)


def _plain(a: Array) -> str:
    """Keys as text: neighbours differ in few bytes."""
    return base64.b64encode(zlib.compress(a.astype("<u8").tobytes(), 1)).decode("ascii")


def _from_plain(text: Any) -> Array:
    """Keys from text, of which no sketch has more than samples that are all kept."""
    reader = zlib.decompressobj()
    try:
        found = reader.decompress(base64.b64decode(text, validate=True), 8 * EXACT)
    except zlib.error as error:
        raise ValueError(f"keys must be compressed, {error}") from error
    if not reader.eof or reader.unused_data or len(found) % 8:
        raise ValueError("keys must be compressed 64-bit numbers, at most as many as a sketch has")
    return np.frombuffer(found, "<u8").astype(np.uint64)
