"""Estimates without bins where values repeat, in any units, of any magnitude."""

from __future__ import annotations

import math
import warnings
from functools import partial

import mpmath
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from reference import neighbors as slow
from scipy import stats

from fastinfo import (
    conditional_mutual_information,
    mutual_information,
    mutual_information_matrix,
    num_threads,
)
from fastinfo.kernels.neighbors import normal, scaling

LN2 = math.log(2)
R06 = -0.5 * math.log(1 - 0.36)
NEIGHBORS = ["ksg", "mixed"]
ESTIMATORS = [*NEIGHBORS, "gaussian", "gaussian-copula"]
SCALES = [2.0**-600, 1e-300, 1e-170, 1e-3, 7.0, 1e160, 1e300]

ksg, mixed, gaussian, copula = (partial(mutual_information, estimator=e) for e in ESTIMATORS)
conditional_mixed = partial(conditional_mutual_information, estimator="mixed")


def normal_pair(n=2000, r=0.6, seed=0):
    x, e = np.random.default_rng(seed).normal(size=(2, n))
    return x, r * x + math.sqrt(1 - r * r) * e


def plug_in(x, y):
    return mutual_information(np.unique(x, return_inverse=True)[1], y, discrete=True)


# Units


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("scale", SCALES)
def test_units_are_no_matter(estimator, scale):
    x, y = normal_pair(500)
    of = partial(mutual_information, estimator=estimator)
    close = pytest.approx(of(x, y), rel=1e-9)
    assert of(scale * x, y) == close
    assert of(x, -scale * y) == close
    assert of(scale * x, y / scale) == close
    X = np.column_stack([x, np.random.default_rng(1).normal(size=500)])
    close = pytest.approx(of(X, y), rel=1e-9)
    assert of(X * [1, scale], y) == close
    assert of(X * [scale, 1], y) == close
    conditional = partial(conditional_mutual_information, estimator=estimator)
    close = pytest.approx(conditional(x, y, X[:, 1]), rel=1e-9)
    assert conditional(x, y, scale * X[:, 1]) == close
    assert conditional(scale * x, y, X[:, 1]) == close
    Z = np.column_stack([X[:, 1], np.random.default_rng(2).normal(size=500)])
    close = pytest.approx(conditional(x, y, Z), rel=1e-9)
    assert conditional(x, y, Z * [1, scale]) == close


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_powers_of_two_are_no_matter_to_the_last_bit(estimator):
    x, y = normal_pair(500)
    of = partial(mutual_information, estimator=estimator)
    found = of(x, y)
    for power in (-900, -3, 5, 1000):
        assert of(np.ldexp(x, power), y) == of(x, np.ldexp(y, -power)) == found


@pytest.mark.parametrize("estimator", NEIGHBORS)
@pytest.mark.filterwarnings("ignore:.* repeat values")
def test_units_of_values_that_repeat(estimator):
    x, y = (np.round(a, 1) for a in normal_pair(800))
    of = partial(mutual_information, estimator=estimator)
    tens = np.round(10 * x)  # the same ties, to the bit or not
    assert of(x, y) == pytest.approx(of(tens, y), abs=1e-12)
    assert of(x, y) == pytest.approx(of(tens * 0.07, y * 3e200), abs=1e-12)
    labels = np.arange(800) % 3
    assert of(x, labels) == pytest.approx(of(tens, labels), abs=1e-12)
    assert of(1e-200 * x, labels) == pytest.approx(of(tens, labels), abs=1e-12)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_ranges_near_the_largest_number(estimator):
    x, y = normal_pair(300)
    x = np.clip(x, -3, 3)
    of = partial(mutual_information, estimator=estimator)
    largest = 1.7e308 / np.abs(x).max()
    assert of(largest * x, y) == pytest.approx(of(x, y), rel=1e-9)


