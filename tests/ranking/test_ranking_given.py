"""rank_features(given=…): what each column tells beyond those that are known."""

import math
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.stats

import fastinfo
from fastinfo import conditional_independence_test, conditional_mutual_information, rank_features
from fastinfo.streaming import open_files

NAN = math.nan


def parts(table, folder):
    """The table as a file that is read in parts."""
    table.to_parquet(folder / "t.parquet")
    return open_files(folder / "t.parquet")


def table_of(rng, n=2000):
    """A target of `a` and `b`; `c` is a noisy copy of `a`, `d` labels of nothing."""
    a, b = rng.normal(size=(2, n))
    d = rng.choice(["p", "q", "r"], n)
    c = a + 0.5 * rng.normal(size=n)
    return pd.DataFrame({"a": a, "b": b, "c": c, "d": d, "y": a + b + rng.normal(size=n)})


def test_a_copy_tells_nothing_beyond_what_is_given(rng):
    table = table_of(rng)
    plain, beyond = rank_features(table, "y"), rank_features(table, "y", given="a")
    assert set(plain.significant().names) == {"a", "b", "c"}
    assert beyond.names[0] == "b"
    assert beyond.significant().names == ["b"]
    assert set(beyond.names) == {"b", "c", "d"}
    assert beyond["b"].above_chance > plain["b"].above_chance
    assert beyond.given == beyond.significant().given == ("a",)
    assert repr(beyond).endswith("[3 columns about y given a, 1 significant; 2,000 rows; nats]")


def panel_of(rng):
    """Years of countries, of which each has one row."""
    year, country = np.tile(np.arange(12), 50), np.repeat([f"c{i}" for i in range(50)], 12)
    return pd.DataFrame({
        "country": country, "year": year, "noise": rng.choice(["p", "q"], 600),
        "id": [f"r{i}" for i in range(600)], "y": year // 3 + rng.integers(0, 2, 600),
    })  # fmt: skip


@pytest.mark.parametrize(
    "read", [lambda table, path: table, lambda table, path: parts(table, path)]
)
def test_labels_that_differ_where_the_given_agree_are_told(rng, tmp_path, read):
    table = panel_of(rng)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = rank_features(read(table, tmp_path), "y", given="country")
    assert found["year"].pvalue == 1.0
    said = [str(one.message) for one in caught if "most rows differ in" in str(one.message)]
    assert said == [
        "most rows differ in year from all other rows with the same values of the given columns "
        "country: in those rows, information can't be told from chance. If labels are numbers, "
        "bin them: discrete={'year': False}"
    ]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = read(table, tmp_path)
        found = rank_features(data, "y", given="country", discrete={"year": False})
    assert found.significant().names == ["year"]
    assert not any("most rows differ in" in str(one.message) for one in caught)


def test_a_target_that_differs_where_the_given_agree_is_told(rng):
    with pytest.warns(UserWarning, match="most rows differ in year from all other rows with"):
        rank_features(panel_of(rng).drop(columns="id"), "year", given="country")


@pytest.mark.parametrize("given", [["a"], ["a", "d"]])
def test_rows_are_those_of_the_functions_of_three(rng, given):
    table = table_of(rng)
    ranking = rank_features(table, "y", given=given, base=2)
    for row in ranking:
        columns = table[row.name], table["y"], table[given]
        test = conditional_independence_test(*columns, base=2)
        assert row.mi == pytest.approx(test.cmi, rel=1e-12)
        assert row.pvalue == pytest.approx(test.pvalue, rel=1e-9)
    pvalues = [row.pvalue for row in ranking]
    adjusted = fastinfo.significance.adjust_pvalues(pvalues)
    np.testing.assert_allclose([row.adjusted_pvalue for row in ranking], adjusted)


