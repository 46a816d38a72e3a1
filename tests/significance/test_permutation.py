"""permutation_test: what it counts, its exact p-values, and all that goes in."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.stats
from helpers import compiled
from reference import random as reference

import fastinfo
from fastinfo import JointCounts, mutual_information, permutation_test
from fastinfo._measures import resampling

NAN = math.nan
SURE = 1e-6  #: p-values below are no chance


def count_of(result):
    """The p-value's `b`: permutations with at least as much information, by what is returned."""
    least = result.statistic * (1 - 1e-9) - 1e-14
    return int((result.null_distribution >= least).sum())


def assert_same(a, b):
    assert (a.statistic, a.pvalue) == (b.statistic, b.pvalue)
    np.testing.assert_array_equal(a.null_distribution, b.null_distribution, strict=True)


def assert_missing(result, m):
    assert math.isnan(result.statistic)
    assert math.isnan(result.pvalue)
    assert result.null_distribution.shape == (m,)
    assert np.isnan(result.null_distribution).all()


def samples_of(table):
    """Labels that have these counts."""
    rows, columns = np.indices(np.shape(table)).reshape(2, -1)
    counts = np.ravel(table)
    return np.repeat(rows, counts), np.repeat(columns, counts)


def sparse_labels(rng, n=1000, levels=400):
    """Labels whose table is kept by its occupied cells."""
    x = rng.integers(0, levels, n)
    return x, (x * rng.integers(1, 3, n)) % levels


# What is returned


def test_the_fields(rng):
    x, y = rng.integers(0, 4, (2, 300))
    found = permutation_test(x, y, n_permutations=200, seed=1)
    statistic, pvalue, null = found
    assert found._fields == ("statistic", "pvalue", "null_distribution")
    assert isinstance(statistic, float)
    assert isinstance(pvalue, float)
    assert null.dtype == np.float64
    assert null.shape == (200,)
    assert len(permutation_test(x, y).null_distribution) == 999


@pytest.mark.parametrize("n", [20, 300, 5000])
@pytest.mark.parametrize("kind", ["floats", "labels", "both"])
def test_the_statistic_is_the_mutual_information(n, kind, rng):
    x = rng.normal(size=n)
    y = 0.2 * x + rng.normal(size=n)
    if kind != "floats":
        y = np.digitize(y, [-1, 0, 1])
    if kind == "labels":
        x = np.digitize(x, [-1, 0, 0.5])
    found = permutation_test(x, y, n_permutations=99, seed=1)
    assert found.statistic == mutual_information(x, y)
    assert found.pvalue == (count_of(found) + 1) / 100
    assert (found.null_distribution >= 0).all()
    assert 0.01 <= found.pvalue <= 1


def test_options_are_those_of_mutual_information(rng):
    x, y = rng.normal(size=(2, 400))
    k = rng.integers(0, 6, 400)
    edges = np.linspace(-1, 1, 5)
    for options in (
        {"bins": 5},
        {"bins": (3, 9)},
        {"bins": "sturges"},
        {"bins": edges},
        {"bins": [edges, 4]},
        {"bins": 6, "strategy": "quantile"},
        {"bins": 6, "range": [[-1, 1], None]},
        {"bins": 3, "base": 2},
    ):
        found = permutation_test(x, y, n_permutations=9, seed=1, **options)
        assert found.statistic == mutual_information(x, y, **options), options
    for options in ({"discrete": False}, {"discrete": (False, True)}, {"discrete": True}):
        found = permutation_test(k, k, n_permutations=9, seed=1, **options)
        assert found.statistic == mutual_information(k, k, **options), options


def test_the_null_distribution_has_the_margins_alone(rng):
    # Samples that are dropped take no part, and of a table with the same margins all is the same.
    x, y = rng.normal(size=(2, 500))
    inside = (abs(x) <= 1) & (abs(y) <= 1)
    edges = np.linspace(-1, 1, 4)
    found = permutation_test(x, y, bins=edges, n_permutations=50, seed=3)
    kept = permutation_test(x[inside], y[inside], bins=edges, n_permutations=50, seed=3)
    assert_same(found, kept)
    a = permutation_test(JointCounts.from_table([[9, 1], [1, 9]]), n_permutations=50, seed=3)
    b = permutation_test(JointCounts.from_table([[5, 5], [5, 5]]), n_permutations=50, seed=3)
    np.testing.assert_array_equal(a.null_distribution, b.null_distribution)
    assert a.statistic > b.statistic == 0.0