def test_an_offset_costs_no_digits():
    x, y = normal_pair(1000)
    whole = np.round(x * 2**20)
    assert ksg(whole + 2.0**50, y) == pytest.approx(ksg(whole, y), abs=1e-9)
    assert gaussian(whole + 2.0**50, y) == pytest.approx(gaussian(whole, y), rel=1e-12)
    nanoseconds = whole.astype(np.int64) + 1_700_000_000_000_000_000  # float64 has steps of 256
    assert ksg(nanoseconds, y, discrete=False) == pytest.approx(ksg(whole, y), abs=1e-9)
    unsigned = (whole - whole.min()).astype(np.uint64) + np.uint64(2**63)
    assert gaussian(unsigned, y, discrete=False) == pytest.approx(gaussian(whole, y), rel=1e-12)
    wide = np.array([-(2**63), 2**63 - 1, 0, 5] * 10)
    assert math.isfinite(gaussian(wide, np.arange(40.0), discrete=False))


def test_longdouble():
    x, y = (a.astype(np.longdouble) for a in normal_pair(300))
    assert mixed(x, y) == pytest.approx(mixed(x.astype(float), y.astype(float)), rel=1e-9)
    if np.finfo(np.longdouble).maxexp > 2000:
        assert mixed(x * np.longdouble("1e4000"), y) == pytest.approx(mixed(x, y), rel=1e-9)
        with pytest.raises(ValueError, match="x must hold finite numbers"):
            mixed(x * np.longdouble("inf"), y)


@settings(max_examples=80)
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=30),
    st.integers(0, 9),
)
def test_standardize(numbers, repeat):
    x = np.array(numbers + numbers[:1] * repeat)
    out = np.empty_like(x)
    varies = scaling.standardize(x, out)
    assert varies == (x != x[0]).any()
    if not varies:
        assert (out == 0).all()
        return
    assert np.isfinite(out).all()
    assert out.std() == pytest.approx(1.0, rel=1e-12)
    order = np.argsort(x, kind="stable")
    assert (np.diff(out[order]) >= 0).all()
    assert (out[:, None] == out)[x[:, None] == x].all()
    there = np.unique(x)
    if there[0] > 0 and there[-1] <= 2 * there[0] and there.size < 2**20:
        assert np.unique(out).size == there.size  # the next float is told apart


def test_neighbouring_floats_stay_apart():
    x = 1.0 + np.arange(50) * 2.0**-52
    out = np.empty_like(x)
    assert scaling.standardize(x, out)
    np.testing.assert_allclose(np.diff(out), np.diff(out)[0], rtol=1e-14)
    np.testing.assert_allclose(out.std(), 1.0, rtol=1e-14)


def test_columns_of_a_group_that_are_constant():
    x, y = normal_pair(400)
    e = np.random.default_rng(3).normal(size=400)
    with_constants = np.column_stack([np.full(400, 1e300), x, np.zeros(400)])
    for estimator in ESTIMATORS:
        of = partial(mutual_information, estimator=estimator)
        assert of(with_constants, y) == pytest.approx(of(x, y), rel=1e-12)
        conditional = partial(conditional_mutual_information, estimator=estimator)
        z = np.column_stack([e, np.full(400, -7.0)])
        assert conditional(x, y, z) == pytest.approx(conditional(x, y, e), rel=1e-12)
        assert conditional(x, y, np.full(400, 3.0)) == pytest.approx(of(x, y), rel=1e-12)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("value", [0.0, 1.0, 1e300, 5e-324])
def test_a_constant_tells_nothing(estimator, value):
    of = partial(mutual_information, estimator=estimator)
    x, one = np.random.default_rng(0).normal(size=30), np.full(30, value)
    for a, b in ((x, one), (one, x), (one, one), (np.column_stack([one, one]), x)):
        assert of(a, b) == 0.0
        assert conditional_mutual_information(a, b, x, estimator=estimator) == 0.0
    if estimator in NEIGHBORS:
        assert of(one, x, jitter=0.1, random_state=0) == 0.0
        assert of(one, np.arange(30) % 2) == 0.0
        assert of(x, np.ones(30, int)) == 0.0
        assert of(x, ["a"] * 30) == 0.0


# Two or three samples


