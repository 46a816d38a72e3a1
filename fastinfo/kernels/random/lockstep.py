"""Hypergeometric random numbers for many replicates at a time, in lock-step.

Each replicate is a lane. The state of the lanes is stored in rows of one vector, `work`, so that a
loop over lanes becomes SIMD code: the states of their streams, what is left of the row and of the
table, the sums, and from `LEFT` on what is left of each column.

The proposal for a cell is the integer part of ``x = mean + 1/2 + d z + s (z**2 - 1)``. Here `d` is
the standard deviation, `s` is a sixth of the third cumulant divided by the variance, and `z` is
almost normal: a rational function of one uniform number, with exponential tails. This is
transformed rejection (Hoermann 1993, https://doi.org/10.1080/00949659308811496), but with the exact
probability `g(k)` of the proposal. It is almost equal to the probability `f(k)`, so almost all
proposals are accepted without computing either. With the variance ``v >= 7``, as computed here, and
the uniform number ``w`` between -1 and 1,

    log(f / g) <= 0.00036 + 0.075 / v    for any k
    log(f / g) >= 0.00027 - 0.012 w**32 - (0.03 + 0.7 w**16 + 6.7 w**128) / v    except in the tails

These bounds were found by a search over the distributions, and the tests search again. The uniform
number for acceptance is compared with the lower bound in 12 bits. If this does not decide, it gets
more bits and is compared with `f / g` itself, which is accurate to 1e-6.

A stream is SplitMix64 with an increment of its own (Steele, Lea & Flood 2014,
https://doi.org/10.1145/2660193.2660195).

What the kernels expect: tables have fewer than `MODERATE` samples
(:mod:`fastinfo.kernels.random.variates`), at least two rows and columns, and no zeros among their
margins. This is not checked.
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import bits_of_float64, float64_of_bits
from fastinfo.kernels.elementary.scalar import exp64
from fastinfo.kernels.random.substreams import GOLDEN, mixed
from fastinfo.kernels.random.variates import log_factorial

LANES = 128  #: how many replicates are drawn together; a whole number of SIMD registers
_STATE = 0
_INCREMENT = 1 * LANES
REST = 2 * LANES  #: what is left of the table, including the column that is drawn
WANTED = 3 * LANES  #: what is left of the row
DRAWN = 4 * LANES  #: the cells
SUMS = 5 * LANES  #: sums, for the caller
_UNIFORM, _CHANCE, _COUNT, _FEW, _SAMPLE, _OTHERS = (k * LANES for k in range(6, 12))
LEFT = 12 * LANES  #: from here on, what is left of each column

_U12 = np.uint64(12)
_LOW_12 = np.uint64(4095)
_ONE_BITS = np.uint64(0x3FF0000000000000)
_MANTISSA = np.uint64(0x000FFFFFFFFFFFFF)
_U40 = np.uint64(40)
_ROUND = 1.5 * 2.0**52  # adding it rounds to a whole number
_TO_W = 3.0 - 2.0**-52

# z = w N(w**2) / D(w**2) has the normal density to 1e-5, apart from an excess of 0.012 w**32.
_N0, _N1, _N2 = 1.2537452421764688, -4.407816159464827, 5.841407222591353
_N3, _N4, _N5 = -3.534774128849406, 0.9094865317215168, -0.06204580666320759
_D1, _D2, _D3 = -3.77768904980876, 5.504595817987228, -3.8142632337599056
_D4, _D5 = 1.2260308060300558, -0.138673625983407
_CENTRE = 0.9982827451506884  # of w; the tails are beyond
_EDGE = 3.180256265070602  # of z: where the tails begin
_RATE = 2.97  # rate at which the tails decrease
_TAIL = 0.5 * (1.0 - _CENTRE)  # probability of one tail
_LEAST_VARIANCE = 7.0
_UNSURE = -1.0  # in place of a cell: not decided yet
_SMALL = -2.0  # in place of a cell: the variance is small
_BLOCK = 32  # lanes that are inverted together
_FAR = 200  # cells of small variance are below this
_MOST = 0.00036
_MOST_BY_VARIANCE = 0.075
# The density of z by a polynomial in 2 (z / EDGE)**2 - 1, to 6e-8; odd powers, then even ones.
_ODD = np.array([
    -0.002354726567926721, 0.010202627832774834, -0.008606391690530853, -0.02510291778301995,
    0.06835919527772782, -0.0744134632814954, 0.03980218728117471, -0.04222775630910697,
    -0.08323367362388676, -0.0805489090311432,
])  # fmt: skip
_EVEN = np.array([
    -0.0010352082914366905, 0.011298088696875637, -0.04704533444492719, 0.0981373033535533,
    -0.11290192416118902, 0.07206200125753828, -0.02141420601854584, 0.013588367469913975,
    0.05445486004108411, 0.10169120821491826, 0.03184612272492969,
])  # fmt: skip


@kernel
def start_lanes(key, first, work):
    """Start `LANES` streams under a key; their numbers begin with `first`."""
    for i in range(LANES):
        seed = key[0] ^ mixed(key[1] + np.uint64(first + i) * GOLDEN)
        seed += np.uint64(5) * GOLDEN  # smaller numbers are used for the streams of substreams
        work[np.uint64(_STATE + i)] = float64_of_bits(np.int64(mixed(seed)))
        increment = mixed(seed + GOLDEN) | np.uint64(1)
        work[np.uint64(_INCREMENT + i)] = float64_of_bits(np.int64(increment))


@kernel(inline=True)
def _uniform_of_bits(bits):
    """A number between -1 and 1 from the upper 52 of 64 random bits."""
    return 2.0 * float64_of_bits(np.int64((bits >> _U12) | _ONE_BITS)) - _TO_W


@kernel(inline=True)
def _polynomials(y):
    """``N(y)`` and ``D(y)``; their ratio times `w` is `z`."""
    y2 = y * y
    y4 = y2 * y2
    n = ((_N0 + y * _N1) + y2 * (_N2 + y * _N3)) + y4 * (_N4 + y * _N5)
    d = ((1.0 + y * _D1) + y2 * (_D2 + y * _D3)) + y4 * (_D4 + y * _D5)
    return n, d


@kernel
def propose(work, left):
    """
    Draw a cell for each lane, whose column is at `left`; negative if not yet decided.

    Returns how many lanes are left to :func:`invert`.
    """
    n_small = 0
    for i in range(LANES):
        bits = np.uint64(bits_of_float64(work[np.uint64(_STATE + i)]))
        bits += np.uint64(bits_of_float64(work[np.uint64(_INCREMENT + i)]))
        work[np.uint64(_STATE + i)] = float64_of_bits(np.int64(bits))
        bits = mixed(bits)
        w = _uniform_of_bits(bits)
        test = float64_of_bits(np.int64(((bits << _U40) & _MANTISSA) | _ONE_BITS))  # and 1
        good = work[np.uint64(left + i)]
        total = work[np.uint64(REST + i)]
        sample = work[np.uint64(WANTED + i)]
        y = w * w
        n, d = _polynomials(y)
        inverse = 1.0 / total
        p = good * inverse
        q = sample * inverse
        variance = ((total + 1.0) * (p - p * p)) * (q - q * q)
        skew = (1.0 / 6.0 - p * (1.0 / 3.0)) * (1.0 - 2.0 * q)
        z = (w * n) / d
        deviation = math.sqrt(variance if variance > 0.0 else 0.0)
        x = (sample * p - skew) + z * (deviation + skew * z)
        k = (x + _ROUND) - _ROUND
        y4 = (y * y) * (y * y)
        y8 = y4 * y4
        y16 = y8 * y8
        y64 = (y16 * y16) * (y16 * y16)
        bound = variance * (1.9999 - 2.0**-12 - 0.012 * y16) - (0.105 + 0.7 * y8 + 6.7 * y64)
        sure = (test * variance < bound) & (y < _CENTRE * _CENTRE)
        k = k if sure else _UNSURE
        enough = variance >= _LEAST_VARIANCE
        work[np.uint64(DRAWN + i)] = k if enough else _SMALL
        n_small += 0 if enough else 1
    return n_small


@kernel(inline=True)
def _squared(z):
    return z * z * (2.0 / (_EDGE * _EDGE)) - 1.0


@kernel
def _mass(low, high):
    """Probability of the proposal between two values of z: Gauss-Legendre, exact in the tails."""
    mass = 0.0
    if high > _EDGE:
        begin = low if low > _EDGE else _EDGE
        mass += _TAIL * (math.exp(-_RATE * (begin - _EDGE)) - math.exp(-_RATE * (high - _EDGE)))
        high = _EDGE
    if low < -_EDGE:
        end = high if high < -_EDGE else -_EDGE
        mass += _TAIL * (math.exp(_RATE * (end + _EDGE)) - math.exp(_RATE * (low + _EDGE)))
        low = -_EDGE
    if high > low:
        half = 0.5 * (high - low)
        middle = low + half
        far = half * 0.906179845938664
        near = half * 0.5384693101056831
        t1 = _squared(middle - far)
        t2 = _squared(middle - near)
        t3 = _squared(middle)
        t4 = _squared(middle + near)
        t5 = _squared(middle + far)
        u1, u2, u3, u4, u5 = t1 * t1, t2 * t2, t3 * t3, t4 * t4, t5 * t5
        p1 = p2 = p3 = p4 = p5 = _EVEN[0]
        q1 = q2 = q3 = q4 = q5 = 0.0
        for k in range(len(_ODD)):  # ten independent sums, since each has to wait for itself
            c = _EVEN[np.uint64(k + 1)]
            p1 = p1 * u1 + c
            p2 = p2 * u2 + c
            p3 = p3 * u3 + c
            p4 = p4 * u4 + c
            p5 = p5 * u5 + c
            c = _ODD[np.uint64(k)]
            q1 = q1 * u1 + c
            q2 = q2 * u2 + c
            q3 = q3 * u3 + c
            q4 = q4 * u4 + c
            q5 = q5 * u5 + c
        outer = (p1 + t1 * q1) + (p5 + t5 * q5)
        inner = (p2 + t2 * q2) + (p4 + t4 * q4)
        whole = 0.2369268850561891 * outer + 0.4786286704993665 * inner
        mass += half * (whole + 0.5688888888888889 * (p3 + t3 * q3))
    return mass


@kernel(inline=True)
def _log_factorial(k, table):
    return table[np.uint64(k)] if k < table.size else log_factorial(k)


@kernel(inline=True)
def _z_of(x, deviation, skew):
    """The ``z`` that gives ``x - mean - 1/2 + skew``: the root nearer to 0."""
    square = deviation * deviation + 4.0 * skew * x
    return 2.0 * x / (deviation + math.sqrt(square if square > 0.0 else 0.0))


@kernel
def invert(work, left, logs):
    """Draw the cells of small variance by inversion; `logs` are logarithms of factorials."""
    for i in range(LANES):
        at = np.uint64(i)
        work[_UNIFORM + at] = -1.0
        if work[DRAWN + at] != _SMALL:
            continue
        good = np.int64(work[left + at])
        total = np.int64(work[REST + at])
        sample = np.int64(work[WANTED + at])
        few = good if 2 * good < total else total - good
        sample = sample if 2 * sample < total else total - sample  # or the rest, if smaller
        others = total - few
        log_first = _log_factorial(others, logs) - _log_factorial(others - sample, logs)
        log_first += _log_factorial(total - sample, logs) - _log_factorial(total, logs)
        w = _uniform_of_bits(mixed(np.uint64(bits_of_float64(work[_STATE + at]))))
        work[_UNIFORM + at] = 0.5 * w + 0.5
        work[_CHANCE + at] = log_first
        work[_COUNT + at] = 0.0
        work[_FEW + at] = np.float64(few)
        work[_SAMPLE + at] = np.float64(sample)
        work[_OTHERS + at] = np.float64(others - sample)
    for i in range(LANES):
        work[np.uint64(_CHANCE + i)] = exp64(work[np.uint64(_CHANCE + i)])
    for begin in range(0, LANES, _BLOCK):
        for _ in range(_FAR):
            n_going = 0
            for i in range(begin, begin + _BLOCK):
                u = work[np.uint64(_UNIFORM + i)]
                p = work[np.uint64(_CHANCE + i)]
                k = work[np.uint64(_COUNT + i)]
                ways = (work[np.uint64(_FEW + i)] - k) * (work[np.uint64(_SAMPLE + i)] - k)
                more = k + 1.0
                going = u > p
                work[np.uint64(_UNIFORM + i)] = u - p if going else u
                p *= ways / (more * (work[np.uint64(_OTHERS + i)] + more)) if going else 1.0
                work[np.uint64(_CHANCE + i)] = p
                work[np.uint64(_COUNT + i)] = more if going else k
                n_going += 1 if going else 0
            if n_going == 0:
                break
    for i in range(LANES):
        few = work[np.uint64(_FEW + i)]
        drawn = work[np.uint64(_SAMPLE + i)]
        good = work[np.uint64(left + i)]
        sample = work[np.uint64(WANTED + i)]
        k = work[np.uint64(_COUNT + i)]
        most = few if few < drawn else drawn
        k = k if k < most else most  # larger only because of rounding
        k = k if good == few else drawn - k
        k = k if sample == drawn else good - k
        here = work[np.uint64(DRAWN + i)]
        work[np.uint64(DRAWN + i)] = k if here == _SMALL else here


@kernel
def settle(work, left, i, logs):
    """Draw the cell of a lane whose proposal was not accepted at once; `logs` of factorials."""
    counter = np.uint64(bits_of_float64(work[np.uint64(_STATE + i)]))
    increment = np.uint64(bits_of_float64(work[np.uint64(_INCREMENT + i)]))
    good = work[np.uint64(left + i)]
    total = work[np.uint64(REST + i)]
    sample = work[np.uint64(WANTED + i)]
    whole_good = np.int64(good)
    whole_sample = np.int64(sample)
    bad = np.int64(total) - whole_good
    p = good / total
    q = sample / total
    variance = ((total + 1.0) * (p - p * p)) * (q - q * q)
    deviation = math.sqrt(variance)
    skew = (1.0 / 6.0 - p * (1.0 / 3.0)) * (1.0 - 2.0 * q)
    shift = sample * p - skew
    least = whole_sample - bad if whole_sample > bad else np.int64(0)
    most = whole_good if whole_good < whole_sample else whole_sample
    ways = (
        (_log_factorial(whole_good, logs) + _log_factorial(bad, logs))
        + (_log_factorial(whole_sample, logs) - _log_factorial(np.int64(total), logs))
        + (_log_factorial(np.int64(total - sample), logs) - (_MOST + _MOST_BY_VARIANCE / variance))
    )
    while True:
        bits = mixed(counter)
        counter += increment
        w = _uniform_of_bits(bits)
        test = np.float64(bits & _LOW_12)
        test += (np.float64(mixed(counter) >> _U12) + 0.5) * 2.0**-52
        counter += increment
        y = w * w
        if y < _CENTRE * _CENTRE:
            n, d = _polynomials(y)
            z = w * n / d
        else:
            z = _EDGE - math.log((1.0 - abs(w)) * (1.0 / (1.0 - _CENTRE))) * (1.0 / _RATE)
            z = z if w > 0.0 else -z
        x = shift + z * (deviation + skew * z) + 0.5
        if not (x >= np.float64(least) and x < np.float64(most + 1)):
            continue
        k = np.int64(x)
        x = np.float64(k) - 0.5 - shift
        mass = _mass(_z_of(x, deviation, skew), _z_of(x + 1.0, deviation, skew))
        here = (_log_factorial(k, logs) + _log_factorial(whole_good - k, logs)) + (
            _log_factorial(whole_sample - k, logs) + _log_factorial(bad - whole_sample + k, logs)
        )
        if test * 2.0**-12 * mass <= math.exp(ways - here):
            break
    counter -= increment  # because the next proposal adds it
    work[np.uint64(_STATE + i)] = float64_of_bits(np.int64(counter))
    return k
