"""rank_features: the same answers from any container, against scikit-learn on the same codes."""

import datetime as dt
import decimal
import functools
import inspect
import math
import subprocess
import sys
import threading
import warnings

import helpers
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import reference
import scipy.stats
import sklearn.metrics
from helpers import StopError, plain
from hypothesis import given
from hypothesis import strategies as st
from reference import selection as reference_selection
from reference.selection import binned

from fastinfo import (
    JointCounts,
    Ranking,
    mutual_information,
    mutual_information_matrix,
    num_threads,
    rank_features,
    select_features,
)
from fastinfo._core.coded_variable import CHUNK
from fastinfo.ranking import RankedFeature

NAN = math.nan
INF = math.inf
FIELDS = [
    "name",
    "above_chance",
    "share",
    "mi",
    "normalized_mi",
    "pvalue",
    "adjusted_pvalue",
    "test",
    "levels",
    "n",
    "n_missing",
    "note",
]
NUMBERS = FIELDS[1:7]


notes = pytest.mark.filterwarnings("ignore:columns to look at:UserWarning")
nearly_unique = pytest.mark.filterwarnings("ignore:the target .* has:UserWarning")


close = functools.partial(helpers.close, nan_ok=True)


def expected_rows(features, target):
    """What the rows must hold, from codes of each column, -1 where it is missing."""
    rows = {}
    for name, codes in features.items():
        kept = (codes >= 0) & (target >= 0)
        x, y = codes[kept], target[kept]
        mi = sklearn.metrics.mutual_info_score(x, y)
        nmi = sklearn.metrics.normalized_mutual_info_score(x, y)
        chance = reference_selection.chance(x, y)
        room = reference_selection.entropy(y) - chance
        share = (mi - chance) / room if room > 1e-9 * (room + chance) else 0.0
        pvalue = reference_selection.pvalue(x, y)
        rows[name] = (mi, nmi, mi - chance, share, np.unique(x).size, kept.sum(), (~kept).sum())
        rows[name] += (pvalue,)
    adjusted = scipy.stats.false_discovery_control([row[-1] for row in rows.values()])
    return {name: (*row, p) for (name, row), p in zip(rows.items(), adjusted, strict=True)}


def assert_rows(ranking, features, target):
    """A ranking is scikit-learn's and SciPy's, in the right order."""
    expected = expected_rows(features, target)
    assert {row.name for row in ranking} == set(expected)
    for row in ranking:
        mi, nmi, above, share, levels, n, n_missing, pvalue, adjusted = expected[row.name]
        assert row.mi == close(mi)
        assert row.normalized_mi == close(nmi)
        assert row.above_chance == pytest.approx(above, rel=1e-10, abs=1e-12)
        assert row.share == pytest.approx(share, rel=1e-9, abs=1e-9)
        assert row.pvalue == pytest.approx(pvalue, rel=1e-8, abs=1e-300)
        if row.test == "g":
            codes = features[row.name]
            kept = (codes >= 0) & (target >= 0)
            table = sklearn.metrics.cluster.contingency_matrix(codes[kept], target[kept])
            test = scipy.stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
            assert row.pvalue == pytest.approx(test.pvalue, rel=1e-9, abs=1e-300)
        assert row.adjusted_pvalue == pytest.approx(adjusted, rel=1e-8, abs=1e-300)
        assert (row.levels, row.n, row.n_missing) == (levels, n, n_missing)
    assert_order(ranking, int((target >= 0).sum()))


def assert_order(ranking, n_target):
    """Significant columns come first, then what tells more; what is not known is last."""
    places = []
    for row in ranking:
        weight = max(row.above_chance, 0.0) * row.n / n_target
        known = not math.isnan(row.above_chance)
        significant = row.adjusted_pvalue <= ranking.alpha
        places.append((known, significant, round(weight, 12) if known else 0.0))
    assert places == sorted(places, reverse=True)


@pytest.fixture
def numbers(rng):
    """Columns of floats, more or less informative, some with missing values, and a target."""
    y = rng.normal(size=900)
    X = y[:, None] * np.array([1.0, 0.0, 0.5, 2.0, 0.1]) + rng.normal(size=(900, 5))
    X[::7, 2] = NAN
    X[5, 4] = NAN
    return X, y


# Arrays


def test_floats_against_a_float_target(numbers):
    X, y = numbers
    assert_rows(rank_features(X, y), {f"x{i}": binned(X[:, i]) for i in range(5)}, binned(y))


def test_floats_against_labels(numbers):
    X, y = numbers
    labels = np.digitize(y, [-1, 0.5])
    features = {f"x{i}": binned(X[:, i]) for i in range(5)}
    assert_rows(rank_features(X, labels), features, labels)
    assert_rows(rank_features(X, np.array(["lo", "mid", "hi"])[labels]), features, labels)
    assert_rows(rank_features(X.tolist(), labels.tolist()), features, labels)


def test_integers_of_arrays_are_labels(rng):
    X = rng.integers(0, 32, (500, 3))
    y = np.where(rng.random(500) < 0.7, X[:, 1] % 4, 1)
    assert_rows(rank_features(X, y), {f"x{i}": X[:, i] for i in range(3)}, y)
    X = rng.integers(0, 60, (500, 3))  # of more than 32 values they are numbers
    y = np.where(rng.random(500) < 0.7, X[:, 1] % 4, 1)
    in_bins = {f"x{i}": binned(X[:, i]) for i in range(3)}
    assert_rows(rank_features(X, y), in_bins, y)
    assert plain(rank_features(X, y)) == plain(rank_features(X.astype(float), y))
    labels = {f"x{i}": X[:, i] for i in range(3)}
    assert_rows(rank_features(X, y, discrete=True), labels, y)