def test_above_chance_and_share_are_by_strata(rng):
    """The sum over the strata of what a ranking in each of them says, by their rows."""
    n = 900
    x, y, z = rng.integers(0, 4, n), rng.integers(0, 3, n), rng.integers(0, 2, n)
    y[: n // 2] = x[: n // 2] % 3
    row = rank_features({"x": x, "z": z}, y, given="z")["x"]
    above, room = 0.0, 0.0
    for level in (0, 1):
        own = z == level
        part = rank_features({"x": x[own]}, y[own])["x"]
        above += own.mean() * part.above_chance
        room += own.mean() * part.above_chance / part.share
    assert row.above_chance == pytest.approx(above, rel=1e-12)
    assert row.share == pytest.approx(above / room, rel=1e-12)
    left = [fastinfo.conditional_entropy(a, z, discrete=True) for a in (x, y)]
    assert row.normalized_mi == pytest.approx(row.mi / np.mean(left), rel=1e-12)


def test_a_column_that_decides_the_rest_has_share_one(rng):
    z, x = rng.integers(0, 4, 500), rng.integers(0, 2, 500)
    with pytest.warns(UserWarning, match="may leak"):
        row = rank_features({"x": x, "z": z}, 2 * z + x, given="z")[0]
    assert row.share == pytest.approx(1.0)
    assert row.note == "may leak"


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, dict])
def test_tables_of_any_kind(rng, kind):
    table = table_of(rng, 300)
    plain = rank_features(table, "y", given=["a", "d"])
    found = rank_features(kind({k: table[k].to_numpy() for k in table}), "y", given=("a", "d"))
    assert found.rows == plain.rows


def test_columns_of_an_array_have_their_names(rng):
    X = rng.normal(size=(400, 4))
    y = X[:, 2] + rng.normal(size=400)
    found = rank_features(X, y, given="x1")
    assert found.rows == rank_features(pd.DataFrame(X).add_prefix("x"), y, given=["x1"]).rows
    assert found.rows == rank_features(np.asfortranarray(X), y, given=["x1"]).rows
    assert set(found.names) == {"x0", "x2", "x3"}


def test_names_that_are_no_strings(rng):
    table = pd.DataFrame(rng.normal(size=(100, 3)))
    assert set(rank_features(table, rng.normal(size=100), given=1).names) == {"0", "2"}
    table.columns = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)])
    found = rank_features(table, rng.normal(size=100), given=("a", 2))
    assert len(found) == 2


def test_threads_permutations_and_seeds(rng):
    table = table_of(rng, 300)
    found = []
    for threads in (1, 3):
        with fastinfo.num_threads(threads):
            auto = rank_features(table, "y", given="a")
            drawn = rank_features(table, "y", given="a", n_permutations=99, seed=4)
            found.append((auto.rows, drawn.rows))
    assert found[0] == found[1]
    assert {row.test for row in found[0][1]} == {"permutation"}
    m = np.array([row.pvalue for row in found[0][1]]) * 100
    np.testing.assert_allclose(m, np.round(m), atol=1e-9)
    g = rank_features(table, "y", given="a", n_permutations=0)
    assert {row.test for row in g} == {"g"}


@pytest.mark.parametrize("correction", ["miller-madow", "chance", "shrinkage", 0.5])
def test_corrections_change_the_information_alone(rng, correction):
    table = table_of(rng, 5000)[["a", "b", "c", "y"]]
    plain = rank_features(table, "y", given="a")
    found = rank_features(table, "y", given="a", correction=correction)
    assert found.names == plain.names
    for row, other in zip(found, plain, strict=True):
        assert row.pvalue == other.pvalue
        assert row.above_chance == other.above_chance
        if correction == "chance":
            assert row.mi == row.above_chance
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that it is chance
                wanted = conditional_mutual_information(
                    table[row.name], table["y"], table["a"], correction=correction
                )
            assert row.mi == pytest.approx(wanted, rel=1e-10)


