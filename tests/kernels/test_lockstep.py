"""Hypergeometric variates in lock-step: their law, the bounds it rests on, and whole tables."""

import math

import numba
import numpy as np
import pytest
import scipy.special
import scipy.stats
from helpers import compiled, printed

from fastinfo.kernels.information.strata import drawn_strata
from fastinfo.kernels.random import lockstep
from fastinfo.kernels.random.lockstep import DRAWN, LANES, LEFT, REST, WANTED

pytestmark = compiled  # but for the last test, which is of both ways

KEY = np.array([20130101, 8675309], np.uint64)
SURE = 1e-6  #: p-values below are no chance
LOGS = scipy.special.gammaln(np.arange(65536.0) + 1.0)


@numba.njit
def draw_lanes(work, left, logs):
    if lockstep.propose(work, left):
        lockstep.invert(work, left, logs)
    for i in range(LANES):
        if work[DRAWN + i] < 0.0:
            work[DRAWN + i] = lockstep.settle(work, left, i, logs)


@numba.njit
def many_cells(good, total, sample, key, logs, n):
    """Counts of each value of so many times LANES variates."""
    work = np.zeros(LEFT + LANES)
    out = np.zeros(good + 1, np.int64)
    lockstep.start_lanes(key, 0, work)
    for _ in range(n):
        work[LEFT:] = good
        work[REST : REST + LANES] = total
        work[WANTED : WANTED + LANES] = sample
        draw_lanes(work, LEFT, logs)
        for i in range(LANES):
            out[int(work[DRAWN + i])] += 1
    return out


@numba.njit
def many_tables(rows, columns, key, first, logs):
    """LANES tables with these margins, as the kernel of the strata draws them."""
    out = np.empty((LANES, rows.size, columns.size), np.int64)
    work = np.zeros(LEFT + columns.size * LANES)
    lockstep.start_lanes(key, first, work)
    rest = columns.sum()
    for j in range(columns.size):
        work[LEFT + j * LANES : LEFT + (j + 1) * LANES] = columns[j]
    for row in range(rows.size):
        work[REST : REST + LANES] = rest
        work[WANTED : WANTED + LANES] = rows[row]
        rest -= rows[row]
        for j in range(columns.size):
            left = LEFT + j * LANES
            if row == rows.size - 1:
                work[DRAWN : DRAWN + LANES] = work[left : left + LANES]
            elif j == columns.size - 1:
                work[DRAWN : DRAWN + LANES] = work[WANTED : WANTED + LANES]
            else:
                draw_lanes(work, left, logs)
            for i in range(LANES):
                k = work[DRAWN + i]
                out[i, row, j] = int(k)
                work[WANTED + i] -= k
                work[REST + i] -= work[left + i]
                work[left + i] -= k
    return out


def tables(rows, columns, n, logs=LOGS):
    rows, columns = np.array(rows), np.array(columns)
    return np.concatenate([many_tables(rows, columns, KEY, k, logs) for k in range(0, n, LANES)])


def agreement(found, expected):
    """p-value of counts beside expected ones; rare values are taken together."""
    order = np.argsort(expected)
    together = np.cumsum(expected[order])
    rare = together < 30.0
    bins = np.where(rare, 0, np.cumsum(~rare))
    observed = np.bincount(bins, found[order])
    theory = np.bincount(bins, expected[order])
    if theory[0] < 10.0 and theory.size > 1:
        observed, theory = (
            np.append(observed[2:], observed[:2].sum()),
            np.append(theory[2:], theory[:2].sum()),
        )
    if theory.size < 2:
        return 1.0
    return scipy.stats.chisquare(observed, theory * (observed.sum() / theory.sum())).pvalue


# One cell

