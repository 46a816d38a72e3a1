"""select_features, its kernels and its transformer: against slow twins, in all containers."""

import functools
import inspect
import math
import pickle
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import helpers
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from helpers import StopError, fixed, plain, printed, with_gaps
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from reference import selection as reference
from sklearn import datasets
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import fastinfo
import fastinfo.cli.demo
from fastinfo import (
    Selection,
    conditional_mutual_information,
    mutual_information,
    num_threads,
    rank_features,
    select_features,
)
from fastinfo.kernels.information import triples
from fastinfo.selection import MutualInfoSelector, SelectedFeature

NAN = math.nan
INF = math.inf
METHODS = reference.METHODS
FIELDS = ["name", "position", "score", "mi"]

each_method = pytest.mark.parametrize("method", METHODS)


close = functools.partial(helpers.close, rel=1e-10, absolute=1e-10, nan_ok=True)


def assert_selected(selection, columns, y, method):
    """Scores and information are those of the twin, and nothing that was left should have come."""
    candidates = reference.Candidates(columns, y, method)
    assert len(set(selection.indices.tolist())) == len(selection)
    significant = 0
    for row in selection:
        scores = candidates.scores()
        best = candidates.best()
        assert row.score == close(scores[row.position])
        assert row.score == close(scores[best])
        assert candidates.is_significant(row.position) == candidates.is_significant(best)
        assert row.mi == close(candidates.relevances[row.position])
        significant += candidates.is_significant(row.position)
        candidates.choose(row.position)
    assert selection.n_significant == significant


def assert_same_order(selection, columns, y, method):
    """All of that, and the columns are the twin's one by one."""
    expected, significant = reference.select(columns, y, len(selection), method)
    assert selection.indices.tolist() == [position for position, _, _ in expected]
    assert [row.score for row in selection] == close([score for _, score, _ in expected])
    assert [row.mi for row in selection] == close([mi for _, _, mi in expected])
    assert selection.n_significant == significant


@pytest.fixture
def numbers(rng):
    """Columns of floats, more or less informative and redundant, and labels to tell about."""
    y = rng.integers(0, 3, 600)
    X = y[:, None] * np.array([0.2, 1.0, 0.0, 2.0, 0.6, 0.5, 0.0]) + rng.normal(size=(600, 7))
    X[:, 4] = X[:, 3] + 0.2 * rng.normal(size=600)
    return X, y


# Against the twin


DATA = {
    "breast_cancer": datasets.load_breast_cancer,
    "digits": datasets.load_digits,
    "wine": datasets.load_wine,
}
SETTINGS = {
    "mi": {},
    "5": {"bins": 5},
    "uniform": {"bins": 6, "strategy": "uniform"},
    "sturges": {"bins": "sturges"},
    "edges": {"bins": np.linspace(1, 15, 8)},
}


@functools.cache
def samples(data, setting):
    """A data set, every second row of the largest one: columns that vary, their codes, target."""
    X, y = DATA[data](return_X_y=True)
    if data == "digits":
        X, y = X[::2], y[::2]
    coded = [reference.binned(x, **SETTINGS[setting]) for x in X.T]
    kept = [i for i, codes in enumerate(coded) if np.unique(codes[codes >= 0]).size > 1]
    return X[:, kept], [coded[i] for i in kept], y


@pytest.mark.slow
@each_method
@pytest.mark.parametrize("setting", ["mi", "5", "uniform", "sturges"])
@pytest.mark.parametrize("data", DATA)
def test_data_sets(data, setting, method):
    X, columns, y = samples(data, setting)
    k = 8 if data == "digits" else 13
    selection = select_features(X, y, k, method=method, **SETTINGS[setting])
    assert_same_order(selection, columns, y, method)


@each_method
def test_samples_outside_of_edges_are_left_out_where_their_column_takes_part(method):
    X, columns, y = samples("wine", "edges")
    assert sum((codes < 0).any() for codes in columns) > 3
    selection = select_features(X, y, len(columns), method=method, bins=np.linspace(1, 15, 8))
    assert_same_order(selection, columns, y, method)


COLUMNS = [
    "month",
    "dep_time",
    "dep_delay",
    "carrier",
    "flight",
    "origin",
    "dest",
    "air_time",
    "distance",
    "hour",
    "time_hour",
]


@functools.cache
def flights():
    """Every 90th flight."""
    table = fastinfo.cli.demo.flights()
    return table.take(np.arange(0, table.num_rows, 90))


def code_of_a_table(column, **options):
    """Labels, or bins where there are more than 32 numbers or points of time."""
    if pa.types.is_string(column.type) or len(column.drop_null().unique()) <= 32:
        return reference.labelled(column.to_pylist())
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.int64())
    return reference.binned(column.to_numpy().astype(float), **options)


@functools.cache
def coded_flights(setting, more=()):
    names = [*COLUMNS, *more, "arr_delay"]
    return [code_of_a_table(flights()[name], **SETTINGS[setting]) for name in names]


@pytest.mark.slow
@each_method
@pytest.mark.parametrize("setting", ["mi", "5", "uniform"])
def test_flights(setting, method):
    *columns, target = coded_flights(setting)
    assert (target < 0).any()
    table = flights().select([*COLUMNS, "arr_delay"])
    selection = select_features(table, "arr_delay", 7, method=method, **SETTINGS[setting])
    assert_same_order(selection, columns, target, method)
    assert selection.names == [COLUMNS[i] for i in selection.indices]
    assert selection.target == "arr_delay"


@pytest.mark.slow
@each_method
def test_flights_with_a_column_of_many_levels(method):
    # Of some 1,900 planes most tell the carrier; the plane is chosen and held against all others.
    *columns, plane, delay = coded_flights("5", ("tailnum",))
    assert plane.max() > 1500
    names = ["month", "dep_delay", "origin", "hour"]
    features = [columns[COLUMNS.index(name)] for name in names]
    table = flights().select([*names, "tailnum", "carrier"])
    selection = select_features(table, "carrier", 5, method=method, bins=5)
    assert "tailnum" in selection.names[:2]
    carrier = columns[COLUMNS.index("carrier")]
    assert_same_order(selection, [*features, plane], carrier, method)
    # By plug-in information the plane told most about the delay.
    table = flights().select([*COLUMNS, "tailnum", "arr_delay"])
    selection = select_features(table, "arr_delay", 5, method=method, bins=5)
    assert "tailnum" not in selection.names[:3]
    assert_same_order(selection, [*columns, plane], delay, method)


