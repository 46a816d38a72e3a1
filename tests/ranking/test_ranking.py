"""rank_features: what comes first and why, and what is noted of columns."""

import html
import itertools
import json
import math
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.stats
import sklearn.metrics
from helpers import plain
from reference import selection as reference

import fastinfo
from fastinfo import JointCounts, Ranking, mutual_information_matrix, rank_features
from fastinfo._columns.shortened_names import cells_of
from fastinfo.cli import results

NAN = math.nan

notes_allowed = pytest.mark.filterwarnings("ignore:columns to look at:UserWarning")


def quiet(*args, **options):
    """A ranking of columns that are warned of."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="columns to look at")
        return rank_features(*args, **options)


def noted(*args, **options):
    """A ranking, and the one warning of it, which points to this file."""
    with pytest.warns(UserWarning, match="columns to look at") as caught:
        ranking = rank_features(*args, **options)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    return ranking, str(caught[0].message)


def text(codes):
    """Labels of codes, as strings."""
    return np.array([f"level {c}" for c in codes], object)


def agreeing(y, share, rng, levels=None):
    """A column that is the target in a share of the rows, and chance in the others."""
    levels = int(y.max()) + 1 if levels is None else levels
    return np.where(rng.random(y.size) < share, y, rng.integers(0, levels, y.size))


@pytest.fixture
def y(rng):
    """A target of three labels."""
    return rng.integers(0, 3, 600)


# The order


def test_identifiers_tell_nothing_and_are_last(y, rng):
    n = y.size
    table = pd.DataFrame(
        {
            "id": [f"no {i:05}" for i in rng.permutation(n)],
            "uuid": text(rng.permutation(10**6)[:n]),
            "noise": rng.integers(0, 3, n),
            "weak": agreeing(y, 0.2, rng),
            "strong": agreeing(y, 0.6, rng),
        }
    )
    ranking, _ = noted(table, y)
    assert ranking.names[:2] == ["strong", "weak"]
    for name in ("id", "uuid"):
        row = ranking[name]
        assert row.mi == pytest.approx(reference.entropy(y), rel=1e-12)
        assert row.above_chance == pytest.approx(0, abs=1e-12)
        assert (row.share, row.pvalue, row.adjusted_pvalue) == (0.0, 1.0, 1.0)
        assert row.levels == n
    assert ranking["id"].note == "nearly unique"
    assert ranking["uuid"].note == "nearly unique; same as id"  # all different, as the other
    assert {row.name for row in ranking.significant()} == {"strong", "weak"}


def test_what_is_significant_comes_before_what_is_more(rng):
    # A few rows where little is known by chance, against many where something is.
    y = np.arange(4000) % 2
    sure = agreeing(y, 0.08, rng)
    few = np.full(4000, NAN)
    few[:6] = [0, 1, 0, 1, 0, 0]
    ranking = quiet(pd.DataFrame({"few": few, "sure": sure}), y, discrete=True)
    assert ranking["sure"].adjusted_pvalue < 0.05 < ranking["few"].adjusted_pvalue
    assert ranking["few"].above_chance > 5 * ranking["sure"].above_chance
    assert ranking.names == ["sure", "few"]
    # Of all that is called significant, what tells more of the rows comes first.
    loose = quiet(pd.DataFrame({"few": few, "sure": sure}), y, discrete=True, alpha=0.9)
    assert len(loose.significant()) == 2
    assert loose["few"].above_chance * 6 < loose["sure"].above_chance * 4000
    assert loose.names == ["sure", "few"]


def test_a_missing_value_tells_nothing(rng):
    y = rng.integers(0, 2, 2000)
    gaps = agreeing(y, 0.7, rng).astype(float)
    gaps[rng.random(2000) < 0.6] = NAN
    whole = agreeing(y, 0.55, rng)
    ranking, message = noted(pd.DataFrame({"gaps": gaps, "whole": whole}), y, discrete=True)
    assert message.endswith("mostly missing (fewer than half of the rows have a value): gaps")
    assert ranking["gaps"].above_chance > ranking["whole"].above_chance
    assert ranking.names == ["whole", "gaps"]
    assert [row.note for row in ranking] == ["", "mostly missing"]


@pytest.mark.filterwarnings("ignore:the target .* has a value in")
def test_rows_without_a_target_are_not_counted(rng):
    y = rng.integers(0, 2, 1000).astype(float)
    x = agreeing(y.astype(int), 0.6, rng)
    other = agreeing(y.astype(int), 0.5, rng)
    y[:600] = NAN  # of the 400 others all have a value: not mostly missing
    X = np.column_stack([other, x])
    ranking = rank_features(X, y, discrete=True)
    assert ranking.names == ["x1", "x0"]
    assert {(row.n, row.n_missing, row.note) for row in ranking} == {(400, 600, "")}
    assert ranking.n_rows == 1000
    known = rank_features(X[600:], y[600:], discrete=True)
    assert [row._replace(n_missing=0) for row in ranking] == list(known)


def test_equal_columns_are_in_the_order_of_the_table(y, rng):
    x = agreeing(y, 0.5, rng)
    table = dict.fromkeys("fbdac", x) | {"z": agreeing(y, 0.8, rng)}
    ranking, message = noted(pd.DataFrame(table), y)
    assert ranking.names == ["z", *"fbdac"]
    assert message == "columns to look at: same as another column: b, d, a, c"


def test_less_than_chance_is_as_nothing(rng):
    # Below 0 the sign is chance: such columns are in the order of their shares, then of the table.
    y = np.arange(400) % 2
    X = np.column_stack([rng.integers(0, k, 400) for k in (2, 3, 4, 5, 6, 7, 8)])
    ranking = rank_features(X, y)
    below = [row for row in ranking if row.above_chance < 0]
    assert len(below) > 2
    assert below == list(ranking)[-len(below) :]
    assert [row.share for row in below] == sorted((row.share for row in below), reverse=True)


def test_the_order_by_hand(rng):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 3, 300)
        columns = [agreeing(y, s, rng, k) for s in (0, 0.1, 0.3) for k in (3, 8, 25)]
        X = np.column_stack(columns).astype(float)
        X[rng.random(X.shape) < rng.choice([0, 0.2, 0.45], 9)] = NAN
        ranking = quiet(X, y, discrete=True)
        assert set(ranking.names) == {f"x{i}" for i in range(9)}
        for one, other in itertools.pairwise(ranking):
            sure = [row.adjusted_pvalue <= 0.05 for row in (one, other)]
            weight = [max(row.above_chance, 0) * row.n for row in (one, other)]
            assert sure[0] >= sure[1]
            assert sure[0] != sure[1] or weight[0] >= weight[1]


# What is above chance, and shares


def test_shares(rng):
    y = rng.integers(0, 4, 500)
    columns = {"half": y // 2, "all": y, "words": text(3 - y), "none": rng.integers(0, 4, 500)}
    ranking = quiet(pd.DataFrame(columns), y)
    for row in ranking:
        x = np.unique(columns[row.name], return_inverse=True)[1]
        expected = sklearn.metrics.cluster.expected_mutual_information(
            sklearn.metrics.cluster.contingency_matrix(x, y, sparse=True), 500
        )
        mi = sklearn.metrics.mutual_info_score(x, y)
        assert row.mi == pytest.approx(mi, rel=1e-12, abs=1e-14)
        assert row.above_chance == pytest.approx(mi - expected, rel=1e-9, abs=1e-12)
        whole = reference.entropy(y) - expected
        assert row.share == pytest.approx((mi - expected) / whole, rel=1e-9, abs=1e-12)
    assert ranking["all"].share == ranking["words"].share == pytest.approx(1, rel=1e-12)
    assert 0.4 < ranking["half"].share < 0.6
    assert abs(ranking["none"].share) < 0.05


def test_a_share_of_nothing_is_0():
    # Where each label occurs once, chance has all there is to know: 0 / 0.
    y = np.arange(90) % 3
    ranking = quiet(pd.DataFrame({"id": text(range(90)), "same": ["a"] * 90}), y)
    assert ranking["id"].share == 0.0
    assert ranking["same"].share == 0.0
    assert ranking["same"].above_chance == 0.0
    with pytest.warns(UserWarning, match="the target 'y' has 90 different labels among 90 rows"):
        row = rank_features(y[:, None], text(range(90)))[0]
    assert (row.share, row.pvalue) == (0.0, 1.0)


@pytest.mark.parametrize("base", [None, 2, 10])
def test_the_unit_of_what_is_above_chance(base, y, rng):
    X = np.column_stack([agreeing(y, s, rng) for s in (0.1, 0.5)])
    scale = 1 if base is None else math.log(base)
    nats, found = rank_features(X, y), rank_features(X, y, base=base)
    for one, other in zip(nats, found, strict=True):
        assert other.above_chance == pytest.approx(one.above_chance / scale, rel=1e-14)
        assert (other.share, other.pvalue) == (one.share, one.pvalue)


@pytest.mark.parametrize("correction", ["miller-madow", "shrinkage", "grassberger", 0.5])
def test_a_correction_changes_the_information_alone(correction, y, rng):
    X = np.column_stack([agreeing(y, s, rng, k) for s, k in ((0, 30), (0.3, 3), (0.25, 20))])
    expected = rank_features(X, y)
    found = rank_features(X, y, correction=correction)
    assert found.names == expected.names
    for row, other in zip(found, expected, strict=True):
        assert row.mi != other.mi
        assert row._replace(mi=0, normalized_mi=0) == other._replace(mi=0, normalized_mi=0)
        counts = JointCounts.from_labels(X[:, int(row.name[1:])], y)
        assert row.mi == pytest.approx(counts.mutual_information(correction=correction), rel=1e-9)


def test_information_above_chance_as_the_correction(y, rng):
    X = np.column_stack([agreeing(y, s, rng, k) for s, k in ((0, 30), (0.3, 3))])
    for row in rank_features(X, y, correction="chance"):
        assert row.mi == row.above_chance


def test_numbers_are_in_bins_of_equal_counts(rng):
    y = rng.normal(size=2000)
    skewed = np.exp(4 * (y + 0.5 * rng.normal(size=2000)))
    row = rank_features(skewed[:, None], y)[0]
    assert row.levels == reference.number_of_bins(2000)
    assert row == rank_features(np.log(skewed)[:, None], y)[0]
    assert row.mi == fastinfo.mutual_information(skewed, y)
    wide = rank_features(skewed[:, None], y, strategy="uniform")[0]
    assert wide.mi < 0.3 * row.mi
    named = rank_features(skewed[:, None], y, bins="sturges")[0]
    assert named == rank_features(skewed[:, None], y, bins="sturges", strategy="uniform")[0]


# Tests


def test_dense_tables_have_the_g_test(y, rng):
    X = np.column_stack([agreeing(y, s, rng) for s in (0, 0.1, 0.9)])
    for row in rank_features(X, y):
        table = sklearn.metrics.cluster.contingency_matrix(X[:, int(row.name[1:])], y)
        expected = scipy.stats.chi2_contingency(table, lambda_="log-likelihood", correction=False)
        assert row.test == "g"
        assert row.pvalue == pytest.approx(expected.pvalue, rel=1e-9)


@notes_allowed
def test_sparse_tables_are_tested_by_the_tables_with_their_margins(y, rng):
    many = rng.integers(0, 250, 600)
    X = np.column_stack([many, np.where(rng.random(600) < 0.15, y, many)])
    ranking = rank_features(X, y, discrete=True)
    assert {row.test for row in ranking} == {"permutation"}
    assert ranking["x0"].pvalue > 0.01
    assert rank_features(X, y, discrete=True, n_permutations=0)["x0"].test == "g"
    permuted = rank_features(X, y, discrete=True, n_permutations=999, seed=1)
    assert {row.test for row in permuted} == {"permutation"}
    for row in ranking:
        assert row.pvalue == pytest.approx(permuted[row.name].pvalue, abs=0.05)


@notes_allowed
def test_the_same_answer_every_time(y, rng):
    table = pd.DataFrame({"a": text(rng.integers(0, 200, 600)), "b": rng.normal(size=600)})
    expected = plain(rank_features(table, y))
    for seed in (None, 1, 2):
        assert plain(rank_features(table, y, seed=seed)) == expected
    # By the margins alone: not by what is seen, names or order.
    again = rank_features(table[["b", "a"]].rename(columns={"a": "z"}), y)
    assert again["z"].pvalue == rank_features(table, y)["a"].pvalue
    rows = rng.permutation(600)
    assert plain(rank_features(table.iloc[rows], y[rows])) == expected


def test_what_was_not_tested_is_nan(y):
    X = np.column_stack([y, np.full(600, NAN), y]).astype(float)
    X[3, 2] = NAN
    ranking, message = noted(X, y, nan_policy="propagate")
    assert ranking.names == ["x0", "x1", "x2"]
    for row in ranking[1:]:
        assert np.isnan(row[1:7]).all()
        assert row.test == ""
    assert [row.note for row in ranking] == ["may leak", "mostly missing", ""]
    assert "mostly missing (fewer than half of the rows have a value): x1;" in message
    assert ranking[0].adjusted_pvalue == ranking[0].pvalue
    assert ranking.to_text().count("nan") == 12


@pytest.mark.slow
def test_shuffled_targets_are_no_discoveries(rng):
    # At the level 5 % for kinds of columns that fooled the chi-squared law.
    n, false = 300, {"many": 0, "half": 0, "skewed": 0, "zeros": 0}
    for _ in range(150):
        y = rng.permutation(np.arange(n) % 3)
        table = pd.DataFrame(
            {
                "many": text(rng.integers(0, 50, n)),
                "half": text(rng.integers(0, 220, n)),
                "skewed": text(np.minimum(rng.zipf(1.5, n), 10**6)),
                "zeros": np.where(rng.random(n) < 0.9, 0.0, rng.lognormal(size=n)),
            }
        )
        for row in quiet(table, y):
            false[row.name] += row.pvalue < 0.05
    for name, count in false.items():
        assert scipy.stats.binomtest(count, 150, 0.07, "greater").pvalue > 1e-3, name


# Notes


def test_each_note(rng):
    n = 400
    y = rng.integers(0, 2, n)
    mostly = agreeing(y, 0.5, rng).astype(object)
    mostly[:201] = None
    table = pd.DataFrame(
        {
            "constant": ["a"] * n,
            "names": text(range(n)),
            "line": np.arange(n) * 7 + 12,
            "mostly": mostly,
            "leak": np.where(np.arange(n) == 5, 1 - y, y),
            "empty": [None] * n,
            "fine": agreeing(y, 0.5, rng),
            "copy": 0,
        }
    )
    table["copy"] = 5 - 2 * table["fine"]
    ranking, message = noted(table, y)
    assert {row.name: row.note for row in ranking} == {
        "constant": "constant",
        "names": "nearly unique",
        "line": "row number",
        "mostly": "mostly missing",
        "leak": "may leak",
        "empty": "mostly missing",
        "fine": "",
        "copy": "same as fine",
    }
    assert message == (
        "columns to look at: constant (information 0): constant; "
        "nearly unique (most of its labels occur once, as those of identifiers do): names; "
        "row number (integers that only number the rows): line; "
        "mostly missing (fewer than half of the rows have a value): mostly, empty; "
        "may leak (almost completely decides the target: is it known before the target?): leak; "
        "same as another column: copy"
    )


def test_several_notes_of_a_column(y):
    n = y.size
    few = np.full(n, None, object)
    few[: n // 3] = "a"
    ids = text(range(n))
    table = pd.DataFrame({"few": few, "id": ids, "other id": ids[::-1], "y": y, "leak": text(y)})
    ranking, _ = noted(table, y)
    notes = {row.name: row.note for row in ranking}
    assert notes["few"] == "constant; mostly missing"
    assert notes["id"] == "nearly unique"
    assert notes["other id"] == "nearly unique; same as id"
    assert notes["leak"] == "may leak; same as y"


def test_nearly_unique_is_of_labels(rng):
    y = rng.integers(0, 2, 200)
    floats = rng.normal(size=200)
    half = text(np.arange(200) % 100)
    more = text(np.arange(200) % 101)
    table = pd.DataFrame(
        {"floats": floats, "half": half, "more": more, "int": rng.permutation(200)}
    )
    ranking = quiet(table, y)
    assert {row.name: row.note for row in ranking} == {
        "floats": "",
        "half": "",
        "more": "nearly unique",
        "int": "row number",  # in any order
    }
    as_labels = quiet(table, y, discrete=True)
    assert as_labels["floats"].note == "nearly unique"
    assert as_labels["int"].note == "nearly unique; row number; same as floats"
    dates = np.datetime64("2020-01-01") + rng.permutation(200)
    row = quiet(pd.DataFrame({"date": dates.astype(str)}), y)[0]
    assert row.note == "nearly unique"  # text, whatever it says


@pytest.mark.parametrize("dtype", ["i2", "u4", "i8", "u8"])
def test_row_numbers(dtype, rng):
    y = rng.integers(0, 2, 120)
    steps = {
        "up": np.arange(120),
        "by 5": 5 * np.arange(120) + 3,
        "shuffled": rng.permutation(120) + 1000,
        "a gap": np.arange(120) + (np.arange(120) > 60),
        "twice": np.arange(120) // 2,
        "floats": np.arange(120) / 4,
    }
    if dtype.startswith("i"):
        steps["below 0"] = -3 * np.arange(120)
    columns = {k: v if k == "floats" else v.astype(dtype) for k, v in steps.items()}
    for make in (pd.DataFrame, pl.DataFrame, pa.table):
        ranking = quiet(make(columns), y)
        found = {row.name for row in ranking if "row number" in row.note}
        assert found == set(columns) - {"a gap", "twice", "floats"}
    found = quiet(columns["up"][:, None], y)[0]
    assert found.note == "row number"


def test_a_leak_is_none_where_something_else_is_wrong(y):
    n = y.size
    few = y.astype(float)
    few[: n // 2 + 1] = NAN
    ranking = quiet(pd.DataFrame({"few": few}), y, discrete=True)
    assert ranking[0].share > 0.95
    assert ranking[0].note == "mostly missing"


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_copies_by_other_names(make, y, rng):
    x = agreeing(y, 0.4, rng)
    words = np.array(["c", "a", "b"], object)
    table = {
        "x": x,
        "words": words[x],
        "shifted": 7 - 2 * x,
        "dates": np.datetime64("2020-01-01", "ms") + x,
        "flags": x > 0,
        "bins": x + 0.25,
        "other": rng.permutation(x),
    }
    ranking, _ = noted(make(table), y)
    assert {row.name: row.note for row in ranking if row.note} == dict.fromkeys(
        ["words", "shifted", "dates", "bins"], "same as x"
    )


def test_copies_with_gaps(y, rng):
    x = agreeing(y, 0.4, rng).astype(float)
    x[::7] = NAN
    moved = x.copy()
    moved[[0, 1]] = moved[[1, 0]]  # the gap is elsewhere
    words = np.array(["a", "b", "c", None], object)[
        np.where(np.isnan(x), 3, np.nan_to_num(x)).astype(int)
    ]
    filled = np.where(np.isnan(x), 3, x)
    table = pd.DataFrame({"x": x, "words": words, "moved": moved, "filled": filled})
    ranking = quiet(table, y, discrete=True)
    assert {row.name: row.note for row in ranking} == {
        "x": "",
        "words": "same as x",
        "moved": "",
        "filled": "",
    }
    category = quiet(table, y, discrete=True, missing="category")
    assert category["filled"].note == category["words"].note == "same as x"
    assert category["moved"].note == ""


def test_copies_in_batches(monkeypatch, y, rng):
    X = rng.integers(0, 4, (600, 40))
    X[:, 3] = agreeing(y, 0.3, rng)
    X[:, 37] = 3 - X[:, 3]
    X[:, 20] = X[:, 19]
    expected = quiet(X, y)
    assert {row.name: row.note for row in expected if row.note} == {
        "x37": "same as x3",
        "x20": "same as x19",
    }
    monkeypatch.setattr("fastinfo._columns.coding._BATCH", 1)
    assert plain(quiet(X, y)) == plain(expected)


def test_columns_that_only_count_alike_are_not_the_same(rng):
    # Equal margins, equal information, other rows.
    y = np.repeat([0, 1], 200)
    x = np.tile([0, 1], 200)
    other = np.tile([0, 0, 1, 1], 100)
    ranking = rank_features(np.column_stack([x, other]), y)
    assert ranking[0].mi == ranking[1].mi
    assert [row.note for row in ranking] == ["", ""]


def test_no_warning_without_a_note(y, rng):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ranking = rank_features(np.column_stack([agreeing(y, 0.5, rng), rng.normal(size=600)]), y)
    assert [row.note for row in ranking] == ["", ""]


def test_many_columns_are_not_all_named(rng):
    X = np.column_stack([np.full(50, i) for i in range(25)] + [np.arange(50) % 2])
    _, message = noted(X, rng.integers(0, 2, 50))
    assert message == (
        f"columns to look at: constant (information 0): "
        f"{', '.join(f'x{i}' for i in range(10))} and 15 more"
    )


@pytest.mark.parametrize(("levels", "warned"), [(2, False), (200, False), (201, True), (400, True)])
def test_a_target_that_is_nearly_unique(levels, warned, rng):
    y = text(rng.permutation(np.arange(400) % levels))
    X = rng.normal(size=(400, 2))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ranking = rank_features(X, pd.Series(y, name="goal"))
    assert len(caught) == warned
    for warning in caught:
        assert warning.filename == __file__
        assert str(warning.message) == (
            f"the target 'goal' has {levels} different labels among 400 rows: so many labels can't "
            "be learned from other columns"
        )
    assert len(ranking.significant()) == 0


def test_a_target_of_numbers_is_never_nearly_unique(rng):
    y = rng.normal(size=300)
    ranking = rank_features((y + rng.normal(size=300))[:, None], y)
    assert ranking[0].pvalue < 1e-6
    assert rank_features(np.floor(y)[:, None], rng.permutation(300) * 7)[0].pvalue > 1e-3


# Missing values


def test_counts_of_rows(y, rng):
    x = agreeing(y, 0.6, rng).astype(float)
    x[:50] = NAN
    goal = y.astype(float)
    goal[40:70] = NAN
    row = rank_features(x[:, None], goal, discrete=True)[0]
    assert (row.levels, row.n, row.n_missing, row.test) == (3, 530, 70, "g")
    category = rank_features(x[:, None], goal, discrete=True, missing="category")[0]
    assert (category.levels, category.n, category.n_missing) == (4, 600, 0)
    codes = [np.where(np.isnan(a), 3, a).astype(int) for a in (x, goal)]
    assert category.above_chance == pytest.approx(
        JointCounts.from_labels(*codes).mutual_information(correction="chance"), rel=1e-9
    )
    edges = rank_features(x[:, None], y, bins=[-0.5, 0.5, 1.5], discrete=(False, True))[0]
    assert (edges.n, edges.n_missing, edges.levels) == ((x <= 1).sum(), 50, 2)


def test_gaps_tell_where_they_are_a_level(y, rng):
    x = rng.integers(0, 3, 600).astype(float)
    x[(y == 1) & (rng.random(600) < 0.4)] = NAN
    noise = rng.integers(0, 3, 600).astype(float)
    noise[rng.random(600) < 0.13] = NAN
    X = np.column_stack([noise, x])
    assert len(rank_features(X, y, discrete=True).significant()) == 0
    found = rank_features(X, y, discrete=True, missing="category")
    assert [row.name for row in found.significant()] == ["x1"]


# One rule in all containers


def forms(y):
    """A target in all containers."""
    return {
        "array": np.asarray(y),
        "list": np.asarray(y).tolist(),
        "Series": pd.Series(y),
        "Series on Arrow": pd.Series(y, dtype=pd.ArrowDtype(pa.array(y).type)),
        "Polars": pl.Series(np.asarray(y)),
        "Arrow": pa.array(y),
        "Arrow in chunks": pa.chunked_array([pa.array(y)[:100], pa.array(y)[100:]]),
        "column": np.asarray(y)[:, None],
    }


@pytest.mark.parametrize("kind", ["few integers", "many integers", "prices", "floats", "flags"])
def test_the_same_ranking_for_a_target_of_any_container(kind, rng):
    base = rng.normal(size=500)
    y = {
        "few integers": np.clip(np.round(3 * base), -15, 16).astype(int),
        "many integers": np.round(40 * base).astype(int),
        "prices": (np.exp(base) * 100_000).astype("i8"),
        "floats": np.exp(base),
        "flags": base > 0.3,
    }[kind]
    assert (np.unique(y).size > 32) == (kind in ("many integers", "prices", "floats"))
    X = base[:, None] * [0.0, 0.3, 1.0] + rng.normal(size=(500, 3))
    names = ["x0", "x1", "x2"]
    expected = plain(rank_features(X, y))
    assert expected[0][0] == "x2"
    assert expected[0][5] < 1e-12
    for name, form in forms(y).items():
        assert plain(rank_features(X, form)) == expected, name
        assert plain(rank_features(pd.DataFrame(X, columns=names), form)) == expected, name
    table = dict(zip(names, X.T, strict=True)) | {"y": y}
    for make in (pd.DataFrame, pl.DataFrame, pa.table):
        assert plain(rank_features(make(table), "y")) == expected
    said = kind in ("few integers", "flags")
    assert plain(rank_features(X, y, discrete=(False, said))) == expected


def test_the_same_ranking_for_columns_of_any_container(y, rng):
    X = np.column_stack([rng.integers(0, 30, 600), rng.integers(0, 90, 600) + 20 * y, y * 1000])
    X[:, 2] += rng.integers(0, 500, 600)
    expected = rank_features(X, y)
    bins = reference.number_of_bins(600)
    assert [row.levels for row in sorted(expected)] == [30, bins, bins]
    table = {f"x{i}": x for i, x in enumerate(X.T)}
    for make in (pd.DataFrame, pl.DataFrame, pa.table):
        assert plain(rank_features(make(table), y)) == plain(expected)
    assert plain(rank_features(X.tolist(), y)) == plain(expected)
    assert plain(rank_features(np.asfortranarray(X), y)) == plain(expected)
    for dtype in ("i2", "u4", ">i8"):
        assert plain(rank_features(X.astype(dtype), y)) == plain(expected)
    # Floats are numbers even where they are few.
    few = rank_features((X[:, :1] / 2), y)[0]
    assert few.levels == bins


@pytest.mark.parametrize("n_values", [31, 32, 33])
def test_32_values_are_labels(n_values, rng):
    x = np.concatenate([np.arange(n_values), rng.integers(0, n_values, 800)]) * 3
    y = rng.integers(0, 2, x.size)
    levels = {rank_features(x[:, None], y)[0].levels}
    levels |= {rank_features(make({"x": x}), y)[0].levels for make in (pd.DataFrame, pl.DataFrame)}
    assert levels == {n_values if n_values <= 32 else 8}
    # As targets, too: 32 labels or 8 bins.
    below = {plain(rank_features(y[:, None], form))[0][3] for form in (x, x.tolist(), pd.Series(x))}
    assert len(below) == 1


@pytest.fixture
def codes_and_sizes(y, rng):
    """Postcodes that tell about the target as labels, and a number that does by its size."""
    levels = rng.permutation(120)
    return pd.DataFrame(
        {
            "zip": 90_000 + levels[rng.integers(0, 40, 600) * 3 + y],
            "size": y * 30 + rng.integers(0, 50, 600),
            "t": y,
        }
    )


def test_labels_by_name(codes_and_sizes):
    auto = rank_features(codes_and_sizes, "t")
    named = quiet(codes_and_sizes, "t", discrete={"zip": True})
    assert auto.names == ["size", "zip"]
    assert named.names == ["zip", "size"]
    assert named["size"].mi == auto["size"].mi
    all_labels = quiet(codes_and_sizes, "t", discrete=True)
    assert named["zip"].mi == all_labels["zip"].mi
    assert named["zip"].levels > 100
    for make in (pl.from_pandas, pa.Table.from_pandas):
        assert plain(quiet(make(codes_and_sizes), "t", discrete={"zip": True})) == plain(named)
    array = codes_and_sizes[["zip", "size"]].to_numpy()
    by_place = quiet(array, codes_and_sizes["t"], discrete={"x0": True, "t": True})
    assert [row[1:11] for row in by_place] == [row[1:11] for row in named]
    goal = rank_features(codes_and_sizes, "size", discrete={"size": True})
    assert goal["t"].mi == pytest.approx(all_labels["size"].mi, rel=1e-14)
    assert rank_features(codes_and_sizes, "t", discrete={})["zip"].mi == auto["zip"].mi


@pytest.mark.parametrize("container", ["table", "array"])
def test_unknown_names_of_labels(container, codes_and_sizes):
    X = codes_and_sizes if container == "table" else codes_and_sizes.to_numpy()
    y = "t" if container == "table" else codes_and_sizes["t"]
    with pytest.raises(ValueError, match="zipcode"):
        rank_features(X, y, discrete={"zipcode": True})
    with pytest.raises(ValueError, match="zipcode"):
        mutual_information_matrix(X, discrete={"zipcode": True})


def test_labels_of_a_matrix_by_name(codes_and_sizes):
    table = codes_and_sizes[["zip", "size"]]
    named = mutual_information_matrix(table, discrete={"zip": True})
    words = table.assign(zip=table["zip"].astype(str))
    np.testing.assert_allclose(named, mutual_information_matrix(words), rtol=1e-12)
    assert not np.allclose(named, mutual_information_matrix(table))


@pytest.mark.parametrize(
    ("n_permutations", "error"),
    [("all", ValueError), ("", ValueError), (-1, ValueError), (2.5, TypeError), (None, TypeError)],
)
def test_bad_numbers_of_permutations(n_permutations, error, y):
    with pytest.raises(error, match="n_permutations must be"):
        rank_features(y[:, None], y, n_permutations=n_permutations)


# The ranking


@pytest.fixture
def ranking(y, rng):
    """A ranking of four columns, of which two have notes."""
    table = {
        "weak": agreeing(y, 0.3, rng),
        "id": text(range(600)),
        "half": y // 2,
        "<copy>": 1 - y // 2,
    }
    return quiet(pd.DataFrame(table | {"goal": y}), "goal")


def test_rows_by_name(ranking):
    assert isinstance(ranking, Ranking)
    assert ranking.names == ["half", "<copy>", "weak", "id"]
    assert ranking["weak"] is ranking[2]
    assert ranking["<copy>"].note == "same as half"
    assert [row.name for row in ranking] == ranking.names
    assert ranking[:2].names == ["half", "<copy>"]
    with pytest.raises(KeyError, match="there is no column 'goal' in the ranking"):
        ranking["goal"]
    assert (ranking.target, ranking.n_rows, ranking.alpha) == ("goal", 600, 0.05)


def test_tables_of_a_ranking(ranking):
    data = ranking.to_dict()
    assert list(data) == list(fastinfo.ranking.RankedFeature._fields)
    assert data["name"] == ranking.names
    frame = ranking.to_pandas()
    assert frame["note"].tolist() == ["", "same as half", "", "nearly unique"]
    assert frame["levels"].tolist() == [2, 2, 3, 600]
    assert frame["test"].tolist() == ["g", "g", "g", "permutation"]
    np.testing.assert_array_equal(frame["above_chance"], data["above_chance"])
    assert ranking.to_polars()["share"].to_list() == data["share"]
    assert ranking.to_polars().columns == list(frame.columns)


def test_the_printed_table(ranking):
    lines = ranking.to_text().splitlines()
    assert lines[0].split() == list(fastinfo.ranking.RankedFeature._fields)
    assert len(lines) == 5
    assert len({len(line) for line in lines}) == 1
    assert "same as half" in lines[2]
    assert "nearly unique" in lines[4]
    lines = repr(ranking).splitlines()
    assert lines[1].split()[1:3] == [f"{ranking[0].above_chance:.6f}", f"{ranking[0].share:.4f}"]
    shown = ["name", "above_chance", "share", "adjusted_pvalue", "n", "note"]
    assert lines[0].split() == shown
    assert lines[4].endswith("nearly unique")
    assert lines[5] == "[4 columns about goal, 3 significant; 600 rows; nats]"


def test_long_rankings_and_names_are_printed_in_80_columns(ranking):
    rows = [
        row._replace(name=f"{'日本語' * 9}{i}", note="constant; same as " + "x" * 50)
        for i, row in enumerate([*ranking] * 9)
    ]
    lines = repr(fastinfo.Ranking(rows, target="y" * 3)).splitlines()
    assert len(lines) == 23
    assert lines[21] == "… and 16 more"
    assert lines[22] == "[36 columns about yyy, 27 significant; 0 rows; nats]"
    for line in lines:
        assert cells_of(line) <= 80
    assert lines[3].split()[0].endswith("2")
    assert fastinfo.Ranking(rows).to_text().count("\n") == 36
    page = fastinfo.Ranking(rows * 3)._repr_html_()
    assert page.count("<tr>") == 62
    assert "… and 48 more" in page


def test_the_table_of_a_notebook(ranking):
    page = ranking._repr_html_()
    assert html.escape("<copy>") in page
    assert "<copy>" not in page
    assert "same as half" in page
    for field in fastinfo.ranking.RankedFeature._fields:
        assert f"<th>{field}</th>" in page


def test_json(ranking, y):
    found = json.loads(results.ranking_json(ranking))
    assert [row["name"] for row in found["rows"]] == ranking.names
    assert [row["note"] for row in found["rows"]] == [row.note for row in ranking]
    assert found["rows"][0] == ranking[0]._asdict()
    empty = quiet(pd.DataFrame({"a": [None] * 600}), y)
    row = json.loads(results.ranking_json(empty))["rows"][0]
    assert row["above_chance"] is None
    assert (row["test"], row["note"]) == ("", "mostly missing")


def test_a_target_that_is_mostly_missing_is_told(rng):
    X, y = rng.normal(size=(300, 3)), rng.integers(0, 2, 300).astype(float)
    y[:160] = np.nan
    match = "the target 'y' has a value in 140 of 300 rows: only those rows are used"
    for answer in (fastinfo.rank_features, lambda X, y: fastinfo.select_features(X, y, 2)):
        with pytest.warns(UserWarning, match=match) as caught:
            answer(X, y)
        assert [w.filename for w in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fastinfo.rank_features(X[20:], y[20:])


def test_one_bin_of_a_target_is_refused_by_name(rng):
    X, y = rng.normal(size=(50, 2)), rng.normal(size=50)
    with pytest.raises(ValueError, match="bins must be at least 2 for a target of numbers, 'y'"):
        rank_features(X, y, bins=1)
