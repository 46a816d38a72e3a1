"""rank_features with corrections and permutations: p-values of each column and of all together."""

import functools
import math
import warnings

import helpers
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.stats
from helpers import plain, with_gaps

import fastinfo
from fastinfo import JointCounts, mutual_information, num_threads, permutation_test, rank_features
from fastinfo._bins.options import Binning
from fastinfo._columns.coding import code_features, code_target
from fastinfo._columns.permutations import JointTest, permute_together, step_down
from fastinfo._measures.resampling import seed_key
from fastinfo._tables.table_readers import read_features
from fastinfo.significance import adjust_pvalues

NAN = math.nan
notes = pytest.mark.filterwarnings("ignore:columns to look at:UserWarning")
P = fastinfo.ranking.RankedFeature._fields.index("pvalue")
TESTED = ("pvalue", "adjusted_pvalue", "test")  # what depends on how it is tested
SURE = 1e-6  #: p-values below are no chance

CORRECTIONS = [
    "miller-madow",
    "jackknife",
    "grassberger",
    "chao-shen",
    "shrinkage",
    "nsb",
    "zhang",
    0.5,
    1,
]
ADJUSTMENTS = ["benjamini-hochberg", "max-statistic"]

each_adjustment = pytest.mark.parametrize("adjustment", ADJUSTMENTS)


close = functools.partial(helpers.close, nan_ok=True)


def by_name(ranking):
    return {row.name: row for row in ranking}


def field(ranking, name):
    """Values of a field in the order of the columns ``x0``, ``x1``, ..."""
    rows = by_name(ranking)
    return np.array([getattr(rows[f"x{i}"], name) for i in range(len(rows))])


def untested(row):
    """A row without what depends on the test."""
    return row._replace(**dict.fromkeys(TESTED))


def unknown(row):
    """Whether nothing is known of a column."""
    return row.test == "" and all(math.isnan(v) for v in row[1 : P + 2])


def assert_on_grid(pvalues, m):
    """p-values are ``(b + 1) / (m + 1)`` with whole `b` from 0 to `m`."""
    counts = np.asarray(pvalues) * (m + 1)
    np.testing.assert_allclose(counts, counts.round(), rtol=0, atol=1e-9)
    assert counts.min() > 0.5
    assert counts.max() < m + 1.5


def assert_same_chance(a, b, m):
    """Two estimates from `m` permutations each are of the same probability."""
    a, b = np.asarray(a), np.asarray(b)
    p = (a + b) / 2
    error = np.sqrt(2 * p * (1 - p) / m) + 2 / m
    assert (abs(a - b) < 5 * error).all()


@pytest.fixture
def numbers(rng):
    """Columns of floats, some of which tell about the labels, the first one most."""
    y = rng.integers(0, 3, 250)
    X = rng.normal(size=(250, 8))
    X[:, :4] += y[:, None] * np.array([1.0, 0.4, 0.2, 0.1])
    return X, y


# Corrections


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_corrected_information_is_that_of_the_counts(correction, rng):
    # Labels with gaps between the numbers, of which some occur where the target is missing alone.
    y = with_gaps(rng.integers(0, 4, 300), rng)
    X = np.column_stack([rng.integers(0, k, 300) * 3 for k in (2, 7, 20, 70)])
    X[np.isnan(y), 1] = 50
    for samples in (X, with_gaps(X, rng)):
        ranking = rank_features(samples, y, discrete=True, correction=correction)
        for row in ranking:
            x = samples[:, int(row.name[1:])]
            counts = JointCounts.from_samples(x, y, discrete=True)
            assert row.mi == close(counts.mutual_information(correction=correction))
            above = counts.mutual_information(correction="chance")
            assert row.above_chance == pytest.approx(above, abs=1e-11)
        assert ranking.names == rank_features(samples, y, discrete=True).names


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_corrected_information_of_bins(correction, numbers):
    X, y = numbers
    ranking = rank_features(X, y, bins=9, correction=correction)
    for row in ranking:
        x = X[:, int(row.name[1:])]
        expected = mutual_information(x, y, bins=9, correction=correction)
        assert row.mi == close(expected)
        assert row.mi != close(mutual_information(x, y, bins=9))


@pytest.mark.parametrize("correction", [None, *CORRECTIONS])
def test_pvalues_do_not_depend_on_the_correction(correction, numbers):
    plug_in = by_name(rank_features(*numbers))
    found = rank_features(*numbers, correction=correction)
    for row in found:
        other = plug_in[row.name]
        assert row._replace(mi=0, normalized_mi=0) == other._replace(mi=0, normalized_mi=0)
        assert (row.mi == other.mi) == (correction is None)
    assert found.names == list(plug_in)
    for adjustment in ADJUSTMENTS:
        options = {"n_permutations": 50, "seed": 1, "adjustment": adjustment}
        plug_in = by_name(rank_features(*numbers, **options))
        for row in rank_features(*numbers, correction=correction, **options):
            other = plug_in[row.name]
            assert row._replace(mi=0, normalized_mi=0) == other._replace(mi=0, normalized_mi=0)


