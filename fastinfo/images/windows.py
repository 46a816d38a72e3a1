"""Joint histograms of two images with Parzen windows, and gradients of functions of them."""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.checks import Array, as_block, read_only
from fastinfo._core.coded_variable import CHUNK
from fastinfo._core.limits import INDEXED_CELLS, check_size
from fastinfo._core.threads import run_in_order, spans
from fastinfo.images.samples import Samples
from fastinfo.kernels.binning.edges import grid
from fastinfo.kernels.images import windows as kernels

PADDING = 2  #: bins at either end in which no sample lies, as ITK has them
LEAST = 2 * PADDING + 1  #: number of bins

_GROUP = 4  # cells that a window reaches over
_BYTES = 96  # for each cell of the table: two sets of groups, and what becomes of them
_FEW_PARTS, _MOST_PARTS = 8, 64
_LEAST_PART = 1 << 16
_SAMPLES_PER_GROUP = 16  # of fewer, adding up groups would take as long as filling them
_NO_WEIGHTS = read_only(np.empty(0))
_ALL = read_only(np.empty(0, np.bool_))


class Windows:
    """Where the samples of two images lie: the edges of the bins, and the dtype of the kernels."""

    def __init__(self, samples: Samples, edges: tuple[Array, Array]) -> None:
        """Set up the windows; `edges` are those of the bins without the padding."""
        self.samples = samples
        self.edges = read_only(np.ascontiguousarray(edges[0], np.float64))
        self.rows, self.width = self.edges.size - 1, edges[1].size - 1
        self.low, self.high = float(edges[1][0]), float(edges[1][-1])
        length = self.high - self.low  # of a constant past 2**53 it is 0
        self.scale = self.width / length if length > 0.0 else 0.0
        if not math.isfinite(self.scale):
            raise ValueError(
                f"{samples.names[1]} must have a wider range for {self.width} bins, "
                f"got [{self.low}, {self.high}]"
            )
        check_size(self.rows, self.width, _BYTES)
        if self.rows * self.width >= INDEXED_CELLS - 1:
            raise ValueError(
                f"bins must be fewer than {INDEXED_CELLS} together, got {self.rows} x {self.width}"
            )
        self.n_groups = self.rows * self.width + 1
        single = [image.dtype.newbyteorder("=") == np.float32 for image in samples.images]
        self.dtype = np.dtype(np.float32 if all(single) else np.float64)
        self.dtype_of_gradient = np.dtype(np.float32 if single[1] else np.float64)
        self.places = (
            self.edges,
            grid(self.edges),
            self.low,
            self.high,
            self.scale,
            np.int64(self.width),
        )

    def blocks(self, span: tuple[int, int]) -> tuple[Array, Array, Array, Array]:
        """Samples of a span in the form that kernels need, their weights, and which are kept."""
        x, y, weights, kept = self.samples.part(span)
        return (
            as_block(x, self.dtype),
            as_block(y, self.dtype),
            _NO_WEIGHTS if weights is None else as_block(weights, np.float64),
            _ALL if kept is None else read_only(kept),
        )

    def table(self) -> tuple[Array, int]:
        """The table with its padding, and the number of samples in it."""
        n = self.samples.n
        size = max(_LEAST_PART, _SAMPLES_PER_GROUP * self.n_groups, -(-n // _MOST_PARTS))

        def fill(part: tuple[int, int]) -> tuple[Array, int]:
            cells = np.zeros((2, self.n_groups * _GROUP))
            n_inside = 0
            for start, stop in spans(part[1] - part[0], CHUNK):
                span = part[0] + start, part[0] + stop
                n_inside += kernels.add_windows(*self.blocks(span), *self.places, cells.reshape(-1))
            return _sum(cells[0], cells[1]), n_inside

        found = run_in_order(fill, spans(n, size))
        total, n_inside = found[0]
        for cells, more in found[1:]:
            total = _sum(total, cells)
            n_inside += more
        groups = total[:-_GROUP].reshape(self.rows, self.width, _GROUP)
        table = np.zeros((self.rows + 2 * PADDING, self.width + 2 * PADDING))
        inner = table[PADDING:-PADDING]
        for d in range(_GROUP):
            columns = slice(1 + d, 1 + d + self.width)
            inner[:, columns] = _sum(inner[:, columns], groups[:, :, d])
        return table, n_inside

    def gradient(self, by_share: Array, total: float) -> Array:
        """
        Derivative of a function of the table with respect to each moving sample.

        `by_share` is the derivative with respect to each share, a cell over the `total` of the
        table. Samples that are not in the table get 0.
        """
        inner = by_share[PADDING:-PADDING]
        a, b, c, d = (inner[:, 1 + k : 1 + k + self.width] for k in range(_GROUP))
        polynomials = np.zeros((self.n_groups, _GROUP))
        groups = polynomials[:-1].reshape(self.rows, self.width, _GROUP)
        groups[:, :, 0] = 0.5 * (c - a)
        groups[:, :, 1] = a - 2.0 * b + c
        groups[:, :, 2] = 0.5 * (d - a) + 1.5 * (b - c)
        samples = self.samples
        polynomials *= self.scale if samples.weight is not None else self.scale / total
        coefficients = read_only(polynomials.reshape(-1))
        out = np.empty(samples.n, self.dtype_of_gradient)

        def fill(span: tuple[int, int]) -> None:
            x, y, weights, kept = self.blocks(span)
            shares = read_only(weights / total)  # first: 1 / total of tiny weights is infinite
            part = out[slice(*span)]
            kernels.slopes(x, y, shares, kept, *self.places, coefficients, part)

        size = max(_LEAST_PART, min(samples.n // _FEW_PARTS, CHUNK))
        run_in_order(fill, spans(samples.n, size))
        return samples.as_image(out)


def _sum(a: Array, b: Array) -> Array:
    """Sum of two tables of weights. It may overflow; callers check that."""
    with np.errstate(over="ignore"):
        found: Array = a + b
    return found
