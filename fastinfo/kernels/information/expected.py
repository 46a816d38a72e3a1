"""Expected mutual information of two labelings with fixed cluster sizes, in nats.

If the labels are shuffled, the count c of a cell with cluster sizes a and b is hypergeometric with
mean ``m = a b / n``. Since the mean is known, the expectation of ``c/n log(c/m)`` equals that of
``m/n f(c/m)`` with ``f(r) = r log(r) - r + 1``. Its terms are not negative, so nothing cancels.
Each probability follows from its neighbour by their ratio, beginning at the most probable count,
and at the end they are divided by their sum. No gamma functions are needed, whose differences would
lose digits for large n.

A cell with a large mean would have about ``18 sqrt(m)`` such terms. For those, the expectation of
the series of ``f`` is computed instead: ``sum((-1)**k mu_k / (k (k - 1) m**k))`` over the central
moments ``mu_k``. The ratio of neighbouring probabilities gives one moment after another: with ``g_i
= q mu_i - s mu_(i+1) + mu_(i+2)``, where ``q`` is the variance times ``n - 1`` and ``s = a + b - 2
m``, ``n mu_(j+1) = sum(binomial(j, i) g_i)`` over ``i < j``. The series is asymptotic. It is cut at
the order at which the remainder is below 3e-13 of the sum.

What the kernels expect: sizes are float64, whole numbers above 0 and at most `n`. This is not
checked.

Reference: Vinh, N. X., Epps, J. & Bailey, J. (2010), Information theoretic measures for clusterings
comparison, Journal of Machine Learning Research 11, 2837-2854, theorem 2;
https://jmlr.org/papers/v11/vinh10a.html
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array, new_matrix
from fastinfo.kernels.elementary.scalar import log64
from fastinfo.kernels.elementary.special import two_product

_NEAR = 0.0625
_NEGLIGIBLE = 2.0**-62
LARGE = 128.0  # for means from here on, the series of moments is used
_ORDERS = 20  # the highest central moment that is used
_LANES = 64  # cells that are computed together
_BINOMIALS = np.array([[float(math.comb(j, i)) for i in range(_ORDERS)] for j in range(_ORDERS)])


@kernel(inline=True)
def excess(t, ratio):
    """``(1 + t) log(1 + t) - t`` for ``ratio = 1 + t > 0``; `t` is the more accurate of the two."""
    if abs(t) > _NEAR:
        return ratio * log64(ratio) - t
    # The series sum((-t)**k / (k (k - 1))), k = 2, 3, ...
    s = -t
    p = 1.0 / 132.0 + s * (1.0 / 156.0 + s * (1.0 / 182.0))
    p = 1.0 / 72.0 + s * (1.0 / 90.0 + s * (1.0 / 110.0 + s * p))
    p = 1.0 / 30.0 + s * (1.0 / 42.0 + s * (1.0 / 56.0 + s * p))
    return t * t * (0.5 + s * (1.0 / 6.0 + s * (1.0 / 12.0 + s * (1.0 / 20.0 + s * p))))


@kernel
def expected_cell(a, b, n):
    """Expected contribution of a cell with cluster sizes `a` and `b` to the information."""
    product, product_error = two_product(a, b)
    mean = product / n
    back, back_error = two_product(mean, n)
    mean_error = (((product - back) - back_error) + product_error) / n
    least = (a - n) + b if (a - n) + b > 0.0 else 0.0
    most = a if a < b else b
    rest = (n - a) - b
    mode = np.float64(np.int64((a + 1.0) * ((b + 1.0) / (n + 2.0))))
    mode = mode if mode > least else least
    mode = mode if mode < most else most

    weight_sum = 1.0
    t = ((mode - mean) - mean_error) / mean
    s = excess(t, mode / mean) if mode > 0.0 else 1.0
    w = 1.0
    c = mode
    while c < most:
        w *= ((a - c) * (b - c)) / ((c + 1.0) * (rest + c + 1.0))
        c += 1.0
        f = excess(((c - mean) - mean_error) / mean, c / mean)
        weight_sum += w
        s += w * f
        if w < _NEGLIGIBLE and w * f <= _NEGLIGIBLE * s:
            break
    w = 1.0
    c = mode
    while c > least:
        w *= (c * (rest + c)) / ((a - c + 1.0) * (b - c + 1.0))
        c -= 1.0
        weight_sum += w
        s += w * (excess(((c - mean) - mean_error) / mean, c / mean) if c > 0.0 else 1.0)
        if w < _NEGLIGIBLE:  # below the mean, f is at most 1
            break
    return (mean / n) * (s / weight_sum)


@kernel(inline=True)
def _orders_of(mean):
    """How many moments are needed for a cell with this mean."""
    return 20 if mean < 300.0 else (14 if mean < 1000.0 else (10 if mean < 20000.0 else 6))


@kernel
def expected_large_cell(a, b, n):
    """:func:`expected_cell` for a mean ``a b / n`` of at least 128, to 1e-12 of its value."""
    mean = a * b / n
    orders = _orders_of(mean)
    q = mean * ((n - a) * ((n - b) / n))
    s = a * ((n - b) / n) + b * ((n - a) / n)
    g = new_array(_ORDERS, np.float64)
    before, last = 1.0, 0.0  # mu_(j - 1), mu_j
    power = 1.0 / mean
    sign = 1.0
    found = 0.0
    for j in range(1, orders):
        head = q * before - s * last
        moment = j * head
        for i in range(j - 1):
            moment += _BINOMIALS[j, i] * g[i]
        moment /= n - j
        g[j - 1] = head + moment
        power /= mean
        found += sign * moment * power / (j * (j + 1.0))
        before, last = last, moment
        sign = -sign
    return (mean / n) * found


@kernel(inline=True)
def _large_cells(cells, n_cells, n, orders, g, work, found):
    """
    :func:`expected_large_cell` of several cells that need the same number of moments.

    The first two rows of `cells` are their sizes. `g` has a row of numbers for each moment, and
    `work` has one for each of the other variables.
    """
    for k in range(n_cells):
        at = np.uint64(k)
        a = cells[0, at]
        b = cells[1, at]
        mean = a * b / n
        work[0, at] = mean * ((n - a) * ((n - b) / n))
        work[1, at] = a * ((n - b) / n) + b * ((n - a) / n)
        work[2, at] = 1.0  # mu_(j - 1)
        work[3, at] = 0.0  # mu_j
        work[4, at] = 1.0 / mean
        work[5, at] = mean
        found[at] = 0.0
    sign = 1.0
    for j in range(1, orders):
        for k in range(n_cells):
            at = np.uint64(k)
            work[6, at] = work[0, at] * work[2, at] - work[1, at] * work[3, at]
            work[7, at] = j * work[6, at]
        for i in range(j - 1):
            factor = _BINOMIALS[j, i]
            for k in range(n_cells):
                work[7, np.uint64(k)] += factor * g[i, np.uint64(k)]
        part = sign / (j * (j + 1.0))
        for k in range(n_cells):
            at = np.uint64(k)
            moment = work[7, at] / (n - j)
            g[j - 1, at] = work[6, at] + moment
            work[4, at] /= work[5, at]
            found[at] += moment * work[4, at] * part
            work[2, at] = work[3, at]
            work[3, at] = moment
        sign = -sign
    for k in range(n_cells):
        at = np.uint64(k)
        found[at] *= work[5, at] / n


@kernel
def expected_mutual_information(x_sizes, x_times, y_sizes, y_times, n, large):
    """
    Expected mutual information for distinct cluster sizes and how often each occurs.

    If `large` is None, no cell has a mean of `LARGE` or more, and the series is not compiled.
    Otherwise it is True. Neighbouring cells with many samples are computed together, in SIMD loops.
    """
    s = 0.0
    if large is not None:
        g = new_matrix(np.int64(_ORDERS), np.int64(_LANES), np.float64)
        work = new_matrix(np.int64(8), np.int64(_LANES), np.float64)
        cells = new_matrix(np.int64(3), np.int64(_LANES), np.float64)
        found = new_array(_LANES, np.float64)
    i = np.int64(0)
    j = np.int64(0)
    while i < x_sizes.size:
        m = np.int64(0)
        orders = np.int64(0)
        while i < x_sizes.size:
            a = x_sizes[i]
            b = y_sizes[j]
            times = x_times[i] * y_times[j]
            if large is not None and a * b >= LARGE * n:
                own = _orders_of(a * b / n)
                if m == _LANES or (m > 0 and own != orders):
                    break
                orders = own
                cells[0, m] = a
                cells[1, m] = b
                cells[2, m] = times
                m += 1
            else:
                s += times * expected_cell(a, b, n)
            j += 1
            if j == y_sizes.size:
                j = np.int64(0)
                i += 1
        if large is not None:
            _large_cells(cells, m, n, orders, g, work, found)
            for k in range(m):
                s += cells[2, k] * found[k]
    return s


@kernel
def expected_rows(x_sizes, y_sizes, y_times, n, out):
    """Expected mutual information of the cells in rows of some sizes: one number per row."""
    for i in range(x_sizes.size):
        a = x_sizes[i]
        row = 0.0
        for j in range(y_sizes.size):
            b = y_sizes[j]
            large = a * b >= LARGE * n
            row += y_times[j] * (expected_large_cell(a, b, n) if large else expected_cell(a, b, n))
        out[i] = row


@kernel(inline=True)
def distinct_sizes(counts, sizes, times):
    """Write the distinct counts above 0 in ascending order, and their frequencies; how many."""
    m = 0
    for i in range(counts.size):
        c = counts[i]
        if not c > 0.0:
            continue
        k = m
        while k > 0 and sizes[k - 1] > c:
            k -= 1
        if k > 0 and sizes[k - 1] == c:
            times[k - 1] += 1.0
            continue
        for other in range(m, k, -1):
            sizes[other] = sizes[other - 1]
            times[other] = times[other - 1]
        sizes[k] = c
        times[k] = 1.0
        m += 1
    return m


@kernel
def distinct_counts(counts, sizes, times):
    """:func:`distinct_sizes` for a few counts."""
    return distinct_sizes(counts, sizes, times)


@kernel
def expected_of_margins(x_counts, y_counts, n, scratch):
    """
    Expected mutual information for the margins of one table; `scratch` is (4, size), float64.

    NaN if all tables have the same information: a margin has a single count, or only ones.
    """
    x_many = distinct_sizes(x_counts, scratch[0], scratch[1])
    y_many = distinct_sizes(y_counts, scratch[2], scratch[3])
    for side in (0, 2):
        many = y_many if side else x_many
        if many == 0 or (many == 1 and (scratch[side + 1, 0] == 1.0 or scratch[side, 0] == 1.0)):
            return np.nan
    x_sizes, x_times = scratch[0, :x_many], scratch[1, :x_many]
    y_sizes, y_times = scratch[2, :y_many], scratch[3, :y_many]
    return expected_mutual_information(x_sizes, x_times, y_sizes, y_times, n, True)