def test_columns_of_many_levels_are_in_their_place(rng):
    # 200 levels of noise share more with 400 samples than a column that tells something.
    y = rng.integers(0, 2, 400)
    X = np.column_stack([rng.integers(0, 200, 400), np.where(rng.random(400) < 0.5, y, 1)])
    for correction in (None, "miller-madow", "jackknife", "grassberger", "zhang", "nsb"):
        ranking = rank_features(X, y, discrete=True, correction=correction)
        assert ranking.names == ["x1", "x0"], correction
        if correction is None:
            assert ranking["x0"].mi > ranking["x1"].mi


def test_the_base_scales_corrected_information(numbers):
    nats = rank_features(*numbers, correction="miller-madow")
    bits = rank_features(*numbers, correction="miller-madow", base=2)
    for a, b in zip(nats, bits, strict=True):
        assert b.mi == close(a.mi / math.log(2))
        assert b.above_chance == close(a.above_chance / math.log(2))
        assert b._replace(mi=a.mi, above_chance=a.above_chance) == a


@pytest.mark.parametrize(
    ("correction", "error"),
    [
        ("best", ValueError),
        (-0.5, ValueError),
        (NAN, ValueError),
        (True, TypeError),
        ([], TypeError),
    ],
)
def test_bad_corrections(correction, error, numbers):
    with pytest.raises(error, match="correction"):
        rank_features(*numbers, correction=correction)


# p-values of permutations, for each column


@each_adjustment
@pytest.mark.parametrize("m", [1, 9, 200])
def test_pvalues_count_permutations(m, adjustment, numbers):
    ranking = rank_features(*numbers, n_permutations=m, adjustment=adjustment, seed=1)
    assert_on_grid(field(ranking, "pvalue"), m)
    assert min(row.pvalue for row in ranking) == pytest.approx(1 / (m + 1))
    if adjustment == "max-statistic":
        assert_on_grid(field(ranking, "adjusted_pvalue"), m)
    else:
        expected = adjust_pvalues(field(ranking, "pvalue"))
        assert field(ranking, "adjusted_pvalue").tolist() == close(expected.tolist())


@each_adjustment
def test_all_but_the_pvalues_stay(adjustment, numbers, rng):
    X, y = with_gaps(numbers[0], rng), numbers[1]
    expected = rank_features(X, y)
    found = rank_features(X, y, n_permutations=30, seed=1, adjustment=adjustment)
    expected = by_name(expected)
    for row in found:
        assert untested(row) == untested(expected[row.name])
        assert row.test == "permutation"
    assert (found.alpha, found.n_rows) == (0.05, 250)
    for row in found:
        assert [type(v) for v in row] == [str, *[float] * 6, str, int, int, int, str]


@each_adjustment
def test_pvalues_are_those_of_permutation_tests(adjustment, numbers):
    X, y = numbers
    m = 3000
    ranking = rank_features(X, y, bins=5, n_permutations=m, seed=1, adjustment=adjustment)
    alone = [
        permutation_test(X[:, i], y, bins=5, n_permutations=m, seed=2).pvalue for i in range(8)
    ]
    assert np.ptp(alone) > 0.3
    assert_same_chance(field(ranking, "pvalue"), alone, m)


@each_adjustment
def test_pvalues_of_a_small_table_are_exact(adjustment):
    # Of all tables with these margins, those with at least as much information.
    x, y = np.repeat([0, 1], [7, 5]), np.array([0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 0, 1])
    observed = mutual_information(x, y)
    ones = int(y.sum())
    exact = 0.0
    for a in range(max(0, ones - 5), min(7, ones) + 1):
        table = [[7 - a, a], [5 - ones + a, ones - a]]
        if JointCounts.from_table(table).mutual_information() >= observed - 1e-12:
            exact += scipy.stats.hypergeom.pmf(a, 12, ones, 7)
    m = 20_000
    ranking = rank_features(x[:, None], y, n_permutations=m, seed=3, adjustment=adjustment)
    extreme = round(ranking[0].pvalue * (m + 1)) - 1
    assert 0.05 < exact < 0.3
    assert scipy.stats.binomtest(extreme, m, exact).pvalue > SURE


@pytest.mark.slow
@each_adjustment
def test_pvalues_where_cells_are_nearly_empty(adjustment, rng):
    # With 3 samples a level the G-test takes its statistic for chi-squared, which it is not.
    pvalues, tests, chosen = [], [], []
    for r in range(20):
        X, y = rng.integers(0, 40, (120, 15)), rng.integers(0, 12, 120)
        options = {"discrete": True, "seed": r}
        ranking = rank_features(X, y, n_permutations=99, adjustment=adjustment, **options)
        pvalues.extend(row.pvalue for row in ranking)
        tests.extend(row.pvalue for row in rank_features(X, y, n_permutations=0, **options))
        auto = rank_features(X, y, **options)
        assert {row.test for row in auto} == {"permutation"}
        chosen.extend(row.pvalue for row in auto)
    # Columns are independent of the target: p-values are uniform, those of the G-test are not.
    assert scipy.stats.kstest(chosen, "uniform").pvalue > 1e-3
    ranks = np.array(pvalues) - rng.random(300) / 100
    assert scipy.stats.kstest(ranks, "uniform").pvalue > 1e-3
    assert scipy.stats.kstest(tests, "uniform").pvalue < SURE
    assert np.mean(tests) > 0.9