def test_base_scales_the_information_alone(rng):
    x, y = rng.integers(0, 5, (2, 200))
    nats, bits = (permutation_test(x, y, n_permutations=99, seed=1, base=b) for b in (None, 2))
    assert bits.pvalue == nats.pvalue
    assert bits.statistic == pytest.approx(nats.statistic / math.log(2), rel=1e-15)
    np.testing.assert_allclose(
        bits.null_distribution, nats.null_distribution / math.log(2), rtol=1e-14
    )


# The law under independence


@compiled
@pytest.mark.parametrize(
    "table",
    [
        [[6, 2], [1, 5]],
        [[3, 3], [3, 3]],
        [[4, 1, 0], [1, 2, 4]],
        [[2, 0, 1], [0, 2, 1], [1, 1, 2]],
        [[10, 5], [4, 11]],
        [[1, 3], [3, 1], [2, 2], [0, 4]],
        [[7, 0], [0, 1]],
        [[1, 0, 0], [0, 1, 0], [0, 0, 4]],
    ],
)
def test_pvalues_of_small_tables_are_exact(table):
    m = 20_000
    exact = float(reference.exact_pvalue(table))
    deviation = math.sqrt(exact * (1 - exact) / m)
    for counts in (JointCounts.from_table(table), JointCounts.from_table(np.transpose(table))):
        found = permutation_test(counts, n_permutations=m, seed=7)
        assert found.pvalue == (count_of(found) + 1) / (m + 1)
        assert abs(found.pvalue - exact) <= 5 * deviation + 1 / m


@compiled
def test_ties_count_as_extreme():
    # Of two values by two, each four times, the tables are k, 4 - k: by symmetry those of k and
    # 4 - k are tied, though their logarithms may add up in another order.
    for k in range(5):
        table = [[k, 4 - k], [4 - k, k]]
        found = permutation_test(JointCounts.from_table(table), n_permutations=5000, seed=5)
        ways = [math.comb(4, j) ** 2 / 70 for j in range(5)]
        exact = sum(w for j, w in enumerate(ways) if abs(j - 2) >= abs(k - 2))
        assert abs(found.pvalue - exact) < 5 * math.sqrt(exact * (1 - exact) / 5000) + 1 / 5000
    # All tables with the margins are alike: every permutation is tied.
    for table in (
        [[1, 0], [0, 1]],
        [[1, 1, 1], [0, 0, 0]],
        np.eye(20, dtype=int),
        [[3, 0], [1, 0]],
    ):
        found = permutation_test(JointCounts.from_table(table), n_permutations=99, seed=5)
        assert found.pvalue == 1.0


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("n", [1000, 10_000, 30_000, 300_000])
@pytest.mark.parametrize("shares", [(0.1,) * 10, (0.5, 0.3, 0.2), (0.9, 0.1)])
def test_ties_of_many_cells_count_as_extreme(n, shares):
    # Each level of x is met once: whatever the order, x tells all of y.
    sizes = [round(n * share) for share in shares]
    y = np.repeat(np.arange(len(shares)), sizes)
    x = np.arange(n)
    for pair in ((x, y), (y, x)):
        found = permutation_test(*pair, discrete=True, n_permutations=20, seed=1)
        entropy = scipy.stats.entropy(sizes)
        assert found.statistic == pytest.approx(entropy, rel=1e-12)
        np.testing.assert_allclose(found.null_distribution, entropy, rtol=1e-9)
        assert found.pvalue == 1.0


@compiled
@pytest.mark.parametrize(("r", "c"), [(2, 2), (3, 5), (10, 10)])
def test_the_null_distribution_is_chi_squared_for_large_counts(r, c, rng):
    n, m = 100_000, 2000
    x, y = rng.integers(0, r, n), rng.integers(0, c, n)
    found = permutation_test(x, y, n_permutations=m, seed=2)
    dof = (r - 1) * (c - 1)
    g = 2 * n * found.null_distribution
    assert g.mean() == pytest.approx(dof, abs=5 * math.sqrt(2 * dof / m))
    assert g.var() == pytest.approx(2 * dof, rel=5 * math.sqrt((2 + 12 / dof) / m))
    assert scipy.stats.kstest(g, "chi2", (dof,)).pvalue > SURE
    expected = JointCounts.from_labels(x, y).independence_test().pvalue
    assert found.pvalue == pytest.approx(expected, abs=5 * math.sqrt(0.25 / m))