def test_objects_and_strings_of_arrays_are_labels(rng):
    codes = rng.integers(0, 3, (200, 2))
    y = codes[:, 0] + rng.integers(0, 2, 200)
    X = np.array(["a", "b", "c"])[codes]
    features = {"x0": codes[:, 0], "x1": codes[:, 1]}
    assert_rows(rank_features(X, y), features, y)
    mixed = np.array(["a", 1, None], object)[codes]
    features = {name: np.where(c == 2, -1, c) for name, c in features.items()}
    assert_rows(rank_features(mixed, y), features, y)


@pytest.mark.parametrize("dtype", ["f4", "f2", ">f8", "longdouble"])
def test_other_floats(dtype, numbers):
    X, y = numbers
    X = X.astype(dtype)
    ranking = {
        row.name: row for row in rank_features(X, np.digitize(y, [0]), bins=9, strategy="uniform")
    }
    for i in range(5):
        x = X[:, i][~np.isnan(X[:, i])]
        edges = np.linspace(x.min(), x.max(), 10)
        labels = np.digitize(y, [0])[~np.isnan(X[:, i])]
        table = np.histogram2d(x, labels, [edges, [0, 1, 2]])[0]
        assert ranking[f"x{i}"].mi == close(reference.information_of_table(table.tolist()))


@pytest.mark.parametrize("order", ["C", "F"])
def test_layouts(order, numbers):
    X, y = numbers
    expected = plain(rank_features(X, y))
    X = np.array(X, order=order)
    X.flags.writeable = False
    before = X.tobytes()
    assert plain(rank_features(X, y)) == expected
    assert plain(rank_features(np.repeat(X, 2, axis=1)[:, ::2], y[:, None])) == expected
    assert X.tobytes() == before


def test_bins(numbers):
    X, y = numbers
    X = X[:, [0, 1, 3]]
    for bins in (2, 5, 50):
        for row in rank_features(X, y, bins=bins):
            assert row.mi == close(mutual_information(X[:, int(row.name[1:])], y, bins=bins))
    edges = np.array([-9.0, -1.0, 0.0, 0.7, 9.0])
    for bins in (edges, "sturges", "fd"):
        for row in rank_features(X, y, bins=bins):
            assert row.mi == close(mutual_information(X[:, int(row.name[1:])], y, bins=bins))


def test_discrete(rng):
    X = rng.integers(0, 40, (300, 2))
    y = np.where(rng.random(300) < 0.7, X[:, 0] // 7, 0)
    codes = {f"x{i}": X[:, i] for i in range(2)}
    in_bins = {name: binned(c.astype(float), 6) for name, c in codes.items()}
    assert_rows(rank_features(X, y, discrete=True), codes, y)
    assert_rows(rank_features(X.astype(float), y, discrete=True), codes, y)
    assert_rows(rank_features(X, y, bins=6, discrete=(False, True)), in_bins, y)
    assert_rows(rank_features(X, y, bins=6, discrete=False), in_bins, binned(y.astype(float), 6))


def test_discrete_holds_for_tables(rng):
    # 40 values would be binned, 5 would be labels.
    many, few = rng.integers(0, 40, 400), rng.integers(0, 5, 400)
    target = np.where(rng.random(400) < 0.7, many // 10, 0)
    table = pd.DataFrame({"many": many, "few": few, "t": target})
    labels = {"many": many, "few": few}
    in_bins = {name: binned(c.astype(float), 3) for name, c in labels.items()}
    auto = {"many": in_bins["many"], "few": few}
    assert_rows(rank_features(table, "t", bins=3), auto, target)
    assert_rows(rank_features(table, "t", bins=3, discrete=True), labels, target)
    assert_rows(rank_features(table, "t", bins=3, discrete=(False, True)), in_bins, target)


def test_columns_of_text_cannot_be_binned():
    table = pd.DataFrame({"text": ["a", "b", "a", "b"], "t": [0, 1, 1, 0]})
    with pytest.raises(TypeError, match="must be real numbers to be binned"):
        rank_features(table, "t", discrete=(False, True))
    with pytest.raises(TypeError, match="must be real numbers to be binned"):
        rank_features(table[["text"]].to_numpy(), [0, 1, 1, 0], discrete=(False, True))


@pytest.mark.parametrize("base", [2, 10, math.e])
def test_base(base, numbers):
    X, y = numbers
    nats = rank_features(X, y)
    ranking = rank_features(X, y, base=base)
    assert ranking.base == base
    for row, other in zip(ranking, nats, strict=True):
        assert row.mi == pytest.approx(other.mi / math.log(base), rel=1e-15)
        above = other.above_chance / math.log(base)
        assert row.above_chance == pytest.approx(above, rel=1e-15)
        assert row._replace(mi=other.mi, above_chance=other.above_chance) == other


# Tables


def mixed_data(rng, n=400):
    """Columns of all kinds, with codes that say what they are."""
    t = rng.integers(0, 3, n)
    noisy = np.where(rng.random(n) < 0.4, rng.integers(0, 3, n), t)
    missing = rng.random(n) < 0.15
    number = t + rng.normal(size=n)
    with_gaps = np.where(missing, NAN, number)
    names = np.array(["red", "green", "blue"])
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=int(c)) for c in noisy]

    def gaps(column):
        return [None if m else v for v, m in zip(column, missing, strict=True)]

    data = {
        "number": number.tolist(),
        "number with gaps": gaps(number.tolist()),
        "text": names[noisy].tolist(),
        "text with gaps": gaps(names[noisy].tolist()),
        "few integers": noisy.tolist(),
        "few integers with gaps": gaps(noisy.tolist()),
        "many integers": (t * 100 + rng.integers(0, 60, n)).tolist(),
        "yes or no": (noisy > 0).tolist(),
        "yes or no with gaps": gaps((noisy > 0).tolist()),
        "day": days,
        "day with gaps": gaps(days),
        "price": [decimal.Decimal(int(c)) / 100 for c in noisy],
        "price with gaps": gaps([decimal.Decimal(int(c)) / 100 for c in noisy]),
        "t": names[t].tolist(),
    }
    with_gap = np.where(missing, -1, noisy)
    codes = {
        "number": binned(number),
        "number with gaps": binned(with_gaps),
        "many integers": binned(np.array(data["many integers"], float)),
        "yes or no": (noisy > 0).astype(int),
        "yes or no with gaps": np.where(missing, -1, noisy > 0),
    }
    for name in ("text", "few integers", "day", "price"):
        codes[name], codes[f"{name} with gaps"] = noisy, with_gap
    return data, codes, t


