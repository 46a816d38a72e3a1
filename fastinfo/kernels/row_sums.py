"""The maximum of each row of logits, and the sum of ``exp(x - max)`` over the others.

    log(sum(exp x)) = max + log(1 + others)

With the maximum's own 1 apart, ``others`` is exact however small it is. A row that is longer than a
block is taken in parts, and its sum is rescaled whenever the maximum rises: Milakov & Gimelshein
(2018), https://arxiv.org/abs/1805.02867.

Long rows are summed one by one. Shorter ones, and any that lie in Fortran order, are taken class by
class, many rows at a time: they are copied into a tile in the first-level cache, class by row, and
each loop runs over the rows of the tile.

Contract: logits float32 or float64, two-dimensional, C- or Fortran-ordered, at least one class.
"""

from __future__ import annotations

import numpy as np

from fastinfo._jit import REASSOCIATE, kernel
from fastinfo.kernels.exponentials import exp_difference, exp_negative, exp_negative64

__all__ = ["row_sums"]

_LONG = 512  # classes of a row that is summed by itself
_BLOCK = 2048  # of those, at a time
_NEAR = 32  # classes from which rows are first copied, in order, as memory likes it
_STEP = 64  # what a SIMD loop takes at a time
_ROWS = 128  # of a tile
_TILE_BYTES = 1 << 15
_FLUSH = 16  # terms that are summed in the dtype of the logits, before float64
_UNSCALE = 2.0**-64  # of exp_negative64


@kernel(inline=True)
def _raise_lanes(part, most):  # type: ignore[no-untyped-def]
    for i in range(part.size):
        most[i] = part[i] if part[i] > most[i] else most[i]


@kernel
def _block_max(part, most, lanes):  # type: ignore[no-untyped-def]
    """Maximum of a part of a row and of `most`, NaN left out."""
    # Lane by lane, since a maximum of floats that may be NaN is no SIMD loop.
    lanes[:] = most
    for begin in range(0, part.size, _ROWS):
        _raise_lanes(part[begin : begin + _ROWS], lanes)
    width = _ROWS
    while width > 1:
        width //= 2
        _raise_lanes(lanes[width : 2 * width], lanes[:width])
    return lanes[0]


@kernel(fastmath=REASSOCIATE)
def _block_sum(part, most):  # type: ignore[no-untyped-def]
    """Sum of the scaled ``exp(x - most)`` that are below 1, and how many are 1."""
    top = exp_negative(part.dtype.type(0))
    zero = part.dtype.type(0)
    s = zero
    ties = zero
    for i in range(part.size):
        e = exp_difference(part[i], most)
        s += e if e != top else zero
        ties += part.dtype.type(e == top)
    return np.float64(s), np.float64(ties)


@kernel(inline=True)
def _rescaled(others, ties, rise):  # type: ignore[no-untyped-def]
    """The sum over what came before a maximum that is higher by `rise`."""
    return (others + ties) * (exp_negative64(-rise) * _UNSCALE)


@kernel(inline=True)
def _copy(source, into):  # type: ignore[no-untyped-def]
    for i in range(source.size):
        into[i] = source[i]


@kernel
def _long_row(row, unit, lanes):  # type: ignore[no-untyped-def]
    """Maximum and sum of one row, block by block."""
    most = np.finfo(row.dtype).min
    others = 0.0
    ties = 0.0
    for begin in range(0, row.size, _BLOCK):
        part = row[begin : begin + _BLOCK]
        high = _block_max(part, most, lanes)
        if high > most:
            others = _rescaled(others, ties, np.float64(high) - np.float64(most))
            ties = 0.0
            most = high
        whole = part.size // _STEP * _STEP
        s, n = _block_sum(part[:whole], most)
        others += s * unit
        ties += n
        if whole < part.size:  # the rest of a row as a full step: no loop over single elements
            lanes[:_STEP] = -np.inf
            _copy(part[whole:], lanes)
            s, n = _block_sum(lanes[:_STEP], most)
            others += s * unit
            ties += n
    return most, others, ties