@each_adjustment
def test_what_the_g_test_misses_is_found(adjustment, rng):
    X, y = rng.integers(0, 40, (150, 6)), rng.integers(0, 12, 150)
    X[:, 4] = np.where(rng.random(150) < 0.3, y, X[:, 4])
    options = {"discrete": True, "seed": 1}
    assert rank_features(X, y, n_permutations=0, **options)["x4"].pvalue > 0.05
    assert rank_features(X, y, **options)["x4"].pvalue < 1e-3
    row = rank_features(X, y, n_permutations=499, adjustment=adjustment, **options)["x4"]
    assert row.pvalue == pytest.approx(1 / 500)
    assert row.adjusted_pvalue < 0.02


@each_adjustment
def test_pvalues_of_labels_with_gaps(adjustment, rng):
    # What is missing takes no part; labels that are not there are no matter.
    x = rng.integers(0, 4, 300)
    y = np.where(rng.random(300) < 0.15, x % 3, rng.integers(0, 3, 300))
    X = with_gaps(np.column_stack([7 * x, rng.integers(0, 4, 300), rng.permutation(x)]), rng)
    gaps = with_gaps(y, rng)
    m = 1500
    options = {"discrete": True, "n_permutations": m}
    ranking = rank_features(X, gaps, adjustment=adjustment, seed=1, **options)
    alone = [
        permutation_test(X[:, i], gaps, nan_policy="omit", seed=2, **options).pvalue
        for i in range(3)
    ]
    assert_same_chance(field(ranking, "pvalue"), alone, m)
    complete = ~np.isnan(X) & ~np.isnan(gaps)[:, None]
    assert field(ranking, "n").tolist() == complete.sum(axis=0).tolist()
    assert field(ranking, "n_missing").tolist() == (~complete).sum(axis=0).tolist()


@pytest.mark.slow
@notes
@each_adjustment
def test_gaps_that_go_with_the_target(adjustment):
    # The column is there for few rows of the commonest label, and tells nothing where it is there:
    # 5 of 100 p-values may be below 0.05, as of a permutation test of the rows that count.
    pvalues, alone = [], []
    for r in range(150):
        rng = np.random.default_rng(r)
        y = rng.permutation(np.repeat([0, 1, 2, 3, 4], [280, 5, 5, 5, 5]))
        x = rng.integers(0, 6, 300).astype(float)
        x[np.flatnonzero(y == 0)[5:]] = NAN
        options = {"discrete": True, "n_permutations": 99, "seed": r}
        (row,) = rank_features(x[:, None], y, adjustment=adjustment, **options)
        assert (row.n, row.n_missing) == (25, 275)
        pvalues.append(row.pvalue)
        alone.append(permutation_test(x, y, nan_policy="omit", **options).pvalue)
    for found in (alone, pvalues):
        rejected = int((np.array(found) <= 0.05).sum())
        assert scipy.stats.binomtest(rejected, 150, 0.05, "greater").pvalue > 1e-3


