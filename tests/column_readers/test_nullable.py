"""Columns of pandas, Polars and PyArrow in which numbers are null, and integers past 2**53."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import fastinfo
from fastinfo import JointCounts, contingency_table, mutual_information

LARGE = 2**62
INTEGERS = [None, LARGE, LARGE + 1, LARGE, None, LARGE + 2, LARGE + 1, LARGE + 2]
OTHERS = ["b", "a", "b", "a", "b", "c", "a", "c"]
TABLE = [[2, 0, 0], [1, 1, 0], [0, 0, 2]]

INTEGER_COLUMNS = {
    "pandas Series": lambda v: pd.Series(v, dtype="Int64"),
    "pandas array": lambda v: pd.array(v, dtype="Int64"),
    "pandas index": lambda v: pd.Index(v, dtype="UInt64"),
    "pandas of Arrow": lambda v: pd.Series(v, dtype="int64[pyarrow]"),
    "Polars": lambda v: pl.Series(v, dtype=pl.Int64),
    "Polars unsigned": lambda v: pl.Series(v, dtype=pl.UInt64),
    "PyArrow": lambda v: pa.array(v, pa.int64()),
    "PyArrow chunked": lambda v: pa.chunked_array([v[:3], v[3:]], pa.uint64()),
}
BOOLEAN_COLUMNS = {
    "pandas": lambda v: pd.Series(v, dtype="boolean"),
    "pandas of Arrow": lambda v: pd.Series(v, dtype="bool[pyarrow]"),
    "Polars": pl.Series,
    "PyArrow": pa.array,
}


@pytest.fixture(params=INTEGER_COLUMNS)
def integers(request):
    return INTEGER_COLUMNS[request.param](INTEGERS)


@pytest.fixture(params=BOOLEAN_COLUMNS)
def booleans(request):
    return BOOLEAN_COLUMNS[request.param]


def test_integers_with_nulls_are_labels_to_the_last_bit(integers):
    counts = JointCounts.from_samples(integers, OTHERS)
    assert counts.table.tolist() == TABLE
    assert counts.x_levels.dtype.kind in "iu"
    assert counts.x_levels.tolist() == [LARGE, LARGE + 1, LARGE + 2]
    assert counts.n_missing == 2
    table, levels, _ = contingency_table(integers, OTHERS)
    assert table.tolist() == TABLE
    assert levels.tolist() == counts.x_levels.tolist()
    assert JointCounts.from_labels(integers, OTHERS).update(integers, OTHERS).n == 12


def test_measures_and_scores_of_integers_with_nulls(integers):
    expected = JointCounts.from_table(TABLE).mutual_information()
    assert mutual_information(integers, OTHERS, nan_policy="omit") == expected
    assert np.isnan(mutual_information(OTHERS, integers))
    with pytest.raises(ValueError, match="2 incomplete pairs"):
        mutual_information(integers, OTHERS, nan_policy="raise")
    with pytest.raises(ValueError, match=r"Input contains NaN.*got 2"):
        fastinfo.mutual_info_score(integers, OTHERS)


@pytest.mark.parametrize("make", INTEGER_COLUMNS.values(), ids=INTEGER_COLUMNS)
def test_integers_with_nulls_are_binned_where_the_user_says_so(make):
    small = [3, None, 1, 7, 9, None, 2, 2]
    numbers = np.array([np.nan if v is None else v for v in small])
    y = np.arange(8.0)
    options = {"bins": 3, "nan_policy": "omit"}
    expected = mutual_information(numbers, y, **options)
    assert mutual_information(make(small), y, discrete=False, **options) == expected
    binned = JointCounts.empty([0, 2, 9], [0, 4, 8]).update(make(small), y)
    assert binned.table.tolist() == [[1, 0], [2, 3]]
    assert binned.n_missing == 2


@pytest.mark.parametrize("make", INTEGER_COLUMNS.values(), ids=INTEGER_COLUMNS)
def test_a_column_of_nulls_alone(make):
    counts = JointCounts.from_labels(make([None] * 3), [1, 2, 3])
    assert (counts.shape, counts.n_missing) == ((0, 3), 3)


def test_booleans_with_nulls(booleans):
    column = booleans([True, None, False, True])
    counts = JointCounts.from_samples(column, [1, 1, 1, 2])
    assert counts.table.tolist() == [[1, 0], [1, 1]]
    assert counts.x_levels.tolist() == [False, True]
    assert counts.n_missing == 1
    hist, _ = fastinfo.histogram(column, bins=2, range=(0, 1))
    assert hist.tolist() == [1, 2]
    assert fastinfo.discretize(column, bins=2).codes.tolist() == [1, 2, 0, 1]


def test_histograms_of_polars_columns():
    values = [0.5, 1.5, 1.75, 3.0]
    for dtype in (pl.Float64, pl.Float32, pl.Int16):
        column = pl.Series(values).cast(dtype)
        hist, edges = fastinfo.histogram(column, bins=3)
        expected = np.histogram(column.to_numpy(), bins=3)
        assert hist.tolist() == expected[0].tolist()
        assert edges.tolist() == expected[1].tolist()


def test_categories_that_are_numbers_can_be_binned():
    values = [10, 2, 2, 30, 10, 7]
    for column in (pd.Series(values, dtype="category"), pd.Categorical(values)):
        found = mutual_information(column, np.arange(6.0), bins=2, discrete=False)
        assert found == mutual_information(np.array(values, float), np.arange(6.0), bins=2)


@pytest.mark.parametrize(
    "labels",
    [
        [2**63, 2**63 + 1, -1, 2**63, 2**63 + 1, -1],  # of no integer dtype together
        [2**62, 2**62 + 1, float("nan"), 2**62, 2**62 + 1, 2**62],
        [2**70, 2**70 + 1, 0, 2**70, 2**70 + 1, 0],
        (2**53, 2**53 + 1, 0.5, 2**53, 2**53 + 1, 0.5),
    ],
)
def test_large_integers_in_a_list_stay_different(labels):
    present = [label for label in labels if label == label]
    counts = JointCounts.from_labels(labels, range(6))
    assert counts.x_levels.tolist() == sorted(set(present))
    assert counts.n_missing == 6 - len(present)
    assert len(contingency_table(labels, range(6))[1]) == len(set(present))
    if len(present) == 6:
        score = fastinfo.mutual_info_score(labels, [0, 1, 2, 0, 1, 2])
        assert score == pytest.approx(np.log(3), rel=1e-15)


def test_large_integers_in_a_list_are_labels_without_being_said_so():
    assert JointCounts.from_samples([2**63, -1, 3], [1, 2, 3]).x_levels.tolist() == [-1, 3, 2**63]
    assert JointCounts.from_samples([1e300, 0.5, 3], [1, 2, 3]).x_levels is None
    assert JointCounts.from_samples([2**63, -1, 3], [1, 2, 3], discrete=False, bins=2).n == 3


# Two columns of integers are counted straight


def test_integers_are_counted_without_codes(monkeypatch, rng):
    x, y = rng.integers(-3, 9, 1000), rng.integers(0, 2, 1000).astype(bool)
    expected = JointCounts.from_labels(x.astype("U2"), y.astype("U5")).mutual_information()
    monkeypatch.setattr("fastinfo._codes.column.encode", None)
    for counts in (JointCounts.from_labels(x, y), JointCounts.from_samples(x, y)):
        assert counts.mutual_information() == pytest.approx(expected, rel=1e-13)
        assert (counts.x_levels.dtype, counts.y_levels.dtype) == (x.dtype, y.dtype)
    table, x_levels, y_levels = contingency_table(x, y)
    for i, a in enumerate(x_levels):
        for j, b in enumerate(y_levels):
            assert table[i, j] == np.count_nonzero((x == a) & (y == b))


# Messages and limits


def test_words_for_a_range_and_for_bins_that_cannot_be(rng):
    x, y = rng.normal(size=(2, 20))
    with pytest.raises(ValueError, match=r"entry for each variable.*got \(0, 1\)"):
        mutual_information(x, y, bins=4, range=(0, 1))
    with pytest.raises(ValueError, match=r"range must be a pair of numbers, got \['a', 'b'\]"):
        mutual_information(x, y, bins=4, range=[["a", "b"], None])
    with pytest.raises(TypeError, match="`bins` must be an integer, when a scalar, got b'mi'"):
        mutual_information(x, y, bins=b"mi")
    assert mutual_information(x, y, bins=np.array(4)) == mutual_information(x, y, bins=4)
    with pytest.raises(ValueError, match="sample_weight must hold weights whose sum is finite"):
        mutual_information(x, y, sample_weight=np.full(20, 1e308))


def test_a_pseudo_count_as_large_as_can_be():
    found = fastinfo.entropy_from_counts([1, 2, 3, 0], correction=1e308)
    assert found == pytest.approx(np.log(4), rel=1e-15)