@pytest.mark.parametrize("scale", [1e-300, 1e-170, 1.0, 1e170, 1e307])
def test_gaussian_of_a_few_samples(scale):
    x, y = scale * np.array([0.0, 1.0, 5.0]), np.array([1.0, 3.0, -2.0])
    r = np.corrcoef([0, 1, 5], y)[0, 1]
    assert gaussian(x, y) == pytest.approx(-0.5 * math.log1p(-r * r), rel=1e-12)
    assert gaussian(x[:2], y[:2]) == math.inf
    assert copula(x[:2], y[:2]) == math.inf
    assert gaussian(x[:1], y[:1]) == 0.0
    of_three = partial(conditional_mutual_information, x, y, estimator="gaussian")
    assert of_three([3.0, 4.0, 6.0]) == math.inf
    with pytest.raises(ValueError, match="x, y and z must hold at least 2 complete samples more"):
        of_three(np.array([[3.0, 4.0, 6.0], [1.0, 0.0, 2.0]]).T)
    with pytest.raises(ValueError, match="got 2 samples for 1 such columns"):
        conditional_mutual_information(x[:2], y[:2], [1.0, 2.0], estimator="gaussian")


@pytest.mark.parametrize("of", [gaussian, copula])
def test_groups_of_a_few_samples(of, rng):
    # n samples have n - 1 dimensions about their mean: what has no room in them goes together
    for n, width_x, width_y in ((2, 1, 1), (3, 1, 2), (3, 2, 2), (4, 2, 2), (6, 1, 5), (6, 4, 3)):
        x, y = rng.normal(size=(n, width_x)), rng.normal(size=(n, width_y))
        assert of(x, y) == math.inf
    of_three = partial(conditional_mutual_information, estimator=of.keywords["estimator"])
    for n, width in ((5, 2), (6, 3), (3, 1)):
        x, y, z = rng.normal(size=n), rng.normal(size=(n, 2)), rng.normal(size=(n, width))
        assert of_three(x, y, z) == math.inf
        assert of_three(y, x, z) == math.inf
    x, y = rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    assert 0.0 < of(x, y) < math.inf


def closed_form(x, y):
    """The information of two normal variables, of their samples, in many digits."""
    with mpmath.workdps(700):
        a, b = ([mpmath.mpf(float(v)) for v in samples] for samples in (x, y))
        a, b = ([v - mpmath.fsum(c) / len(c) for v in c] for c in (a, b))
        left = 1 - mpmath.fdot(a, b) ** 2 / (mpmath.fdot(a, a) * mpmath.fdot(b, b))
        return math.inf if left < 1e-26 else float(-mpmath.log(left) / 2)


LARGEST = float(np.finfo(np.float64).max)


@pytest.mark.slow
@pytest.mark.parametrize("n", [3, 4, 10])
@pytest.mark.parametrize("scale", [LARGEST, 1e308, 1e154, 1e-154, 1e-290, 1e-308, 1e-320])
def test_gaussian_at_any_magnitude_is_the_closed_form(n, scale, rng):
    for _ in range(20):
        x, y = rng.uniform(-1.0, 1.0, (2, n)) * scale
        for a, b in ((x, y), (x, 0.5 * x), (x, rng.normal(size=n)), (-np.abs(x), y)):
            assert gaussian(a, b) == pytest.approx(closed_form(a, b), rel=1e-7, abs=1e-13)
    wide = np.array([-LARGEST, LARGEST, 0.0, LARGEST])
    assert gaussian(wide, [1, 2, 3, 5.0]) == pytest.approx(closed_form(wide, [1, 2, 3, 5.0]))
    ranks = stats.norm.ppf(stats.rankdata(x) / (n + 1)), stats.norm.ppf(stats.rankdata(y) / (n + 1))
    assert copula(x, y) == pytest.approx(closed_form(*ranks), rel=1e-9, abs=1e-13)


