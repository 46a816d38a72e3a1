"""p-values by the margins: exact moments, laws of draws, calibration, tails, what must not count.

Small tables are held against all tables with the same margins, which are listed.
"""

import math

import numpy as np
import pytest
import scipy.special
import scipy.stats
from helpers import compiled
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

import fastinfo
from fastinfo import JointCounts
from fastinfo._counts.distinct_sizes import distinct_sizes
from fastinfo._counts.table import Table
from fastinfo._measures import independence
from fastinfo._measures.information import information_of
from fastinfo._measures.nulls import drawn_tables
from fastinfo.kernels.information import independence as kernels
from fastinfo.kernels.information import resampling


def compositions(total, limits):
    """Every way to write `total` as whole numbers that are not above their limits."""
    if len(limits) == 1:
        if total <= limits[0]:
            yield (total,)
        return
    for first in range(min(total, limits[0]) + 1):
        for rest in compositions(total - first, limits[1:]):
            yield (first, *rest)


def tables(rows, columns):
    """Every table with these margins."""
    if len(rows) == 1:
        yield (tuple(columns),)
        return
    for first in compositions(rows[0], columns):
        left = [c - f for c, f in zip(columns, first, strict=True)]
        for rest in tables(rows[1:], left):
            yield (first, *rest)


def null_of(rows, columns):
    """n I of every table with these margins, and its probability."""
    n = sum(rows)
    log = math.lgamma
    constant = sum(log(a + 1) for a in (*rows, *columns)) - log(n + 1)
    information, probability = [], []
    for table in tables(list(rows), list(columns)):
        terms = [
            c * math.log(c * n / (rows[i] * columns[j]))
            for i, row in enumerate(table)
            for j, c in enumerate(row)
            if c
        ]
        information.append(math.fsum(terms))
        probability.append(math.exp(constant - sum(log(c + 1) for row in table for c in row)))
    return np.array(information), np.array(probability)


def classes(sizes):
    values, times = np.unique(np.asarray(sizes, float), return_counts=True)
    return values, times.astype(float)


def equal(n, k):
    """Sizes of `k` levels of equal counts."""
    return np.bincount(np.arange(n) * k // n)


def moments_of(rows, columns):
    """Mean and variance of ``n I``, of cells of any size."""
    sizes = [distinct_sizes(np.asarray(side, np.float64)) for side in (rows, columns)]
    n = float(sum(rows))
    return independence.mean_of(*sizes, n), independence.variance_of(*sizes, n)


def table_of(x, y):
    return JointCounts.from_labels(np.asarray(x), np.asarray(y))


def result_of(x, y):
    return independence.test_independence(table_of(x, y)._table)


def null_values(null, rows, columns):
    """The drawn sums as n I."""
    n = sum(rows)
    margins = sum(a * math.log(a) for a in (*rows, *columns))
    return null / null_scale(n) + n * math.log(n) - margins


def null_scale(n):
    return 2.0 ** math.floor(52.0 - math.log2(n * math.log(n) + 1.0))


SMALL = [
    ((2, 2, 2, 2), (4, 4)),
    ((1, 2, 3, 4), (3, 3, 4)),
    ((1, 1, 1, 3, 3), (2, 7)),
    ((9, 1), (3, 3, 4)),
    ((12, 2, 2), (10, 6)),
    ((2, 2, 2, 2, 2), (1, 3, 6)),
    ((6, 6), (6, 6)),
    ((28, 2), (29, 1)),
]


# The exact moments


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "columns"), SMALL)
def test_the_moments_are_those_of_all_tables(rows, columns):
    information, probability = null_of(rows, columns)
    assert math.isclose(probability.sum(), 1.0, rel_tol=1e-12)
    wanted = float(probability @ information)
    variance = float(probability @ (information - wanted) ** 2)
    for x, y in ((rows, columns), (columns, rows)):
        mean, found = kernels.moments(*classes(x), *classes(y), float(sum(rows)), 16)
        assert math.isclose(mean, wanted, rel_tol=1e-12)
        assert math.isclose(found, variance, rel_tol=1e-6, abs_tol=1e-12)


