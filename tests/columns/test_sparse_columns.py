"""Sparse columns: the answers are those of the same columns with all their samples, to the bit."""

from __future__ import annotations

import tracemalloc
import warnings
from typing import Any

import numpy as np
import pytest
from helpers import compiled, quiet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fastinfo
from fastinfo import mutual_information_matrix, rank_features, select_features
from fastinfo._bins.options import Binning
from fastinfo._column_readers.sparse_columns import SparseColumn, SparseColumns
from fastinfo._columns.sparse.edges import bin_column
from fastinfo._columns.sparse.sparse_codes import SparseCodes
from fastinfo._core.checks import read_only
from fastinfo.selection.criteria import METHODS

pytestmark = compiled

sparse = pytest.importorskip("scipy.sparse")
pd = pytest.importorskip("pandas")


@pytest.fixture(autouse=True)
def measured_together(monkeypatch):
    """Few columns are measured together, too."""
    monkeypatch.setattr("fastinfo._columns.sparse.measuring._FEWEST", 1)


FORMATS = {
    "csr": sparse.csr_array,
    "csc": sparse.csc_array,
    "coo": sparse.coo_array,
    "lil": sparse.lil_array,
    "dok": sparse.dok_array,
    "csr matrix": sparse.csr_matrix,
    "csc matrix": sparse.csc_matrix,
    "coo matrix": sparse.coo_matrix,
}
KINDS = ["counts", "int8", "bool", "many", "rounded", "floats", "float32", "gaps", "infinite"]


def matrix_of(kind: str, n: int, f: int, rng: np.random.Generator) -> np.ndarray:
    """Columns of which most samples are 0."""
    counts = rng.poisson(0.4, (n, f)) * (rng.random((n, f)) < 0.6)
    normal = rng.normal(size=(n, f))
    ways = {
        "counts": lambda: counts,
        "int8": lambda: (counts * rng.integers(-3, 4, (n, f))).astype(np.int8),
        "bool": lambda: counts > 0,
        "many": lambda: counts * rng.integers(-40, 90, (n, f)),
        "rounded": lambda: counts * normal.round(1),
        "floats": lambda: counts * normal,
        "float32": lambda: (counts * normal).astype(np.float32),
        "gaps": lambda: np.where(rng.random((n, f)) < 0.1, np.nan, counts * 1.0),
        "infinite": lambda: np.where(rng.random((n, f)) < 0.05, np.inf, counts * normal),
    }
    return ways[kind]()