HOSTILE = [
    (0, 10, 3), (10, 10, 3), (10, 20, 0), (10, 20, 20), (1, 2, 1), (1, 10**6, 5), (0, 0, 0),
    (7, 7, 7), (1, 6 * 10**7, 6 * 10**7 - 1), (10**5 - 1, 10**5, 1), (10**6, 6 * 10**7, 1),
    (2, 6 * 10**7, 3 * 10**7),
]  # fmt: skip
LAWS = [
    (975, 15600, 975), (400, 1000, 300), (30, 130, 40), (30, 20030, 9000), (30, 20030, 11000),
    (60, 100, 70), (8, 18000, 9000), (9000, 18000, 8), (10**4, 2 * 10**4, 9990), (3, 7, 5),
    (40, 10**6, 300000), (16, 2 * 10**6, 10**6), (100, 10**7, 10**6), (500, 530, 470),
    (1950, 2000, 1900), (50, 2050, 150), (50, 2050, 1900), (2000, 2050, 150),
    (10**6, 6 * 10**7, 1000), (28, 56, 28), (29, 58, 29), (10**6, 6 * 10**7, 2 * 10**7),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("law", HOSTILE + LAWS, ids=str)
@pytest.mark.parametrize("logs", [LOGS, LOGS[:0]], ids=["tabulated", "computed"])
def test_cells_are_hypergeometric(law, logs):
    good, total, sample = law
    n = 3000
    found = many_cells(good, total, sample, KEY, logs, n)
    k = np.arange(good + 1)
    if good > 10**5:
        near = np.flatnonzero(found)
        k = np.arange(near[0] - 1000 if near[0] > 1000 else 0, min(near[-1] + 1000, good) + 1)
    expected = scipy.stats.hypergeom(total, good, sample).pmf(k) if total else np.ones(1)
    assert expected.sum() == pytest.approx(1.0, abs=1e-6)
    assert not found[k][expected == 0.0].any()
    assert agreement(found[k], expected * n * LANES) > SURE


# The bounds

N = [getattr(lockstep, f"_N{i}") for i in range(6)]
D = [1.0] + [getattr(lockstep, f"_D{i}") for i in range(1, 6)]


def z_of_w(w):
    return (
        w * np.polynomial.polynomial.polyval(w * w, N) / np.polynomial.polynomial.polyval(w * w, D)
    )


def w_of_z(z):
    """The inverse, by interpolation and Newton's steps."""
    grid = lockstep._CENTRE * np.sin(np.linspace(0.0, np.pi / 2.0, 4001))
    w = np.interp(z, z_of_w(grid), grid)
    for _ in range(3):
        h = 1e-6
        w = w - (z_of_w(w) - z) * 2.0 * h / (z_of_w(w + h) - z_of_w(w - h))
    return np.clip(w, 0.0, lockstep._CENTRE)


def above(z):
    """Probability that the proposal is larger, for z not below 0."""
    tail = lockstep._TAIL * np.exp(-lockstep._RATE * np.maximum(z - lockstep._EDGE, 0.0))
    return np.where(z < lockstep._EDGE, 0.5 - 0.5 * w_of_z(np.minimum(z, lockstep._EDGE)), tail)


def mass(low, high):
    a, b = above(np.abs(low)), above(np.abs(high))
    return np.where(low * high > 0.0, np.abs(a - b), 1.0 - a - b)


def test_polynomials_are_what_the_text_says():
    w = np.linspace(0.0, lockstep._CENTRE, 20001)
    z = z_of_w(w)
    assert np.all(np.diff(z) > 0.0)
    assert z[-1] == pytest.approx(lockstep._EDGE, abs=1e-12)
    density = np.diff(w) / np.diff(z) / 2.0
    middle = 0.5 * (z[1:] + z[:-1])
    log_ratio = np.log(scipy.stats.norm.pdf(middle) / density)
    assert log_ratio.max() < 0.00036
    assert np.all(log_ratio > 0.00027 - 0.012 * w[1:] ** 32)


@numba.njit
def mass_of_kernel(low, high):
    out = np.empty(low.size)
    for i in range(low.size):
        out[i] = lockstep._mass(low[i], high[i])
    return out


@pytest.mark.parametrize("width", [0.6, 0.4, 0.1, 0.01])
def test_mass_is_that_of_the_proposal(width):
    z = np.arange(-6.0, 6.0, width / 3.1)
    expected = mass(z, z + width)
    np.testing.assert_allclose(mass_of_kernel(z, z + width), expected, rtol=1e-6)


def log_ratio(good, total, sample):
    """Logarithm of f / g by k, the variance, and the smallest ``|w|`` of each k."""
    p, q = good / total, sample / total
    variance = (total + 1.0) * (p - p * p) * (q - q * q)
    deviation, skew = math.sqrt(variance), (1.0 - 2.0 * p) * (1.0 - 2.0 * q) / 6.0
    mean = sample * p
    reach = 12.0 * deviation + 9.0
    k = np.arange(math.floor(mean - reach), math.ceil(mean + reach))
    f = scipy.stats.hypergeom(total, good, sample).logpmf(k)
    edges = np.append(k, k[-1] + 1.0) - 0.5 - mean + skew
    square = variance + 4.0 * skew * edges
    z = 2.0 * edges / (deviation + np.sqrt(np.maximum(square, 0.0)))
    z = np.where(square < 0.0, np.sign(edges) * 99.0, z)
    low, high = z[:-1], z[1:]
    near = np.where(low * high < 0.0, 0.0, np.minimum(np.abs(low), np.abs(high)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return f - np.log(mass(low, high)), variance, near


def searched_laws(rng, n):
    """Laws of all kinds: good, bad, sample and the rest each few or many."""
    while n:
        total = int(np.exp(rng.uniform(math.log(28), math.log(6e7))))
        parts = []
        for kind in rng.integers(0, 3, 2):
            few = int(np.exp(rng.uniform(math.log(5), math.log(total / 2))))
            parts.append((few, total - few, int(rng.uniform(1, total)))[kind])
        p, q = parts[0] / total, parts[1] / total
        variance = (total + 1.0) * (p - p * p) * (q - q * q)
        if 7.0 <= variance < (30.0 if n % 2 else 4000.0):
            n -= 1
            yield parts[0], total, parts[1]


@pytest.mark.slow
def test_bounds_hold_for_searched_laws():
    rng = np.random.default_rng(7)
    laws = list(searched_laws(rng, 400))
    laws += [(good, 2 * good, good) for good in range(28, 60)]  # the smallest total for a variance
    laws += [(good, 10**7, int(10**7 * q)) for good in (8, 9, 12, 28, 30) for q in (0.3, 0.5, 0.8)]
    laws += [(10**4 + i, 6 * 10**7, 45000) for i in range(0, 3000, 300)]  # nearly Poisson
    checked = 0
    for law in laws:
        found, variance, near = log_ratio(*law)
        if variance < 7.0:
            continue
        checked += 1
        found = np.where(np.isfinite(found), found, -np.inf)
        assert found.max() <= 0.00036 + 0.075 / variance, law
        inside = near < lockstep._EDGE
        y = w_of_z(near[inside]) ** 2
        bound = 0.00027 - 0.012 * y**16 - (0.03 + 0.7 * y**8 + 6.7 * y**64) / variance
        assert np.all(found[inside] >= bound), law
    assert checked > 400


# Tables


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ([1, 5 * 10**7], [10**7, 4 * 10**7, 1]),
        ([1] * 40, [20, 15, 5]),
        ([3, 1000, 70, 2], [1, 900, 100, 74]),
        ([10**6, 10**6], [10**6, 10**6 - 3, 1, 1, 1]),
        ([975] * 16, [975] * 16),
        ([5, 6], [11]),
    ],
)
def test_margins_of_each_table(rows, columns):
    drawn = tables(rows, columns, 5 * LANES)
    assert drawn.min() >= 0
    np.testing.assert_array_equal(drawn.sum(2), np.tile(rows, (len(drawn), 1)))
    np.testing.assert_array_equal(drawn.sum(1), np.tile(columns, (len(drawn), 1)))


def every_table(rows, columns):
    """All tables of two rows, and their probabilities."""
    a = rows[0]
    grids = np.meshgrid(*[np.arange(c + 1) for c in columns[:-1]], indexing="ij")
    firsts = np.stack([g.ravel() for g in grids], 1)
    last = a - firsts.sum(1)
    ok = (last >= 0) & (last <= columns[-1])
    first = np.column_stack([firsts[ok], last[ok]])
    law = scipy.stats.multivariate_hypergeom(np.array(columns), a)
    return first, law.pmf(first)


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ([3, 4], [2, 2, 3]),
        ([60, 80], [70, 40, 30]),
        ([90, 90], [60, 120]),
        ([9, 200], [100, 100, 9]),
    ],
)
def test_all_tables_occur_as_often_as_they_should(rows, columns):
    n = 2000 * LANES
    first, chances = every_table(rows, columns)
    drawn = tables(rows, columns, n)[:, 0]
    shape = [c + 1 for c in columns[:-1]]
    places = np.ravel_multi_index(drawn[:, :-1].T, shape)
    counts = np.bincount(places, minlength=math.prod(shape))
    expected = np.zeros(math.prod(shape))
    expected[np.ravel_multi_index(first[:, :-1].T, shape)] = chances
    assert expected.sum() == pytest.approx(1.0)
    assert not counts[expected == 0.0].any()
    assert agreement(counts, expected * n) > SURE


