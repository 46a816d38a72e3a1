"""Columns of pandas, Polars and PyArrow: the same values are the same codes."""

import datetime as dt
import decimal
import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from fastinfo import rank_features
from fastinfo._codes.column import Column, Numbers
from fastinfo._codes.label_or_number import MOST_LABELS
from fastinfo._core.coded_variable import Coded
from fastinfo._tables.table_readers import is_series, is_table, opened

NAN = math.nan


def read(column, name="c", discrete=None):
    return Column.of(column, f"column {name!r}").read(discrete)


def codes(column, name="c", **options):
    """Codes and levels of a column of labels."""
    coded = read(column, name, **options)
    assert isinstance(coded, Coded)
    assert coded.codes.dtype.kind == "u"
    assert len(coded.codes) == len(column)
    return coded.codes.tolist(), coded.levels.tolist()


def numbers(column, name="c", **options):
    """The array of a column that is to be binned."""
    found = read(column, name, **options)
    assert isinstance(found, Numbers)
    assert found.values.dtype.kind in "iuf"
    return found.values


def of_all_libraries(values, pandas=None, polars=None, arrow=None):
    """The same values as columns of each library."""
    return {
        "pandas": pd.Series(values, dtype=pandas),
        "Polars": pl.Series(values, dtype=polars),
        "PyArrow": pa.chunked_array([pa.array(values, type=arrow)]),
        "two chunks": pa.chunked_array(
            [pa.array(values[:2], type=arrow), pa.array(values[2:], type=arrow)]
        ),
        "array": pa.array(values, type=arrow),
    }


DAYS = [dt.date(2020, 1, 2), None, dt.date(2019, 5, 1), dt.date(2020, 1, 2)]
TIMES = [dt.datetime(2020, 1, 2, 3), None, dt.datetime(2019, 5, 1), dt.datetime(2020, 1, 2, 3)]
SPANS = [dt.timedelta(hours=5), None, dt.timedelta(seconds=-1), dt.timedelta(hours=5)]

COLUMNS = {
    "integers": of_all_libraries([7, None, -3, 7], "Int64"),
    "small integers": of_all_libraries([7, None, -3, 7], "Int8", pl.Int8, pa.int8()),
    "unsigned": of_all_libraries([2**40, None, 3, 2**40], "UInt64", pl.UInt64, pa.uint64()),
    "floats": of_all_libraries([0.5, None, -1.5, 0.5]),
    "float32": of_all_libraries([0.5, None, -1.5, 0.5], "Float32", pl.Float32, pa.float32()),
    "booleans": of_all_libraries([True, None, False, True], "boolean"),
    "strings": of_all_libraries(["b", None, "a", "b"]),
    "categories": {
        "pandas": pd.Series(["b", None, "a", "b"], dtype="category"),
        "Polars": pl.Series(["b", None, "a", "b"], dtype=pl.Categorical),
        "Polars enum": pl.Series(["b", None, "a", "b"], dtype=pl.Enum(["c", "b", "a"])),
        "PyArrow": pa.array(["b", None, "a", "b"]).dictionary_encode(),
        "two chunks": pa.chunked_array(
            [pa.array(["b", None]).dictionary_encode(), pa.array(["a", "b"]).dictionary_encode()]
        ),
    },
    "categories of integers": {
        "pandas": pd.Series([7, None, -3, 7], dtype="category"),
        "PyArrow": pa.array([7, None, -3, 7]).dictionary_encode(),
    },
    "bytes": of_all_libraries([b"b", None, b"a", b"b"]),
    "days": of_all_libraries(DAYS, object),
    "points of time": of_all_libraries(TIMES, "datetime64[us]"),
    "durations": of_all_libraries(SPANS, "timedelta64[us]"),
    "times of day": of_all_libraries([dt.time(5), None, dt.time(4, 1), dt.time(5)], object),
    "decimals": of_all_libraries(
        [decimal.Decimal("1.50"), None, decimal.Decimal("-2.25"), decimal.Decimal("1.50")], object
    ),
    "large strings": {"PyArrow": pa.array(["b", None, "a", "b"], pa.large_string())},
    "string views": {"PyArrow": pa.array(["b", None, "a", "b"]).cast(pa.string_view())},
    "half floats": {"PyArrow": pa.array(np.array([0.5, NAN, -1, 0.5], "f2"), pa.float16())},
    "time zone": {
        "pandas": pd.Series(pd.to_datetime(TIMES)).dt.tz_localize("Europe/Paris"),
        "PyArrow": pa.array(TIMES, pa.timestamp("ms", tz="Europe/Paris")),
    },
    "pandas objects": {
        "mixed": pd.Series(["b", None, (), "b"], dtype=object),
        "mixed numbers": pd.Series(["b", NAN, 1, "b"], dtype=object),
        "pandas.NA": pd.Series([7, pd.NA, -3, 7], dtype=object),
    },
}

