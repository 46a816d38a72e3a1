"""The counts of some columns against others, and their plain information."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fastinfo._columns.pairs.panels import Panel
from fastinfo._columns.pairs.weighted_pairs import units_of
from fastinfo._core.checks import Array, read_only
from fastinfo._core.lazy.attributes import lazy
from fastinfo.kernels.information import pair_tables as kernels
from fastinfo.kernels.information.weighted_tables import effective_tables


@dataclass(frozen=True, eq=False)
class Tile:
    """A matrix of counts from :func:`.all_pairs.count_all`."""

    x: Panel
    y: Panel
    same: bool  #: whether both sides are the same columns
    by_planes: bool  #: whether the last level of complete columns is left out
    counts: Array

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of columns."""
        return self.x.columns.size, self.y.columns.size

    @lazy
    def layouts(self) -> tuple[Array, Array]:
        """Where the columns of both sides are in the counts."""
        return self.x.layout(self.by_planes), self.y.layout(self.by_planes)

    @lazy
    def complete(self) -> tuple[Array, Array]:
        """Places of the columns of both sides without missing samples."""
        rows, columns = (np.flatnonzero(p.widths <= p.levels) for p in (self.x, self.y))
        return rows, columns

    @lazy
    def units(self) -> Array:
        """The weight of one effective sample of each pair, if rows have weights."""
        return units_of(self.x, self.y, self.same, self.counts)

    def effective(self) -> tuple[Tile, bool]:
        """The tile in effective samples instead of weights, and whether they are whole numbers."""
        counts = self.counts.copy()
        whole = effective_tables(counts, *self.layouts, self.same, self.units)
        if self.same:
            kernels.mirror(counts, self.layouts[0])
        return replace(self, counts=read_only(counts)), bool(whole)

    def scratch(self) -> Array:
        """Work space for a table and its margins."""
        x, y = int(self.x.levels.max()), int(self.y.levels.max())
        return np.empty((3, max(x * y, x, y, 1)))

    def plug_in(self, scratch: Array) -> tuple[Array, tuple[Array, Array] | None]:
        """Information, and the counts of the levels of both sides if nothing is missing."""
        found = np.zeros(self.shape)
        rows, columns = self.complete
        n = self.x.matrix.total
        if not n:
            return np.full(self.shape, np.nan), None
        if (rows.size, columns.size) == self.shape:
            margins = self._margins(self.layouts, n)
            if self.same and self.x.matrix.weights is None:
                self.x.matrix.keep_counts(self.x.columns, margins[0])
            return self._of_complete(self.layouts, margins, n), margins
        kernels.informations(self.counts, *self.layouts, self.same, scratch, found)
        if rows.size and columns.size:  # missing samples elsewhere don't change a bit
            x, y = self.layouts
            kept = read_only(x[rows]), read_only(y[columns])
            margins = self._margins(kept, n)
            found[np.ix_(rows, columns)] = self._of_complete(kept, margins, n)
        return found, None

    def _margins(self, layouts: tuple[Array, Array], n: float) -> tuple[Array, Array]:
        """Counts of all levels of complete columns, over all rows."""
        counts = self.counts
        margins = counts[:, -1], counts[-1]
        if not self.by_planes:  # all levels are stored
            (first, size, _), (y_first, y_size, _) = (layout[0].tolist() for layout in layouts)
            margins = (
                counts[:, y_first : y_first + y_size].sum(axis=1),
                counts[first : first + size].sum(axis=0),
            )
            if self.same:  # only of the upper half
                margins = margins[1], margins[1]
        return open_margin(margins[0], layouts[0], n), open_margin(margins[1], layouts[1], n)

    def _of_complete(
        self, layouts: tuple[Array, Array], margins: tuple[Array, Array], n: float
    ) -> Array:
        """Information of complete columns."""
        found = np.zeros((len(layouts[0]), len(layouts[1])))
        work = np.empty((int(layouts[0][:, 2].max()) + 1) * margins[1].size)
        kernels.complete_informations(self.counts, *layouts, self.same, *margins, n, work, found)
        return found


def open_margin(stored: Array, layout: Array, n: float) -> Array:
    """Counts of all levels of complete columns, from those of the levels that are stored."""
    opened: list[float] = []
    counts = stored.tolist()
    for first, size, levels in layout.tolist():
        found = counts[first : first + size]
        opened += found
        if size < levels:
            opened.append(n - sum(found))
    return read_only(np.array(opened, np.float64))