def test_large_tables_are_random_tables(rng):
    """Each cell has its hypergeometric law, and cells have the covariance of such tables."""
    rows, columns = [500, 300, 200, 90], [400, 350, 300, 40]
    n = sum(rows)
    drawn = tables(rows, columns, 1000 * LANES)
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            counts = np.bincount(drawn[:, i, j], minlength=min(row, column) + 1)
            law = scipy.stats.hypergeom(n, row, column).pmf(np.arange(counts.size))
            assert agreement(counts, law * len(drawn)) > SURE, (i, j)
    cells = drawn.reshape(len(drawn), -1)
    r, c = np.array(rows), np.array(columns)
    by_row = np.diag(r * n) - np.outer(r, r)
    by_column = np.diag(c * n) - np.outer(c, c)
    exact = np.kron(by_row, by_column) / (n**2 * (n - 1.0))
    spread = np.sqrt(np.diag(exact))
    error = (np.cov(cells.T) - exact) / np.outer(spread, spread)
    assert np.abs(error).max() < 6.0 / math.sqrt(len(drawn)) * math.sqrt(2.0)
    twin = scipy.stats.random_table(rows, columns, seed=rng).rvs(20000)
    for statistic in (lambda t: (t**2).sum((1, 2)), lambda t: t[:, 1, 2] - t[:, 2, 1]):
        assert scipy.stats.ks_2samp(statistic(drawn[:50000]), statistic(twin)).pvalue > SURE


