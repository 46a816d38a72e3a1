"""rank_features(sample_weight=…): rows that count for more than others."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.stats

import fastinfo
from fastinfo import JointCounts, rank_features


def table_of(rng, n=1500):
    a = rng.normal(size=n)
    return pd.DataFrame(
        {"a": a, "b": rng.normal(size=n), "c": rng.integers(0, 4, n), "y": a + rng.normal(size=n)}
    )


@pytest.mark.parametrize("given", [None, "c"])
def test_equal_weights_are_none(rng, given):
    table = table_of(rng)
    plain = rank_features(table, "y", n_permutations=0, given=given, bins=6)
    for weight in (1.0, 0.3, 1e-200, 1e200):
        weights = np.full(len(table), weight)
        options = {"given": given, "bins": 6, "n_permutations": 0}
        found = rank_features(table, "y", sample_weight=weights, **options)
        assert found.names == plain.names
        for row, other in zip(found, plain, strict=True):
            assert row.n == other.n
            np.testing.assert_allclose(row[3:6], other[3:6], rtol=1e-9, atol=1e-15)
            if given is None:
                np.testing.assert_allclose(row[1:3], other[1:3], rtol=1e-9, atol=1e-15)


def test_values_are_those_of_the_functions(rng):
    table = table_of(rng)
    w = rng.random(len(table))
    ranking = rank_features(table, "y", sample_weight=w, bins=5, base=2)
    for row in ranking:
        options = {"sample_weight": w, "bins": 5}
        wanted = fastinfo.mutual_information(table[row.name], table["y"], base=2, **options)
        assert row.mi == pytest.approx(wanted, rel=1e-12)
        n = w.sum() ** 2 / (w**2).sum()
        dof = (row.levels - 1) * 4
        assert row.above_chance == pytest.approx(row.mi - dof / (2 * n * np.log(2)), rel=1e-9)
        g = 2 * n * row.mi * np.log(2)
        assert row.pvalue == pytest.approx(scipy.stats.chi2.sf(g, dof), rel=1e-9)
        assert row.test == "g"


def test_given_columns_and_weights(rng):
    table = table_of(rng)
    w = rng.random(len(table))
    for row in rank_features(table, "y", sample_weight=w, given="c"):
        columns = table[row.name], table["y"], table["c"]
        test = fastinfo.conditional_independence_test(*columns, sample_weight=w)
        assert row.mi == pytest.approx(test.cmi, rel=1e-12)
        assert row.pvalue == pytest.approx(test.pvalue, rel=1e-9)
        n = w.sum() ** 2 / (w**2).sum()
        assert row.above_chance == pytest.approx(test.cmi - test.dof / (2 * n), rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, dict])
def test_weights_by_name_are_no_feature(rng, kind):
    table = table_of(rng, 300)
    w = rng.random(300)
    wanted = rank_features(table, "y", sample_weight=w)
    named = {name: table[name].to_numpy() for name in table} | {"w": w}
    found = rank_features(kind(named), "y", sample_weight="w")
    assert found.rows == wanted.rows
    assert rank_features(kind(named), "y", sample_weight=w, given="w").given == ("w",)


def test_rows_without_weight_do_not_count(rng):
    table = table_of(rng, 400)
    w = np.repeat([1.0, 0.0], 200)
    found = rank_features(table, "y", sample_weight=w, bins=[-9.0, -0.5, 0.5, 9.0])
    wanted = rank_features(table[:200], "y", bins=[-9.0, -0.5, 0.5, 9.0], n_permutations=0)
    assert {row.name: row.mi for row in found} == pytest.approx(
        {row.name: row.mi for row in wanted}, rel=1e-12
    )


def test_the_order_counts_weight_that_is_missing():
    y = np.tile([0, 1], 200)
    x = np.where(np.arange(400) < 200, y, np.nan)  # decides it, in the second half missing
    z = np.where(np.arange(400) % 10 < 9, y, 1 - y)
    light, heavy = np.repeat([1.0, 20.0], 200), np.repeat([20.0, 1.0], 200)
    table = {"x": x, "z": z}
    with pytest.warns(UserWarning, match="may leak"):
        assert rank_features(table, y, sample_weight=light).names == ["z", "x"]
    with pytest.warns(UserWarning, match="may leak"):
        assert rank_features(table, y, sample_weight=heavy).names == ["x", "z"]


@pytest.mark.filterwarnings("ignore:x has .* different labels")
def test_wide_labels_keep_the_occupied_cells(rng):
    x, y = rng.integers(0, 3000, 4000).astype(str), rng.integers(0, 400, 4000).astype(str)
    w = rng.random(4000)
    with pytest.warns(UserWarning, match="nearly unique"):
        row = rank_features({"x": x}, y, sample_weight=w)[0]
    counts = JointCounts.from_samples(x, y, sample_weight=w, discrete=True)
    assert row.mi == pytest.approx(counts.mutual_information(), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ones", "any"])
def test_pvalues_of_thin_tables_are_uniform(rng, kind):
    pvalues, given = [], []
    for _ in range(100):
        w = np.ones(300) if kind == "ones" else rng.exponential(size=300)
        table = {"x": rng.integers(0, 40, 300).astype(str), "z": rng.integers(0, 3, 300)}
        y = rng.integers(0, 6, 300)
        pvalues.append(rank_features(table, y, sample_weight=w)["x"].pvalue)
        given.append(rank_features(table, y, sample_weight=w, given="z")["x"].pvalue)
    for found in (pvalues, given):
        assert np.mean(np.array(found) < 0.05) <= 0.13
        assert scipy.stats.kstest(found, "uniform").pvalue > 1e-4


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:columns to look at")
def test_an_identifier_says_nothing_whatever_its_weights(rng):
    pvalues = []
    for _ in range(40):
        table = {"id": np.arange(120).astype(str), "half": (np.arange(120) // 2).astype(str)}
        ranking = rank_features(
            table, rng.integers(0, 2, 120), sample_weight=rng.exponential(size=120)
        )
        pvalues += [row.pvalue for row in ranking]
    assert np.mean(np.array(pvalues) < 0.05) <= 0.15


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_weight": [1.0]}, "sample_weight must hold one weight for each of the 50"),
        ({"sample_weight": -np.ones(50)}, "sample_weight must not hold negative weights"),
        ({"sample_weight": np.full(50, np.nan)}, "sample_weight must hold finite weights"),
        ({"sample_weight": np.zeros(50)}, "sample_weight must be positive for"),
        ({"sample_weight": "q"}, "sample_weight must be a column of X"),
        ({"sample_weight": np.ones(50), "n_permutations": 9}, "must be 'auto' or 0 with sample_w"),
    ],
)
@pytest.mark.parametrize("given", [None, "c"])
def test_weights_that_cannot_be(rng, options, message, given):
    with pytest.raises(ValueError, match=message):
        rank_features(table_of(rng, 50), "y", given=given, **options)


def test_weights_of_arrays_and_of_data_in_parts(rng, tmp_path):
    with pytest.raises(ValueError, match="sample_weight can name a column of a table only"):
        rank_features(rng.normal(size=(50, 2)), rng.normal(size=50), sample_weight="x1")
    table_of(rng, 50).to_parquet(tmp_path / "t.parquet")
    import fastinfo.streaming

    source = fastinfo.streaming.open_files(tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="checkpoint must be None with sample_weight"):
        rank_features(source, "y", sample_weight=np.ones(50), checkpoint=tmp_path / "c")
