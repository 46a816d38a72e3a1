"""Find the bin of each sample, by the rule of NumPy's ``histogram2d``.

The code of a sample is the number of its bin. A sample that is NaN or outside the edges has the
number of bins as its code. Bins include their lower edge; the last bin also includes its upper
edge.

If the edges are equally spaced, apart from rounding, multiplication finds the bin: :func:`position`
gives the position of a sample in units of bins, and never decreases when the sample increases.
Suppose that the position of each edge is within ``margin`` of its number. If the position of a
sample is farther than ``margin`` from any whole number, its bin is certain. The few other samples
are compared with their nearest edge. So every sample has the code that a search among the edges
would give. Blocks without such samples only need the number of the bin and the fraction of the
position. :func:`fixed_point` has both in one float.

What the kernels expect: arrays are C-contiguous, samples are float32 or float64, edges are float64
and do not decrease. Lengths are not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.elementary.memory import bits_of_float64, float64_of_bits, new_array

_BLOCK = 512
_SIGN = np.int64(63)
_MAGNITUDE = np.int64(0x7FFFFFFFFFFFFFFF)
_INF_KEY = np.int64(0x7FF0000000000000)

ORIGIN = 2.0**20  #: where the fixed-point positions of samples begin
FIRST = np.uint32(0x41300000)  #: the upper half of the bits of ORIGIN
UPPER = np.int64(32)
UNITS = 2.0**32  #: units of a fraction in fixed point


@kernel(inline=True)
def position(x, low, scale, bins):
    """Position of a sample in units of bins; 0 or `bins` exactly if it is outside or NaN."""
    p = (np.float64(x) - low) * scale
    p = p if p > 0.0 else 0.0
    return p if p < bins else bins


@kernel
def find_bins(x, start, n, edges, places):
    """
    Write the bin of each of `n` samples to `places` (int32), by binary search.

    A sample that is outside the edges or NaN gets the number of bins. Each step of the search is
    taken for all samples before the next step. Such a loop becomes SIMD code, while a separate
    search for each sample would have branches that the processor can't predict.
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
    Bin of a sample, as a float, if the edges equal ``low + i * step`` to the bit.

    The nearest edge is computed instead of being looked up, with the same rounding as when the
    edges were made.
    """
    v = np.float64(x)
    nearest = np.floor(position(v, low, scale, bins) + 0.5)
    code = nearest - 1.0 if v < nearest * step + low else nearest
    code = code if code < bins else bins - 1.0
    return code if (v >= low) & (v <= high) else bins


@kernel(inline=True)
def settle(x, edges, scale):
    """Bin of a sample among equally spaced edges, decided by comparing it with its nearest edge."""
    bins = np.uint64(edges.size - 1)
    nearest = np.uint64(np.int32(position(x, edges[0], scale, np.float64(bins)) + 0.5))
    code = min(nearest - np.uint64(x < edges[nearest]), bins - np.uint64(1))
    return code if (x >= edges[np.uint64(0)]) & (x <= edges[bins]) else bins


@kernel(fastmath=())  # a fused multiply-add would give other edges than NumPy's
def equal_edges(low, high, edges):
    """
    Write the edges of bins of equal width, from `low` to `high`, to `edges`.

    They are those of :func:`numpy.histogramdd`: computed in the dtype of `edges`, in the order of
    operations of :func:`numpy.linspace`. If `low` and `high` are equal, the range is extended by
    one half on either side.
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
    if step == 0.0:  # the step is too small for the dtype
        for i in range(bins):
            edges[i] = edges.dtype.type(i) / edges.dtype.type(bins) * (last - first) + first
    edges[bins] = last