def as_pandas(data):
    return pd.DataFrame(
        {
            name: pd.Series(column, dtype="Int64" if "integers" in name else None)
            for name, column in data.items()
        }
    )


def as_pandas_arrow(data):
    return pa.table(data).to_pandas(types_mapper=pd.ArrowDtype)


TABLES = {
    "pandas": as_pandas,
    "pandas on Arrow": as_pandas_arrow,
    "Polars": pl.DataFrame,
    "PyArrow": pa.table,
    "PyArrow in chunks": lambda data: pa.concat_tables(
        [pa.table(data).slice(0, 33), pa.table(data).slice(33)]
    ),
}


@pytest.mark.slow
@notes
@pytest.mark.parametrize("library", TABLES)
def test_tables(library, rng):
    data, codes, target = mixed_data(rng)
    table = TABLES[library](data)
    ranking = rank_features(table, "t")
    assert_rows(ranking, codes, target)
    assert ranking.target == "t"
    assert ranking.n_rows == 400
    # The target by itself, in all forms, is the same; then "t" stays a feature.
    features = table.drop(columns="t") if "pandas" in library else table.drop("t")
    if "PyArrow" in library:
        features = table.drop_columns("t")
    expected = plain(ranking)
    assert plain(rank_features(features, data["t"])) == expected
    assert plain(rank_features(features, np.array(data["t"]))) == expected
    assert plain(rank_features(features, pd.Series(data["t"]))) == expected
    assert plain(rank_features(features, pl.Series("t", data["t"]))) == expected
    assert plain(rank_features(features, pa.array(data["t"]))) == expected
    assert plain(rank_features(features, table["t"])) == expected


@notes
def test_all_tables_give_the_same_ranking(rng):
    data, *_ = mixed_data(rng)
    found = [plain(rank_features(make(data), "t")) for make in TABLES.values()]
    assert found[0][0][1] > 0.3
    assert all(other == found[0] for other in found)


@notes
def test_a_series_keeps_its_name(rng):
    X = pd.DataFrame({"a": [1, 2, 1, 2]})
    for y in (pd.Series([0, 1, 0, 1], name="goal"), pl.Series("goal", [0, 1, 0, 1])):
        assert rank_features(X, y).target == "goal"
    assert rank_features(X, [0, 1, 0, 1]).target is None
    assert rank_features(X, pd.Series([0, 1, 0, 1])).target is None
    assert rank_features(X, pd.Series([0, 1, 0, 1], name=7)).target == "7"


@notes
def test_a_table_of_one_column_as_the_target():
    X = pd.DataFrame({"a": [1, 2, 1, 2]})
    y = pd.DataFrame({"goal": [0, 1, 0, 1]})
    try:
        ranking = rank_features(X, y)
    except (TypeError, ValueError) as error:
        assert "y must" in str(error)  # noqa: PT017 - refusing is an answer too
    else:
        assert ranking[0].mi == close(math.log(2))


@notes
def test_rows_are_paired_by_place_and_not_by_index():
    X = pd.DataFrame({"a": [0, 0, 1, 1]}, index=[3, 2, 1, 0])
    y = pd.Series([0, 0, 1, 1])
    with pytest.warns(UserWarning, match="paired by position"):
        assert rank_features(X, y)[0].mi == close(math.log(2))
    assert rank_features(X.set_axis([7, 7, 7, 7]), y)[0].mi == close(math.log(2))


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
@pytest.mark.parametrize("dtype", ["i4", "f8"])
def test_whole_numbers_of_tables_are_labels_up_to_32_values(make, dtype, rng):
    y = rng.integers(0, 2, 660)
    few, many = np.arange(660) % 32 + y, np.arange(660) % 33
    assert np.unique(few).size == 33
    few -= few == 32
    table = make({"few": few.astype(dtype), "many": many.astype(dtype), "y": y})
    whole = dtype == "i4"  # floats are always numbers, which are binned
    codes = {"few": few if whole else binned(few), "many": binned(many)}
    assert_rows(rank_features(table, "y"), codes, y)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_a_target_of_many_numbers_is_binned(make, rng):
    y = rng.integers(0, 1000, 500)
    table = make({"x": (y > 400).astype(int), "y": y})
    assert_rows(rank_features(table, "y"), {"x": (y > 400).astype(int)}, binned(y.astype(float)))


