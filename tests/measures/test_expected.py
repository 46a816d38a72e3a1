"""Expected mutual information: exact sums, mpmath at 10**9 samples, scikit-learn, all labelings."""

import itertools
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import scipy.sparse as sp
from helpers import quiet
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from sklearn.metrics.cluster import expected_mutual_information as sklearn_emi

import fastinfo
from fastinfo import (
    JointCounts,
    adjusted_mutual_info_score,
    expected_mutual_information,
    mutual_info_score,
    mutual_information,
    mutual_information_matrix,
    num_threads,
)
from fastinfo.kernels.information import expected as kernels


def cell(a, b, n):
    """Expected share of one cell: probabilities as integers of 200 bits, logarithms of mpmath."""
    least, most = max(0, a + b - n), min(a, b)
    start = max(least, min(most, (a + 1) * (b + 1) // (n + 2)))
    weights = {start: 1 << 200}
    w, c = 1 << 200, start
    while c < most and w:
        w = w * (a - c) * (b - c) // ((c + 1) * (n - a - b + c + 1))
        c += 1
        weights[c] = w
    w, c = 1 << 200, start
    while c > least and w:
        w = w * c * (n - a - b + c) // ((a - c + 1) * (b - c + 1))
        c -= 1
        weights[c] = w
    with mpmath.workdps(40):
        s = mpmath.fsum(
            mpmath.mpf(w) * c / n * mpmath.log(mpmath.mpf(c) * n / (mpmath.mpf(a) * b))
            for c, w in weights.items()
            if c
        )
        return float(s / sum(weights.values()))


def expected(x_sizes, y_sizes, n):
    return math.fsum(cell(int(a), int(b), n) for a in x_sizes for b in y_sizes)


def table_of(x_sizes, y_sizes):
    """Some table with these margins (the north-west corner rule)."""
    x, y = list(x_sizes), list(y_sizes)
    table = np.zeros((len(x), len(y)), np.int64)
    i = j = 0
    while i < len(x) and j < len(y):
        table[i, j] = min(x[i], y[j])
        x[i] -= table[i, j]
        y[j] -= table[i, j]
        i, j = (i + 1, j) if x[i] == 0 else (i, j + 1)
    return table


# Cells


@pytest.mark.parametrize(
    ("a", "b", "n"),
    [
        (1, 1, 1),
        (1, 1, 2),
        (3, 4, 10),
        (50, 50, 100),
        (99, 99, 100),
        (7, 7, 7),
        (1, 7, 7),
        (1, 1, 10**9),
        (2, 999_999_999, 10**9),
        (1000, 500_000_000, 10**9),
        (10**6, 10**6, 10**9),
        (3 * 10**5, 7 * 10**8, 10**9),
        (999_999_999, 999_999_998, 10**9),
        (999_999_000, 10**5, 10**9),
        (10**4 + 7, 10**5 + 3, 10**10),
        (10**6 + 1, 10**9 + 7, 2**51),
    ],
)
def test_cells_keep_their_digits(a, b, n):
    found = kernels.expected_cell(float(a), float(b), float(n))
    assert found == pytest.approx(cell(a, b, n), rel=1e-12, abs=0)
    assert kernels.expected_cell(float(b), float(a), float(n)) == found


def test_cells_where_one_cluster_has_all_samples():
    for b in (1.0, 5.0, 1e9 / 3 // 1):
        assert kernels.expected_cell(1e9, b, 1e9) == 0.0


@given(st.integers(1, 60), st.data())
def test_any_small_cell(n, data):
    """Against exact probabilities from binomial coefficients."""
    a, b = data.draw(st.integers(1, n)), data.draw(st.integers(1, n))
    total = math.comb(n, b)
    exact = math.fsum(
        float(Fraction(math.comb(a, c) * math.comb(n - a, b - c) * c, total * n))
        * math.log(Fraction(c * n, a * b))
        for c in range(max(1, a + b - n), min(a, b) + 1)
    )
    found = kernels.expected_cell(float(a), float(b), float(n))
    assert found == pytest.approx(exact, rel=1e-9, abs=1e-16)


def test_a_cell_of_a_thousand_million_samples_follows_its_moments():
    """Half of the samples each: E = Var / (2 n m) to the order of 1 / n."""
    n = 1e9
    assert kernels.expected_cell(n / 2, n / 2, n) == pytest.approx(
        n / 16 * (n / (n - 1)) * 4 / (2 * n * n), rel=1e-8
    )


# Tables


def test_published_value():
    a = np.repeat([1, 2, 3], [6, 6, 5])
    b = np.array([1, 1, 1, 1, 2, 1, 2, 2, 2, 2, 3, 1, 3, 3, 3, 2, 2])
    table = np.zeros((3, 3), int)
    np.add.at(table, (a - 1, b - 1), 1)
    assert expected_mutual_information(table, 17) == pytest.approx(0.15042, abs=5e-6)


@pytest.mark.parametrize("sizes", [([2, 1, 2], [3, 2]), ([1, 1, 3], [2, 2, 1]), ([4, 1], [1, 4])])
def test_the_mean_over_all_labelings(sizes):
    x = np.repeat(np.arange(len(sizes[0])), sizes[0])
    y = np.repeat(np.arange(len(sizes[1])), sizes[1])
    scores = [mutual_info_score(x, y[list(p)]) for p in itertools.permutations(range(5))]
    table = table_of(*sizes)
    assert expected_mutual_information(table, 5) == pytest.approx(np.mean(scores), rel=1e-13)


def test_as_scikit_learn(rng):
    for shape in ((2, 2), (3, 7), (30, 20)):
        table = rng.integers(0, 9, shape)
        n = int(table.sum())
        assert expected_mutual_information(table, n) == pytest.approx(
            sklearn_emi(table, n), rel=1e-11
        )
        assert expected_mutual_information(table, n + 5) == pytest.approx(
            sklearn_emi(table, n + 5), rel=1e-11
        )


def test_sizes_that_occur_many_times_count_as_often():
    sizes = [3] * 40 + [5] * 24
    other = [240 // 8] * 8
    table = table_of(sizes, other)
    assert expected_mutual_information(table, 240) == pytest.approx(
        expected(sizes, other, 240), rel=1e-12
    )


@pytest.mark.parametrize(
    ("x_sizes", "y_sizes"),
    [
        ([10**9 - 5, 5], [3, 10**9 - 3]),
        ([10**9 - 2 * 10**5, 10**5, 10**5], [10**9 - 30, 10, 20]),
        ([1] * 3 + [10**9 - 3], [10**9 - 10**4, 10**4]),
    ],
)
def test_tables_of_a_thousand_million_samples(x_sizes, y_sizes):
    n = 10**9
    found = expected_mutual_information(table_of(x_sizes, y_sizes), n)
    assert found == pytest.approx(expected(x_sizes, y_sizes, n), rel=1e-12, abs=0)


def test_both_orders_and_any_number_of_threads_give_the_same_bits(rng):
    table = rng.integers(0, 50, (60, 45)) * rng.integers(0, 2, (60, 45))
    n = int(table.sum())
    found = expected_mutual_information(table, n)
    for threads in (1, 3):
        with num_threads(threads):
            assert expected_mutual_information(table, n) == found
            assert expected_mutual_information(table.T, n) == found
            shuffled = table[rng.permutation(60)][:, rng.permutation(45)]
            assert expected_mutual_information(shuffled, n) == found


def test_a_single_cluster_expects_nothing():
    assert expected_mutual_information([[70_000]], 70_000) == 0.0
    assert expected_mutual_information([[3], [4]], 7) == 0.0
    assert expected_mutual_information([[3, 4]], 7) == 0.0
    assert expected_mutual_information([[0, 0], [3, 4]], 7) == 0.0
    assert expected_mutual_information([[0, 0], [0, 0]], 0) == 0.0


@pytest.mark.parametrize("kind", [sp.csr_array, sp.csc_matrix, sp.coo_array, sp.dok_array])
def test_sparse_contingency_matrices(kind, rng):
    table = rng.integers(0, 4, (6, 9))
    n = int(table.sum())
    assert expected_mutual_information(kind(table), n) == expected_mutual_information(table, n)


def test_what_a_contingency_matrix_may_be():
    table = [[1, 2], [3, 4]]
    value = expected_mutual_information(table, 10)
    for dtype in ("u1", "i4", "f4", "f8", "u8"):
        a = np.array(table, dtype)
        a.flags.writeable = False
        assert expected_mutual_information(a, np.int64(10)) == value
    assert expected_mutual_information(table, 10.0) == value


@pytest.mark.parametrize(
    ("table", "n", "error", "message"),
    [
        ([[1, 2], [3, 4]], 5, ValueError, "n_samples must be at least the size of each cluster"),
        ([[1.5, 2], [3, 4]], 10, ValueError, "contingency must hold whole counts"),
        ([[-1, 2], [3, 4]], 8, ValueError, "contingency must not hold negative counts"),
        ([[math.nan, 2], [3, 4]], 9, ValueError, "Input contains NaN"),
        ([1, 2], 3, ValueError, "Expected 2D array, got 1D array instead"),
        ([["a", "b"]], 3, TypeError, "contingency must hold counts"),
        ([[1, 2], [3, 4]], 10.5, TypeError, "n_samples must be an integer"),
        ([[1, 2], [3, 4]], -1, ValueError, "n_samples must be an integer of at least 0"),
    ],
)
def test_bad_input(table, n, error, message):
    with pytest.raises(error, match=message):
        expected_mutual_information(table, n)


# In a user's own function


@njit
def two_ways(x_sizes, x_times, y_sizes, y_times, n):
    s = 0.0
    for i in range(x_sizes.size):
        for j in range(y_sizes.size):
            times = x_times[i] * y_times[j]
            s += times * kernels.expected_cell(x_sizes[i], y_sizes[j], n)
    return s, kernels.expected_mutual_information(x_sizes, x_times, y_sizes, y_times, n, None)


def test_kernels_in_compiled_code():
    x, y = (
        (np.array([3.0, 5.0]), np.array([2.0, 1.0])),
        (np.array([1.0, 4.0]), np.array([3.0, 2.0])),
    )
    one, other = two_ways(*x, *y, 11.0)
    assert one == pytest.approx(other, rel=1e-15)
    assert one == pytest.approx(expected([3, 3, 5], [1, 1, 1, 4, 4], 11), rel=1e-13)


# Above chance


def large_cell(a, b, n):
    return kernels.expected_large_cell(float(a), float(b), float(n))


@pytest.mark.parametrize(
    ("a", "b", "n"),
    [
        (1000, 128, 1000),
        (999, 129, 1000),
        (500, 300, 1000),
        (10_000, 12_800, 10**6),
        (17_300, 17_300, 10**6),
        (24_000, 12_501, 10**6),
        (10**5, 10**4, 10**6),
        (10**6, 10**6, 10**9),
        (3 * 10**5, 7 * 10**8, 10**9),
        (999_999_000, 10**5, 10**9),
        (10**6, 10**6, 5 * 10**9),
    ],
)
def test_large_cells_by_their_moments(a, b, n):
    assert large_cell(a, b, n) == pytest.approx(cell(a, b, n), rel=1e-12, abs=1e-17)
    assert large_cell(b, a, n) == pytest.approx(large_cell(a, b, n), rel=1e-13, abs=1e-18)


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=2, max_size=5),
)
def test_above_chance_is_less_the_expectation(table):
    table = np.array(table)
    if not table.any():
        return
    counts = JointCounts.from_table(table)
    n, sides = int(table.sum()), (table.sum(1), table.sum(0))
    chance = expected(*(side[side > 0] for side in sides), n)
    found = counts.mutual_information(correction="chance")
    assert found == pytest.approx(counts.mutual_information() - chance, rel=1e-11, abs=1e-14)
    as_floats = JointCounts.from_table(table.astype(float))
    assert as_floats.mutual_information(correction="chance") == found


def test_an_identifier_has_nothing_above_chance(rng):
    y = rng.integers(0, 7, 500)
    for x in (np.arange(500), rng.permutation(500)):
        for w in (None, np.full(500, 0.1), rng.random(500)):
            options = {"discrete": True, "correction": "chance", "sample_weight": w}
            assert mutual_information(x, y, **options) == 0.0
            assert mutual_information(y, x, **options) == 0.0
            assert mutual_information(y, np.zeros(500, int), **options) == 0.0
            assert mutual_information(x, x, normalized="min", **options) == 0.0
    X = np.column_stack([np.arange(500), y, rng.integers(0, 3, 500), np.ones(500, int)])
    options = {"discrete": True, "correction": "chance"}
    found = quiet(mutual_information_matrix, X, **options)
    again = quiet(mutual_information_matrix, X[:, :2], X[:, 2:], **options)
    assert (found[0, 1:] == 0.0).all()
    assert (found[3] == 0.0).all()
    np.testing.assert_allclose(again, found[:2, 2:], rtol=1e-12, atol=0)
    assert found[1, 2] == pytest.approx(mutual_information(*X.T[1:3], correction="chance"))


@pytest.mark.parametrize("average", ["arithmetic", "geometric", "min", "max"])
def test_shares_above_chance_are_the_adjusted_score(average, rng):
    x, y = rng.integers(0, 6, (2, 300))
    y[:150] = x[:150]
    wanted = adjusted_mutual_info_score(x, y, average_method=average)
    options = {"correction": "chance", "normalized": average}
    assert mutual_information(x, y, **options) == pytest.approx(wanted, rel=1e-11)
    matrix = mutual_information_matrix(np.column_stack([x, y]), **options)
    np.testing.assert_allclose(matrix, [[1, wanted], [wanted, 1]], rtol=1e-11)


def test_chance_is_of_two_variables():
    x = [0, 1, 0, 1, 2]
    message = "correction must not be 'chance' here"
    counts = JointCounts.from_labels(x, x)
    for call in (
        lambda: fastinfo.joint_entropy(x, x, correction="chance"),
        lambda: fastinfo.conditional_entropy(x, x, correction="chance"),
        lambda: fastinfo.variation_of_information(x, x, correction="chance"),
        lambda: fastinfo.conditional_mutual_information(x, x, x, correction="chance"),
        lambda: fastinfo.interaction_information(x, x, x, correction="chance"),
        lambda: fastinfo.transfer_entropy(x, x, correction="chance"),
        lambda: fastinfo.entropy_from_counts(x, correction="chance"),
        lambda: counts.entropy_x(correction="chance"),
        lambda: counts.conditional_entropy(correction="chance"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_above_chance_by_lags_and_resamples(rng):
    x, y = rng.integers(0, 4, (2, 300))
    found = fastinfo.lagged_mutual_information(x, y, [0, 2], correction="chance")
    wanted = [mutual_information(x[: 300 - k], y[k:], correction="chance") for k in (0, 2)]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    interval = fastinfo.bootstrap_interval(x, y, n_resamples=50, correction="chance", seed=1)
    assert interval.estimate == pytest.approx(wanted[0], rel=1e-12)