@given(
    st.lists(st.tuples(*[st.sampled_from([0, 1, 2, 3, NAN])] * 5), min_size=2, max_size=40).filter(
        lambda rows: len({row[-1] for row in rows if row[-1] == row[-1]}) > 1
    ),
    st.sampled_from(METHODS),
    st.integers(1, 4),
)
def test_any_labels(rows, method, k):
    data = np.array(rows, float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # columns of one value or none may come
        selection = select_features(data[:, :4], data[:, 4], k, method=method, discrete=True)
    *columns, y = [reference.labelled(column) for column in data.T.tolist()]
    assert len(selection) == min(k, sum(map(reference.varies, columns)))
    assert_selected(selection, columns, y, method)


@pytest.mark.slow
@each_method
@pytest.mark.parametrize("setting", ["mi", "5", "uniform"])
def test_missing_samples_are_left_out_where_their_column_takes_part(setting, method, numbers, rng):
    X, y = with_gaps(numbers[0], rng), with_gaps(numbers[1], rng)
    columns = [reference.binned(x, **SETTINGS[setting]) for x in X.T]
    options = SETTINGS[setting]
    selection = select_features(X, y, 7, method=method, discrete=(False, True), **options)
    assert_same_order(selection, columns, reference.labelled(y), method)


@each_method
def test_rows_without_a_target_count_nowhere_but_in_the_bins(method, numbers, rng):
    X, y = with_gaps(numbers[0], rng), with_gaps(numbers[1], rng)
    known = ~np.isnan(y)
    edges = np.linspace(-2, 4, 8)
    found = select_features(X, y, 7, method=method, discrete=(False, True), bins=edges)
    if method.startswith("mrmr"):  # two columns are held against each other in all rows
        columns = [reference.binned(x, edges) for x in X.T]
        assert_same_order(found, columns, reference.labelled(y), method)
        return
    rest = select_features(X[known], y[known].astype(int), 7, method=method, bins=edges)
    assert found.indices.tolist() == rest.indices.tolist()
    assert [row.score for row in found] == close([row.score for row in rest])


@each_method
def test_a_target_of_numbers_is_binned(method, numbers):
    X, y = numbers
    y = y + X[:, 2]
    selection = select_features(X, y, 7, method=method, bins=6)
    columns = [reference.binned(x, 6) for x in X.T]
    assert_same_order(selection, columns, reference.binned(y, 6), method)
    # A list of labels is no array of numbers
    labels = reference.binned(y, 6)
    assert plain(select_features(X, labels.tolist(), 7, method=method, bins=6)) == plain(selection)


@pytest.mark.slow
@pytest.mark.parametrize("discrete", [True, False, (True, False), (False, True), "auto"])
def test_discrete(discrete, rng):
    X, y = rng.integers(0, 9, (300, 5)), rng.integers(0, 9, 300)
    X[:, 2] = (y + X[:, 2]) // 2
    said = discrete if isinstance(discrete, tuple) else (discrete, discrete)
    code = {True: reference.labelled, "auto": reference.labelled, False: reference.binned}
    columns, target = [code[said[0]](x) for x in X.T], code[said[1]](y)
    for method in METHODS:
        selection = select_features(X, y, 5, method=method, discrete=discrete)
        assert_selected(selection, columns, target, method)


def test_the_information_is_that_of_the_pair(numbers):
    X, y = numbers
    for method in METHODS:
        selection = select_features(X, y, 7, method=method, bins=6)
        for row in selection:
            x = X[:, row.position]
            above = mutual_information(x, y, bins=6, correction="chance")
            assert row.mi == close(max(above, 0.0))
        assert selection[0].score == selection[0].mi == max(row.mi for row in selection)


@pytest.mark.parametrize("options", [{}, {"bins": 4}, {"strategy": "uniform"}, {"base": 2}])
def test_mim_is_the_ranking(options, numbers, rng):
    X, y = numbers
    selection = select_features(X, y, 7, method="mim", **options)
    ranking = rank_features(X, y, **options)
    assert selection.names == ranking.names
    assert [row.mi for row in selection] == close([max(r.above_chance, 0.0) for r in ranking])
    assert [row.score for row in selection] == [row.mi for row in selection]
    assert selection.n_significant == len(ranking.significant())
    X = with_gaps(X, rng)  # the ranking minds how many rows a column tells about
    selection = select_features(X, y, 7, method="mim", **options)
    ranking = rank_features(X, y, **options)
    for row in selection:
        assert row.mi == close(max(ranking[row.name].above_chance, 0.0))


def test_mrmr_by_difference_is_the_default(numbers):
    found = select_features(*numbers, 5)
    assert found.method == "mrmr"
    assert plain(found) == plain(select_features(*numbers, 5, method="mrmr", bins="mi"))


# What it is for


def test_partners_are_found(rng):
    # y is a ^ b in nearly all rows, and b in the others: b is ahead, a tells nothing but with b.
    n = 4000
    a, b, noise = rng.integers(0, 2, (3, n))
    y = a ^ b
    y[:400] = b[:400]
    weak = np.where(rng.random(n) < 0.05, y, noise)
    X = np.column_stack([weak, noise, a, b])
    alone = dict.fromkeys(("mim", "mrmr"), 0)
    together = dict.fromkeys(("jmi", "jmim", "cmim", "disr"), 2)
    for method, second in (alone | together).items():
        selection = select_features(X, y, 2, method=method)
        assert selection.indices.tolist() == [3, second], method
        assert selection[1].mi < 0.01


def test_xor_in_bits(rng):
    # All combinations equally often: no column tells anything, two of them all. 0/0 is 0.
    a, b, c = np.indices((2, 2, 2)).reshape(3, -1).repeat(25, axis=1)
    X, y = np.column_stack([a, b, c]), a ^ b
    by_chance = reference.chance_of_margins
    pair = 1 - by_chance([50] * 4, [100] * 2) / math.log(2)
    given = 1 - by_chance([50] * 2, [50] * 2) / math.log(2)
    expected = {
        "mim": ([0, 1, 2], [0, 0, 0]),
        "mrmr": ([0, 1, 2], [0, 0, 0]),
        "mrmr-quotient": ([0, 1, 2], [0, 0, 0]),
        "jmi": ([0, 1, 2], [0, pair, 0]),
        "jmim": ([0, 1, 2], [0, pair, 0]),
        "cmim": ([0, 1, 2], [0, given, 0]),
        "disr": ([0, 1, 2], [0, pair / 2, 0]),
    }
    for method, (indices, scores) in expected.items():
        selection = select_features(X, y, 3, method=method, base=2)
        assert selection.indices.tolist() == indices, method
        assert [row.score for row in selection] == pytest.approx(scores, abs=1e-12), method
        assert [row.mi for row in selection] == pytest.approx([0, 0, 0], abs=1e-15)
    # The partner comes before the noise wherever it stands.
    X = X[:, [0, 2, 1]]
    for method in ("jmi", "jmim", "cmim", "disr"):
        assert select_features(X, y, 2, method=method).indices.tolist() == [0, 2], method
    for method in ("mim", "mrmr", "mrmr-quotient"):
        assert select_features(X, y, 2, method=method).indices.tolist() == [0, 1], method


def test_known_scores():
    # y is two bits a and b, the first two columns are a, and the third is b.
    a, b = np.indices((2, 2)).reshape(2, -1).repeat(10, axis=1)
    X, y = np.column_stack([a, a, b]), 2 * a + b
    by_chance = reference.chance_of_margins
    one = 1 - by_chance([20] * 2, [10] * 4) / math.log(2)  # bit, of the two
    copy = 1 - by_chance([20] * 2, [20] * 2) / math.log(2)
    other = 1 - by_chance([10] * 2, [10] * 2) / math.log(2)  # the other bit, given the first
    both = 2 - by_chance([10] * 4, [10] * 4) / math.log(2)
    expected = {
        "mim": ([0, 1, 2], [one, one, one]),
        "mrmr": ([0, 2, 1], [one, one, one - copy / 2]),
        "mrmr-quotient": ([0, 2, 1], [one, INF, one / (copy / 2)]),
        "jmi": ([0, 2, 1], [one, both, one + both]),
        "jmim": ([0, 2, 1], [one, both, one]),
        "cmim": ([0, 2, 1], [one, other, 0]),
        "disr": ([0, 2, 1], [one, both / 2, one / 2 + both / 2]),
    }
    for method, (indices, scores) in expected.items():
        selection = select_features(X, y, 3, method=method, base=2)
        assert selection.indices.tolist() == indices, method
        assert [row.score for row in selection] == pytest.approx(scores, abs=1e-12), method
        assert [row.mi for row in selection] == pytest.approx([one] * 3, rel=1e-14)
        assert selection.n_significant == (3 if method == "mim" else 2), method


def test_the_weakest_partner_decides_by_jmim(rng):
    # y is a, b and c. The copy of a adds much to b, and nothing to a.
    a, b, c = rng.integers(0, 2, (3, 1000))
    y = 4 * a + 2 * b + c
    weak = np.where(rng.random(1000) < 0.4, c, rng.integers(0, 2, 1000))
    X = np.column_stack([a, b, a, weak])
    found = select_features(X, y, 4, method="jmim")
    columns = [reference.labelled(x.tolist()) for x in X.T]
    assert_selected(found, columns, y, "jmim")
    assert found.indices[2:].tolist() == [3, 2]
    assert found.n_significant == 3
    last = min(reference.joint_above(columns[2], columns[i], y) for i in (0, 1, 3))
    assert found[3].score == close(last)


# Options


@each_method
def test_base(method, numbers):
    nats = select_features(*numbers, 7, method=method)
    bits = select_features(*numbers, 7, method=method, base=2)
    assert bits.indices.tolist() == nats.indices.tolist()
    assert (nats.base, bits.base) == (None, 2)
    for i, (a, b) in enumerate(zip(nats, bits, strict=True)):
        assert b.mi == pytest.approx(a.mi / math.log(2), rel=1e-14)
        ratio = i > 0 and method in ("mrmr-quotient", "disr")
        assert b.score == pytest.approx(a.score / (1 if ratio else math.log(2)), rel=1e-14)


@each_method
def test_one_column_and_all_columns(method, numbers):
    X, y = numbers
    one = select_features(X, y, 1, method=method)
    every = select_features(X, y, 7, method=method)
    assert len(one) == 1
    assert sorted(every.indices) == list(range(7))
    for k in range(1, 7):
        assert plain(select_features(X, y, k, method=method)) == plain(every[:k])
    alone = select_features(X[:, :1], y, 1, method=method)
    assert alone.names == ["x0"]
    above = mutual_information(X[:, 0], y, bins=8, correction="chance")
    assert alone[0].score == alone[0].mi == close(above)


@pytest.mark.parametrize("k", [np.int64(2), np.uint8(2), np.array(2)])
def test_any_integer_says_how_many(k, numbers):
    assert plain(select_features(*numbers, k)) == plain(select_features(*numbers, 2))


@each_method
def test_missing_as_a_category(method, rng):
    X, y = rng.integers(0, 4, (400, 5)), rng.integers(0, 3, 400)
    X[:, 1] = (X[:, 1] + 2 * y) // 3
    X, y = with_gaps(X, rng), with_gaps(y, rng)
    X[(y == 1) & (rng.random(400) < 0.5), 3] = NAN
    found = select_features(X, y, 5, method=method, discrete=True, missing="category")
    columns = [reference.labelled(np.where(np.isnan(x), 9, x)) for x in X.T]
    assert_same_order(found, columns, reference.labelled(np.where(np.isnan(y), 9, y)), method)
    for policy in ("raise", "propagate"):  # nothing is missing then
        same = select_features(
            X, y, 5, method=method, discrete=True, missing="category", nan_policy=policy
        )
        assert plain(same) == plain(found)


@each_method
def test_missing_numbers_are_a_level_of_their_own(method, numbers, rng):
    X, y = with_gaps(numbers[0], rng, 0.2), numbers[1]
    columns = []
    for x in X.T:
        codes = reference.binned(x, 5)
        columns.append(np.where(np.isnan(x), 5, codes))
    found = select_features(X, y, 7, method=method, bins=5, missing="category")
    assert_same_order(found, columns, y, method)
    edges = np.linspace(-1, 2, 6)  # what is outside is no category
    columns = [np.where(np.isnan(x), 5, reference.binned(x, edges)) for x in X.T]
    assert any((codes < 0).any() for codes in columns)
    found = select_features(X, y, 7, method=method, bins=edges, missing="category")
    assert_same_order(found, columns, y, method)


@each_method
def test_missing_propagates(method, numbers):
    X, y = numbers
    X[3, 3] = X[5, 1] = NAN
    found = select_features(X, y, 7, method=method, bins=5, nan_policy="propagate")
    complete = [0, 2, 4, 5, 6]
    rest = select_features(X[:, complete], y, 5, method=method, bins=5)
    assert found.indices[:5].tolist() == [complete[i] for i in rest.indices]
    assert [row.score for row in found[:5]] == close([row.score for row in rest])
    assert [row.mi for row in found[:5]] == close([row.mi for row in rest])
    assert plain(found[5:]) == [("x1", 1, "nan", "nan"), ("x3", 3, "nan", "nan")]
    # A missing target: of all columns
    target = y.astype(float)
    target[9] = NAN
    found = select_features(
        X, target, 7, method=method, discrete=(False, True), nan_policy="propagate"
    )
    assert plain(found) == [(f"x{i}", i, "nan", "nan") for i in range(7)]
    dropped = select_features(  # what is outside of edges is not missing
        X[:, complete], y, 5, method=method, bins=np.linspace(-1, 1, 5), nan_policy="propagate"
    )
    assert not any(math.isnan(row.score) for row in dropped)


def test_missing_raises(numbers):
    X, y = numbers
    message = r"nan values: x3 must have no missing samples under nan_policy='raise', got 2"
    whole = select_features(X, y, 3, nan_policy="raise")
    assert plain(whole) == plain(select_features(X, y, 3))
    X[3:5, 3] = NAN
    with pytest.raises(ValueError, match=message):
        select_features(X, y, 1, nan_policy="raise")
    with pytest.raises(ValueError, match="'raise', got 1"):
        select_features(X[:, :3], np.where(np.arange(600) == 4, None, y), 1, nan_policy="raise")


# Labels


@pytest.mark.slow
@each_method
def test_strings_and_objects_are_labels(method, rng):
    X, y = rng.integers(0, 4, (300, 4)), rng.integers(0, 3, 300)
    X[:, 1] = np.where(rng.random(300) < 0.7, y, X[:, 1])
    columns = list(X.T)
    words = np.array(["no", "yes", "maybe", "never"])
    mixed = np.array([1, "b", 2.5, (3, 4)], object)
    for labels in (words[X], words.astype(object)[X], mixed[X], words.astype("S")[X]):
        for target in (y, words[y], mixed[y], words[y].tolist()):
            found = select_features(labels, target, 4, method=method)
            assert_same_order(found, columns, y, method)


def test_missing_among_objects(rng):
    X, y = rng.integers(0, 4, (300, 4)), rng.integers(0, 3, 300)
    words = np.array(["a", "b", "c", None], object)
    columns = [np.where(x == 3, -1, x) for x in X.T]
    for method in METHODS:
        found = select_features(words[X], words[y], 4, method=method)
        assert_selected(found, columns, y, method)


def test_dates_and_booleans_are_labels(rng):
    y = rng.integers(0, 3, 200)
    X = rng.integers(0, 3, (200, 3))
    dates = np.array(["2013-01-01", "2013-01-02", "NaT"], "M8[D]")[X]
    found = select_features(dates, y, 3, method="jmi")
    assert_selected(found, [np.where(x == 2, -1, x) for x in X.T], y, "jmi")
    found = select_features(X > 1, y > 1, 3, method="cmim")
    assert_selected(found, list((X > 1).T.astype(int)), (y > 1).astype(int), "cmim")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:columns to look at")
@each_method
@pytest.mark.parametrize("y_levels", [2, 7, 100, 400])
def test_columns_and_targets_of_many_levels(y_levels, method, rng):
    # Of 300 and more levels, of few, with gaps between the numbers and with missing ones; some
    # tables of three are dense and some keep the occupied cells alone.
    n = 1500
    y = rng.integers(0, y_levels, n)
    X = np.column_stack(
        [
            rng.integers(0, 3, n),
            rng.integers(0, 300, n),
            1000 * rng.integers(0, 40, n) + y % 5,
            (y + rng.integers(0, 2, n)) % 200,
            rng.integers(0, 1500, n),
            y // 2 + 500 * rng.integers(0, 2, n),
        ]
    )
    columns = [reference.labelled(x) for x in X.T.tolist()]
    found = select_features(X, y, 6, method=method, discrete=True)
    assert_selected(found, columns, y, method)
    same = select_features(X.astype(float), y, 6, method=method, discrete=True)
    assert plain(same) == plain(found)
    gaps = with_gaps(X, rng)
    columns = [reference.labelled(x) for x in gaps.T.tolist()]
    found = select_features(gaps, y, 6, method=method, discrete=True)
    assert_selected(found, columns, y, method)


@pytest.mark.filterwarnings("ignore:columns to look at")
@each_method
def test_columns_of_many_levels_alone(method, rng):
    y = rng.integers(0, 3, 1000)
    X = np.column_stack([rng.integers(0, 300 + 100 * i, 1000) for i in range(4)])
    X[:, 2] = 400 * y + X[:, 2] % 400
    found = select_features(X, y, 4, method=method, discrete=True)
    assert_selected(found, [reference.labelled(x) for x in X.T.tolist()], y, method)
    found = select_features(X, y, 4, method=method)  # more than 32 values are numbers
    assert_selected(found, [reference.binned(x) for x in X.T], y, method)


@pytest.mark.slow
@each_method
@pytest.mark.parametrize("levels", [(127, 2), (128, 2), (254, 2), (255, 2), (14, 18), (16, 16)])
def test_levels_at_the_most_that_a_byte_holds(levels, method, rng):
    # 127 x 2 is 254, 128 x 2 is more; 254 levels and one for missing are all of a byte.
    n = 2000
    y = rng.permutation(np.arange(n) % levels[1])
    most = (np.arange(n) + y * (rng.random(n) < 0.3)) % levels[0]
    X = np.column_stack(
        [rng.integers(0, 5, n), rng.integers(0, levels[0], n), most, (most + y) % 9]
    )
    X[: levels[0], 1] = np.arange(levels[0])
    columns = [reference.labelled(x) for x in X.T.tolist()]
    assert [len(set(x)) for x in X.T.tolist()] == [5, levels[0], levels[0], 9]
    found = select_features(X, y, 4, method=method, discrete=True)
    assert_selected(found, columns, y, method)
    gaps = with_gaps(X, rng, 0.05)
    columns = [reference.labelled(x) for x in gaps.T.tolist()]
    found = select_features(gaps, y, 4, method=method, discrete=True)
    assert_selected(found, columns, y, method)


def test_large_numbers_as_labels(rng):
    X = rng.integers(0, 3, (200, 3))
    y = X[:, 1] + 3 * rng.integers(0, 2, 200)
    expected = select_features(X, y, 3, method="jmi")
    for shifted in (
        X + 2**62,
        X.astype(np.uint64) * 2**62,
        X + np.iinfo(np.int64).min,
        (X * 100).astype(np.uint16),
        X * 10**9,
    ):
        found = select_features(shifted, y, 3, method="jmi")
        assert found.indices.tolist() == expected.indices.tolist()
        assert [row.score for row in found] == close([row.score for row in expected])


# Columns that tell nothing, ties and duplicates


@each_method
def test_columns_of_one_value_and_of_none_are_never_chosen(method, numbers):
    X, y = numbers
    X[:, 2] = 3.5
    X[:, 0] = NAN
    X[::2, 6] = NAN
    X[1::2, 6] = -1.0
    with pytest.warns(UserWarning, match="columns") as caught:
        found = select_features(X, y, 7, method=method)
    assert [str(w.message) for w in caught] == [
        "k=7 is more than the number of columns with two values or more, 4: only 4 are selected",
        "columns to look at: all missing (information NaN): x0; constant (information 0): x2, x6",
    ]
    assert {w.filename for w in caught} == {__file__}
    assert sorted(found.names) == ["x1", "x3", "x4", "x5"]
    assert [f"x{i}" for i in found.indices] == found.names
    assert_same_order(found, [reference.binned(x) for x in X.T], y, method)
    with pytest.warns(UserWarning, match="x2, x6$") as caught:  # enough are left
        assert plain(select_features(X, y, 4, method=method)) == plain(found)
    assert len(caught) == 1


def test_chosen_columns_that_are_mostly_missing_or_names_are_told(rng):
    y = rng.integers(0, 2, 300)
    few = np.where(np.arange(300) % 10 == 0, y, NAN)  # all that is known of it decides y
    X = {"few": few, "id": np.arange(300).astype(str), "x": y ^ (rng.random(300) < 0.2)}
    with pytest.warns(UserWarning, match="look at: mostly missing .*: few$") as caught:
        assert select_features(X, y, 2).names == ["few", "x"]
    assert [w.filename for w in caught] == [__file__]
    with pytest.warns(UserWarning, match="look at: nearly unique .*: id; mostly missing .*: few$"):
        select_features(X, y, 3)
    assert select_features(X, y, 2, missing="category").names[0] == "x"


def test_a_constant_that_is_mostly_missing_is_both(rng):
    few = np.where(np.arange(300) < 50, 2.5, NAN)
    X, said = {"few": few, "x": rng.normal(size=300)}, r"constant .*: few; mostly missing .*: few$"
    for strategy in ("uniform", "quantile"):
        with pytest.warns(UserWarning, match=said):
            assert select_features(X, rng.random(300) < 0.5, 1, strategy=strategy).names == ["x"]
        with pytest.warns(UserWarning, match=said):
            fastinfo.mutual_information_matrix(X, strategy=strategy)


@pytest.mark.parametrize("discrete", [False, True])
def test_nothing_but_useless_columns(discrete):
    X, y = np.full((6, 3), 2.0), np.array([0, 1] * 3)
    X[:, 1] = NAN
    for method in METHODS:
        with pytest.warns(UserWarning, match="only 0 are selected|columns to look at") as caught:
            found = select_features(X, y, 3, method=method, discrete=(discrete, True))
        assert len(caught) == 2
        assert (found.names, found.indices.tolist(), found.n_significant) == ([], [], 0)
        assert found.to_text().split() == FIELDS
    with pytest.warns(
        UserWarning, match=r"two values or more, 0: only 0 are|\(information NaN\): x0, x1"
    ):
        found = select_features(np.full((6, 2), NAN), y, 2)
    assert len(found) == 0


def test_columns_without_a_row_together_come_last(rng):
    # x0 and x1 are never there both: with x0 chosen, nothing is known of x1.
    y = np.arange(200) % 2
    X = np.column_stack([y, y, rng.integers(0, 2, 200)]).astype(float)
    X[:100, 0] = X[100:, 1] = NAN
    for method in METHODS[:2] + METHODS[3:]:
        found = select_features(X, y, 3, method=method, discrete=True)
        assert found.indices.tolist() == [0, 2, 1], method
        assert math.isnan(found[2].score)
        by_chance = reference.chance_of_margins([50, 50], [50, 50])
        assert found[2].mi == pytest.approx(math.log(2) - by_chance)
    assert select_features(X, y, 3, method="mim", discrete=True).indices.tolist() == [0, 1, 2]


@each_method
def test_a_column_that_tells_nothing_and_has_no_row_with_the_first_comes_last(method):
    # Whatever it tells of the target, nothing is known of it beside the column that is chosen.
    y = np.arange(80) % 2
    X = np.column_stack([y, np.arange(80) // 2 % 2, np.arange(80) // 4 % 2]).astype(float)
    X[:40, 0] = X[40:, 1] = NAN
    found = select_features(X, y, 3, method=method, discrete=True)
    above = math.log(2) - reference.chance_of_margins([20, 20], [20, 20])
    by_place = sorted(found, key=lambda row: row.position)
    assert [row.mi for row in by_place] == pytest.approx([above, 0, 0], abs=1e-14)
    if method == "mim":
        assert found.indices.tolist() == [0, 1, 2]
    else:
        assert found.indices.tolist() == [0, 2, 1]
        assert math.isnan(found[2].score)


@pytest.mark.slow
@each_method
@pytest.mark.parametrize("levels", [3, 5, 30, 400])
def test_equal_columns_come_in_their_order(levels, method, rng):
    # More copies than are counted in one go: all of them have the same score to the last bit.
    y = rng.integers(0, 3, 700)
    x = np.where(rng.random(700) < 0.7, y, rng.integers(0, levels, 700))
    X = np.column_stack([rng.integers(0, 3, 700), *[x] * 70])
    found = select_features(X, y, 4, method="mim", discrete=True)
    assert found.indices.tolist() == [1, 2, 3, 4]
    assert len({row.score for row in found}) == 1
    found = select_features(X, y, 3, method=method, discrete=True)
    columns = [reference.labelled(x) for x in X.T.tolist()]
    assert_same_order(found, columns, y, method)


@pytest.mark.slow
@each_method
def test_equal_columns_beside_a_column_with_gaps_come_in_their_order(method, rng):
    # Some copies are counted together with a column that is not complete, some are not.
    for levels in [8, 20] * 6:
        y = rng.integers(0, 3, 800)
        x = np.where(rng.random(800) < 0.5, y, rng.integers(0, levels, 800))
        gaps = with_gaps(rng.integers(0, levels, 800), rng)
        X = np.column_stack([gaps, *[x] * 135])
        order = select_features(X, y, 4, method=method, discrete=True).indices.tolist()
        copies = [i for i in order if i]
        assert copies == list(range(1, len(copies) + 1))


@each_method
def test_equal_columns_with_gaps_come_in_their_order(method, rng):
    y = rng.integers(0, 3, 500)
    x = with_gaps(y + rng.normal(size=500), rng)
    z = with_gaps(y + rng.normal(size=500), rng)
    X = np.column_stack([z, x, z, x, z, x])
    found = select_features(X, y, 6, method=method, bins=4)
    order = found.indices.tolist()
    assert [i for i in order if i % 2] == [1, 3, 5]
    assert [i for i in order if i % 2 == 0] == [0, 2, 4]
    assert_selected(found, [reference.binned(x, 4) for x in X.T], y, method)


@pytest.mark.slow
@pytest.mark.parametrize("levels", [2, 3, 4])
def test_columns_of_the_same_groups_come_in_their_order(levels, rng):
    # The names of labels mean nothing: a column and its mirror image have the same score.
    for _ in range(100):
        y, x = rng.integers(0, 3, 12), rng.integers(0, levels, 12)
        if np.ptp(x) and np.ptp(y):
            X = np.column_stack([levels - 1 - x, x])
            assert select_features(X, y, 1, method="mim").indices.tolist() == [0]


@pytest.mark.parametrize("method", ["jmi", "jmim", "cmim"])
def test_where_all_is_told_the_order_is_that_of_the_table(method, rng):
    # With a copy of the target chosen, I(x, s; y) is H(y) less what chance gives, which is more the
    # more levels x has, and I(x; y | s) is 0 for all columns.
    for levels in (2, 3, 5):
        y = rng.integers(0, levels, 300)
        X = np.column_stack([rng.integers(0, 2 + i, 300) for i in range(5)] + [y])
        found = select_features(X, y, 2, method=method)
        assert found.indices.tolist() == [5, 0]
        chance = reference.chance_of_margins(
            reference.sizes(reference.together(X[:, 0], y)), reference.sizes(y)
        )
        assert found[1].score == close(0 if method == "cmim" else reference.entropy(y) - chance)
        assert found.n_significant == 1


def test_a_copy_adds_nothing(numbers):
    X, y = numbers
    best = select_features(X, y, 1, bins=5)[0].position
    X = np.column_stack([X, X[:, best]])
    found = select_features(X, y, 8, method="cmim", bins=5)
    assert found[0].position == best
    assert {row.position: row.score for row in found}[7] == 0
    for method in ("mrmr", "mrmr-quotient"):
        assert select_features(X, y, 8, method=method, bins=5)[1].position != 7


# What adds something by the test


@pytest.mark.filterwarnings("ignore:columns to look at")
@each_method
def test_identifiers_do_not_come_before_what_is_significant(method, rng):
    n = 600
    y = rng.integers(0, 3, n)
    weak = np.where(rng.random(n) < 0.25, y, rng.integers(0, 3, n))
    pairs = np.arange(n) // 2
    words = np.array([f"no {i:04}" for i in rng.permutation(n)])
    table = pd.DataFrame({"id": words, "pair": pairs.astype(str), "weak": weak, "t": y})
    found = select_features(table, "t", 3, method=method)
    assert found.names[0] == "weak"
    assert found.n_significant == 1
    by_name = {row.name: row for row in found}
    assert by_name["id"].mi == pytest.approx(0, abs=1e-12)
    assert_same_order(found, [reference.labelled(table[c]) for c in table.columns[:3]], y, method)


@pytest.mark.filterwarnings("ignore:columns to look at")
@pytest.mark.parametrize("method", ["jmi", "jmim", "cmim", "disr"])
def test_what_is_all_different_in_each_stratum_adds_nothing(method, rng):
    # Whatever the target is, each stratum of `some` has the information of its target: by rounding
    # its variance is not 0, and its p-value must not be of that.
    n = 900
    y = rng.integers(0, 2, n)
    some = np.where(rng.random(n) < 0.5, y, 0) + 2 * rng.integers(0, 60, n)
    table = pd.DataFrame({"some": some, "id": [str(i) for i in range(n)]})
    found = select_features(table, y, 2, method=method, discrete=True)
    assert found.names == ["some", "id"]
    assert found.n_significant == 1


def test_columns_that_add_something_are_counted(rng):
    n = 2000
    a, b, noise, y = rng.integers(0, 2, (4, n))
    y = np.where(rng.random(n) < 0.3, a + 2 * b, 4 * y)
    X = np.column_stack([noise, a, b, a, noise])
    expected = {method: 3 if method == "mim" else 2 for method in METHODS}
    for method, n_significant in expected.items():
        found = select_features(X, y, 5, method=method)
        assert found.n_significant == n_significant, method
        assert set(found.indices[:n_significant].tolist()) <= {1, 2, 3}
        for k in range(1, 5):
            assert found[:k].n_significant == min(k, n_significant)
            assert select_features(X, y, k, method=method).n_significant == min(k, n_significant)
        assert MutualInfoSelector(5, method=method).fit(X, y).selection_.n_significant == (
            n_significant
        )


@pytest.mark.parametrize("method", ["mrmr", "mrmr-quotient", "jmi", "jmim", "cmim", "disr"])
def test_a_duplicate_comes_when_nothing_else_adds(method, rng):
    y = rng.integers(0, 4, 800)
    strong = np.where(rng.random(800) < 0.8, y, rng.integers(0, 4, 800))
    weak = np.where(rng.random(800) < 0.3, y, rng.integers(0, 4, 800))
    X = np.column_stack([strong, 3 - strong, weak])  # a copy by other names
    found = select_features(X, y, 3, method=method)
    assert found.indices.tolist() == [0, 2, 1]
    assert found.n_significant == 2


def test_quotients_of_zero(rng):
    # 0 / 0 is 0, and what tells without redundancy comes first of all.
    a, b, c = np.indices((2, 2, 2)).reshape(3, -1).repeat(30, axis=1)
    found = select_features(np.column_stack([a, c, b]), 2 * a + b, 3, method="mrmr-quotient")
    assert found.indices.tolist() == [0, 2, 1]
    assert found[1].score == INF
    assert found[2].score == 0


@pytest.mark.slow
@pytest.mark.parametrize("values", [20, 200])
def test_whole_numbers_as_targets_mean_the_same_in_any_container(values, numbers, rng):
    X = numbers[0]
    y = np.clip((X[:, 3] * 10 + rng.normal(size=600)).astype(int), -values // 2, values // 2 - 1)
    assert (np.unique(y).size > 32) == (values == 200)
    forms = [y, y.tolist(), pd.Series(y), pd.Series(y, dtype="Int64"), pl.Series(y), pa.array(y)]
    for method in ("mrmr", "jmi"):
        expected = plain(select_features(X, y, 3, method=method))
        for form in forms:
            assert plain(select_features(X, form, 3, method=method)) == expected
        assert plain(select_features(X, y, 3, method=method, discrete=(False, values == 20))) == (
            expected
        )
        for form in forms[:4]:
            selector = MutualInfoSelector(3, method=method).fit(X, form)
            assert plain(selector.selection_) == expected
            selector.fit(pd.DataFrame(X, columns=[f"x{i}" for i in range(7)]), form)
            assert plain(selector.selection_) == expected


def test_labels_by_name(numbers):
    X, y = numbers
    table = pd.DataFrame({"zip": np.arange(600) % 60 + 10 * y, "size": X[:, 3]})
    plain_one = select_features(table, y, 2)
    by_name = select_features(table, y, 2, discrete={"zip": True})
    columns = [reference.labelled(table["zip"]), reference.binned(X[:, 3])]
    assert_selected(by_name, columns, y, "mrmr")
    assert plain(by_name) != plain(plain_one)
    selector = MutualInfoSelector(2, discrete={"zip": True}).fit(table, y)
    assert plain(selector.selection_) == plain(by_name)
    with pytest.raises(ValueError, match="zipcode"):
        select_features(table, y, 2, discrete={"zipcode": True})


def test_a_target_of_labels_that_are_nearly_all_different(numbers):
    X, _ = numbers
    names = [f"name {i}" for i in range(600)]
    with pytest.warns(UserWarning, match="600 different labels among 600 rows") as caught:
        found = select_features(X, names, 2)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert found.n_significant == 0


# Containers and layouts


def layouts(X):
    wide = np.full((2 * len(X), 2 * X.shape[1]), NAN)
    wide[::2, 1::2] = X
    backwards = np.ascontiguousarray(X[::-1, ::-1])
    read_only = X.copy()
    read_only.flags.writeable = False
    return {
        "C": np.ascontiguousarray(X),
        "F": np.asfortranarray(X),
        "strided": wide[::2, 1::2],
        "reversed": backwards[::-1, ::-1],
        "read-only": read_only,
        "swapped": X.astype(X.dtype.newbyteorder()),
        "list": X.tolist(),
    }


@pytest.mark.slow
@each_method
def test_layouts(method, numbers, rng):
    X, y = with_gaps(numbers[0], rng), numbers[1]
    expected = select_features(X, y, 5, method=method)
    for name, other in layouts(X).items():
        assert plain(select_features(other, y, 5, method=method)) == plain(expected), name
    strided = np.repeat(y, 2)[::2]
    assert plain(select_features(X, strided, 5, method=method)) == plain(expected)
    assert plain(select_features(X, y.tolist(), 5, method=method)) == plain(expected)


@pytest.mark.slow
def test_layouts_of_whole_numbers(rng):
    X, y = rng.integers(0, 5, (300, 70)), rng.integers(0, 3, 300)
    X[:, 66] = y + X[:, 66] // 3
    expected = plain(select_features(X, y, 5, method="jmi"))
    assert expected[0][0] == "x66"
    for dtype in (np.uint8, np.int8, np.uint16, np.int32, np.uint64, ">i4"):
        for order in "CF":
            found = select_features(X.astype(dtype, order=order), y, 5, method="jmi")
            assert plain(found) == expected
    found = select_features(X.astype(np.uint8)[::-1, ::-1][::-1, ::-1], y, 5, method="jmi")
    assert plain(found) == expected


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble, ">f8"])
def test_other_floats(dtype, numbers):
    X, y = numbers
    X = X.astype(dtype)
    columns = [reference.binned(x, np.linspace(x.min(), x.max(), 6)) for x in X.T]
    for method in METHODS:
        found = select_features(X, y, 5, method=method, bins=5, strategy="uniform")
        assert_same_order(found, columns, y, method)
    columns = [reference.binned(x, 5) for x in X.T]
    for method in METHODS:
        found = select_features(X, y, 5, method=method, bins=5)
        assert_same_order(found, columns, y, method)


@each_method
def test_inputs_are_not_modified(method, numbers, rng):
    X, y = with_gaps(numbers[0], rng), with_gaps(numbers[1], rng)
    edges = np.linspace(-2, 3, 6)
    kept = [a.copy() for a in (X, y, edges)]
    for options in ({}, {"bins": edges}, {"missing": "category"}, {"strategy": "quantile"}):
        select_features(X, y, 4, method=method, discrete=(False, True), **options)
    for a, before in zip((X, y, edges), kept, strict=True):
        np.testing.assert_array_equal(a, before, strict=True)
    frame = pd.DataFrame(X, columns=list("abcdefg")).assign(t=y)
    before = frame.copy()
    select_features(frame, "t", 3, method=method)
    pd.testing.assert_frame_equal(frame, before)


def table_of(library, data):
    if library == "pandas":
        return pd.DataFrame(data)
    return pl.DataFrame(data, nan_to_null=True) if library == "polars" else pa.table(data)


@pytest.fixture
def mixed(rng):
    """Columns of all kinds, of some the codes."""
    n = 400
    t = rng.integers(0, 3, n)
    data = {
        "number": t + rng.normal(size=n),
        "gaps": with_gaps(t + 2 * rng.normal(size=n), rng),
        "word": np.array(["lo", "mid", "hi", "other"], object)[(t + (rng.random(n) < 0.4)) % 4],
        "few": rng.integers(0, 32, n),
        "many": rng.integers(0, 200, n) + 50 * t,
        "flag": rng.random(n) < 0.5,
        "t": t,
    }
    columns = [
        reference.binned(data["number"]),
        reference.binned(data["gaps"]),
        reference.labelled(data["word"]),
        data["few"],
        reference.binned(data["many"]),
        data["flag"].astype(int),
    ]
    return data, columns


@pytest.mark.slow
@each_method
@pytest.mark.parametrize("library", ["pandas", "polars", "arrow"])
def test_tables(library, method, mixed):
    data, columns = mixed
    table = table_of(library, data)
    found = select_features(table, "t", 6, method=method)
    assert_same_order(found, columns, data["t"], method)
    assert found.names == [list(data)[i] for i in found.indices]
    assert found.target == "t"
    features = table.drop(columns="t") if library == "pandas" else table.drop(["t"])
    for target in (data["t"], table["t"]):
        apart = select_features(features, target, 6, method=method)
        assert plain(apart) == plain(found)
    series = table["t"]
    named = select_features(features, series, 2)
    assert named.target == (None if library == "arrow" else "t")
    assert select_features(features, data["t"], 2).target is None


def test_the_target_may_stand_anywhere(mixed):
    data = mixed[0]
    names = ["number", "t", "word", "gaps"]
    found = select_features(pd.DataFrame(data)[names], "t", 3)
    # Places are those of the features.
    assert [(row.name, row.position) for row in sorted(found, key=lambda row: row.position)] == [
        ("number", 0),
        ("word", 1),
        ("gaps", 2),
    ]


def test_columns_of_tables_without_rows_or_features():
    with pytest.raises(ValueError, match="at least one column beside the target"):
        select_features(pd.DataFrame({"t": [0, 1]}), "t", 1)
    with pytest.raises(ValueError, match="at least one row"):
        select_features(pd.DataFrame({"a": [], "t": []}), "t", 1)
    with pytest.raises(ValueError, match=r"y must be a column of X, one of .*'a', 't'.*'u'"):
        select_features(pd.DataFrame({"a": [0, 1], "t": [0, 1]}), "u", 1)
    with pytest.raises(ValueError, match="y can name a column of a table only"):
        select_features(np.zeros((2, 2)), "t", 1)


# Threads


def wide_samples(rng, n=30_000):
    y = rng.integers(0, 4, n)
    X = y[:, None] * rng.random(12) + rng.normal(size=(n, 12))
    X[rng.random(X.shape) < 0.01] = NAN
    X[:, 5] = rng.integers(0, 600, n) + y
    return X, y


@functools.cache
def selected_by_one_thread(method):
    with num_threads(1):
        X, y = wide_samples(np.random.default_rng(5))
        return [
            plain(select_features(X, y, 6, method=method)),
            plain(select_features(X // 1, y, 6, method=method, discrete=True)),
        ]


@pytest.mark.slow
@each_method
def test_any_number_of_threads_gives_the_same_bits(method, threads):
    X, y = wide_samples(np.random.default_rng(5))
    expected = selected_by_one_thread(method)
    assert plain(select_features(X, y, 6, method=method)) == expected[0]
    assert plain(select_features(X // 1, y, 6, method=method, discrete=True)) == expected[1]


@pytest.mark.slow
def test_from_several_threads_at_once(numbers):
    expected = {method: plain(select_features(*numbers, 5, method=method)) for method in METHODS}
    start = threading.Barrier(4)

    def run(i):
        start.wait()
        methods = METHODS[i:] + METHODS[:i]
        return {method: plain(select_features(*numbers, 5, method=method)) for method in methods}

    with ThreadPoolExecutor(4) as pool:
        assert all(found == expected for found in pool.map(run, range(4)))


# Progress


@pytest.mark.slow
@each_method
def test_progress_counts_the_selected(method, threads, numbers):
    seen = []
    found = select_features(
        *numbers, 4, method=method, progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert plain(found) == plain(select_features(*numbers, 4, method=method))


def test_progress_can_stop_it(numbers):
    seen = []

    def stop(done, total):
        seen.append(done)
        if done == 2:
            raise StopError

    with pytest.raises(StopError):
        select_features(*numbers, 5, progress=stop)
    assert seen == [1, 2]
    assert len(select_features(*numbers, 5)) == 5


def test_progress_shows_nothing_where_there_is_no_terminal(numbers, capfd):
    expected = plain(select_features(*numbers, 3))
    assert plain(select_features(*numbers, 3, progress=True)) == expected
    assert capfd.readouterr().out == ""


# Selection


@pytest.fixture
def selection():
    rows = [
        SelectedFeature("b", 4, 0.5, 0.5),
        SelectedFeature("a <i>", 0, -0.25, 0.125),
        SelectedFeature("c\nd", 2, INF, 0.0),
        SelectedFeature("none", 1, NAN, NAN),
    ]
    return Selection(rows, method="jmi", target="goal", base=2)


def test_a_selection_is_a_sequence(selection):
    assert len(selection) == 4
    assert selection.names == ["b", "a <i>", "c\nd", "none"]
    assert selection.indices.tolist() == [4, 0, 2, 1]
    assert selection.indices.dtype == np.int64
    assert [row.name for row in selection] == selection.names
    assert selection[0] == ("b", 4, 0.5, 0.5)
    assert selection[-1].name == "none"
    assert selection[1] in selection
    assert next(reversed(selection)).name == "none"
    with pytest.raises(IndexError):
        selection[4]


def test_a_slice_is_a_selection(selection):
    for part, names in ((selection[:2], ["b", "a <i>"]), (selection[::-2], ["none", "a <i>"])):
        assert isinstance(part, Selection)
        assert part.names == names
        assert (part.method, part.target, part.base) == ("jmi", "goal", 2)
    empty = selection[:0]
    assert empty.names == []
    assert empty.indices.dtype == np.int64
    assert empty.to_dict() == {field: [] for field in FIELDS}


def test_defaults_of_a_selection():
    empty = Selection([])
    assert (len(empty), empty.method, empty.target, empty.base) == (0, "mrmr", None, None)


def test_to_dict(selection):
    data = selection.to_dict()
    assert list(data) == FIELDS
    assert data["position"] == [4, 0, 2, 1]
    assert data["score"][:3] == [0.5, -0.25, INF]
    assert math.isnan(data["mi"][3])


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_to_tables(library, selection):
    frame = getattr(selection, f"to_{library}")()
    assert isinstance(frame, pd.DataFrame if library == "pandas" else pl.DataFrame)
    assert list(frame.columns) == FIELDS
    assert frame.shape == (4, 4)
    for field in FIELDS:
        np.testing.assert_array_equal(list(frame[field]), selection.to_dict()[field])
    assert getattr(selection[:0], f"to_{library}")().shape == (0, 4)


def test_repr_is_a_table(selection):
    *lines, summary = repr(selection).splitlines()
    assert lines[0].split() == FIELDS
    assert lines[1].split() == ["b", "4", "0.500000", "0.500000"]
    assert lines[2].split() == ["a", "<i>", "0", "-0.250000", "0.125000"]
    assert lines[3].split()[-2:] == ["inf", "0.000000"]
    assert lines[4].split() == ["none", "1", "nan", "nan"]
    assert len(lines) == 5  # a name with a line break stays on its line
    assert len({len(line) for line in lines}) == 1
    assert str(selection) == repr(selection)
    assert selection.to_text().splitlines() == lines
    assert "significant when chosen" in summary


def test_printing(selection, capsys):
    print(selection)
    assert capsys.readouterr().out == repr(selection) + "\n"


def test_the_table_of_a_notebook_escapes_names(selection):
    table = selection._repr_html_()
    assert "<i>" not in table
    assert "a &lt;i&gt;" in table
    assert table.count("<tr>") == 5
    assert table.startswith("<table>")
    assert "".join(f"<th>{field}</th>" for field in FIELDS) in table


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling(protocol, numbers):
    found = select_features(*numbers, 4, method="disr", base=2)
    same = pickle.loads(pickle.dumps(found, protocol))
    assert type(same) is Selection
    assert same.rows == found.rows
    assert (same.method, same.target, same.base) == ("disr", None, 2)
    assert repr(same) == repr(found)


def test_rows_are_plain_values(numbers):
    for method in METHODS:
        for row in select_features(*numbers, 4, method=method):
            assert isinstance(row, SelectedFeature)
            assert [type(v) for v in row] == [str, int, float, float]
    assert SelectedFeature._fields == tuple(FIELDS)


def test_what_a_selection_knows(numbers):
    found = select_features(*numbers, 2, method="cmim", base=10)
    assert (found.method, found.target, found.base) == ("cmim", None, 10)
    y = pd.Series(numbers[1], name="goal")
    assert select_features(numbers[0], y, 2).target == "goal"


# Bad input


X4 = np.array(
    [[0.0, 1.0, 2.0, 3.0], [1.0, 0.0, 5.0, 2.0], [2.0, 2.0, 2.5, 1.0], [3.0, 1.0, 2.2, 0.0]]
)
Y4 = [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("k", "error", "message"),
    [
        (0, ValueError, "k must be an integer of at least 1, got 0"),
        (-3, ValueError, "k must be an integer of at least 1, got -3"),
        (5, ValueError, "k must be at most the number of columns, 4, got 5"),
        (2.5, TypeError, "k must be an integer of at least 1, got 2.5"),
        (2.0, TypeError, "k must be an integer"),
        (True, TypeError, "k must be an integer of at least 1, got True"),
        (np.True_, TypeError, "k must be an integer"),
        ("2", TypeError, "k must be an integer of at least 1, got '2'"),
        (None, TypeError, "k must be an integer"),
        ([1], TypeError, "k must be an integer"),
    ],
)
def test_bad_numbers_of_columns(k, error, message):
    with pytest.raises(error, match=message):
        select_features(X4, Y4, k)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"method": "lasso"}, ValueError, "method must be one of"),
        ({"method": None}, ValueError, "method must be one of"),
        ({"method": "MRMR"}, ValueError, "method must be one of"),
        ({"method": ["mim"]}, (TypeError, ValueError), "method"),
        ({"strategy": "equal"}, ValueError, "strategy must be one of 'uniform', 'quantile'"),
        ({"nan_policy": "drop"}, ValueError, "nan_policy must be one of"),
        ({"missing": "level"}, ValueError, "missing must be one of"),
        ({"discrete": "yes"}, ValueError, "discrete must be"),
        ({"bins": 0}, ValueError, "bins"),
        ({"bins": "many"}, ValueError, "bins"),
        ({"bins": [3.0, 1.0]}, ValueError, "bins"),
        ({"base": 0}, ValueError, "base"),
        ({"base": 1}, ValueError, "base"),
    ],
)
def test_bad_options(options, error, message):
    with pytest.raises(error, match=message):
        select_features(X4, Y4, 2, **options)


def test_the_known_methods_are_listed():
    with pytest.raises(ValueError, match="method") as caught:
        select_features(X4, Y4, 2, method="mutual")
    for method in METHODS:
        assert repr(method) in str(caught.value)
    assert "'mutual'" in str(caught.value)


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        (X4[0], Y4, ValueError, r"X must be two-dimensional \(rows, columns\), got shape \(4,\)"),
        (X4[None], Y4, ValueError, "X must be two-dimensional"),
        (X4, [0, 1], ValueError, "X and y must have the same length"),
        (X4, [Y4], ValueError, "y must be one-dimensional"),
        (X4 + 1j, Y4, TypeError, "X must hold real numbers or labels, got dtype complex128"),
        (X4, np.array(Y4) * 1j, TypeError, "y must"),
        (X4, [1, 1, 1, 1], ValueError, "must have at least two values, got one"),
        (X4, [2.5, NAN, NAN, NAN], ValueError, "must have at least two values, got one"),
        (X4, [NAN] * 4, ValueError, "only missing ones"),
        (X4, [None] * 4, ValueError, "only missing ones"),
        (np.zeros((0, 4)), [], ValueError, "at least one row"),
        (np.zeros((4, 0)), Y4, ValueError, "at least one column"),
        (np.array([["a"] * 2] * 3), [0, 1, 1.5], ValueError, "k must be at most"),
        (3, Y4, TypeError, "X must be an array, a pandas, Polars"),
        (pl.LazyFrame({"a": [0, 1, 2]}), Y4, ValueError, "X and y must have the same length"),
        (pd.DataFrame({"a": [0, 1]}), Y4, ValueError, "X and y must have the same length"),
    ],
)
def test_bad_arrays(X, y, error, message):
    with pytest.raises(error, match=message):
        select_features(X, y, 3)


def test_labels_cannot_be_binned():
    with pytest.raises(TypeError, match="must be real numbers to be binned"):
        select_features(np.array([["a", "b"], ["b", "c"]]), [0, 1], 1, discrete=False)
    with pytest.raises(TypeError, match="'a' must be real numbers to be binned"):
        select_features(pd.DataFrame({"a": ["u", "v"]}), [0, 1], 1, discrete=False)


def test_infinite_numbers_may_be_outside_of_edges(numbers):
    X, y = numbers
    X[4, 2] = INF
    X[7, 1] = -INF
    edges = np.linspace(-3, 5, 7)
    for method in METHODS:
        found = select_features(X, y, 7, method=method, bins=edges)
        assert_same_order(found, [reference.binned(x, edges) for x in X.T], y, method)


def test_all_options_are_keywords():
    parameters = list(inspect.signature(select_features).parameters.values())
    assert [p.name for p in parameters[:3]] == ["X", "y", "k"]
    assert {p.kind for p in parameters[3:]} == {inspect.Parameter.KEYWORD_ONLY}


# Kernels


@njit
def measure_in_a_users_function(counts, x, y, n_y, scratch):
    found = np.full((3, x.shape[0]), -7.0)
    triples.conditional_informations(counts, x, y, n_y, scratch, found[0])
    triples.joint_informations(counts, x, y, n_y, scratch, found[1])
    triples.joint_entropies(counts, x, y, n_y, scratch, found[2])
    return found


def indicators(codes, n_levels):
    return (codes == np.arange(n_levels)[:, None]).astype(np.int64)


def counted(columns, levels, pairs, n_pairs, stored):
    """Counts of columns against pairs of others, of `stored` the last level or not."""
    rows, x, first = [], [], 0
    for codes, n in zip(columns, levels, strict=True):
        kept = n if stored else n - 1
        rows.append(indicators(codes, kept))
        x.append([first, kept, n])
        first += kept
    kept = n_pairs if stored else n_pairs - 1
    ones = np.ones((1, pairs.size), np.int64)
    left = np.concatenate([*rows, ones])
    right = np.concatenate([indicators(pairs, kept), ones])
    scratch = np.full((3, max(levels) * n_pairs), NAN)
    return fixed(left @ right.T), fixed(x), fixed([[0, kept, n_pairs]]), scratch


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.* what chance alone gives")
@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize(("n_w", "n_y"), [(1, 2), (2, 1), (3, 4), (5, 2), (20, 11)])
def test_measures_of_three(n_w, n_y, stored, rng):
    n, levels = 500, [2, 1, 6, 30]
    y, w = rng.integers(0, n_y, n), rng.integers(0, n_w, n)
    columns = [rng.integers(0, k, n) for k in levels]
    columns[2] = (y + columns[2] * w) % 6
    counts, rows, pairs, scratch = counted(columns, levels, w * n_y + y, n_w * n_y, stored)
    found = measure_in_a_users_function(counts, rows, pairs, n_y, scratch)
    for i, x in enumerate(columns):
        conditional = conditional_mutual_information(x, y, w, discrete=True)
        assert found[0, i] == pytest.approx(conditional, rel=1e-12, abs=1e-14)
        h = reference.entropy
        identity = h(x, w) + h(y, w) - h(x, y, w) - h(w)
        assert found[0, i] == pytest.approx(identity, rel=1e-10, abs=1e-13)
        together = mutual_information(reference.together(x, w), y, discrete=True)
        assert found[1, i] == pytest.approx(together, rel=1e-12, abs=1e-14)
        assert found[2, i] == pytest.approx(h(x, w, y), rel=1e-12)
        # The chain rule: I(x, w; y) = I(w; y) + I(x; y | w)
        chain = mutual_information(w, y, discrete=True) + found[0, i]
        assert found[1, i] == pytest.approx(chain, rel=1e-12, abs=1e-14)
    assert (found >= 0).all()


def test_measures_of_three_leave_out_what_is_missing(rng):
    n, levels, n_w, n_y = 400, [3, 2, 8, 4], 4, 3
    y, w = rng.integers(0, n_y, n), rng.integers(0, n_w, n)
    w[w == 2] = 1  # a level that does not occur
    columns = [rng.integers(0, k, n) for k in levels]
    columns[0][columns[0] == 1] = 2
    columns[2] = (columns[2] + y) % 8
    for codes in (*columns, y, w):
        codes[rng.random(n) < 0.1] = -1
    columns[3][:] = -1  # never there
    pairs = np.where((w >= 0) & (y >= 0), w * n_y + y, -1)
    counts, x, others, scratch = counted(columns, levels, pairs, n_w * n_y, True)
    found = measure_in_a_users_function(counts, x, others, n_y, scratch)
    for i, codes in enumerate(columns[:3]):
        expected = [
            reference.conditional_information(codes, y, w),
            reference.joint_information(codes, w, y),
            reference.entropy(*reference.complete(codes, w, y)),
        ]
        np.testing.assert_allclose(found[:, i], expected, rtol=1e-10, atol=1e-13)
    assert np.isnan(found[:, 3]).all()


def test_independent_samples_have_no_information_of_three():
    # All combinations equally often: exactly 0.
    x, w, y = np.indices((3, 2, 5)).reshape(3, -1).repeat(7, axis=1)
    counts, rows, pairs, scratch = counted([x], [3], w * 5 + y, 10, True)
    found = measure_in_a_users_function(counts, rows, pairs, 5, scratch)
    assert found[0, 0] == found[1, 0] == 0
    assert found[2, 0] == pytest.approx(math.log(30), rel=1e-15)


def test_xor_of_three():
    x, w = np.indices((2, 2)).reshape(2, -1).repeat(9, axis=1)
    counts, rows, pairs, scratch = counted([x], [2], w * 2 + (x ^ w), 4, False)
    found = measure_in_a_users_function(counts, rows, pairs, 2, scratch)
    assert found[:, 0] == pytest.approx([math.log(2), math.log(2), math.log(4)], rel=1e-15)


# The transformer


@pytest.mark.slow
@parametrize_with_checks([MutualInfoSelector(k=2), MutualInfoSelector(k=1, method="jmi", bins=4)])
@pytest.mark.filterwarnings("ignore:k=.* is more than the number of columns:UserWarning")
@pytest.mark.filterwarnings("ignore:all values are the same:UserWarning")
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


@each_method
def test_the_transformer_selects_the_same(method, numbers, rng):
    X, y = with_gaps(numbers[0], rng), numbers[1]
    expected = select_features(X, y, 3, method=method, bins=5)
    selector = MutualInfoSelector(3, method=method, bins=5)
    assert selector.fit(X, y) is selector
    assert isinstance(selector.selection_, Selection)
    assert plain(selector.selection_) == plain(expected)
    assert selector.n_features_in_ == 7
    assert not hasattr(selector, "feature_names_in_")
    support = selector.get_support()
    assert np.flatnonzero(support).tolist() == sorted(expected.indices)
    assert selector.get_support(indices=True).tolist() == sorted(expected.indices)
    assert selector.scores_.shape == (7,)
    assert selector.scores_.dtype == np.float64
    assert np.isnan(selector.scores_[~support]).all()
    assert selector.scores_[expected.indices].tolist() == [row.score for row in expected]
    found = selector.transform(X)  # columns in the order of the table
    np.testing.assert_array_equal(found, X[:, support], strict=True)
    np.testing.assert_array_equal(clone(selector).fit_transform(X, y), found, strict=True)


def test_parameters_of_the_transformer(numbers, rng):
    X, y = with_gaps(numbers[0], rng), numbers[1]
    for options in (
        {"bins": 4, "strategy": "quantile"},
        {"bins": np.linspace(-2, 3, 6)},
        {"bins": 4, "missing": "category"},
        {"method": "disr", "bins": "sturges"},
    ):
        found = MutualInfoSelector(4, **options).fit(X, y).selection_
        assert plain(found) == plain(select_features(X, y, 4, **options))
        assert found.method == options.get("method", "mrmr")
    Z = numbers[0].round()
    found = MutualInfoSelector(4, discrete=True).fit(Z, y).selection_
    assert plain(found) == plain(select_features(Z, y, 4, discrete=True))
    assert MutualInfoSelector().get_params() == {
        "k": 10,
        "method": "mrmr",
        "bins": "mi",
        "strategy": None,
        "discrete": "auto",
        "missing": None,
    }


def test_numbers_as_the_target_of_the_transformer(numbers):
    X, y = numbers
    target = X[:, 2] + 0.1 * y
    assert MutualInfoSelector(1).fit(X, target).get_support(indices=True).tolist() == [2]


def test_an_unfitted_transformer(numbers):
    for use in ("transform", "inverse_transform"):
        with pytest.raises(NotFittedError):
            getattr(MutualInfoSelector(2), use)(numbers[0])
    with pytest.raises(NotFittedError):
        MutualInfoSelector(2).get_support()
    with pytest.raises(NotFittedError):
        MutualInfoSelector(2).get_feature_names_out()


def test_the_transformer_needs_a_target(numbers):
    with pytest.raises((TypeError, ValueError), match="y"):
        MutualInfoSelector(2).fit(numbers[0])
    with pytest.raises(ValueError, match="y"):
        MutualInfoSelector(2).fit(numbers[0], None)


def test_cloning_and_pickling_the_transformer(numbers):
    X, y = numbers
    selector = MutualInfoSelector(3, method="cmim", bins=6, strategy="quantile", missing="category")
    fresh = clone(selector.fit(X, y))
    assert fresh.get_params() == selector.get_params()
    assert not hasattr(fresh, "selection_")
    same = pickle.loads(pickle.dumps(selector))
    assert plain(same.selection_) == plain(selector.selection_)
    np.testing.assert_array_equal(same.transform(X), selector.transform(X))


def test_fitting_again_forgets_what_was_found(numbers):
    X, y = numbers
    selector = MutualInfoSelector(2).fit(X, y)
    assert selector.fit(X[:, :4], y).n_features_in_ == 4
    assert plain(selector.selection_) == plain(select_features(X[:, :4], y, 2))
    assert selector.scores_.shape == (4,)


def test_inverse_transform(numbers):
    X, y = numbers
    selector = MutualInfoSelector(3).fit(X, y)
    back = selector.inverse_transform(selector.transform(X))
    np.testing.assert_array_equal(back, np.where(selector.get_support(), X, 0))


def test_fewer_columns_than_are_wanted(numbers):
    X, y = numbers
    message = "k=10 is more than the number of columns, 7: all are selected"
    with pytest.warns(UserWarning, match=message) as caught:
        selector = MutualInfoSelector().fit(X, y)
    assert len(caught) == 1
    assert selector.get_support().all()
    assert plain(selector.selection_) == plain(select_features(X, y, 7))


@pytest.mark.parametrize(
    ("k", "error"),
    [(0, ValueError), (-1, ValueError), (2.5, TypeError), (7.5, TypeError), (True, TypeError)],
)
def test_bad_numbers_of_columns_of_the_transformer(k, error, numbers):
    with pytest.raises(error, match="k must be an integer"):
        MutualInfoSelector(k).fit(*numbers)


def test_bad_samples_of_the_transformer(numbers):
    X, y = numbers
    with pytest.raises(ValueError, match="method must be one of"):
        MutualInfoSelector(2, method="best").fit(X, y)
    with pytest.raises(ValueError, match="at least two values"):
        MutualInfoSelector(2).fit(X, np.zeros(len(X), int))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        MutualInfoSelector(2).fit(X, y[:-1])
    X[3, 2] = INF
    with pytest.raises(ValueError, match="infinity"):
        MutualInfoSelector(2).fit(X, y)
    X[3, 2] = NAN
    selector = MutualInfoSelector(2).fit(X, y)
    with pytest.raises(ValueError, match="6 features, but MutualInfoSelector is expecting 7"):
        selector.transform(X[:, 1:])


def test_names_of_columns(numbers):
    X, y = numbers
    selector = MutualInfoSelector(2).fit(X, y)
    expected = [f"x{i}" for i in selector.get_support(indices=True)]
    assert selector.get_feature_names_out().tolist() == expected
    given = selector.get_feature_names_out(list("abcdefg"))
    assert given.tolist() == ["abcdefg"[i] for i in selector.get_support(indices=True)]
    frame = pd.DataFrame(X, columns=list("tuvwxyz"))
    selector.fit(frame, y)
    assert selector.feature_names_in_.tolist() == list("tuvwxyz")
    expected = ["tuvwxyz"[i] for i in selector.get_support(indices=True)]
    assert selector.get_feature_names_out().tolist() == expected
    with pytest.raises(ValueError, match="feature names"):
        selector.transform(frame[frame.columns[::-1]])


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_tables_out_of_the_transformer(library, numbers):
    X, y = numbers
    frame = pd.DataFrame(X, columns=list("abcdefg"), index=range(100, 700))
    selector = MutualInfoSelector(3).set_output(transform=library)
    found = selector.fit_transform(frame, y)
    names = selector.get_feature_names_out().tolist()
    assert isinstance(found, pd.DataFrame if library == "pandas" else pl.DataFrame)
    assert list(found.columns) == names
    np.testing.assert_array_equal(found.to_numpy(), frame[names].to_numpy())
    if library == "pandas":
        assert found.index.equals(frame.index)


@pytest.mark.parametrize("kind", ["floats", "whole numbers", "both", "all"])
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_table_is_selected_from_as_by_the_function(library, kind, mixed):
    # With a column of words or without, the others are coded alike, by the rule of tables.
    data, _ = mixed
    names = {
        "floats": ["number", "gaps"],
        "whole numbers": ["few", "many"],
        "both": ["number", "gaps", "few", "many"],
        "all": ["number", "gaps", "word", "few", "many"],
    }[kind]
    table = table_of(library, {name: data[name] for name in names})
    for method in ("mrmr", "jmi"):
        selector = MutualInfoSelector(len(names), method=method).fit(table, data["t"])
        expected = select_features(table, data["t"], len(names), method=method)
        assert selector.selection_.names == expected.names
        assert plain(selector.selection_) == plain(expected)


def test_words_and_numbers_in_the_transformer(mixed):
    data, _ = mixed
    frame = pd.DataFrame(data).drop(columns="t")
    words = np.array(["u", "v", "w"])[data["t"]]
    selector = MutualInfoSelector(3, method="jmi").fit(frame, words)
    expected = select_features(frame, words, 3, method="jmi")
    assert plain(selector.selection_) == plain(expected)
    assert {"word", "many"} < set(selector.selection_.names)
    out = selector.set_output(transform="pandas").transform(frame)
    assert list(out.columns) == [name for name in frame if name in expected.names]
    pd.testing.assert_frame_equal(out, frame[list(out.columns)], check_dtype=False)


@pytest.mark.parametrize(
    "kinds",
    ["words numbers", "category numbers", "category flags", "category gaps", "dates numbers"],
)
def test_any_table_that_the_function_takes(kinds, rng):
    t = rng.integers(0, 3, 200)
    words = np.array(["lo", "mid", "hi"], object)[(t + (rng.random(200) < 0.4)) % 3]
    columns = {
        "words": words,
        "numbers": t + rng.normal(size=200),
        "category": pd.Categorical(words),
        "flags": rng.random(200) < 0.5,
        "gaps": pd.array(np.where(rng.random(200) < 0.1, None, t), "Int64"),
        "dates": pd.Timestamp("2013-01-01") + pd.to_timedelta(t, "D"),
    }
    frame = pd.DataFrame({kind: columns[kind] for kind in kinds.split()})
    expected = select_features(frame, t, 2, method="jmi")
    selector = MutualInfoSelector(2, method="jmi").fit(frame, t)
    assert plain(selector.selection_) == plain(expected)
    pd.testing.assert_frame_equal(selector.set_output(transform="pandas").transform(frame), frame)


def test_in_a_pipeline():
    X, _, y = samples("wine", "5")
    selector = MutualInfoSelector(4, method="jmi", bins=5)
    pipeline = make_pipeline(StandardScaler(), selector, GaussianNB()).fit(X, y)
    assert pipeline.score(X, y) > 0.9
    assert pipeline[-1].theta_.shape == (3, 4)
    # Bins of equal width do not mind the scale.
    chosen = select_features(X, y, 4, method="jmi", bins=5)
    assert set(pipeline[1].selection_.names) == set(chosen.names)
    names = [f"x{i}" for i in sorted(chosen.indices)]
    assert pipeline[:-1].get_feature_names_out().tolist() == names


def test_in_a_grid_search():
    X, _, y = samples("wine", "5")
    pipeline = make_pipeline(StandardScaler(), MutualInfoSelector(bins=5), GaussianNB())
    grid = {
        "mutualinfoselector__k": [1, 5],
        "mutualinfoselector__method": ["mim", "jmi"],
    }
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, y)
    assert search.best_params_["mutualinfoselector__k"] == 5
    assert len(search.cv_results_["params"]) == 4
    assert search.best_score_ > 0.9
    best = search.best_estimator_[1]
    assert len(best.selection_) == 5
    assert best.selection_.method == search.best_params_["mutualinfoselector__method"]