@compiled
@given(
    st.lists(st.integers(1, 4), min_size=2, max_size=4),
    st.lists(st.floats(0.05, 1.0), min_size=2, max_size=3),
)
def test_the_moments_of_any_small_margins(rows, shares):
    n = sum(rows)
    cuts = np.round(np.cumsum(shares) / np.sum(shares) * n).astype(int)
    columns = [int(c) for c in np.diff([0, *cuts]) if c]
    if len(columns) < 2:
        return
    information, probability = null_of(rows, columns)
    wanted = float(probability @ information)
    variance = float(probability @ (information - wanted) ** 2)
    mean, found = kernels.moments(*classes(rows), *classes(columns), float(n), 16)
    assert math.isclose(mean, wanted, rel_tol=1e-11)
    assert math.isclose(found, variance, rel_tol=1e-6, abs_tol=1e-9)


@compiled
@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        (equal(1000, 9), [980, 20]),
        (equal(1000, 500), equal(1000, 7)),
        ([950, 30, 20], [900, 60, 40]),
        ([5, 5, 40, 950], equal(1000, 25)),
        (equal(4000, 3), equal(4000, 3)),
        ([1] * 500 + [500], [300, 700]),
    ],
)
def test_the_moments_of_larger_tables_are_those_of_draws(rows, columns):
    rows, columns = (np.asarray(a, np.int64) for a in (rows, columns))
    draws = 4000
    out = np.empty(draws)
    resampling.shuffled_sums(rows, columns, np.array([1, 2], np.uint64), 0, out)
    mean, variance = moments_of(rows, columns)
    assert abs(out.mean() - mean) < 4.0 * math.sqrt(variance / draws)
    kurtosis = float(((out - out.mean()) ** 4).mean() / out.var() ** 2)
    assert abs(out.var() / variance - 1.0) < 4.0 * math.sqrt((kurtosis - 1.0) / draws)


def test_the_mean_is_the_expected_mutual_information(rng):
    x, y = rng.multinomial(500, [0.5, 0.3, 0.1, 0.1]), rng.multinomial(500, np.full(60, 1 / 60))
    y = y[y > 0]
    mean, _ = moments_of(x, y)
    table = np.zeros((x.size, y.size), np.int64)  # any table with these margins
    i = j = 0
    left, right = x.copy(), y.copy()
    while i < x.size and j < y.size:
        table[i, j] = c = min(left[i], right[j])
        left[i] -= c
        right[j] -= c
        i, j = (i + 1, j) if left[i] == 0 else (i, j + 1)
    wanted = fastinfo.expected_mutual_information(table, 500)
    assert math.isclose(mean / 500, wanted, rel_tol=1e-10)


def test_the_variance_of_well_filled_tables_is_that_of_chi_squared():
    mean, variance = moments_of(equal(10**6, 5), equal(10**6, 4))
    assert math.isclose(mean, 6.0, rel_tol=1e-4)
    assert math.isclose(variance, 6.0, rel_tol=1e-2)


@compiled
def test_similar_sizes_together_have_the_same_variance(rng):
    x, y = (
        independence._margin(np.unique(rng.zipf(a, 50_000), return_counts=True)[1].astype(float))
        for a in (1.3, 1.7)
    )
    _, exact = independence._exact_moments(x, y, 5e4)
    alike = [independence._alike(m) for m in (x, y)]
    _, found = independence._exact_moments(*alike, 5e4)
    assert len(alike[0].sizes) < 0.7 * len(x.sizes)
    for one, other in zip(alike, (x, y), strict=True):
        assert one.classes[1].sum() == other.levels
        assert math.isclose(float(np.prod(one.classes, axis=0).sum()), 5e4, rel_tol=1e-12)
    assert math.isclose(found, exact, rel_tol=0.01)