@notes
@each_adjustment
def test_columns_and_targets_of_many_levels(adjustment, rng):
    n = 900
    ids = rng.permutation(n)
    X = np.column_stack([ids, rng.integers(0, 300, n), ids // 3, rng.integers(0, 3, n)])
    for y_levels in (3, 400):
        y = X[:, 2] % y_levels
        options = {"discrete": True, "n_permutations": 99, "adjustment": adjustment, "seed": 2}
        rows = by_name(rank_features(X, y, **options))
        assert rows["x0"].pvalue == 1  # of ids all permutations tell as much
        assert rows["x0"].note.startswith("nearly unique")
        assert rows["x2"].pvalue == rows["x2"].adjusted_pvalue or adjustment != "max-statistic"
        assert rows["x2"].pvalue == pytest.approx(0.01)
        assert rows["x2"].adjusted_pvalue <= 0.04 + 1e-9
        assert rows["x3"].pvalue > 0.01
        for name, row in rows.items():
            counts = JointCounts.from_labels(X[:, int(name[1:])], y)
            assert row.mi == close(counts.mutual_information())


@each_adjustment
def test_columns_of_many_levels_with_gaps(adjustment, rng):
    n, m = 700, 600
    y = with_gaps(rng.integers(0, 4, n), rng)
    X = with_gaps(np.column_stack([rng.integers(0, 300, n), rng.integers(0, 6, n)]), rng)
    X[:, 0] = np.where(rng.random(n) < 0.02, y, X[:, 0])
    ranking = rank_features(X, y, discrete=True, n_permutations=m, adjustment=adjustment, seed=2)
    alone = [
        permutation_test(
            X[:, i], y, discrete=True, nan_policy="omit", n_permutations=m, seed=1
        ).pvalue
        for i in range(2)
    ]
    assert_same_chance(field(ranking, "pvalue"), alone, m)


# Seeds and threads


@each_adjustment
def test_seeds(adjustment, numbers):
    def ranked(seed, **options):
        return plain(
            rank_features(*numbers, n_permutations=60, adjustment=adjustment, seed=seed, **options)
        )

    assert ranked(1) == ranked(1)
    assert ranked(np.int64(1)) == ranked(1)
    assert ranked(np.random.SeedSequence(1)) == ranked(1)
    assert ranked(1) != ranked(2)
    assert ranked(None) != ranked(None)
    generator = np.random.default_rng(4)
    first, second = ranked(generator), ranked(generator)
    assert first != second  # it goes on
    assert first == ranked(np.random.default_rng(4))
    np.random.seed(1)  # noqa: NPY002
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    ranked(None)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize(
    ("seed", "error"), [("a", TypeError), (1.5, TypeError), ({}, TypeError), (-1, ValueError)]
)
def test_bad_seeds(seed, error, numbers):
    with pytest.raises(error, match="seed must be"):
        rank_features(*numbers, n_permutations=9, seed=seed)


def samples_for_threads():
    rng = np.random.default_rng(7)
    n = 4000
    y = with_gaps(rng.integers(0, 4, n), rng, 0.02)
    X = with_gaps(rng.normal(size=(n, 20)), rng, 0.02)
    X[:, 3] += 0.1 * np.nan_to_num(y)
    X[:, 5] = rng.integers(0, 500, n)
    return X, y


ONE_THREAD = {}


@pytest.mark.slow
@each_adjustment
@pytest.mark.parametrize("discrete", [(False, True), (True, True)])
def test_any_number_of_threads_gives_the_same_bits(discrete, adjustment, threads):
    X, y = samples_for_threads()
    X = X if not discrete[0] else np.floor(X)
    options = {
        "discrete": discrete,
        "n_permutations": 20,
        "seed": 6,
        "adjustment": adjustment,
        "correction": "grassberger",
    }
    if (discrete, adjustment) not in ONE_THREAD:
        with num_threads(1):
            ONE_THREAD[discrete, adjustment] = plain(rank_features(X, y, **options))
    found = rank_features(X, y, **options)
    assert plain(found) == ONE_THREAD[discrete, adjustment]
    assert len({row.pvalue for row in found}) > 5


def test_columns_in_batches(monkeypatch, numbers, rng):
    # However many columns or permutations are taken at a time, all of it is the same.
    X, y = numbers
    X = np.column_stack([with_gaps(rng.normal(size=(250, 40)), rng), X])
    for adjustment in ADJUSTMENTS:
        options = {"n_permutations": 50, "seed": 1, "adjustment": adjustment}
        expected = plain(rank_features(X, y, **options))
        with monkeypatch.context() as patch:
            patch.setattr("fastinfo._columns.coding._BATCH", 1)
            patch.setattr("fastinfo._columns.permutations._BYTES", 1000)
            assert plain(rank_features(X, y, **options)) == expected


# Of all columns together


def test_one_column_needs_no_adjustment(numbers):
    for i in range(8):
        ranking = rank_features(
            numbers[0][:, [i]], numbers[1], n_permutations=99, adjustment="max-statistic", seed=i
        )
        assert ranking[0].adjusted_pvalue == ranking[0].pvalue


@notes
@pytest.mark.parametrize("seed", range(5))
def test_adjusted_pvalues_are_not_smaller(seed, rng):
    y = rng.integers(0, 3, 150)
    X = np.column_stack([rng.integers(0, k, 150) for k in (2, 3, 4, 8, 20, 50, 300, 2, 3)])
    X[:, 2] += y * (rng.random(150) < 0.3)
    X = with_gaps(X, rng, 0.05)
    ranking = rank_features(
        X, y, discrete=True, n_permutations=120, adjustment="max-statistic", seed=seed
    )
    raw, adjusted = field(ranking, "pvalue"), field(ranking, "adjusted_pvalue")
    assert (adjusted >= raw).all()
    assert (adjusted > raw).any()
    assert (adjusted <= 1).all()


def test_adjusted_pvalues_rise_down_the_ranking(rng):
    # All columns have the same levels equally often: the ranking is that of the statistic.
    y = rng.permutation(np.arange(240) % 4)
    columns = []
    for share in (0.5, 0.3, 0.22, 0.15, 0.08, 0.0):
        x = rng.permutation(np.arange(240) % 4)
        for _ in range(round(share * 240)):  # swap samples so that they agree with the target
            i = rng.choice(np.flatnonzero(x != y))
            k = rng.choice(np.flatnonzero((x == y[i]) & (y != y[i])))
            x[i], x[k] = x[k], x[i]
        columns.append(x)
    ranking = rank_features(
        np.column_stack(columns), y, n_permutations=399, adjustment="max-statistic", seed=1
    )
    adjusted = [row.adjusted_pvalue for row in ranking]
    assert adjusted == sorted(adjusted)
    assert len(set(adjusted)) > 2
    assert [row.name for row in ranking][:3] == ["x0", "x1", "x2"]


def slow_step_down(observed, permuted):
    """Westfall & Young's algorithm 4.1, step by step, of statistics that can be compared."""
    f, m = permuted.shape
    together = np.column_stack([observed, permuted])
    scores = np.zeros_like(together)
    for i, row in enumerate(together):
        if row.std() > 1e-14:
            scores[i] = (row - row.mean()) / row.std()
    varies = [i for i in range(f) if together[i].std() > 1e-14]  # one that does not takes no part
    order = sorted(varies, key=lambda i: -scores[i, 0])
    counts = np.zeros(f)
    for r in range(1, m + 1):
        largest = -math.inf
        for i in reversed(order):
            largest = max(largest, scores[i, r])
            counts[i] += largest >= scores[i, 0] - 1e-9
    adjusted, most = np.ones(f), 0.0
    for i in order:
        most = max(most, (counts[i] + 1) / (m + 1))
        adjusted[i] = most
    raw = [(sum(v >= observed[i] - 1e-12 for v in permuted[i]) + 1) / (m + 1) for i in range(f)]
    return np.array(raw), adjusted


def test_step_down(rng):
    for f, m in ((1, 9), (2, 50), (7, 99), (30, 40)):
        permuted = rng.gamma(2, size=(f, m)) * rng.random((f, 1))
        observed = rng.gamma(3, size=f) * permuted.mean(axis=1) / 2
        if f > 2:
            permuted[1], observed[1] = permuted[0], observed[0]  # the same column twice
            permuted[2] = observed[2] = 0.0  # a column of one value
        half = f // 2
        tests = [JointTest(observed[:half], permuted[:half])] if half else []
        tests.append(JointTest(observed[half:], permuted[half:]))
        found = step_down(tests)
        expected = slow_step_down(observed, permuted)
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-14)
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-14)