@notes
def test_large_identifiers(rng):
    z = rng.integers(0, 2, 300)
    for make in (pd.DataFrame, pl.DataFrame, pa.table):
        ranking = rank_features(make({"id": 2**60 + z, "t": z}), "t")
        assert ranking[0].mi == close(mutual_information(z, z))
        ranking = rank_features(make({"z": z, "t": 2**60 + z}), "t")
        assert ranking[0].mi == close(mutual_information(z, z))


@notes
def test_integer_labels_of_a_huge_range():
    X = np.array([[-(2**63), 0], [2**63 - 1, 1], [-(2**63), 2**62], [2**63 - 1, 7]])
    ranking = rank_features(X, [0, 1, 0, 1])
    assert [row.mi for row in ranking] == close([math.log(2), math.log(2)])


# Missing values


def gappy():
    x = np.array([0.0, 0.0, 1.0, 1.0, NAN, NAN, 0.0, 1.0] * 5)
    y = np.array(["a", "a", "b", "b", "a", "c", None, "a"] * 5, object)
    return x, y


def test_missing_is_left_out_by_pair():
    x, y = gappy()
    row = rank_features(x[:, None], y, discrete=True)[0]
    kept = ~np.isnan(x) & (y != np.array(None))
    assert (row.n, row.n_missing) == (25, 15)
    assert row.mi == close(sklearn.metrics.mutual_info_score(x[kept], y[kept].astype(str)))


def test_missing_as_a_category():
    x, y = gappy()
    named_x = np.where(np.isnan(x), "missing", x.astype(str))
    named_y = np.array([v or "missing" for v in y])
    for table in (
        pd.DataFrame({"x": x, "y": y}),
        pl.DataFrame({"x": x, "y": y.tolist()}),
        pa.table({"x": x, "y": y.tolist()}),
    ):
        row = rank_features(table, "y", missing="category")[0]
        assert (row.n, row.n_missing) == (40, 0)
        assert row.mi == close(sklearn.metrics.mutual_info_score(named_x, named_y))
        assert row.normalized_mi == close(
            sklearn.metrics.normalized_mutual_info_score(named_x, named_y)
        )


def test_missing_numbers_as_a_bin_of_their_own(numbers):
    X, y = numbers
    codes = {f"x{i}": binned(X[:, i]) for i in range(5)}
    codes = {name: np.where(c < 0, c.max() + 1, c) for name, c in codes.items()}
    assert_rows(rank_features(X, y, missing="category"), codes, binned(y))
    assert_rows(rank_features(X, y, missing="category", nan_policy="raise"), codes, binned(y))


def test_missing_raises():
    x, y = gappy()
    table = pd.DataFrame({"number": x, "label": y, "full": np.arange(40) % 2})
    for target, name in (("full", "number"), ("label", "label")):
        message = f"The input contains nan values: {name} must have no missing samples"
        with pytest.raises(ValueError, match=message):
            rank_features(table, target, nan_policy="raise")
    with pytest.warns(UserWarning, match="may leak .*: full$"):
        ranking = rank_features(table[["full"]], table["full"], nan_policy="raise")
    assert ranking[0].mi == close(math.log(2))


