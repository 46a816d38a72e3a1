"""A margin of a table: the distinct sizes of its rows or columns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._counts.distinct_sizes import Distinct

_FEW_SIZES = 64  # up to so many sizes are added up one by one


class Margin(NamedTuple):
    """Distinct sizes of one margin and how often they occur, as bytes of float64."""

    levels: int
    sizes: bytes
    times: bytes

    @property
    def classes(self) -> tuple[Array, Array]:
        return np.frombuffer(self.sizes), np.frombuffer(self.times)


def of_sizes(distinct: Distinct) -> Margin:
    """Return the margin with these sizes."""
    sizes, times = distinct
    levels = sum(times.tolist()) if times.size <= _FEW_SIZES else times.sum()
    return Margin(int(levels), sizes.tobytes(), times.tobytes())