# Draws, and all tables of two rows and columns


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(
    ("rows", "columns", "drawn", "rest"),
    [
        ((2, 2, 2, 2), (4, 4), (2, 2, 2, 2), False),
        ((2, 2, 2, 2), (4, 4), (2, 2, 2), True),
        ((1, 1, 1, 3, 3), (2, 3, 4), (3, 3), False),
        ((2, 3, 4), (1, 1, 1, 3, 3), (2, 3), True),
        ((1, 2, 9), (3, 4, 5), (1, 2), True),
    ],
)
def test_placed_tables_have_the_law_of_all_tables(rows, columns, drawn, rest):
    information, probability = null_of(rows, columns)
    n, draws = sum(rows), 20_000
    sums = np.empty(draws, np.int64)
    args = np.array(drawn, np.int64), np.array(columns, np.int64)
    scale, key = null_scale(n), np.array([3, 4], np.uint64)
    kernels.placed_sums(*args, rest, scale, key, sums)
    check_law(null_values(sums, rows, columns), information, probability)
    if not rest:
        kernels.drawn_sums(*args, scale, key, None, sums)
        check_law(null_values(sums, rows, columns), information, probability)


def check_law(found, information, probability):
    """Chi-squared over the distinct values."""
    values, where = np.unique(np.round(information, 9), return_inverse=True)
    wanted = np.bincount(where, probability) * found.size
    places = np.searchsorted(values, found - 1e-6)
    np.testing.assert_allclose(values[places], found, atol=1e-6)
    seen = np.bincount(places, minlength=values.size)
    likely = wanted >= 5.0
    if likely.sum() > 1:
        assert abs(seen[~likely].sum() - wanted[~likely].sum()) < 30
        share = wanted[likely] / wanted[likely].sum()
        assert scipy.stats.chisquare(seen[likely], share * seen[likely].sum()).pvalue > 1e-5


def test_equal_tables_have_equal_sums(rng):
    counts = rng.integers(0, 30, 500).astype(float)
    found = {int(kernels.fixed_sum(rng.permutation(counts), 2.0**30)) for _ in range(20)}
    assert len(found) == 1
    wanted = float(scipy.special.xlogy(counts, counts).sum())
    assert math.isclose(found.pop() / 2.0**30, wanted, rel_tol=1e-7)


@pytest.mark.parametrize(("a", "b", "n"), [(5, 20, 1000), (3, 3, 10), (4, 9, 30), (20, 20, 60)])
def test_two_rows_and_columns_are_exact(a, b, n):
    information, probability = null_of((a, n - a), (b, n - b))
    for observed in information:
        wanted = probability[information >= observed - 1e-9].sum()
        found = kernels.two_by_two(float(a), float(b), float(n), observed, 1e-10)
        assert math.isclose(found, wanted, rel_tol=1e-9)


@pytest.mark.parametrize(("rows", "columns"), SMALL)
def test_probabilities_of_tables(rows, columns):
    n = sum(rows)
    total = 0.0
    for table in tables(list(rows), list(columns)):
        cells = Table.of(np.array(table))
        own = kernels.log_probability(cells.counts, cells.x_counts, cells.y_counts)
        total += math.exp(own)
    assert math.isclose(total, 1.0, rel_tol=1e-9), n


@pytest.mark.slow
def test_the_kernels_inside_njit():
    x, y = classes([2, 3, 4]), classes([4, 5])

    @njit
    def both(a, at, b, bt):
        return kernels.moments(a, at, b, bt, 9.0, 16)

    assert both(*x, *y) == pytest.approx(kernels.moments(*x, *y, 9.0, 16), rel=1e-12)


# Which test


def test_a_well_filled_table_has_the_g_test(rng):
    for levels in ((2, 2), (3, 5), (8, 8)):
        x = rng.integers(0, levels[0], 20_000)
        y = np.where(rng.random(x.size) < 0.02, x % levels[1], rng.integers(0, levels[1], x.size))
        counts = table_of(x, y)
        found = independence.test_independence(counts._table)
        assert found == (counts.independence_test().pvalue, "g")
        theirs = scipy.stats.chi2_contingency(
            counts.table, correction=False, lambda_="log-likelihood"
        )
        assert math.isclose(found.pvalue, theirs.pvalue, rel_tol=1e-9)