def slow_ranking(X, y, m, rng):
    """Permutations of the target for all columns at once, and algorithm 4.1 of the information."""

    def informations(y):
        return [JointCounts.from_labels(x, y).mutual_information() for x in X.T]

    return slow_step_down(
        np.array(informations(y)),
        np.column_stack([informations(rng.permutation(y)) for _ in range(m)]),
    )


def test_adjusted_pvalues_are_those_of_a_simulation(rng):
    y = rng.integers(0, 4, 200)
    X = rng.integers(0, 5, (200, 7))
    for i, share in enumerate((0.2, 0.17, 0.14, 0.1)):
        X[:, i] = np.where(rng.random(200) < share, y, X[:, i])
    X[:, 5] = np.where(rng.random(200) < 0.1, 1, X[:, 4])
    raw, adjusted = slow_ranking(X, y, 500, rng)
    ranking = rank_features(X, y, n_permutations=500, adjustment="max-statistic", seed=1)
    assert_same_chance(field(ranking, "pvalue"), raw, 500)
    assert_same_chance(field(ranking, "adjusted_pvalue"), adjusted, 500)
    assert 0.02 < np.median(adjusted) < 0.9


@notes
def test_copies_of_a_column_count_as_one(rng):
    y = rng.integers(0, 2, 200)
    x = np.where(rng.random(200) < 0.17, y, rng.integers(0, 3, 200))
    options = {"n_permutations": 499, "adjustment": "max-statistic", "seed": 1}
    alone = rank_features(x[:, None], y, **options)[0].pvalue
    assert 0.002 < alone < 0.1
    copies = rank_features(np.column_stack([x] * 40), y, **options)
    for row in copies:
        assert row.pvalue == row.adjusted_pvalue == alone
    assert 40 * alone > 0.1  # Bonferroni


def test_columns_that_depend_on_each_other_count_as_few(rng):
    n, f = 300, 40
    y = rng.integers(0, 2, n)
    x = rng.integers(0, 3, n)
    alike = np.where(rng.random((n, f)) < 0.03, rng.integers(0, 3, (n, f)), x[:, None])
    apart = rng.integers(0, 3, (n, f))
    weak = np.where(rng.random(n) < 0.14, y, rng.integers(0, 3, n))
    found = {}
    for name, others in (("alike", alike), ("apart", apart)):
        X = np.column_stack([weak, others])
        row = by_name(rank_features(X, y, n_permutations=999, adjustment="max-statistic", seed=1))[
            "x0"
        ]
        found[name] = row.adjusted_pvalue / row.pvalue
        assert row.pvalue > 0.001
    assert found["alike"] < 15
    assert found["alike"] < found["apart"] / 2
    assert found["apart"] < 60