FLOATS = ("floats", "float32", "half floats", "decimals")


@pytest.mark.parametrize(
    ("kind", "library"),
    [(kind, library) for kind in COLUMNS for library in COLUMNS[kind] if kind not in FLOATS],
)
def test_columns_of_labels(kind, library):
    found, levels = codes(COLUMNS[kind][library])
    mixed = library.startswith("mixed")
    assert found == ([0, 2, 1, 0] if mixed else [1, 2, 0, 1])
    assert len(levels) == 2
    if not mixed:
        assert levels == sorted(levels)


@pytest.mark.parametrize(
    ("kind", "library"), [(kind, library) for kind in FLOATS for library in COLUMNS[kind]]
)
def test_columns_of_floats_and_decimals_are_binned_unless_they_are_said_to_be_labels(kind, library):
    column = COLUMNS[kind][library]
    first, missing, second, last = numbers(column).tolist()
    assert second < 0 < first == last
    assert math.isnan(missing)
    found, levels = codes(column, discrete=True)
    assert found == [1, 2, 0, 1]
    assert levels == [second, first]


@pytest.mark.parametrize("kind", ["strings", "categories", "bytes", "booleans", "integers"])
def test_levels_are_the_values(kind):
    expected = {
        "strings": ["a", "b"],
        "categories": ["a", "b"],
        "bytes": [b"a", b"b"],
        "booleans": [False, True],
        "integers": [-3, 7],
    }[kind]
    for column in COLUMNS[kind].values():
        assert codes(column)[1] == expected


def test_nan_and_null_are_both_missing():
    for column in (
        pl.Series([1.0, NAN, None, 2.0]),
        pa.array([1.0, NAN, None, 2.0]),
        pd.Series([1.0, NAN, None, 2.0]),
        pd.Series([1.0, NAN, pd.NA, 2.0], dtype=object),
        pd.Series(pa.array([1.0, NAN, None, 2.0]), dtype=pd.ArrowDtype(pa.float64())),
    ):
        assert codes(column, discrete=True)[0] == [0, 2, 2, 1]
        np.testing.assert_array_equal(numbers(column), [1.0, NAN, NAN, 2.0])


def test_zeros_of_both_signs_are_one_level():
    for make in (pd.Series, pl.Series, pa.array):
        column = make([0.0, -0.0, 1.0, -0.0])
        assert codes(column, discrete=True) == ([0, 0, 1, 0], [0.0, 1.0])


# Numbers that are binned


@pytest.mark.parametrize("make", [pd.Series, pl.Series, pa.array])
@pytest.mark.parametrize("dtype", ["i1", "i8", "u2", "f4", "f8"])
def test_numbers_of_more_than_32_values_are_binned(make, dtype, rng):
    assert MOST_LABELS == 32
    few = rng.permutation(np.repeat(np.arange(32), 3)).astype(dtype)
    if dtype in ("f4", "f8"):  # floats are, of however few values
        np.testing.assert_array_equal(numbers(make(few)), few)
        np.testing.assert_array_equal(numbers(make(few % 2)), few % 2)
    else:
        assert codes(make(few)) == (few.tolist(), list(range(32)))
    many = rng.permutation(np.repeat(np.arange(33), 3)).astype(dtype)
    for options in ({}, {"discrete": False}):
        np.testing.assert_array_equal(numbers(make(many), **options), many)
    assert codes(make(many), discrete=True) == (many.tolist(), list(range(33)))


@pytest.mark.parametrize("make", [pl.Series, pa.array])
def test_numbers_with_nulls_are_binned_with_nan(make):
    array = numbers(make([*range(33), None]))
    assert array[:33].tolist() == list(range(33))
    assert math.isnan(array[33])