@kernel(fastmath={"nsz"})
def grid(edges):
    """
    Return ``(scale, margin, step)``, by which :func:`uniform_codes` finds the bins of samples.

    `edges` are the edges of the bins. The margin is infinite if they are not equally spaced, or too
    close together for float64: use :func:`codes_from_edges` then. The step is NaN unless the edges
    equal ``edges[0] + i * step`` to the bit, as those of :func:`numpy.linspace` do.
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
    Bits of a sample's position: its bin in the upper 32 bits, the fraction in the lower 32.

    A float between 2**20 and 2**21 is a fixed-point number, so no rounding to a whole number is
    needed. The `origin` is explained in :func:`unsettled_from`. For NaN and for positions outside
    the edges, the upper half is less than that of 2**20, or too large for a bin.
    """
    return bits_of_float64((np.float64(x) - low) * scale + origin)


@kernel(inline=True)
def unsettled_from(margin, bins):
    """
    The fraction, in units of 2**-32, from which on a position is too close to the next edge.

    Samples with a larger fraction have to be compared with the edge. The fixed-point positions
    begin at an origin slightly below 2**20: by a quarter of the distance between this fraction and
    1. The distance covers four margins and the rounding to units of 2**-32. So samples at an edge,
    whose position may be off by the margin to either side, always have a fraction above this limit.
    The fraction of NaN is 0. If there are too many bins for fixed-point positions, the limit is 0
    and all samples are compared.
    """
    room = margin < 0.2 and bins < ORIGIN
    return np.uint32(UNITS * (1.0 - 4.0 * margin) - 12.0 if room else 0.0)


@kernel(inline=True)
def uniform_block(x, start, n, edges, scale, margin, step, out, to):
    """
    Write the codes of `n` samples for equally spaced edges to `out`, from place `to` on.

    If one of them is close to an edge, all of them are processed a second time.
    """
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
    Write the codes of the samples `x` for equally spaced edges to `out`.

    `scale`, `margin` and `step` are the result of :func:`grid`; the margin must be finite. `out`
    has as many elements as `x`, unsigned integers that can hold the number of bins.
    """
    for start in range(0, x.size, _BLOCK):
        n = x.size - start if x.size - start < _BLOCK else _BLOCK
        uniform_block(x, start, n, edges, scale, margin, step, out, start)


@kernel
def codes_from_edges(x, edges, out):
    """
    Write the codes of the samples `x` for any `edges` to `out`, by binary search.

    `out` has as many elements as `x`, unsigned integers that can hold the number of bins.
    """
    places = new_array(_BLOCK, np.int32)
    for start in range(0, x.size, _BLOCK):
        n = x.size - start if x.size - start < _BLOCK else _BLOCK
        find_bins(x, start, n, edges, places)
        for i in range(n):
            out[np.uint64(start + i)] = places[np.uint64(i)]


@kernel(inline=True)
def _key(x):
    """An integer with the same order as the float; NaN lies beyond either infinity."""
    bits = bits_of_float64(np.float64(x))
    return bits ^ ((bits >> _SIGN) & _MAGNITUDE)


@kernel(inline=True)
def _from_key(key):
    """The float64 of an integer made by :func:`_key`."""
    return float64_of_bits(key ^ ((key >> _SIGN) & _MAGNITUDE))


@kernel
def sample_range(x):
    """
    Smallest and largest sample, and the number of samples, leaving out NaN.

    If all samples are NaN, the result is (inf, -inf, 0).
    """
    least = _MAGNITUDE
    most = ~_MAGNITUDE
    # Integers, because a loop that takes the minimum of floats, which may be NaN, is not SIMD code.
    for i in range(x.size):
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
    """:func:`sample_range` of the samples for which the boolean array `kept` is true."""
    least = _MAGNITUDE
    most = ~_MAGNITUDE
    n = np.int64(0)
    for i in range(x.size):
        key = _key(x[i])
        mask = -np.int64(kept[i])  # all bits or none; a branch would prevent SIMD code
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
    """Range and sums of a block of pairs, as in :func:`pair_moments`."""
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
    Range and moments of the pairs in which neither sample is missing, in one pass.

    Writes 10 numbers to ``out``: the number of pairs, the smallest and largest x, the smallest and
    largest y, and the sums of ``x - x0``, ``y - y0``, their squares and their product. Choose `x0`
    and `y0` close to the samples, so that the sums are accurate.
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