@pytest.mark.slow
def test_gaussian_of_many_samples_and_columns(threads, rng):
    # more samples than a piece has
    x = rng.normal(size=(300_000, 3))
    y = x[:, :2] + rng.normal(size=(300_000, 2))
    assert gaussian(x, y) == pytest.approx(slow.gaussian(x, y), rel=1e-9)
    with num_threads(1):
        alone = gaussian(x, y), conditional_mutual_information(x, y, x[:, 0], estimator="gaussian")
    again = gaussian(x, y), conditional_mutual_information(x, y, x[:, 0], estimator="gaussian")
    assert alone == again


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 3, 5), (2, 2, 512), (3, 4, 1300)])
def test_products_of_columns(shape, rng):
    d, e, n = shape
    a, b = rng.normal(size=(d, n)), rng.normal(size=(e, n))
    products, left, weights = np.ones((d, e)), b.copy(), rng.normal(size=(d, e))

    def both(a, b, weights, products, left):
        normal.add_products(a, b, 0, n // 3, products)
        normal.add_products(a, b, n // 3, n, products)
        normal.subtract_combinations(weights, a, 0, n - 1, left)

    njit(both)(a, b, weights, products, left)
    np.testing.assert_allclose(products, 1 + a @ b.T, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(left[:, :-1], (b - weights.T @ a)[:, :-1], rtol=1e-11, atol=1e-11)
    np.testing.assert_array_equal(left[:, -1], b[:, -1])


@pytest.mark.parametrize("estimator", NEIGHBORS)
@pytest.mark.parametrize("k", [1, 2, 5])
def test_one_sample_more_than_neighbors(estimator, k):
    x, y = normal_pair(k + 1)
    of = partial(mutual_information, estimator=estimator, n_neighbors=k)
    twin = getattr(slow, estimator)
    assert of(x, y) == pytest.approx(twin(x, y, k), abs=1e-12)
    X = np.column_stack([x, y])
    assert of(X, y) == pytest.approx(twin(X, y, k), abs=1e-12)
    with pytest.raises(ValueError, match=f"n_neighbors must be smaller than .* got {k} for {k}"):
        of(x[:k], y[:k])
    labels = np.arange(k + 1) % 2
    if k > 1:
        assert of(x, labels) == pytest.approx(slow.ross(x, labels, k), abs=1e-12)


# Ties: the warning


def with_ties(share, n=1000):
    x, y = normal_pair(n)
    m = round(share * n)
    x[:m], y[:m] = x[0], y[0]
    return x, y


def test_ties_between_numbers_are_warned_of():
    message = r"x and y repeat values: 5% .*estimator='mixed', or jitter=1e-6"
    with pytest.warns(UserWarning, match=message) as caught:
        ksg(*with_ties(0.05))
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match=message) as caught:
        conditional_mutual_information(*with_ties(0.05), with_ties(0.05)[0], estimator="ksg")
    assert caught[0].filename == __file__
    X = np.column_stack(with_ties(0.05))
    with pytest.warns(UserWarning, match=message):
        ksg(X, X[:, 0])
    with pytest.warns(UserWarning, match="100% of the samples"):
        ksg(np.arange(1000) // 100 * 1.0, np.arange(1000) % 10 * 1.0)
    x, y = with_ties(0.05)
    x[::7] = np.nan
    with pytest.warns(UserWarning, match="5% of the samples"):
        ksg(x, y, nan_policy="omit")


def test_what_is_not_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x, y = with_ties(0.005)
        ksg(x, y)
        ksg(*with_ties(0.05), jitter=1e-6, random_state=0)
        mixed(*with_ties(0.05))
        ksg(with_ties(0.05)[0], np.arange(1000) % 2)  # against labels k is the true one
        ksg(np.round(x), normal_pair(1000, seed=8)[1])  # one of them repeats: like labels
        ksg(*(a.astype(np.float32) for a in normal_pair(5000)))
        ksg(x, x)
        ksg(np.ones(50), np.ones(50))


def test_equal_distances_are_equal_where_they_are_rounded():
    # 0.3 - 0.2 is not 0.2 - 0.1 in float64
    x, y = (np.round(a, 2) for a in normal_pair(5000))
    with pytest.warns(UserWarning, match="repeat values"):
        ksg(x, y)


# Ties: against labels


def test_two_values_against_labels_are_counted():
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 4, 500)
    x = np.where(rng.random(500) < 0.3, 2.5, labels % 2)
    x = np.where(x > 0.5, 1.25, -3.0)
    for estimator in NEIGHBORS:
        for k in (1, 3, 400):
            found = mutual_information(x, labels, estimator=estimator, n_neighbors=k)
            assert found == pytest.approx(plug_in(x, labels), rel=1e-12)
    y = np.arange(3000) % 2
    assert ksg(y.astype(float), y) == pytest.approx(LN2, rel=1e-12)
    assert ksg(y == 0, y.astype(float)) == pytest.approx(LN2, rel=1e-12)
    # a rare value that no k others have
    y = np.zeros(200, int)
    y[:2] = 1
    assert ksg(y.astype(float), y) == pytest.approx(plug_in(y, y), rel=1e-12)


@pytest.mark.parametrize("values", [3, 5, 12])
def test_few_values_against_labels(values):
    rng = np.random.default_rng(values)
    labels = rng.integers(0, 3, 4000)
    x = (rng.integers(0, values, 4000) + labels) / 7
    joint = np.zeros((3, values + 2))
    for label in range(3):
        joint[label, label : label + values] = 1 / (3 * values)
    cells = joint[joint > 0]
    columns = joint.sum(axis=0)
    exact = (cells * np.log(cells)).sum() - (columns * np.log(columns)).sum() + math.log(3)
    assert ksg(x, labels) == pytest.approx(exact, abs=0.03)
    assert ksg(x, labels) == pytest.approx(plug_in(x, labels), abs=0.02)


@pytest.mark.parametrize("digits", [0, 1, 2])
def test_rounded_numbers_against_labels(digits):
    found = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 2, 1500)
        found.append(ksg(np.round(rng.normal(size=1500) + 0 * labels, digits), labels))
    assert np.mean(found) == pytest.approx(0.0, abs=0.035)


def test_a_zero_inflated_number_against_labels():
    rng = np.random.default_rng(5)
    kind = rng.random(4000) < 0.1
    x = np.where(kind, rng.gamma(3, 2, 4000), 0.0)
    assert ksg(x, kind) == pytest.approx(plug_in(kind, kind), abs=0.01)


# "mixed"


def test_mixed_is_ksg_where_nothing_repeats():
    x, y = normal_pair(3000)
    assert mixed(x, y) == pytest.approx(ksg(x, y), abs=1e-12)
    X = np.column_stack([x, np.random.default_rng(1).normal(size=3000)])
    assert mixed(X, y) == pytest.approx(ksg(X, y), abs=1e-12)
    z = X[:, 1]
    expected = conditional_mutual_information(x, y, z, estimator="ksg")
    assert conditional_mixed(x, y, z) == pytest.approx(expected, abs=1e-12)


def kinds(n, rng):
    """Columns of points, of densities, and of both."""
    x, e = rng.normal(size=(2, n))
    return {
        "density": x,
        "lattice": np.round(0.6 * x + 0.8 * e, 1),
        "coarse": np.round(x),
        "inflated": e * (x > 0),
        "few": rng.integers(0, 3, n) / 3,
    }


@pytest.mark.slow
@pytest.mark.parametrize("k", [1, 3, 18])
@pytest.mark.parametrize("n", [40, 250])
def test_mixed_is_its_twin(k, n):
    columns = kinds(n, np.random.default_rng(n))
    for name, x in columns.items():
        for y in columns.values():
            if x is not y:
                assert mixed(x, y, n_neighbors=k) == pytest.approx(slow.mixed(x, y, k), abs=1e-12)
        group = np.column_stack([columns["coarse"], columns["lattice"]])
        if name not in ("coarse", "lattice"):
            found = mixed(group, x, n_neighbors=k)
            assert found == pytest.approx(slow.mixed(group, x, k), abs=1e-12)


@pytest.mark.parametrize("k", [1, 4])
def test_conditional_mixed_is_its_twin(k):
    c = kinds(150, np.random.default_rng(9))
    two = np.column_stack([c["coarse"], c["few"]])
    for x, y, z in (
        (c["coarse"], c["lattice"], c["few"]),
        (c["density"], c["inflated"], c["coarse"]),
        (c["few"], c["lattice"], two),
        (two, c["lattice"], c["density"]),
    ):
        found = conditional_mixed(x, y, z, n_neighbors=k)
        assert found == pytest.approx(slow.conditional_mixed(x, y, z, k), abs=1e-12)


def test_mixed_is_near_the_program_of_its_authors():
    # Theirs takes log(N) for digamma(N), and k wherever the distance is not 0
    for seed in range(3):
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(2, 400))
        x[::2], y[::2] = rng.integers(0, 2, (2, 200))
        x, y = x / x.std(), y / y.std()
        assert mixed(x, y) == pytest.approx(slow.mixed_of_the_authors(x, y, 3), abs=0.05)


