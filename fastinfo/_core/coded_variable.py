"""One variable as codes, whatever its samples were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array

CHUNK = 1 << 18  #: samples that one kernel call processes, and that are converted at a time


@dataclass(frozen=True)
class Coded:
    """
    Codes of one variable, and what they stand for.

    A sample that is missing or outside the edges has the code `n_levels`.
    """

    codes: Array  #: (n,) of the smallest of uint8, uint16 and uint32 that fits
    n_levels: int
    edges: Array | None = None  #: of a variable in bins
    levels: Array | None = None  #: of labels, sorted if they can be compared

    def __len__(self) -> int:
        return self.codes.size

    @property
    def invalid(self) -> npt.NDArray[np.bool_]:
        """Which samples are missing or outside the edges."""
        found: npt.NDArray[np.bool_] = self.codes == self.n_levels
        return found


def code_dtype(n_levels: int) -> np.dtype[np.unsignedinteger]:
    """Smallest unsigned dtype that holds the codes of so many levels, and one more code."""
    for dtype in (np.uint8, np.uint16, np.uint32):
        if n_levels <= np.iinfo(dtype).max:
            return np.dtype(dtype)
    raise ValueError(f"a variable must have fewer than 2**32 levels, got {n_levels}")
