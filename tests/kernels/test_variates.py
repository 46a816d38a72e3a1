"""Streams of random numbers, the variates made of them and the counts that these draw."""

import itertools
import math

import mpmath
import numba
import numpy as np
import pytest
import scipy.stats
from helpers import compiled, printed
from hypothesis import example, given
from hypothesis import strategies as st
from reference import random as reference

from fastinfo.kernels.information import resampling
from fastinfo.kernels.random import substreams as streams
from fastinfo.kernels.random import variates
from fastinfo.kernels.random.variates import (
    binomial,
    hypergeometric,
    log_factorial,
    log_factorial_step,
)

#: Keys are fixed: a test that passes once passes always.
KEY = np.array([20130101, 8675309], np.uint64)
SURE = 1e-6  #: p-values below are no chance
DRAWS = 200_000


@numba.njit
def started(key, number):
    state = np.empty(4, np.uint64)
    streams.start(key, number, state)
    return state


@numba.njit
def many_bits(state, n):
    out = np.empty(n, np.uint64)
    for i in range(n):
        out[i] = streams.next_bits(state)
    return out


@numba.njit
def many_uniforms(state, n):
    out = np.empty(n)
    for i in range(n):
        out[i] = streams.uniform(state)
    return out


@numba.njit
def first_uniforms(key, n):
    out = np.empty(n)
    state = np.empty(4, np.uint64)
    for i in range(n):
        streams.start(key, i, state)
        out[i] = streams.uniform(state)
    return out


@numba.njit
def many_below(state, limit, n):
    out = np.empty(n, np.int64)
    for i in range(n):
        out[i] = streams.below(state, limit)
    return out


@numba.njit
def many_hypergeometric(good, bad, sample, state, n):
    out = np.empty(n, np.int64)
    for i in range(n):
        out[i] = hypergeometric(good, bad, sample, state, True)
    return out


@numba.njit
def many_binomial(tries, p, state, n):
    out = np.empty(n, np.int64)
    for i in range(n):
        out[i] = binomial(tries, p, state, True)
    return out


@numba.njit
def many_log_factorials(k):
    out = np.empty(k.size)
    for i in range(k.size):
        out[i] = log_factorial(k[i])
    return out


@numba.njit
def many_tables(x_counts, y_counts, state, n):
    out = np.empty((n, x_counts.size, y_counts.size), np.int64)
    left = np.empty(y_counts.size, np.int64)
    for i in range(n):
        resampling.draw_table(x_counts, y_counts, state, None, left, out[i])
    return out


@numba.njit
def many_cells(counts, key, first, n):
    out = np.empty((n, counts.size))
    resampling.draw_cells(counts, key, first, None, out)
    return out


@numba.njit
def many_table_sums(x_counts, y_counts, key, first, n):
    out = np.empty(n)
    resampling.table_sums(x_counts, y_counts, key, first, None, out)
    return out


@numba.njit
def many_shuffled_sums(x_counts, y_counts, key, first, n):
    out = np.empty(n)
    resampling.shuffled_sums(x_counts, y_counts, key, first, out)
    return out


@numba.njit
def many_sums_in_step(x_counts, y_counts, key, first, n):
    out = np.empty(n)
    resampling.table_sums_in_step(x_counts, y_counts, key, first, out)
    return out


@numba.njit
def many_shuffles(codes, key, first, n):
    out = np.empty((n, codes.size), codes.dtype)
    for i in range(n):
        out[i] = codes
        resampling.shuffle_codes(key, first + i, out[i])
    return out


def whole(*counts):
    return np.array(counts, np.int64)


# Streams


def test_the_twins_give_the_published_numbers():
    # Vigna's generators, as the test suites of their many ports have them.
    numbers = list(itertools.islice(reference.splitmix64(1234567), 5))
    assert numbers == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    numbers = list(itertools.islice(reference.xoshiro256plusplus([1, 2, 3, 4]), 6))
    assert numbers == [
        41943041,
        58720359,
        3588806011781223,
        3591011842654386,
        9228616714210784205,
        9973669472204895162,
    ]


words = st.integers(0, 2**64 - 1)