def test_missing_propagates():
    x, _ = gappy()
    table = pd.DataFrame({"gaps": x, "full": np.arange(40) % 2, "t": np.arange(40) // 3 % 2})
    ranking = rank_features(table, "t", nan_policy="propagate")
    assert [row.name for row in ranking] == ["full", "gaps"]
    assert np.isnan(ranking[1][1:7]).all()
    assert ranking[1].n_missing == 10
    omitted = {row.name: row for row in rank_features(table, "t")}
    assert ranking[0].mi == omitted["full"].mi
    # A test that was not made counts nowhere.
    assert ranking[0].adjusted_pvalue == ranking[0].pvalue
    table.loc[0, "t"] = NAN
    ranking = rank_features(table, "t", nan_policy="propagate")
    assert all(math.isnan(row.mi) for row in ranking)


def test_samples_outside_given_edges_are_not_missing(rng):
    X, y = rng.normal(size=(200, 1)), rng.integers(0, 2, 200)
    X[0] = 99.0
    edges = [-9.0, 0.0, 9.0]
    expected = mutual_information(X[1:, 0], y[1:], bins=edges)
    for options in (
        {},
        {"nan_policy": "raise"},
        {"nan_policy": "propagate"},
        {"missing": "category"},
    ):
        row = rank_features(X, y, bins=edges, **options)[0]
        assert row.mi == close(expected)
        assert row.n == 199


def test_a_missing_target_leaves_its_rows_out(rng):
    X, y = rng.normal(size=(300, 2)), rng.normal(size=300)
    y[:40] = NAN
    ranking = rank_features(X, y)
    assert {(row.n, row.n_missing) for row in ranking} == {(260, 40)}
    assert_rows(ranking, {f"x{i}": binned(X[:, i]) for i in range(2)}, binned(y))


# Constant and missing columns


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_columns_of_one_value_and_of_none(make):
    y = [0, 1, 0, 1]
    data = {
        "nothing": [None] * 4,
        "same number": [2.5] * 4,
        "good": [1, 2, 1, 2],
        "same text": ["a", None, "a", "a"],
        "no number": np.full(4, NAN),
    }
    y = np.array(y * 10)
    data = {name: list(column) * 10 for name, column in data.items()}
    with pytest.warns(UserWarning, match="columns to look at") as caught:
        ranking = rank_features(make(data), y)
    messages = [str(w.message) for w in caught]
    assert messages == [
        "columns to look at: constant (information 0): same number, same text; "
        "mostly missing (fewer than half of the rows have a value): nothing, no number; "
        "may leak (almost completely decides the target: is it known before the target?): good",
    ]
    assert {w.filename for w in caught} == {__file__}
    assert [row.name for row in ranking] == [
        "good",
        "same number",
        "same text",
        "nothing",
        "no number",
    ]
    assert ranking[0].mi == close(math.log(2))
    assert [row.mi for row in ranking[1:3]] == [0.0, 0.0]
    assert [row.pvalue for row in ranking[1:3]] == [1.0, 1.0]
    assert [row.normalized_mi for row in ranking[1:3]] == [0.0, 0.0]
    for row in ranking[3:]:
        assert np.isnan(row[1:7]).all()
        assert (row.n, row.n_missing, row.note) == (0, 40, "mostly missing")


def test_constant_columns_of_an_array(threads):
    y = np.array([0, 1, 0, 1, 1, 0] * 5)
    X = np.column_stack([np.ones(30), np.full(30, NAN), y / 7, np.zeros(30)])
    with pytest.warns(UserWarning, match="columns to look at") as caught:
        ranking = rank_features(X, y)
    assert len(caught) == 1
    assert "have a value): x1;" in str(caught[0].message)
    assert "0): x0, x3;" in str(caught[0].message)
    assert [row.name for row in ranking] == ["x2", "x0", "x3", "x1"]


def test_a_column_that_is_constant_where_the_target_is_known():
    X = np.array([["a"] * 4 + ["b"]], object).T
    with pytest.warns(UserWarning, match="constant.*: x0$"):
        row = rank_features(X, [0, 1, 0, 1, None])[0]
    assert (row.mi, row.above_chance, row.share) == (0.0, 0.0, 0.0)
    assert (row.n, row.n_missing, row.levels) == (4, 1, 1)


def test_a_column_that_is_missing_where_the_target_is_known():
    X = np.array([[None] * 4 + ["b"]], object).T
    with pytest.warns(UserWarning, match="mostly missing.*: x0$"):
        row = rank_features(X, [0, 1, 0, 1, None])[0]
    assert row.n == 0
    assert math.isnan(row.mi)


def test_many_useless_columns_are_not_all_named():
    X = np.ones((4, 14))
    with pytest.warns(UserWarning, match=r"constant \(information 0\): x0, x1, .*, x9 and 4 more$"):
        rank_features(X, [0, 1, 0, 1])


def test_missing_as_a_category_makes_a_column_of_gaps_informative():
    table = pd.DataFrame({"x": [1.0, NAN] * 20, "none": [NAN] * 40, "t": [0, 1] * 20})
    with pytest.warns(UserWarning, match="constant.*: none; may leak .*: x$"):
        ranking = rank_features(table, "t", missing="category")
    assert ranking[0].mi == close(math.log(2))
    assert (ranking[1].name, ranking[1].mi, ranking[1].n) == ("none", 0.0, 40)


@pytest.mark.parametrize(
    ("y", "what"),
    [
        ([1, 1, 1], "one"),
        (["a", None, "a"], "one"),
        ([2.5, 2.5, NAN], "one"),
        ([NAN, NAN, NAN], "only missing ones"),
        ([None, None, None], "only missing ones"),
    ],
)
def test_a_target_must_vary(y, what):
    with pytest.raises(
        ValueError, match=f"the target 'y' must have at least two values, got {what}"
    ):
        rank_features([[1.0], [2.0], [3.0]], y)
    for make in (pd.DataFrame, pl.DataFrame, pa.table):
        table = make({"a": [1, 2, 3], "goal": y})
        with pytest.raises(ValueError, match=f"target 'goal' must have at least two .* got {what}"):
            rank_features(table, "goal")


def test_a_missing_target_can_be_a_category():
    X, y = [["a"], ["b"], ["a"]] * 3, [1, None, 1] * 3
    with pytest.warns(UserWarning, match="may leak .*: x0$"):
        ranking = rank_features(X, y, missing="category")
    assert ranking[0].normalized_mi == close(1.0)


# Order, threads, progress


def test_equal_columns_keep_their_order(threads, rng):
    x = rng.integers(0, 3, 100)
    y = (x > 0) ^ (rng.random(100) < 0.2)
    table = pd.DataFrame(dict.fromkeys("dbca", x) | {"noise": rng.integers(0, 2, 100)})
    with pytest.warns(UserWarning, match="same as another column: b, c, a$"):
        ranking = rank_features(table, y)
    assert ranking.names == ["d", "b", "c", "a", "noise"]
    assert [row.note for row in ranking] == ["", *["same as d"] * 3, ""]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["array", "pandas", "Polars"])
def test_any_number_of_threads_gives_the_same_bits(kind, rng):
    y = rng.normal(size=CHUNK + 1001)
    X = y[:, None] * np.linspace(0, 1, 6) + rng.normal(size=(y.size, 6))
    X[::100, 3] = NAN
    table = {
        "array": lambda: X,
        "pandas": lambda: pd.DataFrame(X),
        "Polars": lambda: pl.DataFrame(X),
    }[kind]()
    found = []
    for threads in (1, 2, 3, 7):
        with num_threads(threads):
            found.append(plain(rank_features(table, y)))
    assert found[0] == found[1] == found[2] == found[3]
    assert found[0][0][0].endswith("5")


def test_from_several_threads_at_once(numbers):
    X, y = numbers
    expected = plain(rank_features(X, y))
    found = []
    workers = [
        threading.Thread(target=lambda: found.append(plain(rank_features(X, y)))) for _ in range(6)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [expected] * 6


def test_progress_counts_the_columns(numbers):
    X, y = numbers
    calls = []
    with num_threads(1):
        ranking = rank_features(X, y, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    assert plain(ranking) == plain(rank_features(X, y))


def test_progress_with_threads(rng):
    X, y = rng.normal(size=(500, 40)), rng.normal(size=500)
    calls = []
    caller = threading.get_ident()
    with num_threads(3):
        rank_features(
            X, y, progress=lambda done, total: calls.append((done, total, threading.get_ident()))
        )
    assert calls
    assert {total for _, total, _ in calls} == {40}
    assert {ident for *_, ident in calls} == {caller}
    done = [d for d, *_ in calls]
    assert done == sorted(done)
    assert 1 <= done[0] <= done[-1] <= 40


def test_progress_can_stop_it(threads, numbers):
    X, y = numbers

    def stop(done, total):
        raise StopError

    with pytest.raises(StopError):
        rank_features(X, y, progress=stop)
    assert len(rank_features(X, y)) == 5


def test_progress_shows_nothing_where_there_is_no_terminal(numbers, capfd):
    rank_features(*numbers, progress=True)
    assert capfd.readouterr() == ("", "")


# Bad input


@nearly_unique
@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        ([1.0, 2.0], [0, 1], ValueError, r"X must be two-dimensional .* got shape \(2,\)"),
        (np.zeros((2, 2, 2)), [0, 1], ValueError, "X must be two-dimensional"),
        ([[1.0], [2.0]], [0, 1, 0], ValueError, "X and y must have the same length, got 2 and 3"),
        ([[1.0], [2.0]], "t", ValueError, "y can name a column of a table only, got 't'"),
        ([[1.0], [2.0]], [[0, 1], [1, 0]], ValueError, r"y must be one-dimensional, got shape"),
        ([[1.0], [2.0]], [], ValueError, "y must hold at least one sample"),
        (
            [[1j], [2j]],
            [0, 1],
            TypeError,
            "X must hold real numbers or labels, got dtype complex128",
        ),
        ([[1], [2]], [1j, 2j], TypeError, "y must hold real numbers or labels"),
        (np.zeros((0, 3)), [], ValueError, "must have at least one row|at least one sample"),
        (np.zeros((2, 0)), [0, 1], ValueError, "X must have at least one column"),
        (np.ma.masked_equal([[1.0], [2.0]], 1), [0, 1], TypeError, "X must not be a masked array"),
        ({"a": [1, 2]}, [0, 1, 0], ValueError, "X and y must have the same length, got 2 and 3"),
        ([[{}], [{}]], [0, 1], TypeError, "labels must be hashable, got dict"),
    ],
)
def test_bad_arrays(X, y, error, message):
    with pytest.raises(error, match=message):
        rank_features(X, y)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_bad_tables(make):
    table = make({"a": [1, 2, 3], "b": ["x", "y", "x"]})
    with pytest.raises(ValueError, match=r"y must be a column of X, one of \['a', 'b'\], got 'c'"):
        rank_features(table, "c")
    with pytest.raises(ValueError, match="X and y must have the same length, got 3 and 2 rows"):
        rank_features(table, [0, 1])
    with pytest.raises(ValueError, match="X and y must have the same length, got 3 and 4 rows"):
        rank_features(table, pd.Series([0, 1, 0, 1]))
    with pytest.raises(ValueError, match="X must have at least one column beside the target"):
        rank_features(make({"a": [1, 2]}), "a")
    with pytest.raises(ValueError, match="X must have at least one row, got none"):
        rank_features(make({"a": pa.array([], pa.int64()).to_numpy(), "b": np.empty(0)}), "b")
    values = [float(i) for i in range(40)] + [INF]
    with pytest.warns(UserWarning, match=r"^infinite values .* left out: a \(1\)$"):
        assert rank_features(make({"a": values, "t": [0, 1] * 20 + [0]}), "t")["a"].n == 40


def test_columns_that_are_neither_numbers_nor_labels_are_left_out():
    odd = pd.Series(["a", {"b": 1}] * 30, dtype=object)
    x, z, y = [0, 1] * 30, [0.5, 1.5, 2.5] * 20, [0, 0, 1, 1] * 15
    frame = pd.DataFrame({"x": x, "odd": odd, "z": z, "y": y})
    kept = frame[["x", "z", "y"]]
    frame["complex"] = np.arange(60) * 1j
    said = (
        r"^columns that can't be read are left out: odd, complex: column 'odd' must hold numbers "
        "or labels: labels must be hashable, got dict"
    )
    with pytest.warns(UserWarning, match=said):
        assert (
            rank_features(frame, "y").to_dict()
            == rank_features(frame[["x", "z", "y"]], "y").to_dict()
        )
    with pytest.warns(UserWarning, match=said):
        ranking = rank_features(frame, "y", n_permutations=9, adjustment="max-statistic", seed=0)
    assert sorted(ranking.names) == ["x", "z"]
    with pytest.warns(UserWarning, match=said):
        assert sorted(select_features(frame, "y", 2).names) == ["x", "z"]
    with pytest.warns(UserWarning, match=said):
        found = mutual_information_matrix(frame)
    np.testing.assert_array_equal(found, mutual_information_matrix(kept))
    for options in ({"discrete": {"odd": True}}, {"discrete": True}):
        with pytest.raises(TypeError, match="labels must be hashable, got dict"):
            rank_features(frame[["x", "odd", "y"]], "y", **options)
    with pytest.raises(TypeError, match="labels must be hashable, got dict"):
        rank_features(frame[["odd", "y"]], "y")
    with pytest.raises(TypeError, match="labels must be hashable, got dict"):
        rank_features(frame[["x", "odd"]], "odd")


def test_tables_without_columns():
    with pytest.raises(ValueError, match="X must have at least one column"):
        rank_features(pd.DataFrame(index=[0, 1]), [0, 1])


@nearly_unique
@pytest.mark.filterwarnings("ignore:columns to look at")
@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_nested_columns_are_left_out_and_refused_as_the_target(make):
    table = make({"a": [1, 2], "lists": [[1], [2]], "t": [0, 1]})
    with pytest.warns(UserWarning, match="columns of lists, structs or maps are left out: 'lists'"):
        assert [row.name for row in rank_features(table, "t")] == ["a"]
    with pytest.raises(TypeError, match="column 'lists' must hold numbers or labels, got nested"):
        rank_features(table, "lists")


def test_equal_names_are_refused():
    table = pd.DataFrame([[1, 2, 0], [3, 4, 1]], columns=["a", "a", "t"])
    with pytest.raises(ValueError, match="a"):
        rank_features(table, "t")


def test_names_that_only_look_alike_are_two_columns_or_refused():
    table = pd.DataFrame([[1, 2, 0], [3, 4, 1]], columns=[1, "1", "t"])
    try:
        assert len(rank_features(table, "t")) == 2
    except ValueError as error:
        assert "1" in str(error)  # noqa: PT017 - refusing is an answer too


@nearly_unique
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"nan_policy": "drop"},
            ValueError,
            "nan_policy must be one of 'omit', 'propagate', 'raise'",
        ),
        ({"missing": "omit"}, ValueError, "missing must be one of None, 'category', got 'omit'"),
        ({"alpha": 0}, ValueError, "alpha must lie between 0 and 1, got 0"),
        ({"alpha": 1.5}, ValueError, "alpha must lie between 0 and 1, got 1.5"),
        ({"alpha": NAN}, ValueError, "alpha must lie between 0 and 1, got nan"),
        ({"base": 1}, ValueError, "`base` must be a positive number or `None`"),
        ({"bins": 0}, ValueError, "column 'x0': `bins` must be positive, when an integer"),
        ({"bins": "many"}, ValueError, r"column 'x0': .*bins must be .* got 'many'"),
        ({"bins": [1, 0]}, ValueError, "column 'x0': `bins` must be monotonically increasing"),
        ({"bins": 2.5}, TypeError, "`bins` must be an integer, when a scalar"),
        ({"discrete": "no"}, ValueError, "discrete must be 'auto', True, False, a pair of"),
    ],
)
def test_bad_options(options, error, message):
    with pytest.raises(error, match=message):
        rank_features([[1.0], [2.0]], [0, 1], **options)


