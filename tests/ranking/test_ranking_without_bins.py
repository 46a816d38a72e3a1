"""rank_features(estimator=…): by neighbours and by correlations."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import fastinfo
from fastinfo import mutual_information, rank_features
from fastinfo._measures.surrogates.orders import Null
from fastinfo._measures.surrogates.tails import gamma_law, tail_of


def table_of(rng, n=200):
    a = rng.normal(size=n)
    c = a + 0.3 * rng.normal(size=n)
    table = {"a": a, "b": rng.normal(size=n), "c": c, "y": a + 0.7 * rng.normal(size=n)}
    return pd.DataFrame(table)


@pytest.mark.parametrize("estimator", ["ksg", "ksg2", "mixed", "gaussian", "gaussian-copula"])
def test_information_is_that_of_the_function(rng, estimator):
    table = table_of(rng)
    ranking = rank_features(table, "y", estimator=estimator, base=2)
    assert set(ranking.names[:2]) == {"a", "c"}
    assert ranking.significant().names[:2] == ranking.names[:2]
    for row in ranking:
        wanted = mutual_information(table[row.name], table["y"], estimator=estimator, base=2)
        assert row.mi == wanted
        assert math.isnan(row.share)
        assert math.isnan(row.normalized_mi)
        assert (row.n, row.n_missing, row.levels) == (200, 0, 200)
        assert row.test == ("g" if "gauss" in estimator else "permutation")
    assert "nan" in repr(ranking)


def test_permutations_are_those_of_the_test(rng):
    table = table_of(rng)
    options = {"estimator": "ksg", "n_permutations": 99, "seed": 3, "n_neighbors": 4}
    for row in rank_features(table, "y", **options):
        test = fastinfo.permutation_test(table[row.name], table["y"], **options)
        assert row.mi == test.statistic
        assert row.pvalue == test.pvalue
        assert row.above_chance == pytest.approx(test.statistic - test.null_distribution.mean())


@pytest.mark.parametrize("estimator", ["ksg", "gaussian"])
def test_given_columns(rng, estimator):
    table = table_of(rng)
    beyond = rank_features(table, "y", estimator=estimator, given="a")
    assert beyond.significant().names == []
    assert beyond.given == ("a",)
    for row in beyond:
        columns = table[row.name], table["y"], table["a"]
        wanted = fastinfo.conditional_mutual_information(*columns, estimator=estimator)
        assert row.mi == wanted
        if estimator == "gaussian":
            test = fastinfo.conditional_independence_test(*columns, estimator=estimator)
            assert row.pvalue == test.pvalue


def test_labels_of_a_target_have_a_share(rng):
    table = table_of(rng)
    y = table.pop("y") > 0
    table["copy"] = np.where(y, "p", "q")
    with pytest.warns(UserWarning, match="may leak"):
        ranking = rank_features(table, y, estimator="ksg")
    assert ranking[0].name == "copy"
    assert ranking["copy"].share > 0.95
    assert ranking["a"].share == pytest.approx(
        ranking["a"].above_chance / scipy.stats.entropy(np.bincount(y)), rel=1e-12
    )


def test_the_bias_of_correlations(rng):
    table = table_of(rng, 30)
    plain = rank_features(table, "y", estimator="gaussian")
    found = rank_features(table, "y", estimator="gaussian", correction="bias")
    for row, other in zip(found, plain, strict=True):
        assert row.mi == row.above_chance == other.above_chance < other.mi
        assert row.pvalue == other.pvalue


def test_missing_samples(rng):
    table = table_of(rng)
    table.loc[:9, "b"] = np.nan
    table.loc[5:14, "y"] = np.nan
    row = rank_features(table, "y", estimator="gaussian")["b"]
    assert (row.n, row.n_missing) == (185, 15)
    lost = rank_features(table, "y", estimator="gaussian", nan_policy="propagate")
    assert math.isnan(lost["b"].mi)
    with pytest.raises(ValueError, match="contains nan values: b must have no missing"):
        rank_features(table.iloc[15:].assign(b=np.nan), "y", estimator="ksg", nan_policy="raise")
    with pytest.warns(UserWarning, match="mostly missing"):
        empty = rank_features(table.assign(e=np.nan), "y", estimator="gaussian")
    assert empty.names[-1] == "e"
    assert math.isnan(empty["e"].pvalue)


def test_threads_seeds_and_noise(rng):
    table = table_of(rng, 100)
    options = {"estimator": "ksg", "jitter": 0.01, "random_state": 5}
    found = []
    for threads in (1, 3):
        with fastinfo.num_threads(threads):
            plain = rank_features(table, "y", estimator="ksg").rows
            found.append((repr(plain), repr(rank_features(table, "y", **options).rows)))
    assert found[0] == found[1]
    assert found[0][0] != found[0][1]


def test_progress(rng):
    for estimator, jitter in (("gaussian", 0.0), ("ksg", 0.1)):
        seen = []
        rank_features(
            table_of(rng, 60),
            "y",
            estimator=estimator,
            jitter=jitter,
            n_permutations=9,
            progress=lambda *at, seen=seen: seen.append(at),
        )
        assert seen[-1] == (3, 3)


@pytest.mark.slow
def test_pvalues_are_uniform_under_the_null(rng):
    X = rng.normal(size=(120, 300)).round(3)
    ranking = rank_features(X, rng.exponential(size=120), estimator="ksg")
    pvalues = np.array([row.pvalue for row in ranking])
    assert 0.02 <= np.mean(pvalues < 0.05) <= 0.09
    assert scipy.stats.kstest(pvalues, "uniform").pvalue > 1e-4


# p-values below what permutations can tell


@pytest.mark.parametrize("shape", [1.0, 5.0, 100.0])
def test_the_tail_is_that_of_a_gamma_law(shape):
    for t in (-1.5, 0.0, 0.7, 2.0, 6.0, 15.0):
        wanted = scipy.stats.gamma.sf(shape + math.sqrt(shape) * t, shape)
        assert gamma_law(t, shape) == pytest.approx(wanted, rel=1e-9)


def test_the_law_takes_over_where_few_permutations_reach(rng):
    drawn = rng.normal(size=199)
    for observed in (-1.0, 0.0, 1.0):
        null = Null.of(observed, drawn)
        assert tail_of(null) == null.pvalue
    far = Null.of(8.0, drawn)
    assert far.pvalue == 0.005
    assert 1e-16 < tail_of(far) < 1e-5
    skewed = rng.exponential(size=199)
    assert tail_of(Null.of(9.0, skewed)) > scipy.stats.expon.sf(9.0) / 3
    assert tail_of(Null.of(1.0, np.zeros(199))) == 0.005
    assert tail_of(Null.of(math.inf, drawn)) == 0.005
    assert tail_of(Null.of(9.0, drawn[:50])) == 1 / 51


@pytest.mark.filterwarnings("ignore")
def test_few_ranks_have_no_law():
    x = np.arange(5.0)
    orders = itertools.permutations(range(5))
    found = [
        rank_features({"a": x}, x[list(order)], estimator="gaussian-copula")[0].pvalue
        for order in itertools.islice(orders, 0, None, 11)
    ]
    assert min(found) >= 0.005
    test = fastinfo.conditional_independence_test(x, x, estimator="gaussian-copula", seed=1)
    assert test.pvalue >= 0.005
    options = {"estimator": "gaussian-copula", "n_permutations": 0}  # the law, whoever asks for it
    y = np.array([1.0, 0.0, 2.0, 4.0, 3.0])
    law = fastinfo.conditional_independence_test(x, y, **options)
    assert 0.0 < law.pvalue < 1.0
    assert rank_features({"a": x}, y, **options)[0].pvalue == law.pvalue


@pytest.mark.slow
def test_rare_labels_make_no_false_alarms(rng):
    y = np.arange(120) < 4
    X = rng.normal(size=(120, 200))
    pvalues = [row.pvalue for row in rank_features(X, y, estimator="ksg")]
    assert np.mean(np.array(pvalues) < 0.001) <= 0.01
    assert min(pvalues) > 1e-6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bins": 5}, "bins must be left at 'mi' with estimator='ksg'"),
        ({"strategy": "uniform"}, "strategy must be left at 'quantile' with estimator='ksg'"),
        ({"sample_weight": np.ones(50)}, "sample_weight must be left at None"),
        ({"correction": "nsb"}, "correction must be left at None with estimator='ksg'"),
        ({"missing": "category"}, "missing must be left at None with estimator='ksg'"),
        (
            {"adjustment": "max-statistic", "n_permutations": 9},
            "adjustment must be left at 'benjamini-hochberg' with estimator='ksg'",
        ),
        ({"n_permutations": 0}, "n_permutations must be 'auto' or at least 1 with estimator='ksg'"),
        ({"n_neighbors": 0}, "n_neighbors must be"),
        ({"estimator": "gaussian", "n_neighbors": 5}, "n_neighbors must be left at 3"),
        ({"estimator": "histogram", "jitter": 0.1}, "jitter must be left at 0"),
        ({"estimator": "nearest"}, "estimator must be one of"),
        ({"estimator": "gaussian", "discrete": True}, "discrete must not be True for"),
    ],
)
def test_options_that_do_not_go_together(rng, options, message):
    with pytest.raises(ValueError, match=message):
        rank_features(table_of(rng, 50), "y", **{"estimator": "ksg", **options})


def test_data_in_parts_is_refused(rng, tmp_path):
    table_of(rng, 50).to_parquet(tmp_path / "t.parquet")
    import fastinfo.streaming

    source = fastinfo.streaming.open_files(tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="estimator must be 'histogram' if X is read part by"):
        rank_features(source, "y", estimator="ksg")