def mean_of(function, make, repetitions=5):
    found = [function(*make(np.random.default_rng(seed))) for seed in range(repetitions)]
    return np.mean(found)


def test_half_points_half_density():
    # Experiment I of the paper: normal (r = 0.9) or one of four points
    def make(rng, n=8000):
        half = rng.random(n) < 0.5
        x, e = rng.normal(size=(2, n))
        y = 0.9 * x + math.sqrt(0.19) * e
        s = rng.choice([-1.0, 1.0], n)
        t = np.where(rng.random(n) < 0.9, s, -s)
        return np.where(half, x, s), np.where(half, y, t)

    points = 0.9 * math.log(1.8) + 0.1 * math.log(0.2)
    exact = LN2 + 0.5 * (-0.5 * math.log(0.19)) + 0.5 * points
    assert mean_of(mixed, make) == pytest.approx(exact, abs=0.12)  # it blurs where the two meet
    assert mean_of(partial(mixed, n_neighbors=1), make) == pytest.approx(exact, abs=0.1)


@pytest.mark.parametrize("m", [2, 5])
def test_a_point_and_a_density_that_hangs_on_it(m):
    # Experiment II: X one of m numbers, Y uniform on [X, X + 2]
    def make(rng, n=4000):
        x = rng.integers(0, m, n)
        return x.astype(float), x + 2 * rng.random(n)

    exact = math.log(m) - (m - 1) * LN2 / m
    assert mean_of(mixed, make) == pytest.approx(exact, abs=0.02)
    assert mean_of(lambda x, y: mixed(x.astype(int), y), make) == pytest.approx(exact, abs=0.02)


