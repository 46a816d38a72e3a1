"""Integers in C order, and the codes of their columns in Fortran order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fastinfo._bins.columns_in_rows import plain_rows
from fastinfo._core.checks import Array, read_only
from fastinfo._core.lazy.attributes import lazy
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.binning.transposing import turn_to_bytes

_TURNED = 1 << 13  # so many rows are transposed at a time


@dataclass(frozen=True, eq=False)
class NumbersInRows:
    """
    A matrix of integers in which the range of each column is small.

    The codes are the differences from the smallest number. They are made when they are needed,
    because transposing all of them takes longer than counting them if there are few levels.
    """

    array: Array  #: (n, f)
    least: Array  #: (f,) the least number of each column

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the codes: columns, rows."""
        n, f = self.array.shape
        return f, n

    def turn(self, start: int, stop: int, out: Array, to: int = 0) -> None:
        """Write the codes of rows `start` to `stop` to the columns of `out`, from `to` on."""
        array, flags = self.array, self.array.flags
        if flags.c_contiguous and flags.aligned and array.dtype.isnative:
            turn_to_bytes(read_only(array), start, stop, out, to)
        else:
            turn_to_bytes(plain_rows(array[start:stop]), 0, stop - start, out, to)
        if self.least.any():  # differences below 256 can be computed from the last bytes
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
