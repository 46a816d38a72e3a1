"""Estimates without bins: mutual_information(..., estimator=...), and the kernels under it."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import neighbors as slow
from scipy import stats
from scipy.special import digamma

import fastinfo
from fastinfo import conditional_mutual_information, mutual_information, num_threads
from fastinfo._neighbors.distances import standardized
from fastinfo.kernels.encoding import ordering
from fastinfo.kernels.neighbors import ksg as ksg_kernels
from fastinfo.kernels.neighbors import mixed as mixed_kernels
from fastinfo.kernels.neighbors import neighbor_counts as marginals
from fastinfo.kernels.neighbors import normal, scaling, strips, trees

pytestmark = pytest.mark.filterwarnings("ignore:.* repeat values")

SHAPES = ["normal", "close", "rounded", "coarse", "heavy", "step"]


def make_pair(shape, n, rng):
    """Two dependent columns of a shape: with ties, without, of scales far apart."""
    x, e = rng.normal(size=(2, n))
    match shape:
        case "normal":
            return x, 0.6 * x + 0.8 * e
        case "close":
            return x, x + 1e-3 * e
        case "rounded":
            return np.round(x, 1), np.round(0.6 * x + 0.8 * e, 1)
        case "coarse":
            return np.round(x), np.round(e)
        case "heavy":
            return np.exp(4 * x), np.exp(4 * e)
        case "step":
            return (x > 0) + 1e-9 * e, e
    raise AssertionError


def ksg(x, y, k=3, **options):
    return mutual_information(x, y, estimator="ksg", n_neighbors=k, **options)


def mixed(x, y, k=3, **options):
    return mutual_information(x, y, estimator="mixed", n_neighbors=k, **options)


def standard(x):
    """Columns as the estimators have them."""
    return standardized(np.column_stack([x])).squeeze()


# Algorithm 1


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("k", [1, 3, 20])
@pytest.mark.parametrize("n", [22, 300])
def test_ksg_is_the_paper_s(shape, k, n, rng):
    x, y = make_pair(shape, n, rng)
    assert ksg(x, y, k) == pytest.approx(slow.ksg(x, y, k), abs=1e-12)
    assert ksg(y, x, k) == pytest.approx(ksg(x, y, k), abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("widths", [(1, 2), (2, 1), (2, 3), (4, 6)])
@pytest.mark.parametrize("digits", [1, 9])
def test_ksg_of_groups(k, widths, digits, rng):
    x, y = (np.round(rng.normal(size=(150, w)), digits) for w in widths)
    y[:, 0] += x[:, 0]
    assert ksg(x, y, k) == pytest.approx(slow.ksg(x, y, k), abs=1e-12)


@settings(max_examples=60)
@given(st.data())
def test_ksg_of_small_integers(data):
    n = data.draw(st.integers(4, 40))
    columns = st.lists(st.integers(-3, 3), min_size=n, max_size=n)
    x, y = data.draw(columns), data.draw(columns)
    k = data.draw(st.integers(1, n - 1))
    found = ksg(np.array(x, float), np.array(y, float), k)
    constant = len(set(x)) == 1 or len(set(y)) == 1
    assert found == (0.0 if constant else pytest.approx(slow.ksg(x, y, k), abs=1e-12))
    found = mixed(np.array(x, float), np.array(y, float), k)
    assert found == (0.0 if constant else pytest.approx(slow.mixed(x, y, k), abs=1e-12))


@pytest.mark.slow
@pytest.mark.parametrize("r", [0.0, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("n", [125, 500, 2000, 20_000])
def test_the_gaussians_of_the_paper(r, n):
    # Figures 4 and 6 of the paper, k = 1: nearly unbiased, most so for independent variables; the
    # standard deviation shrinks as 1 / sqrt(n).
    truth = -0.5 * math.log(1 - r * r)
    rng = np.random.default_rng([n, int(10 * r)])
    repetitions = max(10, 40_000 // n)
    found = []
    for _ in range(repetitions):
        x, e = rng.normal(size=(2, n))
        found.append(ksg(x, r * x + math.sqrt(1 - r * r) * e, 1))
    error = np.std(found, ddof=1) / math.sqrt(repetitions)
    assert np.std(found) < 3.0 / math.sqrt(n)
    assert abs(np.mean(found) - truth) < 4 * error + (0.0 if r == 0 else 0.25 / math.sqrt(n))


def test_the_base(rng):
    x, y = make_pair("normal", 500, rng)
    for estimator in ("ksg", "mixed", "gaussian", "copula"):
        nats = mutual_information(x, y, estimator=estimator)
        assert mutual_information(x, y, estimator=estimator, base=2) == nats / math.log(2)


def test_float32_integers_and_strides(rng):
    x, y = (a.astype(np.float32) for a in make_pair("rounded", 400, rng))
    expected = ksg(x.astype(float), y.astype(float))
    assert ksg(x, y) == expected
    both = np.column_stack([x, y])
    assert ksg(both[:, 0], both[:, 1]) == expected
    assert ksg(both[::-1, :1], both[::-1, 1:]) == pytest.approx(expected, abs=1e-12)
    i, j = rng.integers(0, 100, (2, 300)) + 2**60
    assert ksg(i, j, discrete=False) == ksg(i - 2**60, j - 2**60, discrete=False)
    i, j = i - 2**60, j - 2**60
    assert ksg(i, j, discrete=False) == ksg(i.astype(float), j.astype(float))


def test_tables_are_groups(rng):
    import pandas as pd

    X, y = rng.normal(size=(200, 2)), rng.normal(size=200)
    assert ksg(pd.DataFrame(X), pd.Series(y)) == ksg(X, y)


# Ross


@pytest.mark.parametrize("k", [1, 3, 9])
@pytest.mark.parametrize("digits", [1, 9])
def test_ross_is_the_paper_s(k, digits, rng):
    labels = rng.choice(list("aaaabbc"), 200)
    x = np.round(rng.normal(size=200) + (labels == "b"), digits)
    found = ksg(x, labels, k)
    assert found == pytest.approx(slow.ross(x, labels, k), abs=1e-12)
    assert ksg(labels, x, k) == found
    group = np.column_stack([x, rng.normal(size=200)])
    assert ksg(group, labels, k) == pytest.approx(slow.ross(group, labels, k), abs=1e-12)
    assert mixed(group, labels, k) == ksg(group, labels, k)
    assert mixed(x, labels, k) == found
    few = np.where(np.arange(200) < 3, "c", np.where(np.arange(200) < 7, "d", labels))
    assert ksg(group, few, k) == pytest.approx(slow.ross(group, few, k), abs=1e-12)
    assert ksg(x, few, k) == pytest.approx(slow.ross(x, few, k), abs=1e-12)
    x[:30] = x[40:70] = 2.5  # a crowd at one place
    assert ksg(x, labels, k) == pytest.approx(slow.ross(x, labels, k), abs=1e-12)


def test_labels_with_one_member_are_left_out(rng):
    x = rng.normal(size=50)
    labels = np.repeat([0, 1], 25)
    labels[[3, 40]] = 7, 8
    kept = np.delete(x, [3, 40]), np.delete(labels, [3, 40])
    assert ksg(x, labels) == ksg(*kept) == pytest.approx(slow.ross(x, labels), abs=1e-12)
    assert ksg(rng.normal(size=5), list("abcde")) == 0.0


# Conditional


@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("digits", [1, 9])
@pytest.mark.parametrize("widths", [(1, 1, 1), (1, 2, 2)])
def test_conditional_ksg_is_the_paper_s(k, digits, widths, rng):
    x, y, z = (np.round(rng.normal(size=(120, w)), digits) for w in widths)
    y[:, 0] += x[:, 0]
    found = conditional_mutual_information(x, y, z, estimator="ksg", n_neighbors=k)
    assert found == pytest.approx(slow.conditional_ksg(x, y, z, k), abs=1e-12)


def test_conditional_estimates_of_a_chain(rng):
    x, a, b = rng.normal(size=(3, 20_000))
    z = x + a
    y = z + b
    partial = 0.5 * math.log((1 + 1) / 1)  # of y and z, given x
    for estimator in ("ksg", "gaussian", "gaussian-copula"):

        def of(*v, e=estimator):
            return conditional_mutual_information(*v, estimator=e)

        assert of(x, y, z) == pytest.approx(0.0, abs=0.02)
        assert of(y, z, x) == pytest.approx(partial, abs=0.03)


# Gaussian and copula


@pytest.mark.parametrize("widths", [(1, 1), (1, 3), (2, 3)])
def test_gaussian_is_the_ratio_of_determinants(widths, rng):
    x, y = (rng.normal(size=(500, w)) for w in widths)
    y[:, 0] += x[:, 0]
    found = mutual_information(x, y, estimator="gaussian")
    assert found == pytest.approx(slow.gaussian(x, y), rel=1e-9)


def test_gaussian_where_columns_depend(rng):
    x, y = make_pair("normal", 300, rng)
    expected = mutual_information(x, y, estimator="gaussian")
    twice = np.column_stack([x, 2 * x, np.ones(300)])
    assert mutual_information(twice, y, estimator="gaussian") == pytest.approx(expected, rel=1e-9)
    assert mutual_information(x, 3 - 2 * x, estimator="gaussian") == math.inf
    assert mutual_information(twice, x, estimator="gaussian") == math.inf
    assert mutual_information(x, np.ones(300), estimator="gaussian") == 0.0


def test_copula_is_that_of_normal_scores(rng):
    x, y = make_pair("heavy", 400, rng)
    scores = [stats.norm.ppf(stats.rankdata(a) / 401) for a in (x, y)]
    expected = mutual_information(*scores, estimator="gaussian")
    for name in ("gaussian-copula", "copula"):
        assert mutual_information(x, y, estimator=name) == pytest.approx(expected, rel=1e-9)
        assert mutual_information(np.log(x), y**3, estimator=name) == pytest.approx(expected)


# Options and bad input


def test_no_hidden_noise_and_jitter_by_seed(rng):
    x, y = make_pair("rounded", 300, rng)
    assert ksg(x, y) == ksg(x, y) == ksg(x, y, random_state=5)
    noisy = ksg(x, y, jitter=1e-10, random_state=5)
    assert noisy == ksg(x, y, jitter=1e-10, random_state=5)
    assert noisy != ksg(x, y)
    assert noisy == ksg(x, y, jitter=1e-10, random_state=np.random.default_rng(5))
    assert ksg(x, y, jitter=1e-10, random_state=np.random.RandomState(5)) != noisy


def test_constants_tell_nothing(rng):
    x = rng.normal(size=50)
    one = np.ones(50)
    for a, b in ((x, one), (one, x), (one, one), (np.column_stack([one, one]), x)):
        assert ksg(a, b) == 0.0
    assert conditional_mutual_information(one, x, x, estimator="ksg") == 0.0


@pytest.mark.parametrize("estimator", ["ksg", "mixed", "gaussian", "copula"])
def test_missing_samples(estimator, rng):
    x, y = make_pair("normal", 100, rng)
    x[3], y[5] = np.nan, np.nan
    kept = np.delete(x, [3, 5]), np.delete(y, [3, 5])
    assert math.isnan(mutual_information(x, y, estimator=estimator))
    found = mutual_information(x, y, estimator=estimator, nan_policy="omit")
    assert found == mutual_information(*kept, estimator=estimator)
    with pytest.raises(ValueError, match="contains nan values"):
        mutual_information(x, y, estimator=estimator, nan_policy="raise")
    assert math.isnan(mutual_information(x * np.nan, y, estimator=estimator, nan_policy="omit"))
    x[7] = np.inf
    with pytest.raises(ValueError, match="x must hold finite numbers"):
        mutual_information(x, y, estimator=estimator)


def test_missing_labels_are_missing(rng):
    x, labels = rng.normal(size=60), np.array(["a", "b", None] * 20, object)
    kept = np.array([label is not None for label in labels])
    assert math.isnan(ksg(x, labels))
    assert ksg(x, labels, nan_policy="omit") == ksg(x[kept], labels[kept])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_neighbors": 0}, ValueError, "n_neighbors must be an integer of at least 1, got 0"),
        ({"n_neighbors": 1.5}, TypeError, "n_neighbors must be an integer"),
        ({"n_neighbors": 20}, ValueError, "n_neighbors must be smaller than .* got 20 for 20"),
        ({"jitter": -1.0}, ValueError, "jitter must be a finite number of at least 0, got -1"),
        ({"jitter": "much"}, TypeError, "jitter must be a number"),
        ({"jitter": 1.0, "random_state": "x"}, TypeError, "random_state must be an integer"),
        ({"bins": 8}, ValueError, "bins must be left at 'mi' with estimator='ksg'"),
        ({"bins": (8, 8)}, ValueError, "bins must be left"),
        ({"strategy": "uniform"}, ValueError, "strategy must be left"),
        ({"range": [[0, 1], [0, 1]]}, ValueError, "range must be left"),
        ({"correction": "nsb"}, ValueError, "correction must be left"),
        ({"correction": "bias"}, ValueError, "correction must be left"),
        ({"normalized": "most"}, ValueError, "normalized must be one of"),
        ({"sample_weight": np.ones(20)}, ValueError, "sample_weight must be left"),
        ({"discrete": True}, ValueError, "must not both be labels"),
        ({"discrete": "no"}, ValueError, "discrete must be"),
        ({"nan_policy": "drop"}, ValueError, "nan_policy must be one of"),
        ({"base": 1}, ValueError, "base must also not be 1"),
    ],
)
def test_bad_options_of_ksg(options, error, message, rng):
    x, y = rng.normal(size=(2, 20))
    with pytest.raises(error, match=message):
        mutual_information(x, y, estimator="ksg", **options)


def test_bad_options_of_the_others(rng):
    x, y = rng.normal(size=(2, 20))
    with pytest.raises(ValueError, match="estimator must be one of 'histogram', 'ksg', 'ksg2'"):
        mutual_information(x, y, estimator="KSG")
    for estimator in ("histogram", "gaussian", "gaussian-copula"):
        for option in ({"n_neighbors": 4}, {"jitter": 0.1}, {"random_state": 1}):
            with pytest.raises(ValueError, match=f"{next(iter(option))} must be left at"):
                mutual_information(x, y, estimator=estimator, **option)
    with pytest.raises(ValueError, match="discrete must not be True for x"):
        mutual_information(x, y, estimator="gaussian", discrete=True)
    with pytest.raises(ValueError, match="n_neighbors must be left"):
        conditional_mutual_information(x, y, y, n_neighbors=4)


def test_bad_samples(rng):
    x, y = rng.normal(size=(2, 20))
    with pytest.raises(ValueError, match="must have the same length, got 20 and 19"):
        ksg(x, y[1:])
    with pytest.raises(ValueError, match="x must be one column if it holds labels"):
        ksg(np.ones((20, 2), int), y)
    with pytest.raises(ValueError, match="must not both be labels"):
        ksg(np.arange(20) % 3, np.arange(20) % 2)
    with pytest.raises(TypeError):
        ksg(x * 1j, y)
    with pytest.raises(ValueError, match="at least one"):
        ksg(x[:0], y[:0])


def test_inputs_stay_as_they_are(rng):
    X, y = rng.normal(size=(100, 2)), rng.normal(size=100)
    labels = np.arange(100) % 3
    before = X.copy(), y.copy(), labels.copy()
    for a in (X, y, labels):
        a.flags.writeable = False
    for estimator in ("ksg", "gaussian", "copula"):
        mutual_information(X, y, estimator=estimator)
    ksg(y, labels, jitter=0.1)
    fastinfo.mutual_info_regression(X, y)
    fastinfo.mutual_info_classif(X, labels)
    for a, b in zip((X, y, labels), before, strict=True):
        np.testing.assert_array_equal(a, b)


# Threads


@pytest.mark.slow
def test_the_same_bits_for_any_number_of_threads():
    rng = np.random.default_rng(3)
    x, y = make_pair("normal", 70_000, rng)
    slow_one = make_pair("step", 70_000, rng)
    X, labels = rng.normal(size=(9000, 2)), rng.integers(0, 4, 70_000)
    calls = [
        lambda: ksg(x, y),
        lambda: ksg(*slow_one),
        lambda: ksg(x, labels),
        lambda: ksg(X, y[:9000]),
        lambda: ksg(X, labels[:9000]),
        lambda: conditional_mutual_information(x[:9000], y[:9000], X, estimator="ksg"),
        lambda: mixed(x, y),
        lambda: mixed(np.round(x, 1), y * (y > 0)),
        lambda: mixed(*slow_one),
        lambda: mixed(np.round(X, 1), np.round(y[:9000], 1)),
        lambda: ksg(np.round(x, 1), labels),
        lambda: conditional_mutual_information(
            np.round(x[:9000]), y[:9000], np.round(X), estimator="mixed"
        ),
        lambda: mutual_information(x, y, estimator="copula"),
        lambda: fastinfo.mutual_info_regression(x[:, None], y, random_state=1).tolist(),
        lambda: fastinfo.mutual_info_classif(X, labels[:9000], random_state=1).tolist(),
    ]
    for call in calls:
        found = []
        for count in (1, 2, 7):
            with num_threads(count):
                found.append(call())
        assert found[0] == found[1] == found[2]


# Kernels


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 2, 3, 100, 5000])
def test_order(n, rng):
    for x in (rng.normal(size=n), np.round(rng.normal(size=n), 1), np.full(n, -0.0), -np.arange(n)):
        a = x.astype(float)
        if n > 3:
            a[:4] = 0.0, -0.0, np.inf, -np.inf
        places = ordering.order(a)
        np.testing.assert_array_equal(places, np.argsort(a, kind="stable"))
        ranks = np.empty(n, np.uint32)
        ordering.ranks_of(places, ranks)
        np.testing.assert_array_equal(ranks[places], np.arange(n))


def by_strips(x, y, k, bits=None):
    n = x.size
    x_order, y_order = ordering.order(x), ordering.order(y)
    ranks = np.empty(n, np.uint32)
    ordering.ranks_of(x_order, ranks)
    bits = strips.strip_bits(n, k) if bits is None else bits
    px, py, out = np.empty((3, n))
    tied = np.empty(n, bool)
    x_rank, y_rank = np.empty((2, n), np.uint32)
    strips.fill_strips(x[x_order], y[y_order], ranks, y_order, bits, px, py, x_rank, y_rank)
    last = ((n - 1) >> bits) + 1
    strips.strip_distances(px, py, x[x_order], bits, k, 0, last, out, tied)
    return px, py, out, tied


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("k", [1, 3, 16, 17, 40])
def test_strips_are_exact(shape, k, rng):
    x, y = make_pair(shape, 500, rng)
    for bits in (None, 0, 3, 9, 12):
        px, py, found, tied = by_strips(x, y, k, bits)
        d = slow.distances(px, py)
        np.testing.assert_array_equal(found, slow.kth_distance(d, k))
        np.testing.assert_array_equal(tied, slow.tied(d, k))


@pytest.mark.slow
@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("digits", [0, 1, 9])
@pytest.mark.parametrize("n", [2, 13, 400])
def test_trees_are_exact(width, digits, n, rng):
    points = np.round(rng.normal(size=(n, width)), digits)
    nodes = 2 ** (trees.tree_depth(n) + 1) - 1
    places, ordered = np.empty(n, np.int64), np.empty((n, width))
    bounds, spans = np.empty((nodes, 2, width)), np.empty((nodes, 2), np.int64)
    trees.build_tree(points, places, ordered, bounds, spans)
    np.testing.assert_array_equal(np.sort(places), np.arange(n))
    d = slow.distances(points)
    for k in (1, 3, 20):
        if k < n:
            found, expected = np.empty(n), slow.kth_distance(d, k)
            tied = np.empty(n, bool)
            trees.tree_distances(ordered, bounds, spans, k, 0, n, found, tied)
            np.testing.assert_array_equal(found, expected[places])
            np.testing.assert_array_equal(tied, slow.tied(d, k)[places])
            for closed, reach in ((False, expected), (True, np.nextafter(expected, 0.0))):
                counts = np.empty(n, np.int32)
                trees.tree_counts(ordered, bounds, spans, points, places, reach, closed, counts)
                if not closed or expected.min() > 0.0:
                    exact = [(np.delete(r, i) < expected[i]).sum() for i, r in enumerate(d)]
                    np.testing.assert_array_equal(counts, exact)


@pytest.mark.parametrize("n", [2, 300, 3000])
@pytest.mark.parametrize("digits", [1, 9])
def test_counts_by_sorted_order(n, digits, rng):
    values = np.sort(np.round(rng.normal(size=n), digits))
    ranks = rng.permutation(n).astype(np.uint32)
    reach = np.round(np.abs(rng.normal(size=n)), digits)
    reach[:: max(n // 5, 1)] = np.inf
    gaps = np.abs(values[ranks][:, None] - values)
    gaps[np.arange(n), ranks] = np.nan
    found = np.empty(n, np.int32)
    marginals.count_within(values, ranks, np.nextafter(reach, -1.0), False, found)
    np.testing.assert_array_equal(found, (gaps < reach[:, None]).sum(axis=1))
    marginals.count_within(values, ranks, reach, False, found)
    np.testing.assert_array_equal(found, (gaps <= reach[:, None]).sum(axis=1))


def test_digamma_of_integers():
    table = np.empty(ksg_kernels.TABLE)
    marginals.digamma_integers(table)
    for m in (1, 2, 1023, 1024, 1025, 10**5, 2**31 - 2):
        found = marginals.sum_digamma(np.array([m - 1], np.int32), 1, table)
        assert found == pytest.approx(digamma(m), rel=1e-15)


def test_normal_quantile():
    for p in (0.0, 1e-300, 1e-20, 1e-9, 0.01, 0.3, 0.5, 0.8, 0.999, 1 - 1e-12, 1.0):
        assert normal.normal_quantile(p) == pytest.approx(stats.norm.ppf(p), rel=1e-13)
    assert math.isnan(normal.normal_quantile(1.5))


@pytest.mark.slow
def test_kernels_inside_njit(rng):
    @numba.njit
    def three(x, y, codes, counts, k):
        a, b = np.empty_like(x), np.empty_like(y)
        scaling.standardize(x, a)
        scaling.standardize(y, b)
        numbers = ksg_kernels.ksg(a, b, k), mixed_kernels.mixed(a, b, k)
        return *numbers, ksg_kernels.ross(x, codes, counts, k)

    for n in (30, 40_000):
        x, y = make_pair("normal", n, rng)
        codes = rng.integers(0, 3, n).astype(np.uint32)
        found = three(x, y, codes, np.bincount(codes), 3)
        public = ksg(x, y), mixed(x, y), ksg(x, codes)
        assert found == pytest.approx(public, abs=1e-13)
    a, b = standard(x), standard(y)
    assert ksg_kernels.ksg(a, b, 3) == ksg(x, y)
    assert mixed_kernels.mixed(a, b, 3) == mixed(x, y)
    assert ksg_kernels.ross(x, codes, np.bincount(codes), 3) == ksg(x, codes)
    for digits in (0, 1):  # many ties
        a, b = standard(np.round(x, digits)), standard(np.round(y, digits))
        assert mixed_kernels.mixed(a, b, 3) == pytest.approx(mixed(a, b), abs=1e-13)
        counts = np.bincount(codes)
        assert ksg_kernels.ross(a, codes, counts, 3) == pytest.approx(ksg(a, codes), abs=1e-13)
    two = np.sign(x)
    assert ksg_kernels.ross(two, codes, np.bincount(codes), 3) == ksg(two, codes)
