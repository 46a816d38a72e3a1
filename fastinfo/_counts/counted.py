"""Counts of pairs of samples, and what they are counts of."""

from __future__ import annotations

from typing import NamedTuple

from fastinfo._core.checks import Array
from fastinfo._counts.table import Table


class Counted(NamedTuple):
    """Counts of pairs, and what the rows and columns stand for."""

    table: Table
    x_edges: Array | None
    y_edges: Array | None
    x_levels: Array | None
    y_levels: Array | None
    n_dropped: int
    n_missing: int