@pytest.mark.slow
def test_zero_inflated_poisson():
    # Experiment III: X exponential, Y 0 with probability 0.15, else Poisson of mean X. The closed
    # form of the paper leaves out that a 0 may be either; by quadrature it is 0.2298.
    x = np.linspace(0, 60, 60_001)
    of_x, step = np.exp(-x), x[1]
    given = 0.85 * stats.poisson.pmf(np.arange(120)[:, None], x)
    given[0] += 0.15
    entropy = -(given * np.log(np.where(given > 0, given, 1.0))).sum(axis=0)
    of_y = np.trapezoid(given * of_x, dx=step, axis=1)
    exact = -(of_y * np.log(of_y)).sum() - np.trapezoid(entropy * of_x, dx=step)
    assert exact == pytest.approx(0.2298, abs=1e-4)

    def make(rng, n=6000):
        x = rng.exponential(size=n)
        return x, np.where(rng.random(n) < 0.15, 0, rng.poisson(x)).astype(float)

    assert mean_of(mixed, make) == pytest.approx(exact, abs=0.015)
    assert mean_of(lambda x, y: mixed(x, y.astype(int)), make) == pytest.approx(exact, abs=0.015)


@pytest.mark.parametrize("r", [0.0, 0.6])
@pytest.mark.parametrize("digits", [0, 1, 2])
def test_rounded_numbers(r, digits):
    def make(rng, n=3000):
        x, e = rng.normal(size=(2, n))
        y = r * x + math.sqrt(1 - r * r) * e
        return np.round(x, digits), np.round(y, digits)

    exact = 0.0 if r == 0 else {0: 0.184, 1: R06, 2: R06}[digits]
    assert mean_of(mixed, make) == pytest.approx(exact, abs=0.03)