@pytest.mark.slow
@notes
@pytest.mark.parametrize("kind", ["labels", "numbers", "gaps"])
def test_the_probability_of_any_false_discovery(kind):
    # Of 150 tables of noise, in 5 of 100 a column may be called a discovery, about.
    false = 0
    for r in range(150):
        rng = np.random.default_rng(r)
        y = rng.integers(0, 3, 60)
        X = rng.normal(size=(60, 10)) if kind == "numbers" else rng.integers(0, 3, (60, 10))
        X[:, 5:7] = X[:, :2]
        if kind == "gaps":
            X = with_gaps(X, rng)
        ranking = rank_features(
            X,
            y,
            bins=4,
            discrete=(kind != "numbers", True),
            n_permutations=59,
            adjustment="max-statistic",
            seed=r,
        )
        false += bool(ranking.significant())
    assert scipy.stats.binomtest(false, 150, 0.05).pvalue > 1e-3


def test_true_discoveries_are_found_among_noise(rng):
    X, y = rng.normal(size=(400, 100)), rng.integers(0, 3, 400)
    X[:, [17, 80]] += 0.6 * y[:, None]
    ranking = rank_features(X, y, bins=5, n_permutations=199, adjustment="max-statistic", seed=1)
    assert {row.name for row in ranking.significant()} == {"x17", "x80"}
    assert [row.adjusted_pvalue for row in ranking[:2]] == pytest.approx([0.005] * 2)
    assert min(row.adjusted_pvalue for row in ranking[2:]) > 0.05
    assert sum(row.pvalue <= 0.05 for row in ranking[2:]) > 0


@notes
def test_columns_of_many_levels_do_not_hide_others(rng):
    # What is compared is not the bare information, of which noise of many levels has most.
    y = rng.integers(0, 2, 300)
    X = np.column_stack([*rng.integers(0, 100, (5, 300)), np.where(rng.random(300) < 0.4, y, 1), y])
    options = {"n_permutations": 199, "adjustment": "max-statistic", "seed": 1}
    ranking = rank_features(X[:, :6], y, discrete=True, **options)
    assert max(row.mi for row in ranking) > ranking["x5"].mi
    assert ranking[0].name == "x5"
    assert by_name(ranking)["x5"].adjusted_pvalue == pytest.approx(0.005)
    assert [row.name for row in ranking.significant()] == ["x5"]


@notes
def test_a_step_down_is_no_single_step(rng):
    # With the strong column set apart, the weak one is held against what is left alone.
    y = rng.integers(0, 2, 200)
    weak = np.where(rng.random(200) < 0.17, y, rng.integers(0, 2, 200))
    X = np.column_stack([y, weak])
    rows = by_name(rank_features(X, y, n_permutations=499, adjustment="max-statistic", seed=1))
    assert 0.002 < rows["x1"].pvalue < 0.2
    assert rows["x1"].adjusted_pvalue == rows["x1"].pvalue


# Missing samples, useless columns


@each_adjustment
def test_columns_of_one_value_and_of_none(adjustment, numbers):
    X, y = numbers
    X[:, 6] = 2.5
    X[:, 7] = NAN
    with pytest.warns(UserWarning, match=r"constant .*: x6; mostly missing .*: x7$") as caught:
        ranking = rank_features(X, y, n_permutations=99, seed=1, adjustment=adjustment)
    assert len(caught) == 1
    rows = by_name(ranking)
    assert ranking[-1].name == "x7"
    assert rows["x6"].mi == 0
    assert rows["x6"].pvalue == rows["x6"].adjusted_pvalue == 1
    assert unknown(rows["x7"])
    assert rows["x7"][P + 3 :] == (0, 0, 250, "mostly missing")
    assert ranking[0].pvalue == pytest.approx(0.01)
    for row in ranking:
        assert row.name == "x7" or 0 < row.pvalue <= row.adjusted_pvalue <= 1


def test_columns_of_one_value_and_of_none_by_the_g_test(numbers):
    X, y = numbers
    X[:, 6] = 2.5
    X[:, 7] = NAN
    with pytest.warns(UserWarning, match="columns to look at"):
        rows = by_name(rank_features(X, y, correction="miller-madow"))
    assert rows["x6"].pvalue == rows["x6"].adjusted_pvalue == 1
    assert rows["x6"].mi == close(0)
    assert unknown(rows["x7"])