@given(st.lists(words, min_size=4, max_size=4))
@example([2**64 - 1] * 4)
@example([1, 2, 3, 4])
def test_bits_are_those_of_xoshiro(start):
    state = np.array(start, np.uint64)
    expected = list(itertools.islice(reference.xoshiro256plusplus(start), 50))
    assert many_bits(state, 50).tolist() == expected


@given(words, words, st.integers(0, 2**62))
@example(0, 0, 0)
@example(2**64 - 1, 2**64 - 1, 1)
def test_a_stream_begins_as_splitmix_fills_it(first, second, number):
    key = np.array([first, second], np.uint64)
    assert started(key, number).tolist() == reference.stream((first, second), number)


def test_each_number_and_each_key_has_a_stream_of_its_own():
    states = {tuple(started(KEY, number).tolist()) for number in range(2000)}
    assert len(states) == 2000
    words = [word for state in states for word in state]
    assert len(set(words)) == 8000  # nothing is shared by streams that lie side by side
    for place, bit in itertools.product((0, 1), (0, 31, 63)):
        key = KEY.copy()
        key[place] ^= np.uint64(1 << bit)
        assert not (started(key, 0) == started(KEY, 0)).any()


def test_a_stream_depends_on_key_and_number_alone():
    key = KEY.copy()
    state = started(key, 3)
    many_bits(state, 10)
    np.testing.assert_array_equal(started(key, 3), started(KEY, 3))
    np.testing.assert_array_equal(key, KEY)


@compiled
def test_streams_side_by_side_are_not_correlated():
    assert scipy.stats.kstest(first_uniforms(KEY, DRAWS), "uniform").pvalue > SURE
    a, b = (many_uniforms(started(KEY, number), DRAWS) for number in (0, 1))
    assert abs(np.corrcoef(a, b)[0, 1]) < 5 / math.sqrt(DRAWS)
    first = first_uniforms(KEY, DRAWS)
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 5 / math.sqrt(DRAWS)


# Uniform numbers


def test_uniform_numbers_are_never_0_or_1():
    ones = 2**64 - 1
    lowest = many_uniforms(np.array([0, 5, 7, 0], np.uint64), 1)[0]  # all bits are 0
    highest = many_uniforms(np.array([0, 5, 7, ones], np.uint64), 1)[0]  # all bits are 1
    assert many_bits(np.array([0, 5, 7, 0], np.uint64), 1)[0] == 0
    assert many_bits(np.array([0, 5, 7, ones], np.uint64), 1)[0] == ones
    assert 0.0 < lowest < 2.0**-51
    assert 1.0 - 2.0**-51 < highest < 1.0


def test_uniform_numbers_go_with_the_bits():
    bits = many_bits(started(KEY, 4), 1000).astype(float)
    found = many_uniforms(started(KEY, 4), 1000)
    np.testing.assert_allclose(found, bits / 2**64, rtol=0, atol=2.0**-51)


@compiled
def test_uniform_numbers_have_the_moments():
    u = many_uniforms(started(KEY, 5), 1_000_000)
    assert u.min() > 0.0
    assert u.max() < 1.0
    for power in range(1, 7):
        mean, variance = 1 / (power + 1), 1 / (2 * power + 1) - 1 / (power + 1) ** 2
        assert abs((u**power).mean() - mean) < 5 * math.sqrt(variance / u.size)
    assert scipy.stats.kstest(u, "uniform").pvalue > SURE
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 5 / math.sqrt(u.size)


# Whole numbers below a limit


@compiled
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 10, 100, 1000, 4096])
def test_numbers_below_are_uniform(limit):
    found = many_below(started(KEY, limit), limit, DRAWS)
    counts = np.bincount(found, minlength=limit)
    assert counts.size == limit
    if limit > 1:
        assert scipy.stats.chisquare(counts).pvalue > SURE