def test_missing_samples_are_left_out_of_all_three(rng):
    table = table_of(rng, 600)
    table.loc[:9, "a"] = NAN
    table.loc[5:19, "b"] = NAN
    table.loc[18:24, "y"] = NAN
    row = rank_features(table, "y", given="a")["b"]
    assert (row.n, row.n_missing) == (575, 25)
    complete = table.dropna()
    test = conditional_independence_test(complete["b"], complete["y"], complete["a"])
    assert row.levels == 8
    assert row.mi == pytest.approx(test.cmi, rel=0.2)  # edges are those of each column
    lost = rank_features(table, "y", given="a", nan_policy="propagate")["b"]
    assert math.isnan(lost.mi)
    with pytest.raises(ValueError, match="contains nan values"):
        rank_features(table, "y", given="a", nan_policy="raise")
    level = rank_features(table, "y", given="a", missing="category")["b"]
    assert (level.n, level.n_missing, level.levels) == (600, 0, 9)


def test_pvalues_are_uniform_where_nothing_is_left(rng):
    z = rng.integers(0, 5, 400)
    y = (z + rng.integers(0, 3, 400)) % 5
    X = {f"x{i}": (z + rng.integers(0, 4, 400)) % 7 for i in range(150)}
    ranking = rank_features(X | {"z": z}, y, given="z")
    assert scipy.stats.kstest([row.pvalue for row in ranking], "uniform").pvalue > 1e-4
    assert abs(np.mean([row.above_chance for row in ranking])) < 0.003


def test_copies_are_noted_and_given_ones_are_no_features(rng):
    table = table_of(rng, 300)
    table["again"] = table["b"]
    with pytest.warns(UserWarning, match="same as another column: again"):
        found = rank_features(table, "y", given=["a"])
    assert found["again"].note == "same as b"
    assert "a" not in found.names


def test_given_columns_of_their_own_values_are_told(rng):
    table = table_of(rng, 300)
    table["id"] = [f"row {i}" for i in range(300)]
    with pytest.warns(
        UserWarning, match="300 of 300 rows have values of the given columns id that no"
    ):
        found = rank_features(table, "y", given="id")
    assert {row.pvalue for row in found} == {1.0}
    assert {row.above_chance for row in found} == {0.0}


def test_gaps_of_what_is_given_are_told_and_are_no_note_of_others(rng):
    table = table_of(rng, 300)
    table.loc[:199, "a"] = NAN
    with pytest.warns(
        UserWarning, match="100 of 300 rows have a value in all of the given columns a,"
    ):
        found = rank_features(table, "y", given="a")
    assert {row.note for row in found} == {""}
    assert {row.n for row in found} == {100}


def test_progress_counts_the_columns_that_are_ranked(rng):
    seen = []
    rank_features(table_of(rng, 100), "y", given="a", progress=lambda *at: seen.append(at))
    assert seen[-1] == (3, 3)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("q", ValueError, r"given must be a column of X, one of \['a', 'b', 'c', 'd'\], got 'q'"),
        ("y", ValueError, "given must not name the target 'y'"),
        (np.zeros(50), TypeError, "given must be names of columns of X, got values: ndarray of 50"),
        ([], ValueError, "given must name at least one column, got none"),
        (["a", "b", "c", "d"], ValueError, "X must have at least one column beside"),
        ([["a"]], TypeError, r"given must be a name, or a list of names, got \['a'\]"),
        (2.5, ValueError, "given must be a column of X"),
    ],
)
def test_what_cannot_be_given(rng, given, error, message):
    with pytest.raises(error, match=message):
        rank_features(table_of(rng, 50), "y", given=given)


def test_what_does_not_go_with_it(rng, tmp_path):
    table = table_of(rng, 50)
    with pytest.raises(ValueError, match="adjustment must be 'benjamini-hochberg' with given"):
        rank_features(table, "y", given="a", adjustment="max-statistic", n_permutations=9)
    table.to_parquet(tmp_path / "t.parquet")
    import fastinfo.streaming

    source = fastinfo.streaming.open_files(tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="checkpoint must be None with given"):
        rank_features(source, "y", given="a", checkpoint=tmp_path / "c")
    with pytest.raises(ValueError, match="given must be a column of X"):
        rank_features(source, "y", given="nothing")
    with pytest.raises(ValueError, match="given must not name the target 'y'"):
        rank_features(source, "y", given=["a", "y"])