@compiled
def test_the_null_distribution_is_that_of_shuffled_samples(rng):
    x, y = rng.integers(0, 5, 60), rng.integers(0, 4, 60)
    found = permutation_test(x, y, n_permutations=5000, seed=2)
    shuffled = [mutual_information(x, rng.permutation(y)) for _ in range(1500)]
    both = found.null_distribution.round(10), np.round(shuffled, 10)
    assert scipy.stats.ks_2samp(*both).pvalue > SURE


@compiled
@pytest.mark.parametrize("levels", [(3, 4), (40, 30), (2, 100)])
def test_pvalues_are_uniform_under_independence(levels, rng):
    m, tests = 99, 400
    spread, reported = [], []
    for seed in range(tests):
        x, y = rng.integers(0, levels[0], 80), rng.integers(0, levels[1], 80)
        found = permutation_test(x, y, discrete=True, n_permutations=m, seed=seed)
        extreme = count_of(found)
        tied = extreme - int((found.null_distribution > found.statistic * (1 + 1e-9)).sum())
        # Of those that are tied, the observed one has any place: then the law is exact.
        spread.append((extreme - tied + rng.random() * (tied + 1)) / (m + 1))
        reported.append(found.pvalue)
    assert scipy.stats.kstest(spread, "uniform").pvalue > SURE
    for alpha in (0.05, 0.2, 0.5):
        discoveries = np.mean(np.array(reported) <= alpha)
        assert discoveries <= alpha + 5 * math.sqrt(alpha * (1 - alpha) / tests)


@compiled
def test_dependent_samples_are_found(rng):
    x = rng.normal(size=2000)
    found = permutation_test(x, x + rng.normal(size=2000), n_permutations=499, seed=1)
    assert found.pvalue == 1 / 500
    assert found.null_distribution.max() < found.statistic
    k = rng.integers(0, 3, 60)
    assert permutation_test(k, k, n_permutations=199, seed=1).pvalue == 1 / 200
    assert permutation_test(k, k, n_permutations=1, seed=1).pvalue == 1 / 2


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("n", [10**9, 10**11, 10**12])
def test_pvalues_of_the_largest_counts(n):
    # A statistic G of 4, whatever the number of samples: its p-value is 0.0455.
    quarter, more = n // 4, round(math.sqrt(n) / 2)
    counts = JointCounts.from_table(quarter + np.array([[more, -more], [-more, more]]))
    m = 20_000
    found = permutation_test(counts, n_permutations=m, seed=1)
    expected = scipy.stats.chi2.sf(4.0, 1)
    assert found.statistic == counts.mutual_information()
    assert found.pvalue == pytest.approx(expected, abs=5 * math.sqrt(expected / m))
    g = 2 * n * found.null_distribution
    assert g.mean() == pytest.approx(1.0, abs=5 * math.sqrt(2 / m))
    assert scipy.stats.kstest(g, "chi2", (1,)).pvalue > SURE


@compiled
@pytest.mark.parametrize(("few", "sample"), [(94_000, 95_000), (250_000, 36_000)])
def test_rare_levels_in_a_billion_samples(few, sample):
    n, both = 10**9, 20
    table = [[both, few - both], [sample - both, n - few - sample + both]]
    found = permutation_test(JointCounts.from_table(table), n_permutations=200_000, seed=1)
    exact = scipy.stats.hypergeom(n, few, sample)
    # G is at most 80 but for a probability of 1e-17.
    assert 2 * n * found.null_distribution.max() < 80
    assert found.pvalue == pytest.approx(exact.sf(both - 1) + exact.cdf(1), rel=0.25)


# Sparse tables, and others