@kernel
def _load(x, first, last, begin, end, tile):  # type: ignore[no-untyped-def]
    """Classes begin:end of rows first:last into a tile."""
    classes = x.T[begin:end]
    for j in range(end - begin):
        _copy(classes[j][first:last], tile[j])


@kernel
def _tile_max(tile, most, others, ties, shift):  # type: ignore[no-untyped-def]
    """Raise the maxima of the rows, and rescale their sums so far; NaN is left out."""
    shift[:] = np.finfo(tile.dtype).min
    for j in range(tile.shape[0]):
        _raise_lanes(tile[j][: shift.size], shift)
    for r in range(shift.size):
        high = np.float64(shift[r])
        rise = high - most[r]
        others[r] = _rescaled(others[r], ties[r], rise) if rise > 0.0 else others[r]
        ties[r] = 0.0 if rise > 0.0 else ties[r]
        most[r] = high if rise > 0.0 else most[r]
        shift[r] = most[r]


@kernel(inline=True)
def _add_exp(part, shift, s, n):  # type: ignore[no-untyped-def]
    top = exp_negative(part.dtype.type(0))
    zero = part.dtype.type(0)
    for r in range(part.size):
        e = exp_difference(part[r], shift[r])
        s[r] += e if e != top else zero
        n[r] += part.dtype.type(e == top)


@kernel
def _tile_sums(tile, shift, unit, s, n, others, ties):  # type: ignore[no-untyped-def]
    """Add a tile to the sums of its rows."""
    for begin in range(0, tile.shape[0], _FLUSH):
        s[:] = 0
        n[:] = 0
        for j in range(begin, min(begin + _FLUSH, tile.shape[0])):
            _add_exp(tile[j][: s.size], shift, s, n)
        for r in range(s.size):
            others[r] += np.float64(s[r]) * unit
            ties[r] += np.float64(n[r])


@kernel
def row_sums(logits, start, stop, most, others):  # type: ignore[no-untyped-def]
    """
    Maximum of each row start:stop, and the sum of ``exp(x - max)`` without the maximum's own 1.

    NaN where a row holds one, or +inf, or only -inf.
    """
    classes = logits.shape[1]
    unit = 1.0 / np.float64(exp_negative(logits.dtype.type(0)))
    lowest = np.float64(np.finfo(logits.dtype).min)
    lane = np.empty((3, _ROWS), logits.dtype)
    if classes >= _LONG and logits.strides[0] >= logits.strides[1]:
        for r in range(stop - start):
            high, s, n = _long_row(logits[start + r], unit, lane[0])
            most[r] = high
            others[r] = s + (n - 1.0) if n > 0.0 else np.nan
        return
    columns = min(classes, _TILE_BYTES // (_ROWS * logits.itemsize))
    near = _NEAR <= classes < _LONG and logits.strides[0] >= logits.strides[1]
    copied = np.empty((_ROWS if near else 1, classes), logits.dtype)
    tile = np.empty((columns, _ROWS), logits.dtype)
    tied = np.empty(_ROWS)
    for first in range(start, stop, _ROWS):
        last = min(first + _ROWS, stop)
        count = last - first
        high = most[first - start : last - start]
        sums = others[first - start : last - start]
        ties = tied[:count]
        high[:] = lowest
        sums[:] = 0.0
        ties[:] = 0.0
        if near:
            for r in range(count):
                _copy(logits[first + r], copied[r])
        for begin in range(0, classes, columns):
            end = min(begin + columns, classes)
            part = tile[: end - begin]
            if near:
                _load(copied, 0, count, begin, end, part)
            else:
                _load(logits, first, last, begin, end, part)
            _tile_max(part, high, sums, ties, lane[0][:count])
            _tile_sums(part, lane[0][:count], unit, lane[1][:count], lane[2][:count], sums, ties)
        for r in range(count):
            sums[r] += ties[r] - 1.0 if ties[r] > 0.0 else np.nan