@pytest.mark.parametrize("levels", [2, 5, 20])
def test_points_alone(levels):
    def make(rng, n=3000):
        x = rng.integers(0, levels, n)
        return x.astype(float), np.where(rng.random(n) < 0.5, x, rng.integers(0, levels, n)) / 3

    same, other = 0.5 + 0.5 / levels, 0.5 / levels
    exact = math.log(levels) + same * math.log(same) + (levels - 1) * other * math.log(other)
    assert mean_of(mixed, make) == pytest.approx(exact, abs=0.05 if levels == 20 else 0.01)


def test_zero_inflated_and_independent():
    def make(rng, n=4000):
        return rng.exponential(size=(2, n)) * (rng.random((2, n)) > 0.6)

    assert mean_of(mixed, make) == pytest.approx(0.0, abs=0.015)


def test_conditional_mixed_of_points():
    rng = np.random.default_rng(7)
    x, y = rng.integers(0, 2, (2, 4000)).astype(float)
    xor = (x != y).astype(float)
    assert conditional_mixed(x, y, xor) == pytest.approx(LN2, abs=0.01)
    z = rng.integers(0, 4, 4000).astype(float)
    a, b = z + rng.integers(0, 2, (2, 4000))
    assert conditional_mixed(a, b, z) == pytest.approx(0.0, abs=0.01)
    density = z + rng.normal(size=4000)
    assert conditional_mixed(a, density, z) == pytest.approx(0.0, abs=0.03)


def test_mixed_takes_labels_on_one_side():
    x, y = normal_pair(1000)
    labels = np.where(y > 0, "high", "low")
    assert mixed(x, labels) == ksg(x, labels) == ksg(labels, x)
    with pytest.raises(ValueError, match="must not both be labels with estimator='mixed'"):
        mixed(labels, labels)
    with pytest.raises(ValueError, match="x, y and z must not all be labels with estimator='mixed"):
        conditional_mixed(labels, labels, labels)
    with pytest.raises(ValueError, match="bins must be left at 'mi' with estimator='mixed'"):
        mixed(x, y, bins=8)


# Labels where numbers are needed


@pytest.mark.parametrize("estimator", ["gaussian", "gaussian-copula", "copula"])
@pytest.mark.parametrize(
    "labels",
    [
        np.arange(60) % 3,
        np.arange(60) % 2 == 0,
        np.array(list("abc") * 20),
        pd.Series(list("abc") * 20, dtype="category"),
        pd.Series(np.arange(60) % 4),
        [1, 2, 3, 4] * 15,
    ],
    ids=["integers", "bools", "strings", "categories", "series", "list"],
)
def test_labels_are_refused_by_name(estimator, labels):
    x = np.random.default_rng(0).normal(size=60)
    of = partial(mutual_information, estimator=estimator)
    with pytest.raises(ValueError, match=f"y must hold numbers with estimator='{estimator}'"):
        of(x, labels)
    with pytest.raises(ValueError, match=r"x must hold numbers .* got labels: .*discrete=False"):
        of(labels, x)
    with pytest.raises(ValueError, match="z must hold numbers"):
        conditional_mutual_information(x, x, labels, estimator=estimator)


def test_integers_that_are_numbers():
    c = np.random.default_rng(0).integers(0, 3, 500)
    x = c + np.random.default_rng(1).normal(size=500)
    for of in (gaussian, copula):
        assert of(x, c, discrete=False) == of(x, c.astype(float))
        assert of(x, c, discrete=("auto", False)) == of(x, c.astype(float))
    with pytest.raises(TypeError, match="x must be real numbers"):
        gaussian(np.array(["a"] * 500), x, discrete=False)


# Threads, and the rest of the library


def test_many_ties_do_not_cost_a_search_each():
    rng = np.random.default_rng(0)
    n = 60_000
    x, y = rng.exponential(size=(2, n)) * (rng.random((2, n)) > 0.9)
    found = []
    for threads in (1, 3):
        with num_threads(threads):
            found.append((mixed(x, y), mixed(np.column_stack([x, y]), x)))
    assert found[0] == found[1]
    assert found[0][0] == pytest.approx(0.0, abs=0.01)


def test_the_matrix_is_of_bins_alone():
    with pytest.raises(TypeError, match="estimator"):
        mutual_information_matrix(np.ones((5, 2)), estimator="mixed")