@compiled
@pytest.mark.filterwarnings("ignore:.* what chance alone gives")
@pytest.mark.parametrize("levels", [300, 3000])
def test_many_levels_and_few_samples(levels, rng):
    x, y = rng.integers(0, levels, (2, 500)).astype(float)
    found = permutation_test(x, y, discrete=True, n_permutations=2000, seed=1)
    assert found.statistic == pytest.approx(mutual_information(x, y, discrete=True), rel=1e-13)
    assert found.pvalue == (count_of(found) + 1) / 2001
    # The G-test does not hold here, but the permutations know that there is nothing.
    assert found.pvalue > 1e-2
    shuffled = [mutual_information(x, rng.permutation(y), discrete=True) for _ in range(500)]
    both = found.null_distribution.round(10), np.round(shuffled, 10)
    assert scipy.stats.ks_2samp(*both).pvalue > SURE
    assert permutation_test(x, x, discrete=True, n_permutations=400, seed=1).pvalue == 1 / 401


@compiled
def test_occupied_cells_are_a_table(rng):
    counts = JointCounts.from_labels(*sparse_labels(rng))
    assert "kept" in repr(counts)
    dense = JointCounts.from_table(counts.table)
    assert "kept" not in repr(dense)
    a, b = (permutation_test(c, n_permutations=60, seed=4) for c in (counts, dense))
    np.testing.assert_array_equal(a.null_distribution, b.null_distribution)
    assert a.statistic == pytest.approx(b.statistic, rel=1e-13)
    assert a.pvalue == b.pvalue == 1 / 61


def test_empty_rows_and_columns_do_not_matter():
    table = np.array([[9, 4, 2], [3, 8, 5]])
    padded = np.zeros((5, 6), int)
    padded[1::2, ::2] = table
    a, b = (
        permutation_test(JointCounts.from_table(t), n_permutations=200, seed=4)
        for t in (table, padded)
    )
    assert a.statistic == pytest.approx(b.statistic, rel=1e-13)
    assert a.pvalue == b.pvalue
    np.testing.assert_array_equal(a.null_distribution, b.null_distribution)


def test_a_constant_tells_nothing(rng):
    y = rng.integers(0, 3, 50)
    for x in (np.zeros(50), np.full(50, 7), np.full(50, "a"), np.zeros(50, bool)):
        for pair in ((x, y), (y, x), (x, x)):
            found = permutation_test(*pair, n_permutations=99, seed=1)
            assert (found.statistic, found.pvalue) == (0.0, 1.0)
            np.testing.assert_allclose(found.null_distribution, 0, rtol=0, atol=1e-14)
    assert permutation_test([1], [2], n_permutations=9, seed=1).pvalue == 1.0


# Seeds and threads


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("kind", ["small", "floats", "large table", "sparse", "shuffled"])
def test_the_same_result_for_any_number_of_threads(kind, threads, rng):
    discrete = "auto" if kind == "floats" else True
    if kind == "small":
        x, y, m = *rng.integers(0, 3, (2, 50)), 2000
    elif kind == "floats":
        x, y, m = *rng.normal(size=(2, 20_000)), 700
    elif kind == "large table":
        x, y, m = *rng.integers(0, 60, (2, 100_000)), 300
    elif kind == "sparse":
        x, y, m = *sparse_labels(rng), 3001
    else:
        x, y, m = *rng.integers(0, 300, (2, 20_000)), 250
    options = {"n_permutations": m, "seed": 11, "discrete": discrete}
    found = permutation_test(x, y, **options)
    assert fastinfo.get_num_threads() == threads
    with fastinfo.num_threads(1):
        assert_same(found, permutation_test(x, y, **options))


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("levels", [20, 80])  # tables are drawn, samples are shuffled
def test_no_permutation_is_drawn_twice(levels, rng):
    x, y = rng.integers(0, levels, (2, 30_000))
    null = permutation_test(x, y, n_permutations=400, seed=1, discrete=True).null_distribution
    assert np.unique(null).size == 400


def test_seeds(rng):
    x, y = rng.normal(size=(2, 200))
    nulls = {
        tuple(permutation_test(x, y, n_permutations=5, seed=seed).null_distribution)
        for seed in (0, 1, 2, 2**40, 2**64, 2**64 + 1, 2**100, None, None)
    }
    assert len(nulls) == 9