@pytest.mark.parametrize(
    "values",
    [
        [dt.date(2020, 1, 1) + dt.timedelta(days=i) for i in range(40)],
        [dt.datetime(2020, 1, 1) + dt.timedelta(seconds=i) for i in range(40)],
        [dt.timedelta(seconds=i) for i in range(40)],
        [dt.time(i // 60, i % 60) for i in range(40)],
        [decimal.Decimal(i) / 4 for i in range(40)],
    ],
    ids=lambda values: type(values[0]).__name__,
)
def test_points_of_time_and_decimals_of_many_values_are_binned(values):
    for column in of_all_libraries(values, object).values():
        array = numbers(column)
        assert np.unique(np.diff(array)).size == 1
        assert np.diff(array)[0] > 0


def test_decimals_are_their_numbers():
    values = [decimal.Decimal(i) / 4 for i in range(40)]
    for column in of_all_libraries(values, object).values():
        assert numbers(column).tolist() == [i / 4 for i in range(40)]


@pytest.mark.parametrize("make", [pd.Series, pl.Series, pa.array])
@pytest.mark.parametrize("origin", [2**53, 2**60, -(2**63)])
def test_large_integers_are_labels_of_their_own(make, origin):
    values = [origin, origin + 1, origin + 2, origin]
    found, levels = codes(make(values))
    assert found == [0, 1, 2, 0]
    assert [int(v) for v in levels] == values[:3]


def test_large_integers_with_nulls_are_labels_of_their_own():
    values = [2**60, None, 2**60 + 1, 2**60]
    for column in of_all_libraries(values, "Int64").values():
        assert codes(column)[0] == [0, 2, 1, 0]


def test_nanoseconds_are_told_apart():
    values = np.array(["2020-01-01T00:00:00.000000001", "2020-01-01T00:00:00.000000002"], "M8[ns]")
    for make in (pd.Series, pl.Series, pa.array):
        assert codes(make(values))[0] == [0, 1]


# Categories


def test_unused_categories_are_no_levels():
    for column in (
        pd.Series(pd.Categorical(["b", None, "a"], categories=["z", "b", "y", "a", "x"])),
        pl.Series(["b", None, "a"], dtype=pl.Enum(["z", "b", "y", "a", "x"])),
        pa.DictionaryArray.from_arrays(pa.array([1, None, 3]), ["z", "b", "y", "a", "x"]),
        pa.array(["z", "b", None, "a"]).dictionary_encode()[1:],
    ):
        assert codes(column) == ([1, 2, 0], ["a", "b"])


def test_missing_values_in_a_dictionary():
    dictionary = pa.array(["b", None, "a"])
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, None]), dictionary)
    assert codes(column) == ([1, 2, 0, 2], ["a", "b"])


@pytest.mark.parametrize(("index", "size"), [(pa.int8(), 128), (pa.uint8(), 256), (pa.int8(), 127)])
def test_dictionaries_as_long_as_their_indices_allow(index, size):
    names = [f"{i:03d}" for i in range(size)]
    column = pa.DictionaryArray.from_arrays(pa.array([size - 1, None, 0], index), names)
    assert codes(column) == ([1, 2, 0], ["000", names[-1]])


def test_many_categories(rng):
    names = [f"{i:05d}" for i in range(70_000)]
    values = [names[i] for i in rng.permutation(70_000)]
    for column in (pd.Series(values, dtype="category"), pl.Series(values), pa.array(values)):
        found, levels = codes(column)
        assert levels == names
        assert [levels[c] for c in found[:50]] == values[:50]


def test_intervals_are_labels():
    # What pandas.cut returns.
    found, levels = codes(pd.Series(pd.cut([0.1, 0.9, NAN, 0.2], [0, 0.5, 1])))
    assert found == [0, 1, 2, 0]
    assert len(levels) == 2


def test_periods_are_labels_or_refused_by_name():
    column = pd.Series(pd.PeriodIndex(["2020-01", "2019-05", "2020-01"], freq="M"))
    try:
        found, _ = codes(column, "month")
    except TypeError as error:
        assert "month" in str(error)  # noqa: PT017 - either is an answer
    else:
        assert found == [1, 0, 1]


def test_wide_integers_are_labels_or_refused_by_name():
    column = pl.Series([2**100, 5, 2**100]).cast(pl.Int128)
    try:
        found, _ = codes(column, "wide")
    except TypeError as error:
        assert "wide" in str(error)  # noqa: PT017 - either is an answer
    else:
        assert found == [1, 0, 1]


def test_a_column_of_nothing():
    for column in (
        pa.nulls(3),
        pl.Series([None] * 3),
        pd.Series([None] * 3),
        pd.Series([None] * 3, dtype="Int64"),
        pd.Series([None] * 3, dtype="category"),
        pl.Series([None] * 3, dtype=pl.String),
        pa.array([None] * 3, pa.date32()),
    ):
        assert codes(column) == ([0, 0, 0], [])
    for make in (pd.Series, pl.Series, pa.array):  # floats are numbers, if there are any
        assert np.isnan(numbers(make([NAN] * 3))).tolist() == [True] * 3
        assert codes(make([NAN] * 3), discrete=True) == ([0, 0, 0], [])