@each_adjustment
@pytest.mark.parametrize("discrete", [(False, True), (True, True)])
def test_useless_columns_do_not_change_the_others(discrete, adjustment, rng):
    y = rng.integers(0, 3, 200)
    X = rng.integers(0, 5, (200, 6)).astype(float)
    X[:, 1] = np.where(rng.random(200) < 0.2, y, X[:, 1])
    options = {"n_permutations": 199, "seed": 1, "adjustment": adjustment, "discrete": discrete}
    expected = rank_features(X, y, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = rank_features(np.column_stack([X, np.full(200, NAN)]), y, **options)
    assert plain(found)[:6] == plain(expected)
    assert found[6].name == "x6"


@each_adjustment
def test_missing_propagates(adjustment, rng):
    # Columns whose information is NaN take no part in what is done for the number of columns.
    y = rng.integers(0, 3, 200)
    X = rng.normal(size=(200, 14))
    X[:, 0] += 0.3 * y
    X[7, 2:] = NAN
    options = {"n_permutations": 199, "seed": 3, "adjustment": adjustment, "bins": 4}
    found = rank_features(X, y, nan_policy="propagate", **options)
    expected = rank_features(X[:, :2], y, **options)
    for row in found[2:]:
        assert unknown(row)
        assert row[P + 3 :] == (4, 199, 1, "")
    assert plain(found)[:2] == plain(expected)


@each_adjustment
def test_a_missing_target_propagates(adjustment, numbers):
    X, y = numbers
    target = y.astype(float)
    target[3] = NAN
    found = rank_features(
        X,
        target,
        discrete=(False, True),
        nan_policy="propagate",
        n_permutations=9,
        adjustment=adjustment,
    )
    assert [row.name for row in found] == [f"x{i}" for i in range(8)]
    for row in found:
        assert unknown(row)
        assert row[P + 4 :] == (249, 1, "")
    assert len(found.significant()) == 0


@each_adjustment
def test_missing_raises(adjustment, numbers):
    X, y = numbers
    X[3, 2] = NAN
    with pytest.raises(ValueError, match="x2 must have no missing samples"):
        rank_features(X, y, nan_policy="raise", n_permutations=9, adjustment=adjustment)


@each_adjustment
def test_missing_as_a_category(adjustment, rng):
    y = rng.integers(0, 3, 300)
    X = rng.normal(size=(300, 4))
    X[(y == 1) & (rng.random(300) < 0.5), 2] = NAN
    options = {"n_permutations": 99, "seed": 1, "adjustment": adjustment, "bins": 4}
    found = by_name(rank_features(X, y, missing="category", **options))
    assert found["x2"].pvalue == found["x2"].adjusted_pvalue or adjustment != "max-statistic"
    assert found["x2"].pvalue == pytest.approx(0.01)
    assert found["x2"][P + 3 :] == (5, 300, 0, "")
    assert by_name(rank_features(X, y, **options))["x2"].pvalue > 0.01


@each_adjustment
def test_samples_outside_of_edges_are_not_missing(adjustment, numbers):
    X, y = numbers
    X[4:9, 1] = NAN
    target = y.astype(float)
    target[:6] = NAN
    edges = np.linspace(-1, 1.5, 5)
    options = {"bins": edges, "discrete": (False, True), "seed": 1}
    for m in (0, 49) if adjustment == "benjamini-hochberg" else (49,):
        ranking = rank_features(X, target, n_permutations=m, adjustment=adjustment, **options)
        for row in ranking:
            x = X[:, int(row.name[1:])]
            missing = np.isnan(x) | np.isnan(target)
            inside = (x >= -1) & (x <= 1.5) & ~missing
            assert (row.n, row.n_missing) == (inside.sum(), missing.sum())
            assert row.n + row.n_missing < 250
            expected = JointCounts.from_samples(x[inside], target[inside].astype(int), bins=edges)
            assert row.mi == close(expected.mutual_information())
    assert ranking[0].name == "x0"
    assert ranking[0].adjusted_pvalue < 0.1


@notes
def test_dropped_samples_of_a_target(numbers):
    # A target that is binned by edges drops samples of its own.
    X = numbers[0]
    target = X[:, 0] + 0.5 * X[:, 1]
    edges = np.linspace(-1, 1, 4)
    rows = rank_features(
        X, target, bins=edges, n_permutations=200, adjustment="max-statistic", seed=1
    )
    inside = (abs(X) <= 1) & (abs(target) <= 1)[:, None]
    assert field(rows, "n").tolist() == inside.sum(axis=0).tolist()
    assert field(rows, "n_missing").tolist() == [0] * 8
    assert rows[0].name == "x0"
    assert rows[0].adjusted_pvalue < 0.05


# Layouts and containers


@pytest.mark.slow
@pytest.mark.parametrize("adjustment", [None, *ADJUSTMENTS])
@pytest.mark.parametrize("kind", ["numbers", "labels"])
def test_layouts_of_many_columns(kind, adjustment, rng):
    n, f = 300, 150
    y = rng.integers(0, 3, n)
    X = rng.normal(size=(n, f)) if kind == "numbers" else rng.integers(-2, 4, (n, f))
    X[:, 77] = X[:, 77] + y
    if kind == "numbers":
        X[3, 5] = X[9, 130] = NAN
    options = {"seed": 1}
    if adjustment:
        options.update(n_permutations=20, adjustment=adjustment)
    expected = plain(rank_features(np.ascontiguousarray(X), y, **options))
    assert expected[0][0] == "x77"
    wide = np.repeat(np.repeat(X, 2, axis=0), 2, axis=1)
    kept = X.copy()
    for other in (np.asfortranarray(X), wide[::2, ::2], X[::-1, ::-1].copy()[::-1, ::-1]):
        assert plain(rank_features(other, y, **options)) == expected
    for i in (5, 77, 130):  # each as it is alone
        row = rank_features(X[:, [i]], y)[0]
        found = next(r for r in expected if r[0] == f"x{i}")
        assert found[1:5] == close(row[1:5])
        assert found[P + 3 :] == row[P + 3 :]
    np.testing.assert_array_equal(X, kept, strict=True)


@each_adjustment
def test_tables(adjustment, rng):
    y = rng.integers(0, 3, 200)
    words = np.array(["u", "v", "w"], object)[np.where(rng.random(200) < 0.5, y, 0)]
    data = {
        "number": y + rng.normal(size=200),
        "word": words,
        "noise": rng.normal(size=200),
        "t": y,
    }
    options = {"n_permutations": 99, "seed": 1, "adjustment": adjustment}
    found = [
        plain(rank_features(make(data), "t", **options)) for make in (pd.DataFrame, pl.DataFrame)
    ]
    assert found[0] == found[1]
    rows = {row[0]: row for row in found[0]}
    assert rows["word"][P] == rows["number"][P] == pytest.approx(0.01)
    assert rows["noise"][P] > 0.01


# Options


def test_the_default_is_chosen_by_the_margins(numbers):
    X, y = numbers
    expected = rank_features(X, y)
    assert plain(rank_features(X, y, n_permutations="auto", seed=4)) == plain(expected)
    assert plain(rank_features(X, y, adjustment="benjamini-hochberg")) == plain(expected)
    for row in expected:
        x = X[:, int(row.name[1:])]
        counts = JointCounts.from_samples(x, y, bins=6, strategy="quantile", discrete=(False, True))
        assert row.test == "g"
        assert row.pvalue == close(counts.independence_test().pvalue)
    words = [f"word {i}" for i in np.random.default_rng(3).integers(0, 90, 250)]
    table = pd.DataFrame({"few": X[:, 0], "many": words})
    rows = rank_features(table, y)
    assert {row.name: row.test for row in rows} == {"few": "g", "many": "permutation"}
    assert plain(rank_features(table, y, seed=9)) == plain(rows)


def test_no_permutations_are_the_g_test(numbers, rng):
    y = numbers[1]
    words = rng.integers(0, 100, 250)
    for row in rank_features(np.column_stack([words, words // 9]), y, n_permutations=0):
        assert row.test == "g"
    row = rank_features(words[:, None], y, n_permutations=0, discrete=True)[0]
    assert row.pvalue == JointCounts.from_labels(words, y).independence_test().pvalue
    assert rank_features(words[:, None], y, discrete=True)[0].test == "permutation"


def test_alpha(numbers):
    options = {"n_permutations": 99, "seed": 1, "adjustment": "max-statistic"}
    for alpha in (0.01, 0.3, 0.9):
        ranking = rank_features(*numbers, alpha=alpha, **options)
        assert [row.name for row in ranking.significant()] == [
            row.name for row in ranking if row.adjusted_pvalue <= alpha
        ]
        assert len(ranking.significant()) >= 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"adjustment": "max-statistic"},
            ValueError,
            "needs n_permutations of at least 1, got 'auto'",
        ),
        (
            {"adjustment": "max-statistic", "n_permutations": 0},
            ValueError,
            "needs n_permutations of at least 1",
        ),
        (
            {"adjustment": "bonferroni"},
            ValueError,
            "adjustment must be one of 'benjamini-hochberg', 'max-statistic', got 'bonferroni'",
        ),
        ({"adjustment": None}, ValueError, "adjustment must be one of"),
        ({"n_permutations": -1}, ValueError, "n_permutations must be an integer of at least 0"),
        ({"n_permutations": 9.0}, TypeError, "n_permutations must be an integer"),
        ({"n_permutations": True}, TypeError, "n_permutations must be an integer"),
        ({"n_permutations": None}, TypeError, "n_permutations must be an integer"),
    ],
)
def test_bad_options(options, error, message, numbers):
    with pytest.raises(error, match=message):
        rank_features(*numbers, **options)


