"""The information of tables with given margins: its exact mean and variance, and random draws.

The statistic is ``n I``, the sum over cells of ``f(c) = c log(c / m) - c + m`` with ``m = a b /
n``. Under permutation the count `c` of a cell is hypergeometric. Each ``f`` is expanded in the
polynomials that are orthonormal for this distribution, ``f = mean + sum(g[d] p[d])``. For two
cells, polynomials of different degrees are uncorrelated. Those of the same degree `d` have the
correlation ``u v``, where `u` is 1 within a row and, for two rows of sizes `a` and `a'`,

    u = (-1)**d r(a) r(a'),    r(a)**2 = a (a-1) ... (a-d+1) / ((n-a) (n-a-1) ... (n-a-d+1)),

and `v` is the same for the columns. This follows from Schur's orthogonality, because permutations
act irreducibly on the functions of one degree (the Johnson scheme, whose spherical functions are
Hahn polynomials; Delsarte 1978, https://doi.org/10.1137/0134012). So the variance is a sum over
degrees, of which a few are enough, and over pairs of distinct margins. Sums over drawn tables are
fixed-point numbers, so equal tables have equal sums in any order.

What the kernels expect: sizes are whole numbers above 0 and below `n`. This is not checked.
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array, new_matrix, new_zeros
from fastinfo.kernels.elementary.scalar import log64
from fastinfo.kernels.information.expected import excess
from fastinfo.kernels.information.resampling import draw_table
from fastinfo.kernels.random.substreams import below, start
from fastinfo.kernels.random.variates import log_factorial

DEGREES = 16
_NEGLIGIBLE = 2.0**-62
_RESIDUAL = 1e-7  # this fraction of the variance need not be separated by degree
LARGE = 60.0  #: for larger variances of a count, f is a parabola, apart from 0.4 % of its variance
_STEEP = 1e6  # larger products of r lose digits
_SQRT_HALF = 0.7071067811865476


@kernel
def cell_moments(a, b, n, degrees, parts, work, room):
    """
    Mean of ``f`` in a cell; `parts` receives its components by degree, and the remainder.

    `work` holds four vectors of `room` numbers. With a large variance, the mean is not computed
    (NaN).
    """
    mean = a * b / n
    least = (a - n) + b if (a - n) + b > 0.0 else 0.0
    most = a if a < b else b
    for d in range(degrees + 1):
        parts[np.uint64(d)] = 0.0
    spread = mean * (1.0 - a / n) * ((n - b) / (n - 1.0))
    if spread > LARGE:
        parts[1] = spread / mean * _SQRT_HALF * (1.0 + 0.25 / mean)
        return np.nan
    rest = (n - a) - b
    mode = np.float64(np.int64((a + 1.0) * ((b + 1.0) / (n + 2.0))))
    mode = mode if mode > least else least
    mode = mode if mode < most else most
    first = mode
    w = 1.0
    while first > least and w >= _NEGLIGIBLE:
        w *= (first * (rest + first)) / ((a - first + 1.0) * (b - first + 1.0))
        first -= 1.0
    size = np.int64(mode - first) + 1
    terms = np.uint64(room)  # their place in `work`, after the weights
    before = np.uint64(2 * room)
    here = np.uint64(3 * room)
    work[np.uint64(size - 1)] = 1.0
    w = 1.0
    c = mode
    for k in range(size - 1):
        w *= (c * (rest + c)) / ((a - c + 1.0) * (b - c + 1.0))
        c -= 1.0
        work[np.uint64(size - 2 - k)] = w
    c = mode
    w = 1.0
    while c < most and w >= _NEGLIGIBLE:
        w *= ((a - c) * (b - c)) / ((c + 1.0) * (rest + c + 1.0))
        c += 1.0
        work[np.uint64(size)] = w
        size += 1
    s = 0.0
    for k in range(size):
        s += work[np.uint64(k)]
    scale = 1.0 / s
    average = 0.0
    for k in range(size):
        i = np.uint64(k)
        work[i] *= scale
        c = first + k
        f = mean * (excess((c - mean) / mean, c / mean) if c > 0.0 else 1.0)
        work[terms + i] = f
        average += work[i] * f
    left = 0.0
    for k in range(size):
        i = np.uint64(k)
        t = work[terms + i] - average
        work[terms + i] = t
        left += work[i] * t * t
        work[before + i] = 0.0
        work[here + i] = 1.0
    enough = _RESIDUAL * left
    norm = 0.0
    for d in range(degrees if degrees < size - 1 else size - 1):  # Stieltjes' procedure
        centre = 0.0
        for k in range(size):
            i = np.uint64(k)
            centre += work[i] * work[here + i] * work[here + i] * (first + k - mean)
        square = 0.0
        for k in range(size):
            i = np.uint64(k)
            p = (first + k - mean - centre) * work[here + i] - norm * work[before + i]
            work[before + i] = work[here + i]
            work[here + i] = p
            square += work[i] * p * p
        if not square > 1e-200:
            break
        norm = math.sqrt(square)
        inverse = 1.0 / norm
        g = 0.0
        for k in range(size):
            i = np.uint64(k)
            p = work[here + i] * inverse
            work[here + i] = p
            g += work[i] * p * work[terms + i]
        parts[np.uint64(d)] = g
        left -= g * g
        if left <= enough:
            break
    parts[np.uint64(degrees)] = left if left > 0.0 else 0.0
    return average


@kernel
def _ratios(sizes, n, degrees, out):
    """``r`` of each size and degree; 0 if there is no such degree."""
    for i in range(sizes.size):
        size = sizes[i]
        r = 1.0
        for d in range(degrees):
            inside = size - d
            outside = (n - size) - d
            r = r * math.sqrt(inside / outside) if inside > 0.0 and outside > 0.0 else 0.0
            out[np.uint64(i * degrees + d)] = r


@kernel
def _largest(sizes):
    most = 0.0
    for i in range(sizes.size):
        most = sizes[i] if sizes[i] > most else most
    return most


@kernel
def room_for(most):
    """Length of the vectors of :func:`cell_moments` if the smaller size is at most `most`."""
    room = np.int64(40.0 * math.sqrt(LARGE) + 99.0)
    return np.int64(most + 2.0) if most + 2.0 < room else room


@kernel
def moments(x_sizes, x_times, y_sizes, y_times, n, degrees):
    """
    Mean and variance of ``n I`` for distinct margins and how often each occurs.

    `degrees` is `DEGREES`. The mean is not computed (NaN) if a cell's count has a variance above
    `LARGE`.
    """
    # The number of degrees is an argument; otherwise the compiler would unroll each loop over them.
    x_many, y_many = x_sizes.size, y_sizes.size
    room = room_for(min(_largest(x_sizes), _largest(y_sizes)))
    work = new_array(4 * room, np.float64)
    parts = new_array(x_many * y_many * (degrees + 1), np.float64)
    mean = 0.0
    at = 0
    for i in range(x_many):
        for j in range(y_many):
            own = parts[at : at + degrees + 1]
            average = cell_moments(x_sizes[i], y_sizes[j], n, degrees, own, work, room)
            mean += x_times[i] * y_times[j] * average
            at += degrees + 1
    return mean, variance_of_cells(x_sizes, x_times, y_sizes, y_times, n, degrees, parts)


@kernel
def variance_of_cells(x_sizes, x_times, y_sizes, y_times, n, degrees, parts):
    """The variance of ``n I`` from the `parts` of each cell, see :func:`cell_moments`."""
    x_many = x_sizes.size
    y_many = y_sizes.size
    r = new_array(degrees * x_many, np.float64)
    q = new_array(degrees * y_many, np.float64)
    _ratios(x_sizes, n, degrees, r)
    _ratios(y_sizes, n, degrees, q)
    rows = new_array(degrees, np.float64)
    both = new_array(degrees, np.float64)
    columns = new_array(degrees * y_many, np.float64)
    for k in range(degrees * y_many):
        columns[np.uint64(k)] = 0.0
    for k in range(degrees):
        both[np.uint64(k)] = 0.0
    variance = 0.0
    cell = np.uint64(0)
    for i in range(x_many):
        x_here = x_times[i]
        for k in range(degrees):
            rows[np.uint64(k)] = 0.0
        own = 0.0
        for j in range(y_many):
            times = y_times[j]
            left = parts[cell + np.uint64(degrees)]
            for k in range(degrees):
                d = np.uint64(k)
                g = parts[cell + d]
                if g == 0.0:
                    continue
                at = np.uint64(j * degrees + k)
                u = r[np.uint64(i * degrees + k)]
                v = q[at]
                if u * v > _STEEP:
                    left += g * g
                    continue
                sign = 1.0 if k & 1 else -1.0  # the degree is k + 1
                own += times * g * g * (1.0 - sign * u * u) * (1.0 - sign * v * v)
                rows[d] += times * g * v
                columns[at] += x_here * g * u
                both[d] += x_here * times * g * u * v
            own += times * left
            cell += np.uint64(degrees + 1)
        for k in range(degrees):
            sign = 1.0 if k & 1 else -1.0
            u = r[np.uint64(i * degrees + k)]
            g = rows[np.uint64(k)]
            own += sign * (1.0 - sign * u * u) * g * g
        variance += x_here * own
    for k in range(degrees):
        sign = 1.0 if k & 1 else -1.0
        g = both[np.uint64(k)]
        variance += g * g
        for j in range(y_many):
            v = q[np.uint64(j * degrees + k)]
            g = columns[np.uint64(j * degrees + k)]
            variance += y_times[j] * sign * (1.0 - sign * v * v) * g * g
    return variance


@kernel(inline=True)
def fixed_term(c, scale):
    """``c log(c)`` of a count in units of ``1 / scale``, rounded."""
    x = np.float64(c)
    return np.int64(x * log64(x) * scale + 0.5) if c > 1 else np.int64(0)


@kernel
def fixed_sum(counts, scale):
    """Sum of ``c log(c)`` in units of ``1 / scale``; each term is rounded to an integer."""
    s = np.int64(0)
    for i in range(counts.size):
        s += fixed_term(counts[i], scale)
    return s


@kernel
def placed_sums(rows, columns, rest, scale, key, out):
    """
    Sums of ``c log(c)`` of drawn tables, by placing the samples of one row after another.

    With `rest`, samples that are not placed form one more row; otherwise each is a row.
    """
    n = np.int64(0)
    for j in range(columns.size):
        n += columns[j]
    state = new_array(4, np.uint64)
    codes = new_array(n, np.uint32)
    counts = new_zeros(columns.size, np.int64)
    left = new_array(columns.size, np.int64)
    largest = np.int64(0)
    for j in range(columns.size):
        left[j] = columns[j]
        largest = columns[j] if columns[j] > largest else largest
    terms = new_array(largest + 1, np.int64)
    for c in range(terms.size):
        terms[np.uint64(c)] = fixed_term(c, scale)
    k = 0
    for j in range(columns.size):
        for _ in range(columns[j]):
            codes[k] = j
            k += 1
    whole = np.int64(0)
    for j in range(columns.size):
        whole += terms[np.uint64(columns[j])]
    start(key, 0, state)
    for draw in range(out.size):
        s = whole if rest else np.int64(0)
        k = 0
        for i in range(rows.size):
            begin = k
            for _ in range(rows[i]):  # Fisher and Yates; the initial order does not matter
                other = np.uint64(k) + below(state, n - k)
                code = codes[other]
                codes[other] = codes[np.uint64(k)]
                codes[np.uint64(k)] = code
                c = counts[np.uint64(code)]
                s += terms[np.uint64(c + 1)] - terms[np.uint64(c)]
                counts[np.uint64(code)] = c + 1
                k += 1
            for place in range(begin, k):
                counts[np.uint64(codes[np.uint64(place)])] = 0
        if rest:
            for place in range(k):
                code = codes[np.uint64(place)]
                c = left[np.uint64(code)]
                s -= terms[np.uint64(c)] - terms[np.uint64(c - 1)]
                left[np.uint64(code)] = c - 1
            for place in range(k):
                left[np.uint64(codes[np.uint64(place)])] += 1
        out[draw] = s


@kernel
def drawn_sums(rows, columns, scale, key, large, out):
    """Sums of ``c log(c)`` over rows of tables drawn cell by cell, for few and large rows."""
    state = new_array(4, np.uint64)
    left = new_array(columns.size, np.int64)
    table = new_matrix(rows.size, columns.size, np.int64)
    start(key, 0, state)
    for draw in range(out.size):
        draw_table(rows, columns, state, large, left, table)
        s = np.int64(0)
        for i in range(rows.size):
            for j in range(columns.size):
                s += fixed_term(table[i, j], scale)
        out[draw] = s


@kernel
def log_probability(counts, x_counts, y_counts):
    """Logarithm of the probability of a table, given its margins; counts are float64."""
    s = 0.0
    n = 0.0
    for i in range(x_counts.size):
        s += log_factorial(np.int64(x_counts[i]))
        n += x_counts[i]
    for i in range(y_counts.size):
        s += log_factorial(np.int64(y_counts[i]))
    for i in range(counts.size):
        s -= log_factorial(np.int64(counts[i]))
    return s - log_factorial(np.int64(n))


@kernel
def two_by_two(a, b, n, observed, rounding):
    """Probability that a 2 x 2 table with margins `a` and `b` has ``n I >= observed``."""
    least = (a - n) + b if (a - n) + b > 0.0 else 0.0
    most = a if a < b else b
    rest = (n - a) - b
    mode = np.float64(np.int64((a + 1.0) * ((b + 1.0) / (n + 2.0))))
    mode = mode if mode > least else least
    mode = mode if mode < most else most
    total = 0.0
    extreme = 0.0
    w = 1.0
    c = mode
    while True:
        total += w
        if _two_by_two_information(a, b, n, c) >= observed - rounding:
            extreme += w
        if c >= most or w < 1e-320:
            break
        w *= ((a - c) * (b - c)) / ((c + 1.0) * (rest + c + 1.0))
        c += 1.0
    w = 1.0
    c = mode
    while c > least and w > 1e-320:
        w *= (c * (rest + c)) / ((a - c + 1.0) * (b - c + 1.0))
        c -= 1.0
        total += w
        if _two_by_two_information(a, b, n, c) >= observed - rounding:
            extreme += w
    return extreme / total


@kernel
def _two_by_two_information(a, b, n, c):
    """``n I`` of a 2 x 2 table with margins `a` and `b` and first cell `c`."""
    s = 0.0
    for i in range(2):
        for j in range(2):
            row = n - a if i else a
            column = n - b if j else b
            x = c if i == 0 else b - c
            if j:
                x = row - x
            m = row * column / n
            s += m * (excess((x - m) / m, x / m) if x > 0.0 else 1.0)
    return s