def test_small_p_values_of_well_filled_tables(rng):
    x = rng.integers(0, 4, 3000)
    y = np.where(rng.random(x.size) < 0.4, x, rng.integers(0, 4, x.size))
    counts = table_of(x, y)
    found = independence.test_independence(counts._table)
    assert found.test == "g"
    assert 1e-300 < found.pvalue == counts.independence_test().pvalue < 1e-100


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.arange(100), np.arange(100) % 3),
        (np.arange(100) % 7, np.arange(100)),
        (np.zeros(100, int), np.arange(100) % 3),
        (np.arange(100) % 2, np.ones(100, int)),
        (np.arange(100), np.arange(100)),
        (np.arange(100) == 7, np.arange(100) % 4),  # one sample in any of four equal levels
    ],
)
def test_one_possible_value_is_no_evidence(x, y):
    assert result_of(x, y) == (1.0, "permutation")


def test_of_nothing_it_is_nan():
    assert math.isnan(independence.test_independence(Table.of(np.zeros((3, 2)))).pvalue)


def test_weights_have_the_g_test_where_cells_are_filled():
    table = 30.0 * np.array([[1.5, 0.25, 3.0], [2.0, 4.0, 0.5]])
    counts = JointCounts(table)
    found = independence.test_independence(counts._table)
    assert found == (counts.independence_test().pvalue, "g")


def test_weights_of_thin_tables_have_the_law_of_whole_samples(rng):
    x, y = rng.integers(0, 60, 200), rng.integers(0, 5, 200)
    whole = table_of(x, y)._table
    weighted = JointCounts.from_samples(x, y, discrete=True, sample_weight=np.full(200, 3.0))._table
    n = 200.0 * information_of(whole)
    mean, variance = moments_of(whole.x_counts[whole.x_counts > 0], whole.y_counts)
    found = independence.test_independence(weighted)
    assert found.test == "g"
    assert found.pvalue == pytest.approx(drawn_tables.gamma_tail(n, mean, variance), rel=1e-9)


@compiled
@given(st.lists(st.floats(0.0, 20.0), min_size=1, max_size=30))
def test_whole_sizes_have_the_sum(counts):
    found = independence.whole_sizes(np.array(counts))
    assert found.sum() == max(round(float(np.sum(counts))), 1) or not any(counts)
    assert (found > 0).all()
    assert (found == np.round(found)).all()


