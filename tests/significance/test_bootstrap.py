"""bootstrap_interval: what it draws, its ends, and all that goes in."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from helpers import compiled
from reference import random as reference

import fastinfo
from fastinfo import JointCounts, bootstrap_interval, mutual_information

NAN = math.nan
# Sparse tables are what many tests are of: the warning has tests of its own.
pytestmark = pytest.mark.filterwarnings("ignore:about .* what chance alone gives")

CORRECTIONS = [
    *("miller-madow", "jackknife", "grassberger", "chao-shen", "shrinkage", "nsb", "zhang"),
    *(0, 0.5, 1.0),
]

#: Dependent variables, with empty cells and an empty row.
TABLE = np.array([[30, 5, 0, 2], [4, 20, 1, 8], [0, 0, 0, 0], [0, 3, 16, 2]])


def fields(result):
    return dataclasses.astuple(result)


def assert_missing(result):
    assert all(math.isnan(value) for value in fields(result))


def resampled(table, m, correction=None, seed=0):
    """Mutual information of bootstrap samples, one table at a time."""
    rng = np.random.default_rng(seed)
    p = np.ravel(table) / np.sum(table)
    tables = rng.multinomial(np.sum(table), p, m).reshape(m, *np.shape(table))
    return np.array(
        [JointCounts.from_table(t).mutual_information(correction=correction) for t in tables]
    )


def sparse_counts(rng, n=1000, levels=400):
    """Counts that are kept by their occupied cells."""
    x = rng.integers(0, levels, n)
    return JointCounts.from_labels(x, (x * rng.integers(1, 3, n)) % levels)


# What is returned


def test_the_fields(rng):
    x, y = rng.normal(size=(2, 300))
    found = bootstrap_interval(x, y, seed=1)
    low, high = found
    assert (low, high) == (found.low, found.high)
    assert fields(found) == (low, high, found.estimate, found.standard_error)
    assert all(type(value) is float for value in fields(found))
    assert low < high
    assert found.standard_error > 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.low = 0.0


@pytest.mark.parametrize("correction", [None, *CORRECTIONS])
@pytest.mark.parametrize("method", ["basic", "percentile"])
def test_the_estimate_is_the_mutual_information(correction, method, rng):
    x = rng.normal(size=400)
    y = x + rng.normal(size=400)
    found = bootstrap_interval(x, y, method=method, correction=correction, n_resamples=5, seed=1)
    assert found.estimate == mutual_information(x, y, correction=correction)


def test_options_are_those_of_mutual_information(rng):
    x, y = rng.normal(size=(2, 400))
    k = rng.integers(0, 6, 400)
    edges = np.linspace(-1, 1, 5)
    for options in (
        {"bins": 5},
        {"bins": (3, 9)},
        {"bins": "sturges"},
        {"bins": [edges, 4]},
        {"bins": 6, "strategy": "quantile"},
        {"bins": 6, "range": [[-1, 1], None]},
        {"bins": 3, "base": 2},
        {"bins": 3, "base": 10, "correction": "miller-madow"},
    ):
        found = bootstrap_interval(x, y, n_resamples=9, seed=1, **options)
        assert found.estimate == mutual_information(x, y, **options), options
    for options in ({"discrete": False}, {"discrete": (False, True)}, {"discrete": True}):
        found = bootstrap_interval(k, k, n_resamples=9, seed=1, **options)
        assert found.estimate == mutual_information(k, k, **options), options


def test_defaults():
    counts = JointCounts.from_table(TABLE)
    default = fields(bootstrap_interval(counts, seed=1))
    said = bootstrap_interval(counts, None, 0.95, n_resamples=999, method="basic", seed=1)
    assert fields(said) == default
    assert fields(bootstrap_interval(counts, confidence=0.95, seed=1)) == default


@pytest.mark.parametrize("correction", [None, "miller-madow"])
def test_base_scales_everything(correction):
    counts = JointCounts.from_table(TABLE)
    nats, bits = (
        fields(bootstrap_interval(counts, seed=1, base=base, correction=correction))
        for base in (None, 2)
    )
    assert bits == pytest.approx(np.array(nats) / math.log(2), rel=1e-13)


# What is drawn


@compiled
def test_an_interval_that_is_known():
    # Two cells with two samples each: k of four samples are in the first, and the information
    # is the entropy of k / 4.
    counts = JointCounts.from_table([[2, 0], [0, 2]])
    ways = np.array([1, 4, 6, 4, 1]) / 16
    entropies = np.array([reference_entropy(k / 4) for k in range(5)])
    mean = ways @ entropies
    deviation = math.sqrt(ways @ (entropies - mean) ** 2)
    quarter, half = entropies[1], math.log(2)
    for confidence, expected in ((0.95, (0.0, half)), (0.5, (quarter, half))):
        found = bootstrap_interval(
            counts, confidence=confidence, method="percentile", n_resamples=4000, seed=1
        )
        assert tuple(found) == pytest.approx(expected, rel=1e-13, abs=1e-15)
        assert found.estimate == pytest.approx(half, rel=1e-15)
        assert found.standard_error == pytest.approx(deviation, rel=0.06)
        basic = bootstrap_interval(counts, confidence=confidence, n_resamples=4000, seed=1)
        assert tuple(basic) == pytest.approx((half, 2 * half - expected[0]), rel=1e-13)


def reference_entropy(p):
    return -sum(q * math.log(q) for q in (p, 1 - p) if q)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("correction", [None, *CORRECTIONS])
def test_bootstrap_samples_have_the_law(correction):
    m = 1000 if correction != "nsb" else 300
    found = bootstrap_interval(
        JointCounts.from_table(TABLE),
        confidence=0.8,
        n_resamples=m,
        method="percentile",
        correction=correction,
        seed=3,
    )
    expected = resampled(TABLE, m, correction)
    deviation = expected.std(ddof=1)
    assert found.standard_error == pytest.approx(deviation, rel=5 * math.sqrt(1 / m))
    # A decile of m values is off by 1.7 deviations of a mean.
    error = 5 * math.sqrt(2) * 1.7 * deviation / math.sqrt(m)
    percentiles = np.quantile(expected, [0.1, 0.9])
    if correction is not None:  # about the estimate
        percentiles += found.estimate - expected.mean()
    assert tuple(found) == pytest.approx(tuple(percentiles), abs=error)


@compiled
@pytest.mark.parametrize("method", ["percentile", "basic"])
def test_intervals_are_scipys(method, rng):
    x = rng.integers(0, 4, 250)
    y = (x + rng.integers(0, 3, 250)) % 4
    expected = scipy.stats.bootstrap(
        (x, y),
        mutual_information,
        paired=True,
        vectorized=False,
        method=method,
        n_resamples=1000,
        confidence_level=0.9,
        rng=np.random.default_rng(1),
    )
    found = bootstrap_interval(x, y, 0.9, n_resamples=2000, method=method, seed=1)
    error = expected.standard_error
    assert found.standard_error == pytest.approx(error, rel=0.15)
    assert tuple(found) == pytest.approx(tuple(expected.confidence_interval), abs=0.4 * error)


@compiled
@pytest.mark.parametrize("scale", [300, 100_000])
def test_the_standard_error_is_that_of_the_delta_method(scale):
    table = scale * (TABLE + 5)
    n_resamples = 2000
    found = bootstrap_interval(JointCounts.from_table(table), n_resamples=n_resamples, seed=1)
    deviation = reference.bootstrap_deviation(table)
    rounding = 5 / math.sqrt(2 * n_resamples)
    assert found.standard_error == pytest.approx(deviation, rel=rounding)
    ends = found.estimate - 1.96 * deviation, found.estimate + 1.96 * deviation
    assert tuple(found) == pytest.approx(ends, abs=0.3 * deviation)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("n", [10**10, 10**12, 10**14])
def test_the_standard_error_of_the_largest_counts(n):
    table = np.array([[0.4, 0.1], [0.2, 0.3]]) * n
    counts = JointCounts.from_table(table.astype(np.int64))
    found = bootstrap_interval(counts, n_resamples=2000, seed=1)
    deviation = reference.bootstrap_deviation(table)
    assert found.standard_error == pytest.approx(deviation, rel=5 / math.sqrt(4000))
    middle = (found.low + found.high) / 2
    assert middle == pytest.approx(counts.mutual_information(), abs=0.3 * deviation)


# The ends


@pytest.mark.parametrize("correction", [None, "miller-madow", "jackknife", 0.5])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.99])
def test_basic_reflects_the_percentiles(correction, confidence):
    options = {"confidence": confidence, "correction": correction, "seed": 6, "n_resamples": 300}
    counts = JointCounts.from_table(TABLE)
    plain = bootstrap_interval(counts, method="percentile", **options)
    basic = bootstrap_interval(counts, method="basic", **options)
    assert (basic.estimate, basic.standard_error) == (plain.estimate, plain.standard_error)
    reflected = 2 * plain.estimate - plain.high, 2 * plain.estimate - plain.low
    assert tuple(basic) == pytest.approx(reflected, rel=1e-13)
    assert basic.low > 0
    assert plain.low <= plain.high


def test_basic_ends_at_zero_without_a_correction():
    # Bootstrap samples of independent variables have more information than these: it reflects
    # to below 0.
    counts = JointCounts.from_table([[25, 25], [25, 25]])
    plain = bootstrap_interval(counts, method="percentile", seed=1)
    assert plain.estimate == 0.0
    assert 0 <= plain.low < plain.high
    assert tuple(bootstrap_interval(counts, seed=1)) == (0.0, 0.0)
    # Corrected estimates may be negative, and so may their intervals.
    found = bootstrap_interval(counts, correction="miller-madow", seed=1)
    plain = bootstrap_interval(counts, correction="miller-madow", method="percentile", seed=1)
    assert found.low == pytest.approx(2 * found.estimate - plain.high, rel=1e-13)
    assert found.low < found.estimate < 0


@pytest.mark.parametrize("method", ["basic", "percentile"])
def test_more_confidence_is_a_wider_interval(method):
    counts = JointCounts.from_table(TABLE)
    found = [
        bootstrap_interval(counts, confidence=c, method=method, seed=2)
        for c in (0.01, 0.3, 0.6, 0.9, 0.95, 0.99, 0.999)
    ]
    lows, highs = np.array([tuple(f) for f in found]).T
    assert (np.diff(lows) < 0).all()
    assert (np.diff(highs) > 0).all()
    assert len({f.standard_error for f in found}) == 1


@compiled
def test_more_samples_are_a_narrower_interval():
    widths, errors = [], []
    for scale in (1, 10, 100, 1000):
        found = bootstrap_interval(JointCounts.from_table(scale * TABLE), seed=2)
        widths.append(found.high - found.low)
        errors.append(found.standard_error)
    steps = np.array([widths, errors])
    np.testing.assert_allclose(steps[:, :-1] / steps[:, 1:], math.sqrt(10), rtol=0.2)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("method", ["basic", "percentile"])
def test_intervals_of_labels_cover(method, rng):
    p = np.array([[4, 2, 1], [1, 4, 2], [2, 1, 3]]) / 20
    truth = scipy.stats.entropy(p.ravel(), np.outer(p.sum(1), p.sum(0)).ravel())
    tests, covered = 400, 0
    for seed in range(tests):
        counts = JointCounts.from_table(rng.multinomial(2000, p.ravel()).reshape(3, 3))
        low, high = bootstrap_interval(counts, None, 0.9, n_resamples=300, method=method, seed=seed)
        covered += low <= truth <= high
    # 0.9, within 4 deviations of the count, and 0.02 for what the bootstrap itself is off.
    assert abs(covered / tests - 0.9) < 4 * math.sqrt(0.09 / tests) + 0.02


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("method", ["basic", "percentile"])
@pytest.mark.parametrize("correction", ["chance", "miller-madow", "grassberger"])
def test_corrected_intervals_of_sparse_tables_cover(method, correction, rng):
    covered = 0
    for seed in range(100):
        table = rng.multinomial(500, np.full(100, 0.01)).reshape(10, 10)  # independent
        counts = JointCounts.from_table(table)
        options = {"n_resamples": 200, "method": method, "seed": seed}
        low, high = bootstrap_interval(counts, None, 0.9, correction=correction, **options)
        assert low < counts.mutual_information(correction=correction) < high
        covered += low <= 0.0 <= high
    assert covered >= 80


def test_intervals_of_what_is_mostly_chance_are_warned_of(rng):
    x, y = rng.integers(0, 60, (2, 2000)).astype(str)
    match = "about [0-9]+ % of the estimate is what chance alone gives: an interval around such"
    with pytest.warns(UserWarning, match=match) as caught:
        found = bootstrap_interval(x, y, n_resamples=20, seed=1)
    assert [w.filename for w in caught] == [__file__]
    assert found.low > 0.3  # of independent variables
    low, high = bootstrap_interval(x, y, n_resamples=200, correction="chance", seed=1)
    assert low < 0.0 < high
    bootstrap_interval(x[:99], y[:99], n_resamples=5)
    bootstrap_interval(*rng.normal(size=(2, 2000)), n_resamples=5)


@compiled
def test_intervals_of_correlated_normal_numbers_cover(rng):
    covered = 0
    for seed in range(60):
        x, z = rng.normal(size=(2, 2000))
        options = {"n_resamples": 300, "seed": seed, "strategy": "uniform"}
        low, high = bootstrap_interval(x, 0.6 * x + 0.8 * z, **options)
        assert high - low < 0.15
        covered += low <= -0.5 * math.log(1 - 0.6**2) <= high
    assert covered >= 48


@compiled
def test_intervals_of_normal_numbers_in_equal_counts_cover(rng):
    # What the bins of the distribution tell, which is less than the numbers do.
    edges = scipy.stats.norm.ppf(np.linspace(0, 1, 7))[1:-1]
    normal = scipy.stats.multivariate_normal(cov=[[1, 0.6], [0.6, 1]])
    below = np.pad([[normal.cdf([a, b]) for b in edges] for a in edges], 1)
    below[-1, 1:-1] = below[1:-1, -1] = np.arange(1, 6) / 6
    below[-1, -1] = 1
    p = np.diff(np.diff(below, axis=0), axis=1)
    truth = JointCounts.from_table(p).mutual_information()
    assert 0.8 < truth / (-0.5 * math.log(1 - 0.6**2)) < 0.95
    covered = 0
    for seed in range(60):
        x, z = rng.normal(size=(2, 2000))
        low, high = bootstrap_interval(x, 0.6 * x + 0.8 * z, bins=6, n_resamples=300, seed=seed)
        assert high - low < 0.15
        covered += low <= truth <= high
    assert covered >= 50


# Sparse tables, and others


@compiled
@pytest.mark.parametrize("correction", [None, "miller-madow", "shrinkage", 0.1])
def test_occupied_cells_are_a_table(correction, rng):
    counts = sparse_counts(rng)
    assert "kept" in repr(counts)
    dense = JointCounts.from_table(counts.table)
    assert "kept" not in repr(dense)
    options = {"n_resamples": 30, "seed": 4, "correction": correction}
    a, b = (fields(bootstrap_interval(c, **options)) for c in (counts, dense))
    assert a == pytest.approx(b, rel=1e-11)
    assert a[2] == pytest.approx(counts.mutual_information(correction=correction), rel=1e-15)


@pytest.mark.slow
@compiled
def test_bootstrap_samples_of_sparse_counts_have_the_law(rng):
    counts = sparse_counts(rng)
    m = 300
    found = bootstrap_interval(counts, None, 0.5, n_resamples=m, method="percentile", seed=1)
    expected = resampled(counts.table, m)
    deviation = expected.std(ddof=1)
    assert found.standard_error == pytest.approx(deviation, rel=0.3)
    assert tuple(found) == pytest.approx(
        tuple(np.quantile(expected, [0.25, 0.75])), abs=0.6 * deviation
    )


def test_a_constant_tells_nothing(rng):
    y = rng.integers(0, 3, 50)
    for x in (np.zeros(50), np.full(50, 7), np.full(50, "a"), np.zeros(50, bool)):
        for pair in ((x, y), (y, x), (x, x)):
            for method in ("basic", "percentile"):
                found = bootstrap_interval(*pair, method=method, n_resamples=30, seed=1)
                assert found.estimate == 0.0
                assert fields(found) == pytest.approx((0, 0, 0, 0), abs=1e-14)


@pytest.mark.parametrize("method", ["basic", "percentile"])
def test_one_resample_has_no_standard_error(method):
    found = bootstrap_interval(JointCounts.from_table(TABLE), n_resamples=1, method=method, seed=1)
    assert math.isnan(found.standard_error)
    assert found.low == found.high > 0


@compiled
def test_no_resample_is_drawn_twice(rng):
    # Of 400 normal numbers the extremes lie 5.9 deviations apart, of 20 only 3.7.
    counts = JointCounts.from_labels(*rng.integers(0, 100, (2, 100_000)))
    found = bootstrap_interval(
        counts, confidence=1 - 1e-9, n_resamples=400, method="percentile", seed=1
    )
    assert 4.9 < (found.high - found.low) / found.standard_error < 8


def test_the_standard_error_of_two_resamples():
    found = bootstrap_interval(
        JointCounts.from_table(TABLE), None, 0.5, n_resamples=2, method="percentile", seed=1
    )
    apart = (found.high - found.low) / 0.5  # quartiles of two numbers are half as far apart
    assert found.standard_error == pytest.approx(apart / math.sqrt(2), rel=1e-12)


# Seeds and threads


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("kind", ["small", "floats", "large table", "sparse", "corrected"])
def test_the_same_interval_for_any_number_of_threads(kind, threads, rng):
    options = {"n_resamples": 1000}
    if kind == "small":
        samples = rng.integers(0, 3, (2, 50))
    elif kind == "floats":
        samples = rng.normal(size=(2, 20_000))
    elif kind == "large table":
        samples, options["discrete"] = rng.integers(0, 60, (2, 50_000)), True
    elif kind == "sparse":
        samples = (sparse_counts(rng), None)
    else:
        samples, options = rng.integers(0, 30, (2, 5000)), {"correction": "miller-madow"}
    found = bootstrap_interval(*samples, seed=11, **options)
    assert fastinfo.get_num_threads() == threads
    with fastinfo.num_threads(1):
        assert bootstrap_interval(*samples, seed=11, **options) == found


def test_seeds():
    counts = JointCounts.from_table(TABLE)

    def interval(seed):
        return bootstrap_interval(counts, n_resamples=50, seed=seed)

    seeds = (0, 1, 2, 2**40, 2**64, 2**64 + 1, 2**100, None, None)
    assert len({interval(seed).standard_error for seed in seeds}) == 9
    assert interval(5) == interval(5) == interval(np.int64(5))
    sequence = np.random.SeedSequence(5)
    assert interval(sequence) == interval(sequence) == interval(np.random.SeedSequence(5))
    assert interval(np.random.default_rng(5)) == interval(np.random.default_rng(5))
    generator = np.random.default_rng(5)
    assert interval(generator) != interval(generator)


@pytest.mark.parametrize(
    ("seed", "error"),
    [(-1, ValueError), (1.5, TypeError), ("a", TypeError), (object(), TypeError)],
)
def test_bad_seeds(seed, error):
    with pytest.raises(error, match="seed must be None, an integer that is not negative"):
        bootstrap_interval([0, 1, 1], [1, 0, 0], seed=seed)


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
        expected = bootstrap_interval(*pair, n_resamples=99, seed=1, **options)
        assert bootstrap_interval(counts, n_resamples=99, seed=1) == expected


def test_labels_and_floats_of_all_kinds(rng):
    k, y = rng.integers(0, 3, (2, 90))
    expected = bootstrap_interval(k, y, n_resamples=50, seed=1)
    names = np.array(["a", "b", "c"])[k]
    for labels in (names, names.tolist(), pd.Series(names), pd.Categorical(names), k.astype("u1")):
        assert bootstrap_interval(labels, y, n_resamples=50, seed=1) == expected
    as_booleans = bootstrap_interval(k > 0, y, n_resamples=50, seed=1)
    assert as_booleans == bootstrap_interval((k > 0) * 1, y, n_resamples=50, seed=1)
    x, z = rng.integers(-20, 20, (2, 200)) / 8
    expected = bootstrap_interval(x, z, bins=5, n_resamples=50, seed=1)
    for dtype in "f2", "f4", ">f8":
        found = bootstrap_interval(x.astype(dtype), z.astype(dtype), bins=5, n_resamples=50, seed=1)
        assert found == expected


def test_weights_must_be_whole(rng):
    x, y = rng.integers(0, 3, (2, 40))
    weights = rng.integers(0, 4, 40)
    repeated = bootstrap_interval(
        np.repeat(x, weights), np.repeat(y, weights), n_resamples=60, seed=1
    )
    counts = JointCounts.from_samples(x, y)
    table = np.zeros(counts.shape)
    np.add.at(table, (x, y), weights)
    counts = JointCounts.from_table(table)  # whole numbers of samples, as floats
    found = bootstrap_interval(counts, n_resamples=60, seed=1)
    assert fields(found) == pytest.approx(fields(repeated), rel=1e-12)
    for weighted in (weights.astype(float), weights + 0.5):
        counts = JointCounts.from_samples(x, y, sample_weight=weighted)
        with pytest.raises(ValueError, match="x must be whole counts"):
            bootstrap_interval(counts, n_resamples=60, seed=1)


@pytest.mark.parametrize(
    "table",
    [
        np.array([[2**60, 1], [1, 2**60]]),
        np.array([[1e17, 1e17], [1e17, 2e17]]),
        np.array([[1e20, 1e20], [1e20, 2e20]]),
    ],
)
def test_counts_are_fewer_than_float64_holds(table):
    counts = JointCounts.from_table(table)
    with pytest.raises(ValueError, match=r"x must be whole counts of fewer than 2\*\*53 samples"):
        bootstrap_interval(counts, n_resamples=5, seed=1)


def test_missing_samples(rng):
    x, y = rng.normal(size=60), rng.integers(0, 3, 60)
    x[[3, 17, 50]] = NAN
    complete = ~np.isnan(x)
    assert_missing(bootstrap_interval(x, y, n_resamples=7, seed=1))
    assert_missing(bootstrap_interval(y, x, n_resamples=7, nan_policy="propagate"))
    found = bootstrap_interval(x, y, n_resamples=40, seed=1, nan_policy="omit")
    assert found == bootstrap_interval(x[complete], y[complete], n_resamples=40, seed=1)
    assert found.estimate == mutual_information(x, y, nan_policy="omit")
    with pytest.raises(ValueError, match=r"x and y must have no missing samples.* got 3"):
        bootstrap_interval(x, y, n_resamples=7, nan_policy="raise")


def test_no_pair_is_left():
    assert_missing(bootstrap_interval([NAN, 1.0], [1.0, NAN], nan_policy="omit"))
    assert_missing(bootstrap_interval([5.0], [5.0], bins=[0, 1, 2]))
    assert_missing(bootstrap_interval(JointCounts.empty([0, 1], [0, 1])))


@pytest.mark.parametrize("confidence", [0, 1, 0.0, 1.0, 1.5, -0.1, 95, NAN, math.inf])
def test_bad_confidences(confidence):
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1, got"):
        bootstrap_interval([0, 1], [0, 1], confidence)


@pytest.mark.parametrize("confidence", ["0.95", None])
def test_confidences_that_are_no_numbers(confidence):
    with pytest.raises((TypeError, ValueError), match="confidence"):
        bootstrap_interval([0, 1], [0, 1], confidence)


@pytest.mark.parametrize(
    ("n", "error"),
    [(0, ValueError), (-1, ValueError), (2.5, TypeError), (True, TypeError), ("9", TypeError)],
)
def test_bad_numbers_of_resamples(n, error):
    with pytest.raises(error, match="n_resamples must be an integer of at least 1, got"):
        bootstrap_interval([0, 1], [0, 1], n_resamples=n)


COUNTS = JointCounts.from_table([[1, 2], [3, 1]])


@pytest.mark.parametrize(
    ("args", "options", "error", "message"),
    [
        (([], []), {}, ValueError, "x must hold at least one sample"),
        (([1, 2], [1]), {}, ValueError, "x and y must have the same length"),
        (([1, 2],), {}, TypeError, "y must be samples, unless x is a JointCounts"),
        ((COUNTS, [1, 2]), {}, TypeError, "y must be None if x is a JointCounts"),
        (([1j, 2], [1, 2]), {}, TypeError, "complex"),
        ((COUNTS,), {"method": "bca"}, ValueError, "method must be one of"),
        ((COUNTS,), {"method": None}, ValueError, "method must be one of"),
        ((COUNTS,), {"correction": "none"}, ValueError, "correction must be one of"),
        ((COUNTS,), {"correction": -1}, ValueError, "correction"),
        ((COUNTS,), {"correction": True}, TypeError, "correction"),
        ((COUNTS,), {"base": 1}, ValueError, "base"),
        ((COUNTS,), {"nan_policy": "drop"}, ValueError, "nan_policy must be one of"),
        (([1, 2], [1, 2]), {"strategy": "mi"}, ValueError, "strategy must be one of"),
        (([1.0, 2.0], [1, 2]), {"bins": 0}, ValueError, "bins"),
        (([1.0, math.inf], [1, 2]), {}, ValueError, "finite"),
    ],
)
def test_bad_arguments(args, options, error, message):
    with pytest.raises(error, match=message):
        bootstrap_interval(*args, n_resamples=5, **options)


def test_ids_are_warned_of_where_they_are_used(rng):
    ids, y = np.arange(300), rng.normal(size=300)
    for x, what in ((ids, "values, more than 32"), (ids.astype(str), "labels among 300 samples")):
        with pytest.warns(UserWarning, match=f"x has 300 different {what}") as warned:
            bootstrap_interval(x, y, n_resamples=3)
        assert [w.filename for w in warned] == [__file__]
    bootstrap_interval(ids, y, n_resamples=3, discrete={"x": False})


def test_arguments_stay_as_they_are(rng):
    x, y = rng.normal(size=(2, 100))
    edges = np.linspace(-1, 1, 4)
    kept = x.copy(), y.copy(), edges.copy()
    for correction in None, "shrinkage":
        bootstrap_interval(x, y, bins=edges, correction=correction, n_resamples=9)
        counts = JointCounts.from_samples(x, y)
        table = counts.table.copy()
        bootstrap_interval(counts, correction=correction, n_resamples=9)
        np.testing.assert_array_equal(counts.table, table)
    for a, b in zip((x, y, edges), kept, strict=True):
        np.testing.assert_array_equal(a, b)