def test_kinds_of_seeds(rng):
    x, y = rng.normal(size=(2, 200))

    def test(seed):
        return permutation_test(x, y, n_permutations=20, seed=seed)

    assert_same(test(5), test(5))
    assert_same(test(5), test(np.int64(5)))
    sequence = np.random.SeedSequence(5)
    assert_same(test(sequence), test(sequence))  # nothing is taken from it
    assert_same(test(sequence), test(np.random.SeedSequence(5)))
    assert sequence.n_children_spawned == 0
    a, b = sequence.spawn(2)
    assert not np.array_equal(test(a).null_distribution, test(b).null_distribution)
    assert_same(test(np.random.default_rng(5)), test(np.random.default_rng(5)))
    generator = np.random.default_rng(5)
    first, second = test(generator), test(generator)  # whose numbers go on
    assert first.statistic == second.statistic
    assert not np.array_equal(first.null_distribution, second.null_distribution)


@pytest.mark.parametrize(
    ("seed", "error"),
    [
        (-1, ValueError),
        (1.5, TypeError),
        (NAN, TypeError),
        ("a", TypeError),
        (object(), TypeError),
        ([1.5], TypeError),
        (np.random.RandomState(1), TypeError),
    ],
)
def test_bad_seeds(seed, error):
    with pytest.raises(error, match="seed must be None, an integer that is not negative"):
        permutation_test([0, 1, 1], [1, 0, 0], seed=seed)


def test_random_numbers_of_others_stay(rng):
    before = np.random.get_state()[1].copy()  # noqa: NPY002 (the global state is the point)
    permutation_test([0, 1, 1], [1, 0, 0], n_permutations=9)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002 (as above)


# What goes in


def test_counts_are_as_good_as_samples(rng):
    x, y, k = *rng.normal(size=(2, 300)), rng.integers(0, 4, 300)
    for pair, options in (
        ((x, y), {}),
        ((x, y), {"bins": (3, 7)}),
        ((x, y), {"strategy": "uniform"}),
        ((x, k), {"strategy": "uniform", "bins": 4}),
        ((x, k), {"bins": 4}),
        ((k, k), {}),
    ):
        counts = JointCounts.from_samples(*pair, **{"strategy": "quantile", **options})
        from_samples = permutation_test(*pair, n_permutations=99, seed=1, **options)
        assert_same(permutation_test(counts, n_permutations=99, seed=1), from_samples)
        assert_same(permutation_test(counts, None, n_permutations=99, seed=1), from_samples)
    parts = [JointCounts.from_labels(k[i::3], (k * k % 3)[i::3]) for i in range(3)]
    whole = permutation_test(k, k * k % 3, n_permutations=99, seed=1)
    assert_same(permutation_test(sum(parts[1:], parts[0]), n_permutations=99, seed=1), whole)


def test_labels_of_all_kinds(rng):
    k, y = rng.integers(0, 3, (2, 90))
    expected = permutation_test(k, y, n_permutations=50, seed=1)
    names = np.array(["a", "b", "c"])[k]
    for labels in (
        names,
        names.tolist(),
        names.astype(object),
        k.astype(np.uint8),
        k.astype(float) + 0.25,
        np.array(["2020-01-01", "2020-01-02", "2021-01-01"], "M8[D]")[k],
        pd.Series(names),
        pd.Categorical(names),
        pl.Series(names),
        pl.Series(names, dtype=pl.Categorical),
    ):
        discrete = (isinstance(labels, np.ndarray) and labels.dtype == float) or "auto"
        found = permutation_test(labels, y, discrete=discrete, n_permutations=50, seed=1)
        assert_same(found, expected)
    two = permutation_test(k > 0, y, n_permutations=50, seed=1)
    assert_same(two, permutation_test((k > 0).astype(int), y, n_permutations=50, seed=1))


@pytest.mark.parametrize("dtype", ["f2", "f4", "longdouble", ">f8"])
def test_floats_of_all_kinds(dtype, rng):
    x, y = rng.integers(-20, 20, (2, 200)) / 8
    expected = permutation_test(x, y, bins=5, n_permutations=30, seed=1)
    assert_same(
        permutation_test(x.astype(dtype), y.astype(dtype), bins=5, n_permutations=30, seed=1),
        expected,
    )
    wide = np.zeros((200, 6), dtype)
    wide[:, 1], wide[:, 4] = x, y
    wide.flags.writeable = False
    assert_same(
        permutation_test(wide[:, 1], wide[:, 4], bins=5, n_permutations=30, seed=1), expected
    )


