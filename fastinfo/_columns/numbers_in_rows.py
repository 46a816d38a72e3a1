"""Whole numbers whose rows lie together, and the codes of their columns, which lie side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._core.lazy.attributes import lazy
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.binning.transposing import least_and_most, turn_to_bytes

_TURNED = 1 << 13  # rows that are turned at a time
_TOGETHER = 64  # numbers that are compared at once, at least
_MOST_TOGETHER = 1 << 12


@dataclass(frozen=True, eq=False)
class NumbersInRows:
    """
    A matrix of integers in which each column lies close above its least number.

    The codes are the distances from that. They are made when they are asked for, since turning all
    of them takes longer than counting them where there are few levels.
    """

    array: Array  #: (n, f)
    least: Array  #: (f,) the least number of each column

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the codes: columns, rows."""
        n, f = self.array.shape
        return f, n

    def turn(self, start: int, stop: int, out: Array, to: int = 0) -> None:
        """Codes of the rows from `start` to `stop`, into the columns of `out` from `to` on."""
        array, plain = self.array, self.array.flags.c_contiguous and self.array.flags.aligned
        if plain and array.dtype.isnative:
            turn_to_bytes(read_only(array), start, stop, out, to)
        else:
            turn_to_bytes(_plain(array[start:stop]), 0, stop - start, out, to)
        if self.least.any():  # the last bytes show the distance, since it is less than 256
            out[:, to : to + stop - start] -= self._last_bytes

    @lazy
    def _last_bytes(self) -> Array:
        return self.least.astype(np.uint8)[:, None]

    @lazy
    def codes(self) -> Array:
        """Codes of all columns, each in a row."""
        codes = np.empty(self.shape, np.uint8)
        run_in_order(lambda span: self.turn(*span, codes, span[0]), spans(self.shape[1], _TURNED))
        return read_only(codes)


def _plain(a: Array) -> Array:
    """A part of a matrix as a kernel takes it: contiguous, aligned, in the machine's byte order."""
    return read_only(np.require(a, a.dtype.newbyteorder("="), ["C", "A"]))


def ranges_in_rows(a: Array) -> tuple[Array, Array]:
    """Least and largest number of each column of whole numbers, whose rows lie together."""
    n, f = a.shape
    together = _TOGETHER // math.gcd(_TOGETHER, f)
    together = max(min(together, _MOST_TOGETHER // f, n), 1)

    def measure(span: tuple[int, int]) -> tuple[Array, Array]:
        part = _plain(a[slice(*span)])
        rows = part.shape[0] // together * together
        low, high = (np.tile(part[0], together) for _ in range(2))
        least_and_most(part[:rows].reshape(-1), low, high)
        few = part[rows:]
        lows, highs = low.reshape(together, f), high.reshape(together, f)
        return (
            np.concatenate([lows, few]).min(axis=0),
            np.concatenate([highs, few]).max(axis=0),
        )

    lows, highs = zip(*run_in_order(measure, spans(n, _TURNED)), strict=True)
    return np.min(lows, axis=0), np.max(highs, axis=0)
