"""Panels: columns with similar numbers of levels, which are counted together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.numbers_in_rows import NumbersInRows
from fastinfo._core.checks import Array, read_only
from fastinfo._core.lazy.attributes import lazy

_PANEL_LEVELS = 1024  # levels of all columns of a panel; a table of counts then has 8 MB


@dataclass(frozen=True, eq=False)
class Panel:
    """Columns that are counted together."""

    matrix: CodeMatrix
    columns: Array  #: places among all columns, int64

    @lazy
    def rows(self) -> Array:
        """Where their codes are."""
        return read_only(self.matrix.places[self.columns])

    @lazy
    def levels(self) -> Array:
        """Their levels."""
        return read_only(self.matrix.n_levels[self.columns])

    @lazy
    def widths(self) -> Array:
        """Numbers of codes: the levels, plus missing if it occurs."""
        return read_only(self.levels + self.matrix.incomplete[self.columns])

    @lazy
    def stored(self) -> Array:
        """Their planes: the last level of a complete column follows from the others."""
        return read_only(np.maximum(self.widths - 1, 0))

    @lazy
    def planes(self) -> Array:
        """Description of the columns for bit planes."""
        return read_only(np.stack([self.rows, self.stored], axis=1))

    @lazy
    def digits(self) -> Array:
        """Description of the columns for packed groups."""
        first = np.cumsum(self.levels) - self.levels
        return read_only(np.stack([first, self.levels, self.widths], axis=1))

    @lazy
    def alone(self) -> bool:
        """Whether the panel has all columns, as integers in rows that are not yet transposed."""
        return isinstance(self.matrix.stored, NumbersInRows) and self.columns.size == len(
            self.matrix.places
        )

    def layout(self, by_planes: bool) -> Array:
        """First row of each column in a matrix of counts, rows stored, levels: (columns, 3)."""
        stored = self.stored if by_planes else self.levels
        first = np.cumsum(stored) - stored
        return read_only(np.stack([first, stored, self.levels], axis=1))


def panels_of(matrix: CodeMatrix) -> list[Panel]:
    """Panels of the narrow columns, each with similar numbers of levels."""
    narrow = np.flatnonzero(matrix.places >= 0)
    order = narrow[np.argsort(matrix.n_levels[narrow], kind="stable")]
    panels: list[Panel] = []
    first = total = 0
    levels = matrix.n_levels[order].tolist()
    for k, n in enumerate(levels):
        if k > first and (total + n > _PANEL_LEVELS or n > 2 * max(levels[first], 2)):
            panels.append(Panel(matrix, order[first:k]))
            first, total = k, 0
        total += n
    if order.size:
        panels.append(Panel(matrix, order[first:]))
    return panels
