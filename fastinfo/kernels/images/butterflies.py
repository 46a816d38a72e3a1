"""Discrete Fourier transforms of 3, 4, 5 and 8 numbers, for eight of them at a time.

A row holds eight complex numbers: eight real parts, then eight imaginary parts. A forward step
takes rows that are `m` apart, transforms them, and multiplies the results by roots of unity
(decimation in frequency). A backward step undoes this, apart from a factor. The formulas are the
usual ones: see Van Loan, *Computational Frameworks for the Fast Fourier Transform*,
https://doi.org/10.1137/1.9781611970999.
"""

from __future__ import annotations

from fastinfo.kernels.elementary.lanes import LANES, in_lanes

ROW = 2 * LANES  #: how many float64 a row has

_HALF_ROOT = 0.7071067811865476  # sqrt(2) / 2
_SIN_THIRD = 0.8660254037844386
_COS_FIFTH = 0.30901699437494745
_COS_TWO_FIFTHS = -0.8090169943749475
_SIN_FIFTH = 0.9510565162951535
_SIN_TWO_FIFTHS = 0.5877852522924731


def _plus_and_minus(a, b, forward):
    """``a - i b`` and ``a + i b``; for a backward step, in the opposite order."""
    first = a[0] + b[1], a[1] - b[0]
    second = a[0] - b[1], a[1] + b[0]
    return (first, second) if forward else (second, first)


def _sum(a, b):
    return a[0] + b[0], a[1] + b[1]


def _difference(a, b):
    return a[0] - b[0], a[1] - b[1]


def _times(a, factor):
    return a[0] * factor, a[1] * factor


def _three(x, forward):
    both, apart = _sum(x[1], x[2]), _difference(x[1], x[2])
    middle = _difference(x[0], _times(both, 0.5))
    return [_sum(x[0], both), *_plus_and_minus(middle, _times(apart, _SIN_THIRD), forward)]


def _four(x, forward):
    even, odd = _sum(x[0], x[2]), _sum(x[1], x[3])
    one, three = _plus_and_minus(_difference(x[0], x[2]), _difference(x[1], x[3]), forward)
    return [_sum(even, odd), one, _difference(even, odd), three]


def _five(x, forward):
    near, far = _sum(x[1], x[4]), _sum(x[2], x[3])
    near_apart, far_apart = _difference(x[1], x[4]), _difference(x[2], x[3])
    first = _sum(x[0], _sum(_times(near, _COS_FIFTH), _times(far, _COS_TWO_FIFTHS)))
    second = _sum(x[0], _sum(_times(near, _COS_TWO_FIFTHS), _times(far, _COS_FIFTH)))
    first_apart = _sum(_times(near_apart, _SIN_FIFTH), _times(far_apart, _SIN_TWO_FIFTHS))
    second_apart = _difference(_times(near_apart, _SIN_TWO_FIFTHS), _times(far_apart, _SIN_FIFTH))
    one, four = _plus_and_minus(first, first_apart, forward)
    two, three = _plus_and_minus(second, second_apart, forward)
    return [_sum(x[0], _sum(near, far)), one, two, three, four]


def _eight(x, forward):
    even, odd = _four(x[0::2], forward), _four(x[1::2], forward)
    (a, b), (c, d), (e, f) = odd[1:]
    if forward:  # times the first three powers of (1 - i) / sqrt(2)
        turned = [(a + b, b - a), (d, -c), (f - e, -(e + f))]
    else:
        turned = [(a - b, a + b), (-d, c), (-(e + f), e - f)]
    turned = [_times(turned[0], _HALF_ROOT), turned[1], _times(turned[2], _HALF_ROOT)]
    odd = [odd[0], *turned]
    pairs = list(zip(even, odd))
    return [_sum(a, b) for a, b in pairs] + [_difference(a, b) for a, b in pairs]


def _places(i, m, radix):
    """Where the rows begin that are `m` apart."""
    at, step = i * ROW, m * ROW
    found = [at]
    for _ in range(radix - 1):
        found.append(found[-1] + step)
    return found