# What cannot be a column


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([[1], [2]]),
        pl.Series([{"a": 1}, {"a": 2}]),
        pa.array([[1], None]),
        pa.array([{"a": 1}, None]),
        pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
        pa.array([[1, 2], [3, 4]], pa.list_(pa.int8(), 2)),
        pd.Series([[1], [2]]),
        pd.Series([{"a": 1}, {"a": 2}]),
        pd.Series([1j, 2j]),
        pd.Series([{1}, {2}]),
        pd.Series([np.zeros(2), np.zeros(2)]),
        pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array([[1], [2]])),
    ],
    ids=lambda c: f"{type(c).__module__.partition('.')[0]} {getattr(c, 'dtype', None) or c.type}",
)
def test_columns_of_another_kind_are_refused_by_name(column):
    with pytest.raises(TypeError, match="weird"):
        read(column, "weird")


def test_columns_that_can_not_be_read_are_left_out_of_a_ranking_by_name():
    table = pd.DataFrame({"good": [1, 1, 1, 2, 2, 2], "weird": 1j, "t": [0, 1] * 3})
    with pytest.warns(UserWarning, match="left out: weird: .* must hold real numbers or labels"):
        assert rank_features(table, "t").names == ["good"]
    with pytest.raises(TypeError, match="weird"):
        rank_features(table, "weird")


# Tables


def test_is_table_and_is_series():
    for table in (pd.DataFrame({"a": [1]}), pl.DataFrame({"a": [1]}), pa.table({"a": [1]})):
        assert is_table(table)
    for other in (np.zeros((2, 2)), [[1]], pd.Series([1]), pl.Series([1]), {"a": [1]}, None, 3):
        assert not is_table(other)
    assert not is_table(np.rec.fromrecords([(1, 2.0)], names="columns,b"))
    for series in (
        pd.Series([1]),
        pl.Series([1]),
        pa.array([1]),
        pd.Categorical([1]),
        pd.Index([1]),
    ):
        assert is_series(series)
    for other in ([1], np.zeros(2), 3, "a"):
        assert not is_series(other)


def columns_of(table):
    """The columns of a table by name."""
    read = opened(table)
    return dict(zip(read.names, read.columns, strict=True))


def test_table_columns():
    data = {"b": [1, 2], "a": ["x", "y"]}
    for table in (pd.DataFrame(data), pl.DataFrame(data), pa.table(data)):
        columns = columns_of(table)
        assert list(columns) == ["b", "a"]
        assert codes(columns["a"])[1] == ["x", "y"]


def test_columns_whose_names_are_no_strings():
    table = pd.DataFrame({1: [1, 2, 3], "b": ["a", "b", "c"], (2, 3): [0, 0, 1]})
    columns = columns_of(table)
    assert list(columns) == ["1", "b", "(2, 3)"]
    assert codes(columns["(2, 3)"])[0] == [0, 0, 1]
    with pytest.warns(UserWarning, match="columns to look at: nearly unique .*: 1, b"):
        ranking = rank_features(table, "(2, 3)")
    assert ranking.target == "(2, 3)"
    assert {row.name for row in ranking} == {"1", "b"}


def test_no_column_is_lost_where_names_look_alike():
    table = pd.DataFrame([[1, 2], [3, 4]], columns=[1, "1"])
    with pytest.raises(ValueError, match="columns of different names when written out"):
        opened(table)


def test_equal_names_are_refused():
    table = pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"])
    with pytest.raises(ValueError, match="a"):
        opened(table)


def test_a_small_lazy_frame_is_read_at_once():
    assert columns_of(pl.LazyFrame({"a": [1]}))["a"].to_list() == [1]


def test_either_zero_is_one_label_and_either_nan_is_missing():
    zeros = np.array([0.0, -0.0, 1.0, np.nan, -np.nan] * 40)
    y = np.array([0, 0, 1, 0, 1] * 39 + [1, 1, 0, 0, 1])
    arrow = pa.array(zeros)
    assert len(arrow.dictionary_encode().dictionary) > 3  # Arrow tells them apart
    columns = [zeros, pd.Series(zeros), pl.Series(zeros), arrow, arrow.dictionary_encode()]
    columns += [pd.Series(zeros).astype("category"), zeros.astype(object), zeros.tolist()]
    for column in columns:
        found = rank_features({"x": column}, y, discrete={"x": True})["x"]
        assert (found.levels, found.n, found.n_missing) == (2, 120, 80)
        assert 0.8 < found.share < 0.95