@compiled
@pytest.mark.parametrize("limit", [2**31, 2**31 + 1, 3 << 30, 2**32 - 1, 2**32])
def test_numbers_below_a_large_limit_are_uniform(limit):
    found = many_below(started(KEY, limit), limit, DRAWS)
    assert found.min() >= 0
    assert found.max() < limit
    counts = np.bincount((found * 64) // limit, minlength=64)
    assert counts.size == 64
    assert scipy.stats.chisquare(counts).pvalue > SURE
    # The high half of a product alone favours one number in three of those below 3 * 2**30.
    remainders = np.bincount(found % 3, minlength=3)
    shares = [len(range(k, limit, 3)) / limit for k in range(3)]
    assert scipy.stats.chisquare(remainders, np.array(shares) * DRAWS).pvalue > SURE


# Logarithms of factorials


def test_log_factorials():
    k = [*range(600), *(10**e + d for e in range(3, 16) for d in (-1, 0, 7)), 2**31, 2**53]
    found = many_log_factorials(whole(*k))
    assert found[:2].tolist() == [0.0, 0.0]
    with mpmath.workdps(40):
        for number, value in zip(k[2:], found[2:], strict=True):
            exact = mpmath.loggamma(mpmath.mpf(number) + 1)
            assert abs(mpmath.mpf(float(value)) / exact - 1) < 1e-15, number


def test_log_factorials_as_the_public_name_gives_them():
    assert log_factorial(20) == pytest.approx(math.log(math.factorial(20)), rel=1e-15)
    assert log_factorial(np.int64(300)) == pytest.approx(math.log(math.factorial(300)), rel=1e-15)


@pytest.mark.parametrize("a", [1, 5, 255, 10**4, 2**20 - 1, 2**20, 10**7, 10**9, 10**12, 10**15])
def test_steps_of_log_factorials(a):
    steps = [0, 1, -1, 5, -5, 1000, -1000, 10**5, -(10**5), 10**6, a, 10 * a]
    steps += [-(a // 2), 300 - a, 5 - a, 1 - a, -a]
    with mpmath.workdps(50):
        for d in steps:
            if not 0 <= a + d < 2**53:
                continue
            exact = mpmath.loggamma(a + d + 1) - mpmath.loggamma(a + 1) - d * mpmath.log(a)
            error = abs(log_factorial_step(a, d) - exact)
            assert error < 1e-8 + 4e-15 * abs(d), d


# Hypergeometric numbers

HYPERGEOMETRIC = [
    # small mean
    *((1, 1, 1), (5, 10, 3), (1, 999, 1), (1, 999, 700), (50, 50, 10), (10_000, 10**6, 500)),
    *((3, 10**6, 1000), (40, 4000, 400), (7, 10**6, 499_999)),
    # on both sides of a mean of 10
    *((100, 100, 19), (100, 100, 20), (100, 100, 21), (1000, 9000, 99), (1000, 9000, 100)),
    # large mean
    *((100, 100, 100), (300, 500, 250), (1000, 3000, 500), (10**5, 10**5, 10**5)),
    *((10**5, 3 * 10**6, 10**6), (64, 10**5, 5 * 10**4), (10**5, 10**5, 25)),
    # more than half of all are drawn
    *((100, 200, 250), (30, 70, 95), (10, 90, 99), (500, 1500, 1990), (1, 9, 9), (3, 997, 900)),
    # most are good
    *((90, 10, 30), (900, 100, 500), (999, 1, 500), (5000, 50, 2000), (200, 100, 40), (9, 1, 1)),
    # both
    *((900, 100, 800), (90, 10, 95), (10**6, 10, 10**6), (9, 11, 19), (5000, 40, 5030)),
    # where tabulated logarithms end
    *((255, 255, 255), (256, 256, 256), (257, 255, 256), (200, 400, 257), (2000, 56, 255)),
    # a billion
    *((5 * 10**8, 5 * 10**8, 5 * 10**8), (10**8, 9 * 10**8, 1000), (300, 10**9 - 300, 2 * 10**7)),
    *((10**9 - 10**4, 10**4, 5 * 10**8), (10**9 - 10, 10, 10**5), (10**6, 10**9 - 10**6, 12_000)),
    *((10**6, 10**9 - 10**6, 10**9 - 10**5), (10**9 - 10**6, 10**6, 10**9 - 9 * 10**5)),
    # in between, and beyond
    *((10**5, 66_000_000, 10**5), (10**5, 68_000_000, 10**5), (12, 10**8, 95_000_000)),
    *((11, 10**10, 10**10 - 10**8), (10**7, 10**12, 10**8), (10**12 - 30, 30, 5 * 10**11)),
]


@pytest.mark.parametrize(
    ("good", "bad", "sample"), [law for law in HYPERGEOMETRIC if sum(law) < 10**7]
)
def test_the_twin_of_the_hypergeometric_law_is_scipys(good, bad, sample):
    first, p = reference.hypergeometric_law(good, bad, sample)
    k = np.arange(first, first + p.size)
    exact = scipy.stats.hypergeom.pmf(k, good + bad, good, sample)
    np.testing.assert_allclose(p, exact, rtol=0, atol=1e-8)
    assert exact.sum() == pytest.approx(1.0, abs=1e-8)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(("good", "bad", "sample"), HYPERGEOMETRIC)
def test_hypergeometric_numbers_have_the_law(good, bad, sample):
    drawn = many_hypergeometric(good, bad, sample, started(KEY, good + 3 * sample), DRAWS)
    assert reference.law_pvalue(drawn, *reference.hypergeometric_law(good, bad, sample)) > SURE


@pytest.mark.slow
@compiled
def test_all_small_hypergeometric_laws():
    state = started(KEY, 17)
    for good, bad in itertools.product(range(7), repeat=2):
        for sample in range(good + bad + 1):
            drawn = many_hypergeometric(good, bad, sample, state, 2000)
            exact = scipy.stats.hypergeom(good + bad, good, sample) if good + bad else None
            counts = np.bincount(drawn, minlength=good + 1)
            assert counts.size == good + 1
            if exact is None:
                assert counts[0] == 2000
                continue
            p = exact.pmf(np.arange(good + 1))
            assert counts[p < 1e-12].sum() == 0
            if (p > 1e-12).sum() > 1:
                law = reference.law_pvalue(drawn, 0, np.where(p < 1e-12, 0.0, p))
                assert law > SURE, (good, bad, sample)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(
    ("few", "sample"),
    [
        *((100_000, 90_000), (250_000, 36_000), (36_000, 250_000), (30_000, 300_000)),
        *((10_000, 500_000), (1_000_000, 5000), (94_000, 95_000), (2000, 4_000_000)),
    ],
)
def test_small_means_in_a_billion_have_no_outliers(few, sample):
    # A table of a billion pairs has cells of rare levels: once in a million is often there.
    n = 10**9
    drawn = many_hypergeometric(few, n - few, sample, started(KEY, few), 1_000_000)
    mean = few * sample / n
    assert drawn.max() < mean + 30 * math.sqrt(mean)
    assert reference.law_pvalue(drawn, *reference.hypergeometric_law(few, n - few, sample)) > SURE


@compiled
@pytest.mark.parametrize("n", [10**10, 10**12, 10**14, 2**52])
def test_hypergeometric_numbers_of_the_largest_counts(n):
    half = n // 2
    drawn = many_hypergeometric(half, n - half, half, started(KEY, 1), 20_000)
    law = scipy.stats.hypergeom(n, half, half)
    mean, deviation = half * (half / n), math.sqrt(half * (half / n) * (half / n) * (half / n))
    assert deviation == pytest.approx(law.std(), rel=1e-6)
    assert scipy.stats.kstest((drawn - mean) / deviation, "norm").pvalue > SURE
    few = int(math.sqrt(9.0 * n))  # a mean of 9
    drawn = many_hypergeometric(few, n - few, few, started(KEY, 2), DRAWS)
    assert reference.law_pvalue(drawn, *reference.hypergeometric_law(few, n - few, few)) > SURE


@pytest.mark.parametrize(
    ("good", "bad", "sample", "expected"),
    [
        *((0, 0, 0, 0), (5, 5, 0, 0), (0, 5, 3, 0), (0, 5, 5, 0), (5, 0, 3, 3), (5, 0, 5, 5)),
        *((3, 4, 7, 3), (4, 3, 7, 4), (10**9, 10**9, 2 * 10**9, 10**9), (0, 10**9, 10**8, 0)),
        *((10**9, 0, 10**8, 10**8), (10**9, 10**9, 0, 0), (1, 0, 1, 1), (0, 1, 1, 0)),
    ],
)
def test_hypergeometric_numbers_that_are_certain(good, bad, sample, expected):
    drawn = many_hypergeometric(good, bad, sample, started(KEY, 9), 20)
    assert drawn.tolist() == [expected] * 20


# Binomial numbers

BINOMIAL = [
    # small mean
    *((1, 0.5), (1, 1e-3), (10, 0.5), (10, 0.1), (19, 0.5), (1000, 0.005), (10**6, 3e-7)),
    *((5, 0.9), (1000, 0.995), (10**6, 1 - 5e-6), (30, 0.3)),
    # on both sides of a mean of 10
    *((20, 0.5), (21, 0.5), (1000, 0.00999), (1000, 0.01), (1000, 0.0101), (25, 0.6), (24, 0.6)),
    # large mean
    *((50, 0.5), (100, 0.2), (100, 0.8), (500, 0.3), (10**4, 0.5), (10**6, 0.01), (10**6, 0.99)),
    *((255, 0.4), (256, 0.4), (257, 0.4), (10**5, 2e-4), (40, 0.49), (40, 0.51)),
    # a billion
    *((10**9, 0.5), (10**9, 1e-9), (10**9, 9.9e-9), (10**9, 1.01e-8), (10**9, 1e-5), (10**9, 0.3)),
    *((10**9, 1 - 9e-9), (10**9, 0.999999), (10**9, 1 - 1e-12)),
]


@pytest.mark.parametrize(("n", "p"), [law for law in BINOMIAL if law[0] < 10**7])
def test_the_twin_of_the_binomial_law_is_scipys(n, p):
    first, found = reference.binomial_law(n, p)
    exact = scipy.stats.binom.pmf(np.arange(first, first + found.size), n, p)
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-9)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(("n", "p"), BINOMIAL)
def test_binomial_numbers_have_the_law(n, p):
    drawn = many_binomial(n, p, started(KEY, n + int(100 * p)), DRAWS)
    assert reference.law_pvalue(drawn, *reference.binomial_law(n, p)) > SURE


@compiled
def test_all_small_binomial_laws():
    state = started(KEY, 18)
    for n, p in itertools.product(range(1, 9), (0.01, 0.2, 0.5, 0.7, 0.97)):
        drawn = many_binomial(n, p, state, 5000)
        assert drawn.min() >= 0
        assert drawn.max() <= n
        law = scipy.stats.binom.pmf(np.arange(n + 1), n, p)
        assert reference.law_pvalue(drawn, 0, law) > SURE, (n, p)


@compiled
@pytest.mark.parametrize("n", [10**10, 10**12, 10**14, 2**52])
@pytest.mark.parametrize("p", [0.5, 0.25])
def test_binomial_numbers_of_the_largest_counts(n, p):
    drawn = many_binomial(n, p, started(KEY, 3), 20_000)
    z = (drawn - n * p) / math.sqrt(n * p * (1 - p))
    assert scipy.stats.kstest(z, "norm").pvalue > SURE
    drawn = many_binomial(n, 9 / n, started(KEY, 4), DRAWS)
    assert reference.law_pvalue(drawn, *reference.binomial_law(n, 9 / n)) > SURE


@pytest.mark.parametrize(
    ("n", "p", "expected"),
    [
        *((0, 0.5, 0), (0, 0.0, 0), (0, 1.0, 0), (7, 0.0, 0), (7, 1.0, 7), (10**9, 0.0, 0)),
        *((10**9, 1.0, 10**9), (10**9, 5e-324, 0), (100, 1 - 2.0**-53, 100)),
    ],
)
def test_binomial_numbers_that_are_certain(n, p, expected):
    assert many_binomial(n, p, started(KEY, 9), 20).tolist() == [expected] * 20


# Tables


def dealt(sizes, n):
    """Margins of a sum of n, none of them 0: the first ones are as given, the last is the rest."""
    out = []
    for k, size in enumerate(sizes):
        rest = len(sizes) - k - 1
        left = n - sum(out)
        out.append(left if not rest else max(1, min(size, left - rest)))
    return out


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
    st.integers(6, 200) | st.integers(10**6, 10**9),
    st.integers(0, 2**32),
)
@example([1], [1], 6, 0)
@example([1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], 6, 0)
def test_tables_keep_both_margins(x, y, n, number):
    x_counts, y_counts = whole(*dealt(x, n)), whole(*dealt(y, n))
    kept = x_counts.copy(), y_counts.copy()
    tables = many_tables(x_counts, y_counts, started(KEY, number), 5)
    assert (tables >= 0).all()
    np.testing.assert_array_equal(tables.sum(axis=2), np.tile(x_counts, (5, 1)))
    np.testing.assert_array_equal(tables.sum(axis=1), np.tile(y_counts, (5, 1)))
    np.testing.assert_array_equal(x_counts, kept[0])
    np.testing.assert_array_equal(y_counts, kept[1])


@compiled
@pytest.mark.parametrize(
    ("x", "y"),
    [
        ((5, 7, 3), (6, 2, 4, 3)),
        ((100, 40, 260), (200, 50, 150)),
        ((1, 1, 98), (30, 70)),
        ((10**6, 3 * 10**6), (2 * 10**6, 10**6, 10**6)),
        ((10**5, 9 * 10**8 - 10**5, 10**8), (10**5, 4 * 10**8 - 10**5, 6 * 10**8)),
    ],
)
def test_moments_of_tables(x, y):
    m = 40_000
    tables = many_tables(whole(*x), whole(*y), started(KEY, 21), m).astype(float)
    r, c = np.array(x, float)[:, None], np.array(y, float)[None, :]
    n = float(sum(x))
    mean = r * c / n
    variance = r * (n - r) * c * (n - c) / (n * n * (n - 1))
    assert (abs(tables.mean(axis=0) - mean) < 5 * np.sqrt(variance / m)).all()
    # A small count has a fourth moment above a normal number's.
    spread = np.sqrt((2 + 1 / variance) / m)
    assert (abs(tables.var(axis=0) / variance - 1) < 6 * spread).all()
    # Two cells of a row: r (n - r) / (n - 1) times -c c' / n**2.
    found = np.cov(tables[:, 0, 0], tables[:, 0, 1])[0, 1]
    covariance = -x[0] * (n - x[0]) / (n - 1) * (y[0] / n) * (y[1] / n)
    scale = math.sqrt(variance[0, 0] * variance[0, 1] + covariance**2)
    assert abs(found - covariance) < 6 * scale / math.sqrt(m) + 6 * abs(covariance) / math.sqrt(m)


def numbers_of(tables, known):
    """How often each of the known tables is among those drawn."""
    places = {table: k for k, table in enumerate(known)}
    found = np.zeros(len(known), int)
    values, counts = np.unique(tables.reshape(len(tables), -1), axis=0, return_counts=True)
    shape = tables.shape[1:]
    for value, count in zip(values, counts, strict=True):
        found[places[tuple(map(tuple, value.reshape(shape).tolist()))]] += count
    return found


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(
    ("x", "y"),
    [([4, 6], [3, 5, 2]), ([2, 9], [4, 4, 3]), ([3, 2, 2], [4, 3]), ([2, 2, 2], [3, 2, 1])],
)
def test_small_tables_have_their_exact_law(x, y):
    known = list(reference.tables_with_margins(x, y))
    exact = [reference.probability_of_table(table) for table in known]
    assert sum(exact) == 1
    m = 100_000
    found = numbers_of(many_tables(whole(*x), whole(*y), started(KEY, 22), m), known)
    expected = np.array(exact, float) * m
    assert scipy.stats.chisquare(found, expected).pvalue > SURE
    law = scipy.stats.random_table(x, y)
    assert [law.pmf(np.array(t)) for t in known] == pytest.approx([float(p) for p in exact])
    others = numbers_of(law.rvs(20_000, random_state=1).astype(int), known)
    both = np.array([found, others])[:, (found + others) > 0]
    assert scipy.stats.chi2_contingency(both).pvalue > SURE


# Sums over tables


def information_sum(table):
    """The number of samples times their mutual information, in nats."""
    rows, columns = (
        [sum(row) for row in table],
        [sum(column) for column in zip(*table, strict=True)],
    )
    n = sum(rows)
    return math.fsum(
        c * math.log(c * n / (x * y))
        for x, row in zip(rows, table, strict=True)
        for y, c in zip(columns, row, strict=True)
        if c
    )


each_sum = pytest.mark.parametrize("draw", [many_table_sums, many_shuffled_sums, many_sums_in_step])


@pytest.mark.slow
@each_sum
@pytest.mark.parametrize(("x", "y"), [((4, 6), (3, 5, 2)), ((1, 2, 3, 4), (5, 5)), ((6,), (2, 4))])
def test_sums_are_those_of_tables_with_the_margins(draw, x, y):
    known = {
        round(abs(information_sum(table)), 9)
        for table in reference.tables_with_margins(list(x), list(y))
    }
    found = {round(s, 9) for s in draw(whole(*x), whole(*y), KEY, 0, 500).tolist()}
    assert found <= known
    assert len(found) > len(known) / 2


@compiled
@each_sum
@pytest.mark.parametrize(
    ("x", "y"), [([4, 6], [3, 5, 2]), ([3, 3, 4], [5, 2, 3]), ([1] * 4, [2] * 2)]
)
def test_sums_have_their_exact_law(draw, x, y):
    law: dict = {}
    for table in reference.tables_with_margins(x, y):
        value = round(abs(information_sum(table)), 9)
        law[value] = law.get(value, 0) + reference.probability_of_table(table)
    values = np.array(sorted(law))
    m = 50_000
    found = draw(whole(*x), whole(*y), KEY, 0, m)
    places = np.searchsorted(values, found - 1e-8)
    np.testing.assert_allclose(values[places], found, rtol=0, atol=1e-8)
    expected = np.array([float(law[v]) * m for v in values.tolist()])
    counts = np.bincount(places, minlength=values.size)
    if values.size == 1:
        assert counts.tolist() == [m]
    else:
        assert reference.law_pvalue(places, 0, expected / m) > SURE


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(
    ("x", "y", "m"),
    [
        ((100, 300, 50, 50), (250, 150, 100), 20_000),
        ((10, 20, 5, 1, 1, 3), (4,) * 10, 20_000),
        ((3,) * 100, (2,) * 150, 4000),
        ((1,) * 200 + (50,) * 4, (80,) * 5, 2000),
        ((5000, 5000), (9990, 10), 1000),
    ],
)
def test_tables_and_shuffles_have_one_law(x, y, m):
    shuffled = many_shuffled_sums(whole(*x), whole(*y), KEY, 10**6, m)
    for draw in many_table_sums, many_sums_in_step:
        drawn = draw(whole(*x), whole(*y), KEY, 0, m)
        # Equal sums that differ by rounding are one value.
        assert scipy.stats.ks_2samp(drawn.round(8), shuffled.round(8)).pvalue > SURE
        error = math.sqrt((drawn.var() + shuffled.var()) / m)
        assert abs(drawn.mean() - shuffled.mean()) < 5 * error + 1e-9


@each_sum
def test_replicates_are_numbered(draw):
    margins = whole(30, 50, 20), whole(40, 45, 15)
    at_once = draw(*margins, KEY, 0, 40)
    assert len(set(at_once.tolist())) > 20
    for first, n in ((0, 10), (7, 5), (39, 1), (12, 28)):
        np.testing.assert_array_equal(draw(*margins, KEY, first, n), at_once[first : first + n])
    assert not np.array_equal(draw(*margins, KEY + np.uint64(1), 0, 40), at_once)


# Cells of a bootstrap sample


@given(
    st.lists(st.integers(0, 50) | st.integers(0, 10**8), min_size=1, max_size=20),
    st.integers(0, 2**32),
)
@example([0], 0)
@example([0, 0, 0], 0)
@example([5], 0)
@example([0, 3, 0], 0)
def test_cells_keep_the_number_of_samples(counts, first):
    drawn = many_cells(whole(*counts), KEY, first, 6)
    assert (drawn == np.floor(drawn)).all()
    assert (drawn >= 0).all()
    assert drawn.sum(axis=1).tolist() == [sum(counts)] * 6
    assert not drawn[:, np.array(counts) == 0].any()


@compiled
@pytest.mark.parametrize(
    "counts", [(3, 5, 2), (100, 1, 50, 300, 7), (1,) * 30, (10**6, 10**8, 5, 10**3, 10**8)]
)
def test_cells_are_multinomial(counts):
    m = 40_000
    drawn = many_cells(whole(*counts), KEY, 0, m)
    n = sum(counts)
    p = np.array(counts) / n
    covariance = n * (np.diag(p) - np.outer(p, p))
    variance = np.diag(covariance)
    assert (abs(drawn.mean(axis=0) - n * p) < 5 * np.sqrt(variance / m)).all()
    scale = np.sqrt((np.outer(variance, variance) + covariance**2 + np.diag(variance)) / m)
    assert (abs(np.cov(drawn.T) - covariance) < 6 * scale).all()
    for k in (0, len(counts) // 2, len(counts) - 1):  # the first, the last and one between
        law = reference.binomial_law(n, counts[k] / n)
        assert reference.law_pvalue(drawn[:, k].astype(int), *law) > SURE


def test_replicates_of_cells_are_numbered():
    counts = whole(30, 50, 0, 20, 7)
    at_once = many_cells(counts, KEY, 0, 30)
    assert len(np.unique(at_once, axis=0)) > 20
    for first, n in ((0, 10), (7, 5), (29, 1)):
        np.testing.assert_array_equal(many_cells(counts, KEY, first, n), at_once[first : first + n])


# Codes in random order


@pytest.mark.slow
@compiled
def test_all_orders_of_codes_are_as_likely():
    shuffled = many_shuffles(np.arange(5, dtype=np.uint8), KEY, 0, 60_000)
    orders, counts = np.unique(shuffled, axis=0, return_counts=True)
    assert sorted(map(tuple, orders.tolist())) == list(itertools.permutations(range(5)))
    assert scipy.stats.chisquare(counts).pvalue > SURE


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
def test_shuffled_codes_are_the_same_codes(dtype, rng):
    codes = rng.integers(0, 200, 1000).astype(dtype)
    kept = codes.copy()
    shuffled = many_shuffles(codes, KEY, 0, 20)
    np.testing.assert_array_equal(codes, kept)
    np.testing.assert_array_equal(np.sort(shuffled), np.tile(np.sort(codes), (20, 1)))
    assert len(np.unique(shuffled, axis=0)) == 20
    np.testing.assert_array_equal(many_shuffles(codes, KEY, 7, 5), shuffled[7:12])
    for few in codes[:0], codes[:1]:
        np.testing.assert_array_equal(many_shuffles(few, KEY, 0, 1)[0], few)


# Called from Python, and as Python

PROGRAM = """
import numpy as np
from fastinfo.kernels.information import resampling
from fastinfo.kernels.random import substreams as streams, variates

key = np.array([1, 2], np.uint64)
state = np.empty(4, np.uint64)
streams.start(key, 3, state)
found = [float(streams.uniform(state)), int(streams.next_bits(state))]
found += [int(streams.below(state, 1000)) for _ in range(5)]
for law in (5, 10, 3), (500, 400, 300), (10**8, 10**8, 10**8):
    found.append(int(variates.hypergeometric(*law, state, True)))
for law in (10, 0.2), (10**6, 0.7), (1000, 0.4):
    found.append(int(variates.binomial(*law, state, True)))
found.append(float(variates.log_factorial(10)))
x, y = np.array([50, 30, 20]), np.array([60, 40])
table, left = np.empty((3, 2), np.int64), np.empty(2, np.int64)
resampling.draw_table(x, y, state, None, left, table)
found.append(table.tolist())
for draw, large in (resampling.table_sums, [None]), (resampling.shuffled_sums, []):
    out = np.empty(3)
    draw(x, y, key, 0, *large, out)
    found.append(out.round(9).tolist())
cells = np.empty((2, 3))
resampling.draw_cells(x, key, 0, None, cells)
found.append(cells.tolist())
print(found)
"""


@pytest.mark.slow
def test_interpreted_kernels_draw_the_same_numbers():
    program = "-W", "error", "-c", PROGRAM
    compiled_ones, interpreted = (printed(*program, NUMBA_DISABLE_JIT=i) for i in "01")
    assert compiled_ones == interpreted


@pytest.mark.slow
def test_variates_are_whole_numbers_for_python_too():
    state = started(KEY, 0)
    assert isinstance(variates.hypergeometric(5, 10, 3, state, None), (int, np.integer))
    assert isinstance(variates.binomial(100, 0.25, state, None), (int, np.integer))
    assert isinstance(variates.binomial(0, 0.25, state, None), (int, np.integer))