@compiled
def test_the_way_does_not_depend_on_what_is_seen(rng):
    for x, y in (
        (np.arange(300) // 2, np.arange(300) // 150),
        (np.arange(300) % 40, np.arange(300) // 43),
        (np.arange(300) < 5, np.arange(300) // 43),
    ):
        found = {result_of(x, rng.permutation(y)).test for _ in range(5)} | {result_of(x, y).test}
        assert found == {"permutation"}


# The same answer


CASES = {
    "drawn": (np.arange(200) < 6, np.arange(200) // 25),
    "cells": (np.r_[np.zeros(6), np.arange(194) % 2 + 1].astype(int), np.arange(200) % 4),
    "law": (np.arange(200) // 4, np.arange(200) // 40),
    "pairs": (np.arange(200) // 2, np.arange(200) % 2),
    "two": (np.arange(200) < 6, np.arange(200) < 30),
    "g": (np.arange(200) // 100, np.arange(200) // 50),
}


@compiled
@pytest.mark.parametrize("case", CASES)
def test_names_and_order_of_levels_do_not_count(case, rng):
    x, y = CASES[case]
    y = rng.permutation(y)
    wanted = result_of(x, y)
    drawn_tables.draw.cache_clear()
    for _ in range(3):
        order = rng.permutation(x.size)
        names, others = (rng.permutation(1000)[: int(a.max()) + 1] for a in (x, y))
        found = result_of(names[x.astype(int)][order], others[y.astype(int)][order])
        assert found.test == wanted.test
        assert math.isclose(found.pvalue, wanted.pvalue, rel_tol=1e-9)
    table = table_of(x, y).table
    padded = np.zeros((table.shape[0] + 2, table.shape[1] + 1), table.dtype)
    padded[1:-1, 1:] = table
    rows, columns = np.nonzero(table)
    for cells in (
        Table.of(np.ascontiguousarray(table.T)),
        Table.of(padded),
        Table(table[rows, columns], table.shape, (rows, columns)),
    ):
        found = independence.test_independence(cells)
        assert found.test == wanted.test
        assert math.isclose(found.pvalue, wanted.pvalue, rel_tol=1e-9)


@compiled
@pytest.mark.parametrize("case", CASES)
def test_the_same_bits_for_any_number_of_threads(case, threads):
    x, y = CASES[case]
    y = np.random.default_rng(5).permutation(y)
    drawn_tables.draw.cache_clear()
    found = result_of(x, y)
    with fastinfo.num_threads(1):
        drawn_tables.draw.cache_clear()
        assert result_of(x, y) == found


@compiled
@pytest.mark.parametrize("case", CASES)
def test_what_is_known_need_not_be_computed(case, rng):
    x, y = CASES[case]
    cells = table_of(x, rng.permutation(y))._table
    wanted = independence.test_independence(cells)
    information = information_of(cells)
    first, second = sorted(independence._margin(m) for m in (cells.x_counts, cells.y_counts))
    expected = independence._moments(first, second, float(cells.n))[0] / cells.n
    assert independence.test_independence(cells, information) == wanted
    found = independence.test_independence(cells, information, expected)
    assert math.isclose(found.pvalue, wanted.pvalue, rel_tol=1e-9)


# Calibration


def columns_of(n, rng):
    normal = rng.normal(size=n)
    cuts = np.unique(np.quantile(np.exp(2 * normal), np.arange(1, 7) / 7))
    zeros = np.where(rng.random(n) < 0.6, 0.0, np.exp(normal))
    return {
        "names": np.arange(n),
        "twice": np.arange(n) // 2,
        "half": rng.integers(0, n // 2, n),
        "50 levels": rng.integers(0, 50, n),
        "zipf": np.minimum(rng.zipf(1.3, n), 10**6),
        "log-normal": np.searchsorted(cuts, np.exp(2 * normal)),
        "zero-inflated": np.where(zeros > 0.0, 1 + np.searchsorted([0.5, 1.0, 2.0], zeros), 0),
        "one rare level": np.where(np.arange(n) < 3, 3, np.arange(n) % 3),
        "rare flag": np.arange(n) < min(20, n // 5),
    }


def targets_of(n, rng):
    return {
        "numeric": np.arange(n) * 7 // n,
        "binary": np.arange(n) * 2 // n,
        "rare": np.arange(n) < max(n // 50, 2),
        "100 levels": rng.integers(0, 100, n),
    }


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("n", [30, 100, 350, 1000])
@pytest.mark.parametrize("kind", columns_of(60, np.random.default_rng(0)))
def test_false_alarms_on_shuffled_targets(n, kind):
    rng = np.random.default_rng(n)
    x = columns_of(n, rng)[kind]
    shuffles = 400
    for name, y in targets_of(n, rng).items():
        pvalues, values = [], set()
        for _ in range(shuffles):
            cells = table_of(x, rng.permutation(y))._table
            information = information_of(cells)
            pvalues.append(independence.test_independence(cells, information).pvalue)
            values.add(round(float(cells.n) * information, 7))
        alarms = float(np.mean(np.array(pvalues) < 0.05))
        # 5 % and the deviation of 400: 3 of them above, 3 below
        assert alarms < 0.083, (name, alarms)
        assert alarms > 0.017 or len(values) <= 60, (name, alarms, len(values))
        assert (kind == "names") == (set(pvalues) == {1.0}) or len(values) < 3


@compiled
def test_the_plain_g_test_would_not_do(rng):
    alarms = {"g": 0, "ours": 0}
    for _ in range(100):
        counts = table_of(rng.integers(0, 50, 350), rng.integers(0, 7, 350))
        alarms["g"] += counts.independence_test().pvalue < 0.05
        alarms["ours"] += independence.test_independence(counts._table).pvalue < 0.05
    assert alarms["g"] > 40
    assert alarms["ours"] < 15


# Tails


def log_binomial(n, k):
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


@compiled
@pytest.mark.parametrize(("pairs", "ones"), [(50, 50), (250, 250), (500, 100), (5000, 200)])
def test_pairs_against_two_classes_to_the_end_of_the_tail(pairs, ones):
    """Each level twice: the law of how many levels have both classes is known."""
    split = np.arange(ones % 2, min(ones, pairs) + 1, 2)
    logs = [
        log_binomial(pairs, k)
        + k * math.log(2.0)
        + log_binomial(pairs - k, (ones - k) // 2)
        - log_binomial(2 * pairs, ones)
        for k in split.tolist()
    ]
    exact = np.cumsum(np.exp(logs))
    seen = 0
    for k, wanted in zip(split.tolist(), exact.tolist(), strict=True):
        if not 1e-200 < wanted < 0.3 or (seen := seen + 1) > 200:
            continue
        both = (ones - k) // 2
        table = np.repeat([[2, 0], [1, 1], [0, 2]], [both, k, pairs - k - both], axis=0)
        found = independence.test_independence(Table.of(table)).pvalue
        assert found > 0.8 * wanted
        if wanted > 1e-3:
            assert found < 4.0 * wanted
        assert found < 2.0 * wanted ** (1 / 3)


@compiled
def test_all_tables_of_small_margins():
    """p-values of all tables beside the exact ones: no alarm where there is none."""
    for rows, columns in SMALL:
        information, probability = null_of(rows, columns)
        for k, table in enumerate(tables(list(rows), list(columns))):
            exact = probability[information >= information[k] - 1e-9].sum()
            found = independence.test_independence(Table.of(np.array(table))).pvalue
            assert probability[k] * 0.999 <= found <= 1.0
            assert 0.5 * exact < found < 2.0 * exact + 0.01 or exact < 1e-3


@compiled
@pytest.mark.parametrize("n", [100, 350, 1000])
def test_what_is_clear_is_seen(n, rng):
    x = rng.integers(0, 50, n)
    assert result_of(x, x % 5).pvalue < 1e-15
    assert result_of(x, x % 2).pvalue < 1e-8
    noisy = np.where(rng.random(n) < 0.8, x % 2, rng.integers(0, 2, n))
    assert result_of(x, noisy).pvalue < 1e-4
    names = np.arange(n) // 2
    assert result_of(names, names * 14 // n).pvalue < 1e-15
    assert result_of(names, names).pvalue < 1e-20  # where G has p = 1
    assert table_of(names, names).independence_test().pvalue > 0.5


@compiled
@pytest.mark.parametrize("n", [100, 350, 1000])
def test_where_g_nearly_holds_the_p_value_is_near_to_it(n, rng):
    x = rng.normal(size=n)
    y = 0.7 * x + rng.normal(size=n)
    counts = table_of(*(np.argsort(np.argsort(a)) * k // n for a, k in ((x, 7), (y, 5))))
    found = independence.test_independence(counts._table).pvalue
    plain = counts.independence_test().pvalue
    assert plain < 0.01
    assert abs(math.log(found) - math.log(plain)) < 0.3 * abs(math.log(plain)) + math.log(3.0)


@compiled
def test_p_values_never_reach_zero():
    x = np.arange(20_000) // 4
    found = result_of(x, x)
    assert found.pvalue > 0.0
    assert found.test == "permutation"


@compiled
def test_p_values_fall_as_the_information_grows(rng):
    for x, y in (
        (np.arange(350) % 50, np.arange(350) // 50),
        (np.arange(350) < 9, np.arange(350) // 50),
    ):
        pairs = []
        for share in (0.0, 0.02, 0.05, 0.1, 0.3, 0.6, 1.0):
            order = np.arange(350)
            some = rng.random(350) < share
            order[some] = rng.permutation(order[some])
            cells = table_of(x, y[order])._table
            information = information_of(cells)
            pairs.append((information, independence.test_independence(cells, information).pvalue))
        pairs.sort()
        pvalues = [p for _, p in pairs]
        assert pvalues == sorted(pvalues, reverse=True)


# Size


@compiled
def test_many_levels_cost_little(rng):
    """A million rows of half a million levels: drawing would take a minute."""
    n = 1_000_000
    x, y = rng.integers(0, n // 2, n), rng.integers(0, 100, n)
    cells = table_of(x, y)._table
    found = independence.test_independence(cells, information_of(cells))
    assert found.test == "permutation"
    assert 1e-4 < found.pvalue <= 1.0


def test_counts_past_float64_have_the_g_test():
    table = np.array([[2**52, 2**52], [2**52, 2**52 + 8]])
    assert independence.test_independence(Table.of(table)).test == "g"
