"""Samples to codes: which bin a sample falls into, as NumPy's ``histogram2d`` decides it.

A code is the number of the bin, or the number of bins for a sample that is NaN or outside the
edges. Bins are half-open, the last one closed.

Edges that are equally spaced, as far as rounding goes, are found by multiplying: :func:`position`
gives a sample's place in units of bins. It never decreases with the sample, so with ``margin``
above the distance of any edge's own position from its number, a position farther than ``margin``
from a whole number settles the bin. The few others are compared with the nearest edge: the counts
are those of a search in the edges, for every sample. Blocks without such samples need the number of
the bin and the fraction alone, which :func:`fixed_point` has in one float.

Contract: arrays are C-contiguous float32 or float64, edges float64 and not decreasing; lengths are
not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.elementary.memory import bits_of_float64, float64_of_bits, new_array

_BLOCK = 512
_SIGN = np.int64(63)
_MAGNITUDE = np.int64(0x7FFFFFFFFFFFFFFF)
_INF_KEY = np.int64(0x7FF0000000000000)

ORIGIN = 2.0**20  #: where places of samples begin as fixed-point numbers
FIRST = np.uint32(0x41300000)  #: the upper half of its bits
UPPER = np.int64(32)
UNITS = 2.0**32  #: of a fraction


@kernel(inline=True)
def position(x, low, scale, bins):
    """Place of a sample in units of bins, 0 or `bins` exactly where it is outside or NaN."""
    p = (np.float64(x) - low) * scale
    p = p if p > 0.0 else 0.0
    return p if p < bins else bins


@kernel
def find_bins(x, start, n, edges, places):
    """
    Numbers of the bins of `n` samples, by search; the number of bins where one is outside or NaN.

    `places` is int32. The search takes a step for all samples before the next one: a SIMD loop,
    where the branches of a search for each could not be predicted.
    """
    bins = np.int32(edges.size - 1)
    low = edges[0]
    high = edges[edges.size - 1]
    for i in range(n):
        places[np.uint64(i)] = np.int32(0)
    length = edges.size - 1
    while length > 1:
        half = np.int32(length >> 1)
        for i in range(n):
            place = places[np.uint64(i)]
            ahead = np.int32(place + half)
            reached = edges[np.uint64(np.uint32(ahead))] <= x[np.uint64(start + i)]
            places[np.uint64(i)] = ahead if reached else place
        length -= half
    for i in range(n):
        v = x[np.uint64(start + i)]
        place = places[np.uint64(i)]
        places[np.uint64(i)] = place if (v >= low) & (v <= high) else bins


@kernel(fastmath={"nsz"}, inline=True)
def even_bin(x, low, high, scale, step, bins):
    """
    Number of the bin, as a float, among edges that are ``low + i * step`` to the bit.

    The nearest edge is computed, rounded as it was when the edges were made, in place of a look-up.
    """
    v = np.float64(x)
    nearest = np.floor(position(v, low, scale, bins) + 0.5)
    code = nearest - 1.0 if v < nearest * step + low else nearest
    code = code if code < bins else bins - 1.0
    return code if (v >= low) & (v <= high) else bins


@kernel(inline=True)
def settle(x, edges, scale):
    """Number of the bin of a sample among equally spaced edges, by its nearest edge."""
    bins = np.uint64(edges.size - 1)
    nearest = np.uint64(np.int32(position(x, edges[0], scale, np.float64(bins)) + 0.5))
    code = min(nearest - np.uint64(x < edges[nearest]), bins - np.uint64(1))
    return code if (x >= edges[np.uint64(0)]) & (x <= edges[bins]) else bins


@kernel(fastmath=())  # a product and a sum in one step would give other edges than NumPy's
def equal_edges(low, high, edges):
    """
    Edges of equal bins from `low` to `high`, as :func:`numpy.histogramdd` makes them.

    Computed in the dtype of `edges`, in the order of :func:`numpy.linspace`; where the bounds are
    equal, one half is added on either side.
    """
    first = edges.dtype.type(low)
    last = edges.dtype.type(high)
    if first == last:
        first = first - edges.dtype.type(0.5)
        last = last + edges.dtype.type(0.5)
    bins = edges.size - 1
    step = (last - first) / edges.dtype.type(bins)
    for i in range(bins):
        edges[i] = edges.dtype.type(i) * step + first
    if step == 0.0:  # less than the least number
        for i in range(bins):
            edges[i] = edges.dtype.type(i) / edges.dtype.type(bins) * (last - first) + first
    edges[bins] = last


@kernel(fastmath={"nsz"})
def grid(edges):
    """
    How to multiply samples into bins: ``(scale, margin, step)`` for :func:`uniform_codes`.

    The margin is infinite where the edges are not equally spaced, or too close for float64: then
    :func:`codes_from_edges` finds the codes. The step is NaN where the edges are not to the bit
    ``edges[0] + i * step``, as :func:`numpy.linspace` makes them.
    """
    bins = edges.size - 1
    low = edges[0]
    width = edges[bins] - low
    scale = bins / width
    step = width / bins
    margin = 0.0
    equal = 0.0 < scale < np.inf
    i = 0
    while equal and i <= bins:
        e = edges[i]
        distance = (e - low) * scale - i
        distance = distance if distance > 0.0 else -distance
        margin = distance if distance > margin else margin
        equal = distance < 0.25
        step = step if i == bins or e == i * step + low else np.nan
        i += 1
    return (scale, margin + bins * 2.0**-50, step) if equal else (0.0, np.inf, np.nan)


@kernel(inline=True)
def fixed_point(x, low, scale, origin):
    """
    Bits of a sample's place: the number of its bin in the upper 32, the fraction in the lower ones.

    A float between 2**20 and 2**21 is a fixed-point number: no whole part has to be taken off. The
    `origin` is that of :func:`unsettled_from`. Places outside of the edges, and NaN, have an upper
    half less than that of 2**20, or one too large.
    """
    return bits_of_float64((np.float64(x) - low) * scale + origin)


@kernel(inline=True)
def unsettled_from(margin, bins):
    """
    From which fraction, in units of 2**-32, a place is too near the next edge to settle the bin.

    The place of the lowest edge, the origin, is 2**20 less a quarter of the room above it: of the
    margin, and what rounding to such units adds. So samples at an edge lie below a whole number, at
    most half of the room (below 2**20 all of it, in units half as large), while the fraction of NaN
    is 0. Where bins are too many for such places, none is settled.
    """
    room = margin < 0.2 and bins < ORIGIN
    return np.uint32(UNITS * (1.0 - 4.0 * margin) - 12.0 if room else 0.0)


@kernel(inline=True)
def uniform_block(x, start, n, edges, scale, margin, step, out, to):
    """Codes of `n` samples for equally spaced edges: one of them on an edge slows all."""
    bins = np.float64(edges.size - 1)
    low = edges[0]
    high = edges[edges.size - 1]
    beyond = np.uint32(edges.size - 1)
    limit = unsettled_from(margin, bins)
    origin = ORIGIN - (UNITS - limit) / (4.0 * UNITS)
    nearest = np.uint32(0)
    for i in range(n):
        bits = fixed_point(x[np.uint64(start + i)], low, scale, origin)
        fraction = np.uint32(bits)
        code = np.uint32(np.uint32(bits >> UPPER) - FIRST)
        nearest = fraction if fraction > nearest else nearest
        out[np.uint64(to + i)] = code if code < beyond else beyond
    if nearest >= limit:
        if step == step:
            for i in range(n):
                v = x[np.uint64(start + i)]
                out[np.uint64(to + i)] = np.int32(even_bin(v, low, high, scale, step, bins))
        else:
            for i in range(n):
                out[np.uint64(to + i)] = settle(x[np.uint64(start + i)], edges, scale)


@kernel
def uniform_codes(x, edges, scale, margin, step, out):
    """
    Codes of samples for equally spaced edges, with a finite margin from :func:`grid`.

    Written to `out`, unsigned integers that hold the number of bins, as many as samples.
    """
    for start in range(0, x.size, _BLOCK):
        n = x.size - start if x.size - start < _BLOCK else _BLOCK
        uniform_block(x, start, n, edges, scale, margin, step, out, start)


@kernel
def codes_from_edges(x, edges, out):
    """
    Codes of samples for any edges, by search.

    Written to `out`, unsigned integers that hold the number of bins, as many as samples.
    """
    places = new_array(_BLOCK, np.int32)
    for start in range(0, x.size, _BLOCK):
        n = x.size - start if x.size - start < _BLOCK else _BLOCK
        find_bins(x, start, n, edges, places)
        for i in range(n):
            out[np.uint64(start + i)] = places[np.uint64(i)]


@kernel(inline=True)
def _key(x):
    """Integer in the order of float64, NaN beyond the infinities on either side."""
    bits = bits_of_float64(np.float64(x))
    return bits ^ ((bits >> _SIGN) & _MAGNITUDE)


@kernel(inline=True)
def _from_key(key):
    return float64_of_bits(key ^ ((key >> _SIGN) & _MAGNITUDE))


@kernel
def sample_range(x):
    """Smallest and largest sample that is not NaN, and how many are not: (inf, -inf, 0) if none."""
    least = _MAGNITUDE
    most = ~_MAGNITUDE
    for i in range(x.size):  # integers, since a minimum of floats that may be NaN is no SIMD loop
        key = _key(x[i])
        least = key if key < least else least
        most = key if key > most else most
    n = x.size
    low = _from_key(least)
    high = _from_key(most)
    if n == 0 or least < ~_INF_KEY or most > _INF_KEY:
        low = np.inf
        high = -np.inf
        n = 0
        for i in range(x.size):
            v = np.float64(x[i])
            low = v if v < low else low
            high = v if v > high else high
            n += v == v
    return low, high, n


@kernel
def range_where(x, kept):
    """:func:`sample_range` of the samples that are kept, by booleans."""
    least = _MAGNITUDE
    most = ~_MAGNITUDE
    n = np.int64(0)
    for i in range(x.size):
        key = _key(x[i])
        mask = -np.int64(kept[i])  # all bits or none: a choice would keep the loop from SIMD code
        small = (key & mask) | (_MAGNITUDE & ~mask)
        large = (key & mask) | (~_MAGNITUDE & ~mask)
        least = small if small < least else least
        most = large if large > most else most
        n -= mask
    low = _from_key(least)
    high = _from_key(most)
    if n == 0 or least < ~_INF_KEY or most > _INF_KEY:
        low = np.inf
        high = -np.inf
        n = np.int64(0)
        for i in range(x.size):
            if kept[i]:
                v = np.float64(x[i])
                low = v if v < low else low
                high = v if v > high else high
                n += v == v
    return low, high, n


@kernel(fastmath=REASSOCIATE, inline=True)
def _moments_block(x, y, x0, y0):
    x_least = _MAGNITUDE
    x_most = ~_MAGNITUDE
    y_least = _MAGNITUDE
    y_most = ~_MAGNITUDE
    sx = 0.0
    sy = 0.0
    sxx = 0.0
    syy = 0.0
    sxy = 0.0
    for i in range(x.size):
        kx = _key(x[i])
        ky = _key(y[i])
        x_least = min(x_least, kx)
        x_most = max(x_most, kx)
        y_least = min(y_least, ky)
        y_most = max(y_most, ky)
        a = np.float64(x[i]) - x0
        b = np.float64(y[i]) - y0
        sx += a
        sy += b
        sxx += a * a
        syy += b * b
        sxy += a * b
    return x_least, x_most, y_least, y_most, sx, sy, sxx, syy, sxy


@kernel
def pair_moments(x, y, x0, y0, out):
    """
    Range and moments of the complete pairs, in one pass.

    ``out`` (10 float64): number of pairs, least and most of x, of y, and the sums of ``x - x0``,
    ``y - y0``, their squares and their product. Samples near `x0` and `y0` keep the sums exact.
    """
    for i in range(out.size):
        out[i] = 0.0
    out[1] = out[3] = np.inf
    out[2] = out[4] = -np.inf
    for start in range(0, x.size, _BLOCK):
        xs = x[start : start + _BLOCK]
        ys = y[start : start + _BLOCK]
        x_least, x_most, y_least, y_most, sx, sy, sxx, syy, sxy = _moments_block(xs, ys, x0, y0)
        if min(x_least, y_least) >= ~_INF_KEY and max(x_most, y_most) <= _INF_KEY:
            out[0] += xs.size
            out[1] = min(out[1], _from_key(x_least))
            out[2] = max(out[2], _from_key(x_most))
            out[3] = min(out[3], _from_key(y_least))
            out[4] = max(out[4], _from_key(y_most))
            out[5] += sx
            out[6] += sy
            out[7] += sxx
            out[8] += syy
            out[9] += sxy
        else:
            for i in range(xs.size):
                v = np.float64(xs[i])
                w = np.float64(ys[i])
                if v == v and w == w:
                    out[0] += 1
                    out[1] = min(out[1], v)
                    out[2] = max(out[2], v)
                    out[3] = min(out[3], w)
                    out[4] = max(out[4], w)
                    out[5] += v - x0
                    out[6] += w - y0
                    out[7] += (v - x0) * (v - x0)
                    out[8] += (w - y0) * (w - y0)
                    out[9] += (v - x0) * (w - y0)