@pytest.mark.slow
def test_the_kernel_of_the_strata_draws_these_tables():
    rows, columns = np.array([500, 300, 7]), np.array([400, 350, 57])
    starts = np.array([0, 3])
    out = np.empty(LANES, np.int64)
    scale = 2.0**30
    drawn_strata(starts, rows, starts, columns, scale, KEY, 5, out)
    drawn = many_tables(rows, columns, KEY, 5, LOGS)
    c = np.maximum(drawn, 1).astype(np.float64)
    expected = np.rint(c * np.log(c) * scale).sum((1, 2))
    np.testing.assert_allclose(out, expected, rtol=0, atol=12)


def test_lanes_have_streams_of_their_own():
    """Correlations between cells of lanes, and of draws that follow, are those of chance."""
    drawn = tables([5000, 5000], [5000, 5000], 400 * LANES)[:, 0, 0].reshape(400, LANES) - 2500.0
    r = np.corrcoef(drawn.T)[np.triu_indices(LANES, 1)]
    assert np.abs(r).max() < 5.5 / math.sqrt(400)
    assert scipy.stats.kstest(r * math.sqrt(400), "norm").pvalue > SURE


def test_numbers_of_a_lane_are_the_same_wherever_it_stands():
    rows, columns = np.array([60, 50, 40, 4]), np.array([70, 70, 14])
    whole = tables(rows, columns, 3 * LANES)
    for first in 1, 77, LANES + 3:
        part = many_tables(rows, columns, KEY, first, LOGS)
        np.testing.assert_array_equal(part, whole[first : first + LANES])


PROGRAM = """
import numpy as np
from fastinfo.kernels.information.strata import drawn_strata, placed_strata, strata_one_by_one

x_starts, x = np.array([0, 2, 5]), np.array([5, 3, 300, 900, 2])
y_starts, y = np.array([0, 3, 5]), np.array([2, 1, 5, 601, 601])
key = np.array([1, 2], np.uint64)
for draw, large in (drawn_strata, []), (placed_strata, []), (strata_one_by_one, [None]):
    out = np.empty(3, np.int64)
    draw(*large, x_starts, x, y_starts, y, 2.0**20, key, 4, out)
    print(out.tolist())
"""


@pytest.mark.slow
def test_interpreted_kernels_draw_the_same_tables():
    program = "-W", "error", "-c", PROGRAM
    as_compiled, interpreted = (printed(*program, NUMBA_DISABLE_JIT=i) for i in "01")
    assert as_compiled == interpreted