@pytest.mark.slow
def test_no_edges_are_refused():
    # In a process of its own: kernels that are handed no edges may take it down.
    program = "import fastinfo; fastinfo.rank_features([[0.5], [1.5]], [0, 1], bins=[])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert "ValueError" in done.stderr.splitlines()[-1]


def test_a_lazy_frame_is_read_without_a_warning():
    # Polars warns whoever asks a LazyFrame for its columns.
    assert select_features(pl.LazyFrame({"a": [1, 2], "t": [0, 1]}), "t", 1).names == ["a"]


def test_all_options_are_keywords():
    kinds = [p.kind for p in inspect.signature(rank_features).parameters.values()]
    assert kinds[:2] == [inspect.Parameter.POSITIONAL_OR_KEYWORD] * 2
    assert set(kinds[2:]) == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.slow
@given(
    st.lists(st.tuples(*[st.integers(0, 3)] * 4), min_size=2, max_size=40).filter(
        lambda rows: len({row[-1] for row in rows}) > 1
    )
)
def test_any_labels(rows):
    data = np.array(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # constant columns may come
        ranking = rank_features(data[:, :3], data[:, 3])
    assert_rows(ranking, {f"x{i}": data[:, i] for i in range(3)}, data[:, 3])
    for row in ranking:
        counts = JointCounts.from_labels(data[:, int(row.name[1:])], data[:, 3])
        assert row.mi == counts.mutual_information()
        assert row.normalized_mi == counts.normalized_mutual_information()
        if row.test == "g":
            assert row.pvalue == counts.independence_test().pvalue


def test_pvalues_hold_what_they_promise(rng):
    # Independent columns: about 5 of 100 are below 0.05, adjusted hardly ever one.
    X, y = rng.normal(size=(3000, 100)), rng.integers(0, 3, 3000)
    ranking = rank_features(X, y, bins=6)
    assert {row.test for row in ranking} == {"g"}
    assert sum(row.pvalue < 0.05 for row in ranking) < 15
    assert len(ranking.significant()) <= 1
    X[:, 17] += 0.3 * y
    assert rank_features(X, y, bins=6).significant()[0].name == "x17"


# Ranking


@pytest.fixture
def ranking():
    rows = [
        RankedFeature("b", 0.5, 0.6, 0.55, 0.75, 1e-20, 3e-20, "g", 4, 100, 0, "may leak"),
        RankedFeature("a <i>", 0.2, 0.3, 0.25, 0.3, 0.02, 0.03, "permutation", 9, 90, 10, "<b>"),
        RankedFeature("c\nd", -0.01, -0.02, 0.0, 0.0, 0.5, 0.5, "g", 2, 100, 0, ""),
        RankedFeature("none", NAN, NAN, NAN, NAN, NAN, NAN, "", 0, 0, 100, "all missing"),
    ]
    return Ranking(rows, target="goal", base=2, alpha=0.05, n_rows=100)


def test_a_ranking_is_a_sequence(ranking):
    assert len(ranking) == 4
    assert [row.name for row in ranking] == ["b", "a <i>", "c\nd", "none"]
    assert ranking.names == ["b", "a <i>", "c\nd", "none"]
    assert ranking["a <i>"] is ranking[1]
    with pytest.raises(KeyError, match="there is no column 'd' in the ranking"):
        ranking["d"]
    assert ranking[0].above_chance == 0.5
    assert ranking[-1].name == "none"
    assert ranking[1] in ranking
    assert next(reversed(ranking)).name == "none"
    with pytest.raises(IndexError):
        ranking[4]


def test_a_slice_is_a_ranking(ranking):
    for part, names in ((ranking[:2], ["b", "a <i>"]), (ranking[::-2], ["none", "a <i>"])):
        assert isinstance(part, Ranking)
        assert [row.name for row in part] == names
        assert (part.target, part.base, part.alpha, part.n_rows) == ("goal", 2, 0.05, 100)
    assert len(ranking[:0]) == 0
    assert ranking[:0].to_dict() == {field: [] for field in FIELDS}


def test_significant_columns(ranking):
    assert [row.name for row in ranking.significant()] == ["b", "a <i>"]
    assert isinstance(ranking.significant(), Ranking)
    strict = Ranking(ranking.rows, alpha=0.03)
    assert len(strict.significant()) == 2  # at most alpha
    assert len(Ranking(ranking.rows, alpha=0.029).significant()) == 1
    assert ranking.significant().target == "goal"


def test_to_dict(ranking):
    data = ranking.to_dict()
    assert list(data) == FIELDS
    assert data["name"] == ["b", "a <i>", "c\nd", "none"]
    assert data["n"] == [100, 90, 100, 0]
    assert math.isnan(data["mi"][3])


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_to_tables(library, ranking):
    frame = getattr(ranking, f"to_{library}")()
    assert isinstance(frame, pd.DataFrame if library == "pandas" else pl.DataFrame)
    assert list(frame.columns) == FIELDS
    assert frame.shape == (4, 12)
    assert list(frame["note"]) == ["may leak", "<b>", "", "all missing"]
    for field in NUMBERS:
        np.testing.assert_array_equal(list(frame[field]), ranking.to_dict()[field])
    assert frame["n_missing"].to_list() == [0, 10, 0, 100]
    assert getattr(ranking[:0], f"to_{library}")().shape == (0, 12)


def test_repr_is_a_table(ranking):
    lines = ranking.to_text().splitlines()
    assert lines[0].split() == FIELDS
    first = "b 0.500000 0.6000 0.550000 0.750000 1e-20 3e-20 g 4 100 0 may leak"
    assert lines[1].split() == first.split()
    assert lines[3].split()[2:4] == ["-0.0200", "0.000000"]
    assert len(lines) == 5  # a name with a line break stays on its line
    assert len({len(line) for line in lines}) == 1
    assert str(ranking) == repr(ranking)
    assert ranking[:0].to_text().split() == FIELDS
    assert (
        repr(ranking[:0]).splitlines()[1] == "[0 columns about goal, 0 significant; 100 rows; bits]"
    )


def test_the_table_of_a_notebook_escapes_names(ranking):
    table = ranking._repr_html_()
    assert "<i>" not in table
    assert "a &lt;i&gt;" in table
    assert table.count("<tr>") == 5
    assert table.startswith("<table>")
    script = Ranking(
        [RankedFeature('"><script>alert(1)</script>', *[0.0] * 6, "g", 1, 1, 0, "same as <script>")]
    )
    assert "<script>" not in script._repr_html_()


def test_rows_are_plain_values(numbers):
    for row in rank_features(*numbers):
        assert isinstance(row, RankedFeature)
        assert [type(v) for v in row] == [str, *[float] * 6, str, int, int, int, str]
    assert RankedFeature._fields == tuple(FIELDS)


def test_bins_equally_full(rng):
    X = np.exp(2 * rng.normal(size=(500, 3)))
    y = X[:, 1] > 1
    ranking = rank_features(X, y, bins=6, strategy="quantile")
    for row in ranking:
        x = X[:, int(row.name[1:])]
        expected = mutual_information(x, y, bins=6, strategy="quantile")
        assert row.mi == expected
    assert ranking[0].name == "x1"
    with pytest.raises(ValueError, match="strategy must be one of 'uniform', 'quantile'"):
        rank_features(X, y, strategy="equal")


def test_more_levels_than_a_table_could_hold(rng):
    ids = rng.permutation(100_000)
    X = np.column_stack([ids, ids // 2, ids % 3])
    with pytest.warns(UserWarning, match="can't be learned from|nearly unique .*: x0"):
        ranking = rank_features(X, ids[::-1], discrete=True)
    assert ranking["x0"].mi == pytest.approx(math.log(100_000))
    assert ranking["x2"].mi == pytest.approx(math.log(3), abs=1e-8)
    for row in ranking:  # each target occurs once, so that all tables have the same information
        assert row.above_chance == pytest.approx(0, abs=1e-9)
        assert (row.share, row.pvalue) == (0.0, 1.0)