@each_adjustment
def test_progress_counts_the_columns(adjustment, threads, numbers):
    seen = []
    rank_features(
        *numbers,
        n_permutations=9,
        adjustment=adjustment,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[-1] == (8, 8)
    assert seen == sorted(set(seen))
    assert threads > 1 or seen == [(i, 8) for i in range(1, 9)]


@notes
def test_gaps_of_columns_of_many_levels(rng):
    """The permuted target has the gaps of the column, which packed tables must have room for."""
    y = rng.integers(0, 30, 4000)
    x = rng.integers(0, 30, (4000, 3)).astype(float)
    x[:, 1] = y
    x[rng.random(x.shape) < 0.3] = np.nan
    ranking = rank_features(
        x, y, discrete=True, n_permutations=30, adjustment="max-statistic", seed=1
    )
    assert ranking[0].name == "x1"
    assert ranking[0].adjusted_pvalue == pytest.approx(1 / 31)
    matrix = code_features(read_features(x[:, :1]), Binning(strategy="uniform", discrete=True))
    target = code_target(y, "y", Binning(strategy="uniform", discrete=True))
    test = permute_together(matrix, target, 30, seed_key(1))
    present = ~np.isnan(x[:, 0])
    null = [
        fastinfo.mutual_info_score(x[present, 0].astype(int), rng.permutation(y[present]))
        for _ in range(30)
    ]
    assert test.permuted.mean() == pytest.approx(np.mean(null), rel=0.03)
