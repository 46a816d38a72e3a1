"""The information of tables with given margins: its exact mean and variance, and draws of it.

The statistic is ``n I``, the sum over cells of ``f(c) = c log(c / m) - c + m`` with
``m = a b / n``. Under permutation the count `c` of a cell is hypergeometric. Each ``f`` is written
in the polynomials that are orthonormal for that law, ``f = mean + sum(g[d] p[d])``. Functions of
two cells that are polynomials of different degrees are uncorrelated, and those of the same degree
`d` have the correlation ``u v``, where `u` is 1 in one row, and in two rows of sizes `a` and `a'`

    u = (-1)**d r(a) r(a'),    r(a)**2 = a (a-1) ... (a-d+1) / ((n-a) (n-a-1) ... (n-a-d+1)),

and `v` the same of the columns: by Schur's orthogonality, as permutations act irreducibly on what
is of one degree (the Johnson scheme, whose spherical functions are Hahn polynomials; Delsarte 1978,
https://doi.org/10.1137/0134012). The variance thus is a sum over degrees, of which a
few are needed, and over pairs of distinct margins.

Draws are of fixed-point numbers, so that equal tables have equal sums whatever their order.

Contract: sizes are whole, above 0 and below `n`; this is not checked.
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.scalar import log64
from fastinfo.kernels.information.expected import excess, expected_cell
from fastinfo.kernels.information.resampling import draw_table
from fastinfo.kernels.random.substreams import below, start
from fastinfo.kernels.random.variates import log_factorial

DEGREES = 16
_NEGLIGIBLE = 2.0**-62
_RESIDUAL = 1e-7  # of the variance: what need not be told apart by degree
_LARGE = 400.0  # from this variance of a count on, f is a parabola
_STEEP = 1e6  # products of r from here on lose their digits
_SQRT_HALF = 0.7071067811865476


@kernel
def cell_moments(a, b, n, parts, weights, terms, before, here):
    """Mean of ``f`` in a cell; its components of degree 1 on and what is left over in `parts`."""
    mean = a * b / n
    least = max(0.0, (a - n) + b)
    most = min(a, b)
    parts[:] = 0.0
    spread = mean * (1.0 - a / n) * ((n - b) / (n - 1.0))
    if spread > _LARGE:
        parts[1] = spread / mean * _SQRT_HALF
        return n * expected_cell(a, b, n)
    rest = (n - a) - b
    mode = min(max(np.floor((a + 1.0) * ((b + 1.0) / (n + 2.0))), least), most)
    first = mode
    w = 1.0
    while first > least and w >= _NEGLIGIBLE:
        w *= (first * (rest + first)) / ((a - first + 1.0) * (b - first + 1.0))
        first -= 1.0
    size = int(mode - first) + 1
    weights[np.uint64(size - 1)] = 1.0
    w = 1.0
    c = mode
    for k in range(size - 1):
        w *= (c * (rest + c)) / ((a - c + 1.0) * (b - c + 1.0))
        c -= 1.0
        weights[np.uint64(size - 2 - k)] = w
    c = mode
    w = 1.0
    while c < most and w >= _NEGLIGIBLE:
        w *= ((a - c) * (b - c)) / ((c + 1.0) * (rest + c + 1.0))
        c += 1.0
        weights[np.uint64(size)] = w
        size += 1
    s = 0.0
    for k in range(size):
        s += weights[np.uint64(k)]
    scale = 1.0 / s
    average = 0.0
    for k in range(size):
        i = np.uint64(k)
        weights[i] *= scale
        c = first + k
        f = mean * (excess((c - mean) / mean, c / mean) if c > 0.0 else 1.0)
        terms[i] = f
        average += weights[i] * f
    left = 0.0
    for k in range(size):
        i = np.uint64(k)
        terms[i] -= average
        left += weights[i] * terms[i] * terms[i]
        before[i] = 0.0
        here[i] = 1.0
    enough = _RESIDUAL * left
    norm = 0.0
    for d in range(min(DEGREES, size - 1)):  # Stieltjes' procedure
        centre = 0.0
        for k in range(size):
            i = np.uint64(k)
            centre += weights[i] * here[i] * here[i] * (first + k - mean)
        square = 0.0
        for k in range(size):
            i = np.uint64(k)
            p = (first + k - mean - centre) * here[i] - norm * before[i]
            before[i] = here[i]
            here[i] = p
            square += weights[i] * p * p
        if not square > 1e-200:
            break
        norm = math.sqrt(square)
        inverse = 1.0 / norm
        g = 0.0
        for k in range(size):
            i = np.uint64(k)
            here[i] *= inverse
            g += weights[i] * here[i] * terms[i]
        parts[np.uint64(d)] = g
        left -= g * g
        if left <= enough:
            break
    parts[np.uint64(DEGREES)] = max(left, 0.0)
    return average


@kernel
def _ratios(sizes, n, out):
    """``r`` of each size and degree; 0 where there is no such degree."""
    for i in range(sizes.size):
        r = 1.0
        for d in range(DEGREES):
            inside = sizes[i] - d
            outside = (n - sizes[i]) - d
            r = r * math.sqrt(inside / outside) if inside > 0.0 and outside > 0.0 else 0.0
            out[d, i] = r


@kernel
def moments(x_sizes, x_times, y_sizes, y_times, n):
    """Mean and variance of ``n I``, of margins that occur so many times each."""
    r = np.empty((DEGREES, x_sizes.size))
    q = np.empty((DEGREES, y_sizes.size))
    _ratios(x_sizes, n, r)
    _ratios(y_sizes, n, q)
    room = np.int64(min(min(x_sizes.max(), y_sizes.max()) + 2.0, 40.0 * math.sqrt(_LARGE) + 99.0))
    weights = np.empty(room)
    terms = np.empty(room)
    before = np.empty(room)
    here = np.empty(room)
    parts = np.empty(DEGREES + 1)
    rows = np.empty(DEGREES)
    columns = np.zeros((DEGREES, y_sizes.size))
    both = np.zeros(DEGREES)
    mean = 0.0
    variance = 0.0
    for i in range(x_sizes.size):
        rows[:] = 0.0
        own = 0.0
        for j in range(y_sizes.size):
            times = y_times[j]
            average = cell_moments(x_sizes[i], y_sizes[j], n, parts, weights, terms, before, here)
            mean += x_times[i] * times * average
            left = parts[DEGREES]
            for d in range(DEGREES):
                g = parts[d]
                if g == 0.0:
                    continue
                u = r[d, i]
                v = q[d, j]
                if u * v > _STEEP:
                    left += g * g
                    continue
                sign = 1.0 if d & 1 else -1.0  # the degree is d + 1
                own += times * g * g * (1.0 - sign * u * u) * (1.0 - sign * v * v)
                rows[d] += times * g * v
                columns[d, j] += x_times[i] * g * u
                both[d] += x_times[i] * times * g * u * v
            own += times * left
        for d in range(DEGREES):
            sign = 1.0 if d & 1 else -1.0
            u = r[d, i]
            own += sign * (1.0 - sign * u * u) * rows[d] * rows[d]
        variance += x_times[i] * own
    for d in range(DEGREES):
        sign = 1.0 if d & 1 else -1.0
        variance += both[d] * both[d]
        for j in range(y_sizes.size):
            v = q[d, j]
            variance += y_times[j] * sign * (1.0 - sign * v * v) * columns[d, j] * columns[d, j]
    return mean, variance


@kernel(inline=True)
def _fixed_term(c, scale):
    x = np.float64(c)
    return np.int64(np.floor(x * log64(x) * scale + 0.5)) if c > 1 else np.int64(0)


@kernel
def fixed_sum(counts, scale):
    """Sum of ``c log(c)`` in units of ``1 / scale``: whole numbers, each of which is rounded."""
    s = np.int64(0)
    for c in counts:
        s += _fixed_term(c, scale)
    return s


@kernel
def placed_sums(rows, columns, rest, scale, key, out):
    """
    Sums of ``c log(c)`` of drawn tables, by placing the samples of some rows, one after the other.

    If `rest`, samples that are not placed are one more row, else a row each.
    """
    n = np.int64(0)
    for j in range(columns.size):
        n += columns[j]
    state = np.empty(4, np.uint64)
    codes = np.empty(n, np.uint32)
    counts = np.zeros(columns.size, np.int64)
    left = columns.copy()
    terms = np.empty(columns.max() + 1, np.int64)
    for c in range(terms.size):
        terms[np.uint64(c)] = _fixed_term(c, scale)
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
            for _ in range(rows[i]):  # Fisher and Yates: any order will do to begin with
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
    """Sums of ``c log(c)`` over some rows of drawn tables, cell by cell: for few and large ones."""
    state = np.empty(4, np.uint64)
    left = np.empty(columns.size, np.int64)
    table = np.empty((rows.size, columns.size), np.int64)
    start(key, 0, state)
    for draw in range(out.size):
        draw_table(rows, columns, state, large, left, table)
        s = np.int64(0)
        for i in range(rows.size):
            for j in range(columns.size):
                s += _fixed_term(table[i, j], scale)
        out[draw] = s


@kernel
def log_probability(counts, x_counts, y_counts):
    """Logarithm of the probability of a table among those with its margins; whole float64."""
    s = 0.0
    n = 0.0
    for a in x_counts:
        s += log_factorial(np.int64(a))
        n += a
    for b in y_counts:
        s += log_factorial(np.int64(b))
    for c in counts:
        s -= log_factorial(np.int64(c))
    return s - log_factorial(np.int64(n))


@kernel
def two_by_two(a, b, n, observed, rounding):
    """Probability that two rows and columns with margins `a` and `b` have ``n I >= observed``."""
    least = max(0.0, (a - n) + b)
    most = min(a, b)
    rest = (n - a) - b
    mode = min(max(np.floor((a + 1.0) * ((b + 1.0) / (n + 2.0))), least), most)
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
    """``n I`` of two rows and columns with margins `a` and `b`, and `c` in the first cell."""
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
