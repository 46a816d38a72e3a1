"""Codes of samples between any edges: find the cell of a grid, then search a few edges.

The number of a cell never decreases when the sample increases. So edges in lower cells are below
the sample and edges in higher cells are above it, and only the edges in its own cell have to be
compared. Cells either have equal widths (:data:`LINEAR`), or contain equally many float64 numbers
(:data:`BITWISE`), which makes them roughly logarithmic. :func:`search_grid` chooses the kind with
the shorter search.

What the kernels expect: there are at least two edges, which are float64, do not decrease, and are
not NaN. Lengths are not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.binning.edges import position
from fastinfo.kernels.elementary.memory import bits_of_float64, float64_of_bits

LINEAR = 0  #: cells of equal width
BITWISE = 1  #: cells that contain equally many float64 numbers

_BLOCK = 512
_SIGN = np.int64(63)
_TOP = np.uint64(1 << 63)


@kernel(inline=True)
def key(x):
    """An unsigned integer with the same order as the float64; both zeros have the same key."""
    bits = bits_of_float64(np.float64(x))
    key = bits ^ ((bits >> _SIGN) & np.int64(0x7FFFFFFFFFFFFFFF))
    key += np.int64(key == np.int64(-1))
    return np.uint64(key) ^ _TOP


@kernel(inline=True)
def number_of(k):
    """The float64 that has this key."""
    bits = np.int64(k ^ _TOP)
    return float64_of_bits(bits ^ ((bits >> _SIGN) & np.int64(0x7FFFFFFFFFFFFFFF)))


@kernel(inline=True)
def linear_cells(x, low, scale, last, out):
    """Write the cells of equal width of the samples, from 0 to `last`."""
    for i in range(out.size):
        out[i] = np.int32(position(x[i], low, scale, last))


@kernel(inline=True)
def bitwise_cells(x, low, high, base, shift, out):
    """Write the cells of equally many float64, from 0 on; `base` is the key of `low`."""
    for i in range(out.size):
        v = np.float64(x[i])
        v = v if v > low else low
        v = v if v < high else high
        out[i] = np.int32((key(v) - base) >> shift)


@kernel(inline=True)
def _starts(cells, starts):
    """Write the last edge below each cell (0 if none); return the most edges in one cell."""
    for i in range(starts.size):
        starts[i] = 0
    for i in range(cells.size):
        starts[np.uint64(cells[i])] += 1
    most = np.int32(0)
    below = np.int32(0)
    for i in range(starts.size):
        here = starts[i]
        starts[i] = max(below - 1, 0)
        below += here
        most = max(most, below - 1 - starts[i])
    return most


@kernel
def search_grid(edges, starts):
    """
    Return how to search among edges, for :func:`search_codes`: ``(kind, scale, shift, reach)``.

    Fills `starts` (int32, at least two cells). `reach` is the largest number of edges that a search
    has to consider.
    """
    last = starts.size - 1
    low = edges[0]
    high = edges[edges.size - 1]
    cells = np.empty(edges.size, np.int32)
    shift = np.int64(0)
    span = key(high) - key(low)
    while shift < 63 and (span >> np.uint64(shift)) > np.uint64(last):
        shift += 1
    scale = last / (high - low)
    linear = np.int32(edges.size)
    if 0.0 < scale < np.inf:
        linear_cells(edges, low, scale, np.float64(last), cells)
        linear = _starts(cells, starts)
    bitwise_cells(edges, low, high, key(low), np.uint64(shift), cells)
    bitwise = _starts(cells, starts)
    if linear > bitwise:
        return BITWISE, scale, shift, bitwise
    linear_cells(edges, low, scale, np.float64(last), cells)
    return LINEAR, scale, shift, _starts(cells, starts)


@kernel(inline=True)
def _begin(cells, starts):
    for i in range(cells.size):
        cells[i] = starts[np.uint64(np.uint32(cells[i]))]


@kernel(inline=True)
def _advance(x, edges, last, step, places):
    for i in range(places.size):
        ahead = places[i] + step
        ahead = ahead if ahead < last else last
        places[i] = ahead if edges[np.uint64(np.uint32(ahead))] <= x[i] else places[i]


@kernel(inline=True)
def _finish(x, low, high, bins, places, out):
    for i in range(places.size):
        v = np.float64(x[i])
        place = places[i] if places[i] < bins - 1 else bins - 1
        out[i] = place if (v >= low) & (v <= high) else bins


@kernel
def search_codes(x, edges, starts, kind, scale, shift, reach, out):
    """Codes of samples for any edges; other arguments are from :func:`search_grid`."""
    bins = np.int32(edges.size - 1)
    low = edges[0]
    high = edges[edges.size - 1]
    base = key(low)
    last = np.float64(starts.size - 1)
    buffer = np.empty(_BLOCK, np.int32)
    for start in range(0, x.size, _BLOCK):
        part = x[start : start + _BLOCK]
        places = buffer[: part.size]
        if kind == BITWISE:
            bitwise_cells(part, low, high, base, np.uint64(shift), places)
        else:
            linear_cells(part, low, scale, last, places)
        _begin(places, starts)
        left = np.int32(reach)
        while left > 0:
            step = np.int32((left + 1) >> 1)
            _advance(part, edges, bins, step, places)
            left -= step
        _finish(part, low, high, bins, places, out[start : start + _BLOCK])


@kernel
def look_up(values, codes, out):
    """Code of each value of 8 or 16 bits: ``codes[value]``."""
    for i in range(out.size):
        out[i] = codes[np.uint64(values[i])]