def test_weights_must_be_whole(rng):
    x, y = rng.integers(0, 3, (2, 40))
    weights = rng.integers(0, 4, 40)
    repeated = permutation_test(
        np.repeat(x, weights), np.repeat(y, weights), n_permutations=60, seed=1
    )
    counts = JointCounts.from_samples(x, y)
    table = np.zeros(counts.shape)
    np.add.at(table, (x, y), weights)
    counts = JointCounts.from_table(table)  # whole numbers of samples, as floats
    assert counts.table.dtype == np.float64
    assert_same(permutation_test(counts, n_permutations=60, seed=1), repeated)
    for weighted in (weights.astype(float), weights + 0.5):
        counts = JointCounts.from_samples(x, y, sample_weight=weighted)
        with pytest.raises(ValueError, match="x must be whole counts"):
            permutation_test(counts, n_permutations=60, seed=1)
    sparse = JointCounts.from_samples(
        *sparse_labels(rng), sample_weight=np.full(1000, 0.25), discrete=True
    )
    with pytest.raises(ValueError, match="x must be whole counts"):
        permutation_test(sparse, n_permutations=60, seed=1)


@pytest.mark.parametrize("dtype", [np.int64, np.float64])
@pytest.mark.parametrize("count", [2**52, 10**17])
def test_counts_are_fewer_than_float64_holds(dtype, count):
    counts = JointCounts.from_table(np.array([[count, 1], [1, count]], dtype))
    with pytest.raises(ValueError, match=r"x must be whole counts of fewer than 2\*\*53 samples"):
        permutation_test(counts, n_permutations=5, seed=1)


def test_counts_beyond_all_integers():
    counts = JointCounts.from_table([[1e20, 1e20], [1e20, 2e20]])
    with pytest.raises(ValueError, match=r"x must be whole counts of fewer than 2\*\*53 samples"):
        permutation_test(counts, n_permutations=5, seed=1)


@pytest.mark.parametrize("bad", [NAN, None, "NaT"])
def test_missing_samples(bad, rng):
    if bad is None:
        x = np.array(["a", "b", "c"], object)[rng.integers(0, 3, 60)]
    elif bad == "NaT":
        x = np.array(["2020-01-01", "2021-01-01"], "M8[D]")[rng.integers(0, 2, 60)]
    else:
        x = rng.normal(size=60)
    y = rng.integers(0, 3, 60)
    x[[3, 17, 50]] = bad
    complete = np.delete(np.arange(60), [3, 17, 50])
    assert_missing(permutation_test(x, y, n_permutations=7, seed=1), 7)
    assert_missing(permutation_test(y, x, n_permutations=7, nan_policy="propagate"), 7)
    found = permutation_test(x, y, n_permutations=40, seed=1, nan_policy="omit")
    expected = permutation_test(x[complete], y[complete], n_permutations=40, seed=1)
    assert_same(found, expected)
    assert found.statistic == mutual_information(x, y, nan_policy="omit")
    with pytest.raises(ValueError, match=r"x and y must have no missing samples.* got 3"):
        permutation_test(x, y, n_permutations=7, nan_policy="raise")
    for policy in ("propagate", "omit", "raise"):
        found = permutation_test(
            x[complete], y[complete], n_permutations=40, seed=1, nan_policy=policy
        )
        assert_same(found, expected)


def test_no_pair_is_left():
    result = permutation_test([NAN, 1.0], [1.0, NAN], n_permutations=3, nan_policy="omit")
    assert_missing(result, 3)
    assert_missing(permutation_test([5.0], [5.0], bins=[0, 1, 2], n_permutations=3), 3)
    assert_missing(permutation_test(JointCounts.empty([0, 1], [0, 1]), n_permutations=3), 3)
    assert_missing(permutation_test(JointCounts.from_table([[0, 0]]), n_permutations=3), 3)


@pytest.mark.parametrize(
    ("n", "error"),
    [(0, ValueError), (-1, ValueError), (2.5, TypeError), (True, TypeError), ("9", TypeError)],
)
def test_bad_numbers_of_permutations(n, error):
    with pytest.raises(error, match="n_permutations must be an integer of at least 1, got"):
        permutation_test([0, 1], [0, 1], n_permutations=n)