def test_in_a_column_transformer(numbers):
    X, y = numbers
    frame = pd.DataFrame(X, columns=list("abcdefg"))
    transformer = ColumnTransformer(
        [
            ("some", MutualInfoSelector(1), ["a", "b", "c"]),
            ("others", MutualInfoSelector(2, method="mim"), ["d", "e", "f", "g"]),
        ]
    )
    found = transformer.fit_transform(frame, y)
    assert transformer.get_feature_names_out().tolist() == ["some__b", "others__d", "others__e"]
    np.testing.assert_array_equal(found, frame[["b", "d", "e"]].to_numpy())


@pytest.mark.slow
def test_without_scikit_learn():
    program = """
import sys
import fastinfo
import fastinfo.selection
print(fastinfo.selection.select_features([[0, 1], [1, 1], [1, 0]], [0, 1, 1], 1).names)
print("sklearn" in sys.modules)
sys.modules["sklearn"] = None
try:
    fastinfo.selection.MutualInfoSelector
except ImportError as error:
    print(error)
try:
    from fastinfo.selection import MutualInfoSelector
except ImportError as error:
    print("again")
"""
    lines = printed("-c", program)
    assert lines[:2] == ["['x0']", "False"]
    assert "scikit-learn" in lines[2]
    assert "fastinfo[sklearn]" in lines[2]
    assert lines[3] == "again"


def test_names_of_the_module():
    assert fastinfo.selection.MutualInfoSelector is MutualInfoSelector
    assert fastinfo.selection.select_features is select_features
    with pytest.raises(AttributeError, match="has no attribute 'MutualInfo'"):
        fastinfo.selection.MutualInfo  # noqa: B018