def said(function: Any, *args: Any, **options: Any) -> Any:
    """What a call returns or raises, and what it warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = function(*args, **options)
            found = found if isinstance(found, np.ndarray) else list(found)
        except (TypeError, ValueError) as error:
            found = repr(error)
    return found, [str(warning.message) for warning in caught]


def assert_same(function: Any, dense: Any, other: Any, *args: Any, **options: Any) -> None:
    """Both kinds of table have the same answer."""
    wanted, told = said(function, dense, *args, **options)
    found, told_too = said(function, other, *args, **options)
    if isinstance(wanted, np.ndarray):
        assert np.array_equal(wanted, found, equal_nan=True)
    else:
        assert repr(found) == repr(wanted)
    assert told_too == told


@pytest.mark.slow
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(KINDS),
    st.integers(2, 60),
    st.integers(1, 5),
    st.integers(2, 6),
    st.sampled_from(
        [
            {},
            {"bins": 3},
            {"strategy": "uniform"},
            {"discrete": True},
            {"discrete": False},
            {"missing": "category"},
            {"nan_policy": "propagate"},
            {"nan_policy": "raise"},
            {"bins": "fd"},
            {"bins": [-1.0, 0.0, 2.0]},
        ]
    ),
    st.integers(0, 2**32 - 1),
)
def test_answers_are_those_of_an_array(kind, n, f, classes, options, seed):
    rng = np.random.default_rng(seed)
    X, y = matrix_of(kind, n, f, rng), rng.integers(0, classes, n)
    other = sparse.csr_array(X)
    assert_same(rank_features, X, other, y, **options)
    assert_same(mutual_information_matrix, X, other, **options)
    assert_same(select_features, X, other, y, min(f, 2), method="jmi", **options)


@pytest.mark.parametrize("kind", KINDS)
def test_one_by_one(kind, rng, monkeypatch):
    monkeypatch.setattr("fastinfo._columns.sparse.measuring._FEWEST", 10**9)
    X, y = matrix_of(kind, 200, 3, rng), rng.integers(0, 3, 200)
    assert_same(rank_features, X, sparse.csc_array(X), y)
    assert_same(select_features, X, sparse.csc_array(X), y, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_more_rows(kind, rng):
    X, y = matrix_of(kind, 17_000, 2, rng), rng.integers(0, 3, 17_000)
    assert_same(rank_features, X, sparse.csc_array(X), y)
    assert_same(mutual_information_matrix, X, sparse.csc_array(X))


@pytest.mark.parametrize("kind", ["counts", "floats"])
def test_any_number_of_threads(kind, rng, threads):
    X, y = matrix_of(kind, 900, 9, rng), rng.integers(0, 3, 900)
    other = sparse.csr_array(X)
    assert_same(rank_features, X, other, y)
    assert_same(mutual_information_matrix, X, other)
    assert_same(select_features, X, other, y, 3)


@pytest.mark.parametrize("share", [0.02, 0.9, 0.999])
def test_so_many_rows_that_edges_are_about_right(share, rng):
    # of some columns edges are where cells of a grid begin: those are coded with all their rows
    n = 200_001
    X = np.where(rng.random((n, 1)) < share, 0.0, rng.normal(size=(n, 1)))
    y = (rng.random(n) < 0.3 + 0.1 * (X[:, 0] > 0)).astype(int)
    assert_same(rank_features, X, sparse.csc_array(X), y)


@pytest.mark.parametrize("name", FORMATS)
def test_formats(name, rng):
    X, y = matrix_of("counts", 80, 5, rng), rng.integers(0, 3, 80)
    other = FORMATS[name](X)
    assert_same(rank_features, X, other, y)
    assert_same(mutual_information_matrix, X, other)
    assert_same(mutual_information_matrix, X, other, X[:, :2])
    wanted = mutual_information_matrix(X, X[:, 1:])
    assert np.array_equal(mutual_information_matrix(other, FORMATS[name](X[:, 1:])), wanted)
    assert np.array_equal(mutual_information_matrix(X, FORMATS[name](X[:, 1:])), wanted)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["counts", "floats", "gaps"])
def test_selections(method, kind, rng):
    X, y = matrix_of(kind, 300, 7, rng), rng.integers(0, 4, 300)
    X[:, 3] = y * (X[:, 3] == X[:, 3])
    assert_same(select_features, X, sparse.csr_array(X), y, 4, method=method)


@pytest.mark.parametrize(
    "options",
    [
        {"correction": "miller-madow"},
        {"correction": "chance"},
        {"correction": 0.5, "base": 2},
        {"n_permutations": 0},
        {"n_permutations": 19, "seed": 3},
        {"n_permutations": 19, "seed": 3, "adjustment": "max-statistic"},
        {"estimator": "ksg"},
        {"estimator": "gaussian"},
        {"discrete": {"x1": True, "x0": False}},
        {"alpha": 0.5},
    ],
)
@pytest.mark.parametrize("kind", ["counts", "floats", "gaps"])
def test_options_of_a_ranking(options, kind, rng):
    X, y = matrix_of(kind, 120, 4, rng), rng.integers(0, 3, 120)
    assert_same(rank_features, X, sparse.csr_array(X), y, **options)


def test_weights(rng):
    X, y = matrix_of("counts", 200, 4, rng), rng.integers(0, 3, 200)
    assert_same(rank_features, X, sparse.csr_array(X), y, sample_weight=rng.random(200))


@pytest.mark.parametrize(
    "options", [{"correction": "chance"}, {"normalized": "joint"}, {"base": 2}]
)
def test_options_of_a_matrix(options, rng):
    X = matrix_of("counts", 120, 6, rng)
    assert_same(mutual_information_matrix, X, sparse.csr_array(X), **options)


def test_targets_of_all_kinds(rng):
    X = matrix_of("counts", 150, 4, rng)
    for y in (
        rng.normal(size=150),
        rng.choice(["a", "b", None], 150),
        rng.choice([0.0, 1.0, np.nan], 150),
        list(range(150)),
    ):
        assert_same(rank_features, X, sparse.csr_array(X), y)


@pytest.mark.slow
def test_what_is_stored_twice_or_unsorted_or_zero(rng):
    rows, columns = rng.integers(0, 60, 300), rng.integers(0, 4, 300)
    data = rng.integers(-2, 3, 300)
    y = rng.integers(0, 3, 60)
    matrix = sparse.coo_array((data, (rows, columns)), shape=(60, 4))
    X = matrix.toarray()
    order = np.argsort(rows, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=60))])
    by_rows = sparse.csr_array((data[order], columns[order], starts), shape=(60, 4))
    order = np.argsort(columns, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=4))])
    by_columns = sparse.csc_array((data[order], rows[order], starts), shape=(60, 4))
    assert not by_columns.has_canonical_format
    for other in (matrix, by_rows, by_columns):
        names = [name for name in ("data", "indices", "indptr") if hasattr(other, name)]
        parts = [getattr(other, name) for name in names]
        before = [part.copy() for part in parts]
        assert_same(rank_features, X, other, y)
        assert_same(mutual_information_matrix, X, other)
        assert quiet(fastinfo.mutual_info_classif, other, y) == pytest.approx(
            quiet(fastinfo.mutual_info_classif, X, y, discrete_features=True), rel=1e-12
        )
        for part, old in zip(parts, before, strict=True):
            assert np.array_equal(part, old)
            assert part.dtype == old.dtype


@pytest.mark.parametrize("form", ["csc", "csr"])
def test_room_behind_the_values(form, rng):
    dense, y = rng.poisson(0.5, (30, 3)), rng.integers(0, 2, 30)
    X = sparse.csr_array(dense).asformat(form)
    X.data, X.indices = np.append(X.data, [9, 9]), np.append(X.indices, [99, -1])
    assert_same(rank_features, dense, X, y)
    assert_same(mutual_information_matrix, dense, X)


def test_rows_that_were_changed_after_scipy_looked_at_them(rng):
    X = sparse.csc_array(rng.integers(1, 3, (30, 3)))
    assert X.has_canonical_format
    assert X.has_sorted_indices
    X.indices = X.indices // 2
    kept = X.indices.copy(), X.data.copy()
    y = rng.integers(0, 2, 30)
    assert_same(rank_features, X.toarray(), X, y)
    assert_same(mutual_information_matrix, X.toarray(), X)
    assert np.array_equal(X.indices, kept[0])
    assert np.array_equal(X.data, kept[1])


def test_read_only_and_wide_indices(rng):
    X, y = matrix_of("counts", 60, 4, rng), rng.integers(0, 3, 60)
    other = sparse.csc_array(X)
    other.indices, other.indptr = other.indices.astype(np.int64), other.indptr.astype(np.int64)
    for part in (other.data, other.indices, other.indptr):
        part.setflags(write=False)
    assert_same(rank_features, X, other, y)
    swapped = sparse.csc_array(X)
    swapped.data = swapped.data.astype(">i8")
    assert_same(rank_features, X, swapped, y)


def test_columns_that_say_nothing(rng):
    X = np.zeros((50, 3), int)
    X[:, 1], X[7, 2] = 4, 1
    assert_same(rank_features, X, sparse.csr_array(X), rng.integers(0, 2, 50))
    assert_same(select_features, X, sparse.csr_array(X), rng.integers(0, 2, 50), 2)
    assert_same(mutual_information_matrix, X, sparse.csr_array(X))
    ranking = quiet(rank_features, sparse.csr_array((50, 2)), rng.integers(0, 2, 50))
    assert [row.note for row in ranking] == ["constant", "constant"]


def test_copies_are_found(rng):
    X = matrix_of("counts", 200, 6, rng) * 1.0
    X[:, 3], X[:, 4] = X[:, 1], np.where(X[:, 2] > 0, -X[:, 2], 7.0)
    X[3:6, 5] = np.nan
    X = np.column_stack([X, X[:, 5]])
    y = rng.integers(0, 3, 200)
    assert_same(rank_features, X, sparse.csr_array(X), y)
    ranking = quiet(rank_features, sparse.csr_array(X), y)
    assert [ranking[f"x{i}"].note for i in (3, 4, 6)] == [
        "same as x1",
        "same as x2",
        "same as x5",
    ]


def test_copies_of_very_many_labels_are_found(rng):
    X = np.zeros((4000, 3), np.int64)
    X[:3000, :2] = rng.integers(0, 10**6, 3000)[:, None]
    X[:5, 2] = 1
    y = rng.integers(0, 2, 4000)
    assert_same(rank_features, X, sparse.csr_array(X), y, discrete=True)
    # What has more levels than a byte is in no table of its kernel, whatever number of them it is.
    codes = SparseCodes(
        *map(read_only, (np.arange(3), np.zeros(2, int), np.ones(2, np.uint8))),
        *(np.zeros(2, np.uint8), 9),
    )
    found = codes.partitions(np.array([2, 10**8]))
    assert found[0] == (False, np.int64(0).tobytes() + np.uint32(0).tobytes())


def test_row_numbers(rng):
    X = np.stack([np.arange(100), rng.integers(0, 2, 100)], axis=1)
    assert_same(rank_features, X, sparse.csr_array(X), rng.integers(0, 2, 100))


def test_integers_that_float64_merges(rng):
    X = np.zeros((60, 2), np.int64)
    X[:9, 0] = 2**60 + np.arange(9) % 3
    X[:40, 1] = rng.integers(-(2**62), 2**62, 40)
    y = rng.integers(0, 2, 60)
    for options in ({}, {"discrete": True}, {"discrete": False}):
        assert_same(rank_features, X, sparse.csr_array(X), y, **options)
    assert_same(rank_features, X.astype(np.uint64), sparse.csr_array(X.astype(np.uint64)), y)


def test_few_integers_beside_a_column_that_float64_merges(rng):
    X = rng.poisson(0.5, (60, 4)) * 1000
    X[:9, 2] = 2**60 + np.arange(9) % 3
    y = rng.integers(0, 2, 60)
    for a in (X, X.astype(np.uint64), -X):
        for options in ({}, {"discrete": True}, {"discrete": {"x1": False}}):
            assert_same(rank_features, a, sparse.csr_array(a), y, **options)
        assert_same(mutual_information_matrix, a, sparse.csr_array(a))


@pytest.mark.parametrize("said", [True, False])
def test_what_is_said_of_one_column_of_many(said, rng):
    X = rng.poisson(2, (200, 3)) * rng.integers(1, 5 + 40 * said, (200, 3))
    y = rng.integers(0, 3, 200)
    options = {"discrete": {"x1": said}, "bins": 3}
    assert_same(rank_features, X, sparse.csr_array(X), y, **options)
    found = {
        row.name: row.levels for row in quiet(rank_features, sparse.csr_array(X), y, **options)
    }
    assert found["x1"] == (len(np.unique(X[:, 1])) if said else 3)


def test_many_labels(rng):
    X = np.where(rng.random((900, 2)) < 0.5, 0, rng.integers(0, 700, (900, 2)))
    assert_same(rank_features, X, sparse.csr_array(X), rng.integers(0, 3, 900), discrete=True)
    assert_same(mutual_information_matrix, X, sparse.csr_array(X), discrete=True)


# pandas


def frame_of(X: np.ndarray, fill: Any = 0) -> Any:
    """A frame whose columns are all sparse."""
    names = [f"x{i}" for i in range(X.shape[1])]
    return pd.DataFrame(X, columns=names).astype(pd.SparseDtype(X.dtype, X.dtype.type(fill)))


@pytest.mark.parametrize("fill", [0, 1, 5])
@pytest.mark.parametrize("kind", ["counts", "floats", "gaps", "bool"])
def test_frames(kind, fill, rng):
    X, y = matrix_of(kind, 150, 4, rng), rng.integers(0, 3, 150)
    frame = frame_of(X, fill)
    assert_same(rank_features, X, frame, y)
    assert_same(select_features, X, frame, y, 2)
    plain = pd.DataFrame(X, columns=frame.columns)
    assert_same(mutual_information_matrix, plain, frame)


def test_frames_without_what_is_missing(rng):
    X, y = matrix_of("gaps", 150, 4, rng), rng.integers(0, 3, 150)
    X[X == 0] = np.nan
    for options in ({}, {"missing": "category"}, {"nan_policy": "propagate"}, {"discrete": True}):
        assert_same(rank_features, X, frame_of(X, np.nan), y, **options)


def test_frames_of_some_sparse_columns(rng):
    X, y = matrix_of("counts", 150, 5, rng) * 1.0, rng.integers(0, 3, 150)
    X[:, 4] = X[:, 0]
    plain = pd.DataFrame(X, columns=list("abcde"))
    plain["label"], plain["y"] = rng.choice(["u", "v"], 150), y
    some = plain.astype(
        {"a": pd.SparseDtype(float, 0.0), "c": pd.SparseDtype(float, np.nan), "y": "Sparse[int]"}
    )
    assert_same(rank_features, plain, some, "y")
    assert_same(rank_features, plain, some, "y", given="a")
    assert_same(rank_features, plain, some, "y", sample_weight="d")
    assert_same(select_features, plain, some, "y", 3)
    assert_same(mutual_information_matrix, plain, some)
    assert quiet(rank_features, some, "y")["e"].note == "same as a"


def test_names_of_dummies():
    frame = pd.get_dummies(pd.Series(["red", "green", "red", "blue"] * 20), sparse=True)
    ranking = quiet(rank_features, frame, [1, 0, 1, 1] * 20)
    assert ranking.names[0] == "green"
    assert set(ranking.names) == {"red", "green", "blue"}


# What is refused


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (sparse.coo_array(np.arange(5)), ValueError, r"X must be two-dimensional .* shape \(5,\)"),
        (sparse.csr_array(np.eye(5) * 1j), TypeError, "X must hold real numbers or labels"),
        (sparse.csr_array((5, 0)), ValueError, "X must have at least one column, got none"),
        (sparse.csr_array((0, 5)), ValueError, "X must have at least one row, got none"),
    ],
)
def test_what_is_refused(X, error, message):
    for call in (
        lambda: rank_features(X, [0, 1, 0, 1, 0]),
        lambda: select_features(X, [0, 1, 0, 1, 0], 1),
        lambda: mutual_information_matrix(X),
    ):
        with pytest.raises(error, match=message):
            call()


def test_arguments_that_need_names(rng):
    X = sparse.csr_array(matrix_of("counts", 20, 3, rng))
    with pytest.raises(ValueError, match="y can name a column of a table only"):
        rank_features(X, "x0")
    with pytest.raises(ValueError, match="sample_weight can name a column of a table only"):
        rank_features(X, rng.integers(0, 2, 20), sample_weight="x0")
    with pytest.raises(ValueError, match="X and y must have the same length, got 20 and 3"):
        rank_features(X, [0, 1, 0])
    with pytest.raises(ValueError, match="k must be at most the number of columns, 3, got 4"):
        select_features(X, rng.integers(0, 2, 20), 4)


def rank_two_classes(X):
    return rank_features(X, np.arange(X.shape[0]) % 2)


@pytest.mark.parametrize("function", [rank_two_classes, mutual_information_matrix])
@pytest.mark.parametrize("index", [-1, 9])
@pytest.mark.parametrize(
    ("form", "part", "what"),
    [
        ("csc", "indices", "rows"),
        ("csr", "indices", "columns"),
        ("bsr", "indices", "columns"),
        ("coo", "row", "rows"),
        ("coo", "col", "columns"),
    ],
)
def test_indices_out_of_bounds(form, part, what, index, function):
    X = sparse.csr_matrix(np.eye(4)).asformat(form)
    indices = getattr(X, part).copy()
    indices[-1] = index
    setattr(X, part, indices)
    with pytest.raises(ValueError, match=f"must have indices of {what}.*{index}"):
        function(X)


@pytest.mark.parametrize("form", ["csr", "csc", "bsr"])
@pytest.mark.parametrize(
    "ends", [[0, 1, 2, 3, 99], [0, 2, 1, 3, 4], [1, 1, 2, 3, 4], [0, 99, 2, 3, 4], [0, 4]]
)
def test_places_that_do_not_rise_or_end_behind_the_values(form, ends):
    X = sparse.csr_matrix(np.eye(4)).asformat(form)
    X.indptr = np.array(ends, np.int32)
    with pytest.raises(ValueError, match=r"must have an indptr that rises in . steps from 0"):
        rank_two_classes(X)


def test_fewer_values_than_places():
    for form in ("csr", "csc"):
        X = sparse.csr_matrix(np.eye(4)).asformat(form)
        X.data = X.data[:2]
        with pytest.raises(ValueError, match="to at most 2"):
            rank_two_classes(X)
    X = sparse.coo_matrix(np.eye(4))
    X.data = X.data[:2]
    with pytest.raises(ValueError, match="a row and a column of each value, got 4 rows"):
        rank_two_classes(X)


# Cost


@pytest.mark.slow
def test_memory_is_that_of_what_is_stored(rng):
    n, f, stored = 20_000, 1500, 40_000
    X = sparse.csr_array(
        (rng.integers(1, 4, stored), (rng.integers(0, n, stored), rng.integers(0, f, stored))),
        shape=(n, f),
    )
    y = rng.integers(0, 5, n)
    quiet(rank_features, X[:, :2], y)
    quiet(select_features, X[:, :2], y, 2)
    for call in (lambda: rank_features(X, y), lambda: select_features(X, y, 2)):
        tracemalloc.start()
        quiet(call)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 0.6 * n * f  # of codes alone, in bytes; an array takes eight times as many


# The parts


def test_columns_are_sequences(rng):
    X = matrix_of("counts", 30, 5, rng)
    by_columns = sparse.csc_array(X)
    columns = SparseColumns(by_columns.indptr, by_columns.indices, by_columns.data, 30, 0)
    assert np.array_equal(np.stack(list(map(np.asarray, columns)), axis=1), X)
    assert np.array_equal(np.asarray(columns[-1]), X[:, 4])
    assert np.array_equal(np.asarray(columns[1:3][1]), X[:, 2])
    assert np.array_equal(np.stack([*map(np.asarray, columns.take([4, 0, 4]))]), X.T[[4, 0, 4]])
    assert len(columns[3:1]) == 0
    with pytest.raises(IndexError):
        columns[5]
    joined = SparseColumns.join([columns[3], columns[0]])
    assert np.array_equal(np.stack([*map(np.asarray, joined)]), X.T[[3, 0]])
    assert np.asarray(columns[0], np.float32).dtype == np.float32


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_edges_are_those_of_all_samples(data):
    n = data.draw(st.integers(1, 60))
    numbers = st.sampled_from([0.0, 0.0, 0.0, -1.5, 1.0, 2.0, 2.5, 1e-300, 7e200, -3.0])
    values = data.draw(st.lists(numbers, min_size=n, max_size=n))
    a = np.array(values)
    rows = np.flatnonzero(a)
    own = Binning(data.draw(st.integers(1, 12)), "quantile")
    column = SparseColumn(rows, a[rows], n, 0.0)
    found = bin_column(column, own)
    wanted = own.code(a)
    assert found is not None
    assert found.n_levels == wanted.n_levels
    assert np.array_equal(found.codes, wanted.codes[rows])
    if rows.size < n:
        assert found.usual == wanted.codes[np.flatnonzero(a == 0)[0]]


def test_other_functions_take_them_too(rng):
    X = matrix_of("counts", 150, 4, rng)
    plain = pd.DataFrame(X, columns=list("abcd"))
    frame = plain.astype("Sparse[int]")
    assert repr(fastinfo.describe(frame)) == repr(fastinfo.describe(plain))
    assert repr(fastinfo.describe(sparse.csr_array(X))) == repr(fastinfo.describe(X))
    assert repr(fastinfo.strongest_pairs(frame, 3)) == repr(fastinfo.strongest_pairs(plain, 3))
    assert repr(fastinfo.drift(frame[:70], frame[70:])) == repr(
        fastinfo.drift(plain[:70], plain[70:])
    )
    wanted = fastinfo.mutual_information(plain["a"], plain["b"])
    assert fastinfo.mutual_information(frame["a"], frame["b"]) == wanted


def test_a_column_is_an_array_to_others(rng):
    column = SparseColumn(np.array([1, 3]), np.array([5, 7]), 5, 2)
    assert list(column) == [2, 5, 2, 7, 2]
    assert column[1:4].tolist() == [5, 2, 7]
    assert len(column) == 5