def _forward(on, z, i, m, roots, k, transform, radix):
    places = _places(i, m, radix)
    rows = transform([(on.load(z, at), on.load(z, at + LANES)) for at in places], True)
    for j, (at, (real, imaginary)) in enumerate(zip(places, rows)):
        if j:
            c, d = on.spread(roots, k + 2 * (j - 1)), on.spread(roots, k + (2 * j - 1))
            real, imaginary = real * c - imaginary * d, real * d + imaginary * c
        on.store(z, at, real)
        on.store(z, at + LANES, imaginary)


def _backward(on, z, i, m, roots, k, transform, radix):
    places = _places(i, m, radix)
    rows = []
    for j, at in enumerate(places):
        real, imaginary = on.load(z, at), on.load(z, at + LANES)
        if j:
            c, d = on.spread(roots, k + 2 * (j - 1)), on.spread(roots, k + (2 * j - 1))
            real, imaginary = real * c + imaginary * d, imaginary * c - real * d
        rows.append((real, imaginary))
    for at, (real, imaginary) in zip(places, transform(rows, False)):
        on.store(z, at, real)
        on.store(z, at + LANES, imaginary)


@in_lanes
def forward_3(on, z, i, m, roots, k):
    """A forward step for three rows beginning at `i`, with the two roots at `k`."""
    _forward(on, z, i, m, roots, k, _three, 3)


@in_lanes
def forward_4(on, z, i, m, roots, k):
    """A forward step for four rows beginning at `i`, with the three roots at `k`."""
    _forward(on, z, i, m, roots, k, _four, 4)


@in_lanes
def forward_5(on, z, i, m, roots, k):
    """A forward step for five rows beginning at `i`, with the four roots at `k`."""
    _forward(on, z, i, m, roots, k, _five, 5)


@in_lanes
def forward_8(on, z, i, m, roots, k):
    """A forward step for eight rows beginning at `i`, with the seven roots at `k`."""
    _forward(on, z, i, m, roots, k, _eight, 8)


@in_lanes
def backward_3(on, z, i, m, roots, k):
    """A backward step for three rows beginning at `i`, with the two roots at `k`."""
    _backward(on, z, i, m, roots, k, _three, 3)


@in_lanes
def backward_4(on, z, i, m, roots, k):
    """A backward step for four rows beginning at `i`, with the three roots at `k`."""
    _backward(on, z, i, m, roots, k, _four, 4)


@in_lanes
def backward_5(on, z, i, m, roots, k):
    """A backward step for five rows beginning at `i`, with the four roots at `k`."""
    _backward(on, z, i, m, roots, k, _five, 5)


@in_lanes
def backward_8(on, z, i, m, roots, k):
    """A backward step for eight rows beginning at `i`, with the seven roots at `k`."""
    _backward(on, z, i, m, roots, k, _eight, 8)


@in_lanes
def multiply(on, x, y, z, i, j):
    """Row `i` of `x`, conjugated, times row `i` of `y`; the product is row `j` of `z`."""
    at, to = i * ROW, j * ROW
    a, b = on.load(x, at), on.load(x, at + LANES)
    c, d = on.load(y, at), on.load(y, at + LANES)
    on.store(z, to, a * c + b * d)
    on.store(z, to + LANES, a * d - b * c)


@in_lanes
def turn(on, source, i, target, j):
    """Write the transpose of eight rows from `i` of the source to the rows from `j`."""
    for part in range(2):
        at, to = i * ROW + part * LANES, j * ROW + part * LANES
        rows = [on.load(source, at + k * ROW) for k in range(LANES)]
        for k, row in enumerate(on.turned(rows)):
            on.store(target, to + k * ROW, row)


@in_lanes
def multiply_by(on, x, i, z, j):
    """Replace row `j` of `z` by its product with row `i` of `x`."""
    at, to = i * ROW, j * ROW
    a, b = on.load(x, at), on.load(x, at + LANES)
    c, d = on.load(z, to), on.load(z, to + LANES)
    on.store(z, to, a * c - b * d)
    on.store(z, to + LANES, a * d + b * c)