def test_integers_of_numpy_are_numbers_of_permutations():
    found = permutation_test([0, 1], [0, 1], n_permutations=np.uint8(3), seed=1)
    assert found.null_distribution.shape == (3,)


COUNTS = JointCounts.from_table([[1, 2], [3, 1]])


@pytest.mark.parametrize(
    ("args", "options", "error", "message"),
    [
        (([], []), {}, ValueError, "x must hold at least one sample"),
        (([1, 2], [1]), {}, ValueError, "x and y must have the same length"),
        (([1, 2],), {}, TypeError, "y must be samples, unless x is a JointCounts"),
        ((COUNTS, [1, 2]), {}, TypeError, "y must be None if x is a JointCounts"),
        (([1j, 2], [1, 2]), {}, TypeError, "complex"),
        (([[1, 2], [2, 1]], [1, 2]), {}, ValueError, "x must be one-dimensional"),
        (([1, 2], [1, 2]), {"base": 1}, ValueError, "base"),
        (([1, 2], [1, 2]), {"base": -2}, ValueError, "base"),
        (([1, 2], [1, 2]), {"nan_policy": "drop"}, ValueError, "nan_policy must be one of"),
        ((COUNTS,), {"nan_policy": "drop"}, ValueError, "nan_policy must be one of"),
        (([1, 2], [1, 2]), {"strategy": "mi"}, ValueError, "strategy must be one of"),
        (([1.0, 2.0], [1, 2]), {"bins": 0}, ValueError, "bins"),
        (([1.0, math.inf], [1, 2]), {}, ValueError, "finite"),
        (([1, 2], [1, 2]), {"discrete": "yes"}, ValueError, "discrete"),
    ],
)
def test_bad_arguments(args, options, error, message):
    with pytest.raises(error, match=message):
        permutation_test(*args, n_permutations=5, **options)


def test_ids_are_warned_of_where_they_are_used(rng):
    ids, y = np.arange(300), rng.normal(size=300)
    for column, what in ((ids, "values, more than 32"), (ids.astype(str), "labels among 300 sam")):
        with pytest.warns(UserWarning, match=f"x has 300 different {what}") as warned:
            permutation_test(column, y, n_permutations=3)
        assert [w.filename for w in warned] == [__file__]
        with pytest.warns(UserWarning, match=f"y has 300 different {what}") as warned:
            permutation_test(ids % 2, column, n_permutations=3)
        assert [w.filename for w in warned] == [__file__]
    permutation_test(ids % 2, ids, n_permutations=3, discrete={"y": True})


def test_arguments_stay_as_they_are(rng):
    x, y = rng.normal(size=(2, 100))
    edges = np.linspace(-1, 1, 4)
    kept = x.copy(), y.copy(), edges.copy()
    permutation_test(x, y, bins=edges, n_permutations=9)
    counts = JointCounts.from_samples(x, y)
    table = counts.table.copy()
    permutation_test(counts, n_permutations=9)
    np.testing.assert_array_equal(counts.table, table)
    for a, b in zip((x, y, edges), kept, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize("levels", [(64, 64), (100, 41), (41, 100)])
def test_tables_of_many_cells_are_drawn_in_step(rng, levels, monkeypatch):
    """The null has the mean and the deviation of one that is drawn table by table."""
    x, y = (rng.integers(0, b, 60_000) for b in levels)
    found = fastinfo.permutation_test(x, y, n_permutations=800, seed=2, discrete=True)
    again = fastinfo.permutation_test(x, y, n_permutations=300, seed=2, discrete=True)
    np.testing.assert_array_equal(again.null_distribution, found.null_distribution[:300])
    monkeypatch.setattr(resampling, "_MANY_CELLS", 10**9)
    one_by_one = fastinfo.permutation_test(x, y, n_permutations=800, seed=2, discrete=True)
    assert not np.array_equal(one_by_one.null_distribution, found.null_distribution)
    assert one_by_one.statistic == found.statistic
    nulls = found.null_distribution, one_by_one.null_distribution
    assert scipy.stats.ks_2samp(*nulls).pvalue > 1e-6
