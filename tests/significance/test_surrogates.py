"""permutation_test given others, of series, and without bins."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from helpers import close, compiled, quiet

import fastinfo
from fastinfo import (
    JointCounts,
    conditional_independence_test,
    conditional_mutual_information,
    mutual_information,
    permutation_test,
)

ESTIMATORS = ["histogram", "ksg", "mixed", "gaussian", "gaussian-copula"]
WAYS = ["permute", "shift", "block"]


def autoregressive(rng, n, r=0.95):
    x = np.empty(n)
    x[0] = rng.normal() / math.sqrt(1 - r * r)
    for t, e in enumerate(rng.normal(size=n - 1), 1):
        x[t] = r * x[t - 1] + e
    return x


def assert_same(a, b):
    assert (a.statistic, a.pvalue) == (b.statistic, b.pvalue)
    np.testing.assert_array_equal(a.null_distribution, b.null_distribution, strict=True)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("given", [False, True])
def test_the_statistic_is_the_information(estimator, way, given, rng):
    x, y, z = rng.normal(size=(3, 150))
    y += x
    options = {"given": z if given else None, "estimator": estimator, "surrogates": way}
    if given:
        expected = quiet(conditional_mutual_information, x, y, z, estimator=estimator)
    else:
        expected = mutual_information(x, y, estimator=estimator)
    found = permutation_test(x, y, n_permutations=60, seed=1, **options)
    assert found.statistic == close(expected)
    null = found.null_distribution
    assert null.shape == (60,)
    assert found.pvalue == ((null >= found.statistic * (1 - 1e-9)).sum() + 1) / 61
    assert found.pvalue < 0.05
    assert abs(null.mean()) < 0.6 * found.statistic or estimator == "histogram"
    for threads in (1, 3):
        with fastinfo.num_threads(threads):
            assert_same(permutation_test(x, y, n_permutations=60, seed=1, **options), found)
    bits = permutation_test(x, y, n_permutations=60, seed=1, base=2, **options)
    assert bits.pvalue == found.pvalue
    assert bits.statistic == close(found.statistic / math.log(2))
    other = permutation_test(x, y, n_permutations=60, seed=2, **options)
    assert not np.array_equal(other.null_distribution, null)


@pytest.mark.parametrize("estimator", ["ksg", "ksg2", "mixed", "gaussian", "gaussian-copula"])
@pytest.mark.parametrize("kind", ["numbers", "label y", "label x", "groups"])
def test_each_surrogate_is_the_estimate_of_moved_rows(estimator, kind, rng):
    # what is sorted once gives what each order gives from the start: here, all shifts there are
    n = 40
    x, y = rng.normal(size=(2, n)).round(1 if estimator == "mixed" else 9)
    y += x
    if kind == "groups":
        x = np.column_stack([x, rng.normal(size=n)])
    if kind.startswith("label"):
        if estimator.startswith("gaussian"):
            pytest.skip("estimators of normal variables take no labels")
        y = np.digitize(y, [-0.5, 0.5])
    if kind == "label x":
        x, y = y, x
    options = {"estimator": estimator}
    found = permutation_test(x, y, surrogates="shift", seed=3, block_length=1, **options)
    expected = [mutual_information(np.roll(x, -s, axis=0), y, **options) for s in range(1, n)]
    np.testing.assert_allclose(np.sort(found.null_distribution), np.sort(expected), rtol=1e-9)


@pytest.mark.parametrize("given", [False, True])
def test_each_shift_counts_moved_rows(given, rng):
    n = 60
    x, y, z = rng.integers(0, 3, (3, n))
    z = z if given else None
    found = permutation_test(x, y, given=z, surrogates="shift", seed=3, block_length=1)
    assert found.null_distribution.shape == (n - 1,)

    def information(x):
        if z is None:
            return mutual_information(x, y)
        return quiet(conditional_mutual_information, x, y, z)

    expected = [information(np.roll(x, -s)) for s in range(1, n)]
    np.testing.assert_allclose(np.sort(found.null_distribution), np.sort(expected), rtol=1e-12)
    # levels that multiply past a table are counted another way
    wide = [np.where(rng.random(n) < 0.5, v, rng.integers(0, 10**6, n)) for v in (x, y)]
    found = permutation_test(
        *wide, given=z, surrogates="shift", seed=3, block_length=1, discrete=True
    )
    x, y = wide

    def information_of_labels(x):
        if z is None:
            return mutual_information(x, y, discrete=True)
        return conditional_mutual_information(x, y, z, discrete=True)

    expected = [quiet(information_of_labels, np.roll(x, -s)) for s in range(1, n)]
    np.testing.assert_allclose(np.sort(found.null_distribution), np.sort(expected), rtol=1e-12)


def test_least_shift_and_blocks(rng):
    x, y = rng.integers(0, 2, (2, 100))

    def test(**options):
        return permutation_test(x, y, seed=1, **options)

    found = test(surrogates="shift", block_length=20)
    assert found.null_distribution.size == 100 - 2 * 20 + 1
    expected = [mutual_information(np.roll(x, -s), y) for s in range(20, 81)]
    np.testing.assert_allclose(np.sort(found.null_distribution), np.sort(expected), rtol=1e-12)
    assert test(surrogates="shift").null_distribution.size == 99
    assert test(surrogates="shift", n_permutations=30).null_distribution.size == 30
    halves = test(surrogates="block", block_length=50).null_distribution
    shifts = [mutual_information(np.roll(x, -s), y) for s in range(100)]
    assert {round(v, 12) for v in halves.tolist()} <= {round(v, 12) for v in shifts}


@pytest.mark.slow
@compiled
@pytest.mark.filterwarnings("ignore:500 complete rows are few for blocks")
@pytest.mark.parametrize("estimator", ["histogram", "gaussian"])
def test_series_that_remember_are_no_discovery(estimator, rng):
    n_pairs = 300 if estimator == "histogram" else 100
    pairs = [(autoregressive(rng, 500), autoregressive(rng, 500)) for _ in range(n_pairs)]
    shares = {}
    for way in WAYS:
        options = {"surrogates": way, "n_permutations": 99, "seed": 1, "estimator": estimator}
        options |= {"bins": 4} if estimator == "histogram" else {}
        pvalues = np.array([permutation_test(x, y, **options).pvalue for x, y in pairs])
        shares[way] = np.mean(pvalues <= 0.05)
    three = 3 * math.sqrt(0.05 * 0.95 / n_pairs)
    assert shares["permute"] > 0.6
    assert shares["shift"] < 0.06 + three
    assert shares["block"] < 0.08 + three


@compiled
def test_series_that_are_coupled_are_found(rng):
    found = []
    for _ in range(20):
        x = autoregressive(rng, 1000)
        y = 0.5 * np.roll(x, 1) + autoregressive(rng, 1000, 0.5)
        found += [
            permutation_test(x, y, surrogates=way, n_permutations=99, seed=1).pvalue
            for way in ("shift", "block")
        ]
    assert np.mean(np.array(found) <= 0.05) > 0.9


# Given others


def test_strata_are_those_of_the_conditional_test(rng):
    z = rng.integers(0, 3, 400)
    x, y = ((z + rng.integers(0, 3, (2, 400))) % 4).reshape(2, 400)
    found = permutation_test(x, y, given=z, seed=5, n_permutations=500)
    other = conditional_independence_test(x, y, z, n_permutations=500, seed=5)
    assert found.pvalue == other.pvalue
    assert found.statistic == close(other.cmi)


def test_tables_of_strata_are_all_there_are(rng):
    # two strata of four rows: all orders within them by hand
    x, y = [0, 0, 1, 1, 0, 1, 1, 1], [0, 1, 1, 0, 0, 0, 1, 1]
    z = [0, 0, 0, 0, 1, 1, 1, 1]

    def information(x):
        return quiet(conditional_mutual_information, x, y, z)

    every = [
        information([*(x[i] for i in a), *(x[4 + i] for i in b)])
        for a in itertools.permutations(range(4))
        for b in itertools.permutations(range(4))
    ]
    exact = np.mean(np.array(every) >= information(x) - 1e-12)
    found = permutation_test(x, y, given=z, n_permutations=20_000, seed=2)
    assert found.pvalue == pytest.approx(exact, abs=5 * math.sqrt(exact * (1 - exact) / 20_000))
    assert found.null_distribution.mean() == pytest.approx(np.mean(every), rel=0.02)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("estimator", ["histogram", "ksg", "gaussian"])
def test_a_common_cause_is_no_discovery(estimator, rng):
    pvalues, without = [], []
    for _ in range(60 if estimator == "ksg" else 200):
        z = rng.integers(0, 4, 200) if estimator == "histogram" else rng.normal(size=200)
        x, y = z + rng.normal(size=(2, 200))
        options = {"n_permutations": 39, "seed": 1, "estimator": estimator}
        pvalues.append(permutation_test(x, y, given=z, **options).pvalue)
        if len(without) < 10:
            without.append(permutation_test(x, y, **options).pvalue)
    assert np.mean(without) < 0.06
    assert np.mean(np.array(pvalues) <= 0.05) < 0.12


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_what_x_tells_beyond_others_is_found(estimator, rng):
    x, z, u = rng.normal(size=(3, 300))
    y = x + z + 0.5 * u
    matrix = np.column_stack([z, rng.normal(size=300)])
    for given in (z, matrix):
        found = permutation_test(
            x, y, given=given, estimator=estimator, n_permutations=39, seed=1, **bins_of(estimator)
        )
        assert found.pvalue == 1 / 40


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["labels", "both", "label x"])
def test_labels_among_what_is_given(way, kind, rng):
    z = rng.integers(0, 3, 200)
    x, y = z + rng.normal(size=(2, 200))
    z = z.astype(str)
    if kind == "both":
        z = pd.DataFrame({"a": z, "b": rng.normal(size=200)})
    if kind == "label x":
        x, z = (x > 1).astype(str), rng.normal(size=200)
    options = {"estimator": "ksg", "surrogates": way, "n_permutations": 39, "seed": 1}
    found = permutation_test(x, y, given=z, **options)
    expected = conditional_mutual_information(x, y, z, estimator="ksg")
    assert found.statistic == close(expected)
    assert found.pvalue == ((found.null_distribution >= found.statistic - 1e-12).sum() + 1) / 40
    if kind == "labels" and way == "permute":
        assert found.pvalue > 0.05
        assert permutation_test(x, y + x, given=z, **options).pvalue == 1 / 40


def bins_of(estimator):
    return {"bins": 4} if estimator == "histogram" else {}


def test_missing_rows_are_left_out(rng):
    x, y, z = rng.normal(size=(3, 80))
    x[3] = y[10] = z[70] = math.nan
    kept = ~np.isnan(x + y + z)
    for options in (
        {"surrogates": "shift"},
        {"estimator": "gaussian"},
        {"given": z, "estimator": "gaussian"},
        {"given": z, "surrogates": "block"},
    ):
        lost = permutation_test(x, y, n_permutations=9, seed=1, **options)
        assert math.isnan(lost.pvalue)
        assert math.isnan(lost.statistic)
        assert np.isnan(lost.null_distribution).all()
        whole = kept if "given" in options else ~np.isnan(x + y)
        clean = options | ({"given": z[whole]} if "given" in options else {})
        found = permutation_test(x, y, n_permutations=9, seed=1, nan_policy="omit", **options)
        assert_same(found, permutation_test(x[whole], y[whole], n_permutations=9, seed=1, **clean))
        with pytest.raises(ValueError, match="nan values"):
            permutation_test(x, y, nan_policy="raise", **options)


def test_inputs_are_not_written_to(rng):
    columns = rng.normal(size=(3, 60))
    columns.flags.writeable = False
    before = columns.copy()
    for estimator, way in itertools.product(ESTIMATORS, WAYS):
        permutation_test(
            columns[0], columns[1], given=columns[2], n_permutations=3, seed=1,
            estimator=estimator, surrogates=way,
        )  # fmt: skip
    assert np.array_equal(columns, before)


def test_correlation_one_is_no_error(rng):
    x = rng.normal(size=50)
    found = permutation_test(x, 2 * x, estimator="gaussian", n_permutations=39, seed=1)
    assert found.statistic == math.inf
    assert found.pvalue == 1 / 40


def test_too_few_shifts_are_told():
    x = np.array([0, 1, 1, 0, 1, 0, 0, 1])
    with pytest.warns(UserWarning, match="8 complete rows have 7 different shifts .* below 1/8"):
        found = permutation_test(x, x[::-1], surrogates="shift", seed=1)
    assert found.null_distribution.size == 7


X, Y = np.arange(24.0).reshape(2, 12) % 5


@pytest.mark.parametrize(
    ("args", "options", "error", "message"),
    [
        ((X, Y), {"surrogates": "shuffle"}, ValueError, "surrogates must be one of"),
        ((X, Y), {"block_length": 3}, ValueError, "block_length must be left out with"),
        ((X, Y), {"block_length": 0, "surrogates": "shift"}, ValueError, "block_length must be an"),
        (
            (X, Y),
            {"block_length": 7, "surrogates": "block"},
            ValueError,
            "half .*12, got 7",
        ),
        ((X, Y), {"estimator": "ksg", "bins": 3}, ValueError, "bins must be left at 'mi'"),
        ((X, Y), {"n_neighbors": 4}, ValueError, "n_neighbors must be left at 3"),
        ((X, Y), {"estimator": "gaussian", "jitter": 1}, ValueError, "jitter must be left"),
        ((X, Y), {"given": X[:3]}, ValueError, "x and given must have the same length"),
        ((X, Y), {"given": X[:3], "estimator": "ksg"}, ValueError, "x and given must have the sa"),
        ((X, list("abcabcabcabc")), {"estimator": "gaussian"}, ValueError, "y must hold numbers"),
        ((X[:1], Y[:1]), {"surrogates": "shift"}, ValueError, "at least 2 complete rows"),
        ((X,), {"surrogates": "shift"}, TypeError, "y must be samples"),
        ((X,), {"estimator": "ksg"}, TypeError, "y must be samples"),
    ],
)
def test_bad_input(args, options, error, message):
    with pytest.raises(error, match=message):
        permutation_test(*args, **options)


@pytest.mark.parametrize("options", [{"given": X}, {"estimator": "ksg"}, {"surrogates": "shift"}])
def test_counts_have_no_order(options):
    counts = JointCounts.from_table([[3, 1], [2, 4]])
    with pytest.raises(ValueError, match=f"{next(iter(options))} must be left out if x is a Joint"):
        permutation_test(counts, **options)


def test_series_too_short_for_blocks_are_told(rng):
    x, y = rng.normal(size=(2, 200))
    options = {"surrogates": "block", "estimator": "gaussian", "n_permutations": 9, "seed": 1}
    permutation_test(x, y, **options)  # without a word
    long = np.cumsum(x), np.cumsum(y)
    with pytest.warns(UserWarning, match="200 complete rows are few for blocks.*have only 40"):
        permutation_test(*long, **options)
    permutation_test(*long, **options, block_length=60)
