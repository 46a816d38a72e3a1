"""Every kind of column through every door: the same answer, or the same clear error."""

import fnmatch
import math
import warnings

import narwhals
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pytest
from helpers import close, quiet

import fastinfo.dask
from doors.containers import column
from doors.doors import DOORS, WAYS
from doors.kinds import EMPTY, FEW, KINDS, MANY, NESTED, REAL, REFUSED, N, Y
from fastinfo import (
    JointCounts,
    conditional_mutual_information,
    joint_entropy,
    mutual_information,
    mutual_information_matrix,
    rank_features,
    select_features,
)
from fastinfo.streaming import ColumnCounts, PairCounts

#: What is known without any reader.
PLAIN = mutual_information(FEW, Y)


def name_of(value):
    return str(value).replace(" ", "-")


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "door"), WAYS, ids=name_of)
def test_each_kind_of_column_is_the_same_through_each_door(kind, door):
    expected = quiet(lambda: door.truth(kind))
    assert expected > 0.1
    assert quiet(lambda: door.open(kind)) == close(expected)


COLUMNS = [kind for kind in KINDS if column.holds(kind)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", COLUMNS, ids=name_of)
def test_each_kind_of_column_is_told_of_in_the_same_way(kind):
    many = "x has 60 different values, more than 32, and is taken as a number"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mutual_information(column(kind), Y, nan_policy="omit")
    expected = [many] if kind.name.endswith("of many values") else []
    assert [str(w.message)[: len(many)] for w in caught] == expected


@pytest.mark.slow
@pytest.mark.parametrize("kind", [k for k in COLUMNS if k.n_missing], ids=name_of)
def test_missing_values_of_each_kind_of_column_are_seen(kind):
    assert math.isnan(quiet(lambda: mutual_information(column(kind), Y)))
    with pytest.raises(ValueError, match="The input contains nan values"):
        quiet(lambda: mutual_information(column(kind), Y, nan_policy="raise"))


def test_each_pattern_of_what_a_container_lacks_fits_a_kind():
    names = [str(kind) for kind in KINDS]
    for door in DOORS:
        for pattern in door.container.lacks:
            assert fnmatch.filter(names, pattern), pattern


def test_the_plain_columns_are_what_they_are_taken_for():
    # labels by the formula; 60 whole numbers in bins tell less than as labels
    table = np.zeros((20, 3))
    np.add.at(table, (FEW, Y), 1 / N)
    ratios = table / np.outer(table.sum(1), table.sum(0))
    expected = (table[table > 0] * np.log(ratios[table > 0])).sum()
    assert close(expected) == PLAIN
    labels, bins = (mutual_information(MANY / 1, Y, discrete=(d, True)) for d in (True, False))
    assert labels > bins + 0.01


# What is refused


def variable(name):
    return rf"\b{name}\b"


@pytest.mark.parametrize("kind", [*NESTED, *REFUSED])
def test_a_column_that_is_neither_is_refused_by_name(kind):
    make = {**NESTED, **REFUSED}[kind]
    calls = {
        "x": [
            lambda: mutual_information(make(), Y),
            lambda: joint_entropy(make(), Y),
            lambda: JointCounts.from_samples(make(), Y),
        ],
        "y": [
            lambda: mutual_information(Y, make()),
            lambda: rank_features(Y[:, None], make()),
            lambda: select_features(Y[:, None], make(), 1),
        ],
        "z": [lambda: conditional_mutual_information(FEW, Y, make())],
    }
    for name, ways in calls.items():
        for call in ways:
            with pytest.raises(TypeError, match=variable(name)):
                quiet(call)


def table_of(kind, make, **others):
    """The column `bad` in a table of its library, beside `c` and `y`."""
    columns = {"bad": make(), "c": FEW, "y": Y}
    new = {"numpy": dict, "pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
    return new[kind.split()[0]](columns | others)


@pytest.mark.parametrize("kind", REFUSED)
def test_a_column_that_no_function_takes_is_left_out_or_refused_by_its_name(kind):
    table = table_of(kind, REFUSED[kind])
    calls = {
        lambda: rank_features(table, "y").names: ["c"],
        lambda: mutual_information_matrix(table).shape: (2, 2),
        lambda: select_features(table, "y", 1).names: ["c"],
    }
    for call, expected in calls.items():
        if kind.startswith("numpy ") and "objects" not in kind:  # an array of a mapping
            with pytest.raises(TypeError, match=variable("bad")):
                call()
            continue
        with pytest.warns(UserWarning, match=variable("bad")):
            assert call() == expected
    for call in (
        lambda: rank_features(table, "bad"),
        lambda: rank_features(table, "y", discrete={"bad": True}),
        lambda: ColumnCounts(["bad", "c"], "y").update(table),
    ):
        with pytest.raises(TypeError, match=variable("bad")):
            quiet(call)


@pytest.mark.parametrize("kind", NESTED)
def test_a_nested_column_of_a_table_is_left_out_with_a_warning_that_names_it(kind):
    table = table_of(kind, NESTED[kind])
    with pytest.warns(UserWarning, match=variable("bad")) as caught:
        ranking = rank_features(table, "y")
    assert [w.filename for w in caught] == [__file__]
    assert [row.name for row in ranking] == ["c"]
    assert ranking["c"].mi == close(PLAIN)
    with pytest.warns(UserWarning, match=variable("bad")):
        matrix = mutual_information_matrix(table)
    assert matrix.shape == (2, 2)
    assert matrix[0, 1] == close(PLAIN)
    with pytest.warns(UserWarning, match=variable("bad")):
        assert select_features(table, "y", 1).names == ["c"]
    with pytest.raises(TypeError, match=variable("bad")):  # the target can't be left out
        rank_features(table, "bad")


NESTED_OF_ARROW = [kind for kind in NESTED if kind.startswith("pyarrow")]


@pytest.mark.parametrize("kind", [k for k in NESTED_OF_ARROW if "dictionary" not in k])
def test_a_nested_column_of_data_in_parts_is_left_out_with_a_warning_that_names_it(kind):
    table = table_of(kind, NESTED[kind])
    batches = table.to_batches(max_chunksize=250)
    sources = {
        "dataset": lambda: pyarrow.dataset.InMemoryDataset(table),
        "reader": lambda: pa.RecordBatchReader.from_batches(table.schema, batches),
    }
    for make in sources.values():
        with pytest.warns(UserWarning, match=variable("bad")):
            ranking = rank_features(make(), "y")
        assert [row.name for row in ranking] == ["c"]
        assert ranking["c"].mi == close(PLAIN)
    with pytest.warns(UserWarning, match=variable("bad")):
        assert mutual_information_matrix(sources["dataset"]()).shape == (2, 2)
    with pytest.raises(TypeError, match=variable("bad")):
        rank_features(sources["dataset"](), "bad")


@pytest.mark.parametrize("kind", ["polars List", "polars Array", "polars Struct"])
def test_a_nested_column_of_a_lazy_frame_is_left_out_with_a_warning_that_names_it(kind):
    lazy = table_of(kind, NESTED[kind]).lazy()
    for frame in (lazy, narwhals.from_native(lazy)):
        with pytest.warns(UserWarning, match=variable("bad")):
            assert rank_features(frame, "y").names == ["c"]


def test_a_nested_column_of_a_relation_is_left_out_with_a_warning_that_names_it():
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect()
    connection.register("source", pa.table({"c": FEW, "y": Y}))
    for nested in ("[c]", "{'a': c}", "map {'a': c}"):
        relation = connection.sql(f"select {nested} as bad, c, y from source")
        with pytest.warns(UserWarning, match=variable("bad")):
            assert rank_features(relation, "y").names == ["c"]


def test_a_nested_column_of_a_dask_dataframe_is_left_out_with_a_warning_that_names_it():
    dataframe = pytest.importorskip("dask.dataframe")
    frame = table_of("pandas", NESTED["pandas Arrow list"])
    parts = dataframe.from_pandas(frame, npartitions=2, sort=False)
    with pytest.warns(UserWarning, match=variable("bad")):
        ranking = fastinfo.dask.rank_features(parts, "y").compute(scheduler="synchronous")
    assert ranking.names == ["c"]


def test_a_table_of_nested_columns_alone_is_refused():
    table = pa.table({"bad": NESTED["pyarrow list"](), "y": Y})
    with pytest.raises((TypeError, ValueError), match=r"bad|X must have at least one column"):
        quiet(lambda: rank_features(table, "y"))


# Columns of missing values alone


@pytest.mark.parametrize("kind", EMPTY)
def test_a_column_of_missing_values_alone_tells_nothing(kind):
    make = EMPTY[kind]
    assert math.isnan(quiet(lambda: mutual_information(make(), Y)))
    assert math.isnan(quiet(lambda: mutual_information(make(), Y, nan_policy="omit")))
    assert math.isnan(quiet(lambda: mutual_information(Y, make(), nan_policy="omit")))
    with pytest.raises(ValueError, match="The input contains nan values"):
        mutual_information(make(), Y, nan_policy="raise")
    table = table_of(kind, make)
    row = quiet(lambda: rank_features(table, "y"))["bad"]
    assert (row.n, row.n_missing) == (0, N)
    assert math.isnan(row.mi)
    matrix = quiet(lambda: mutual_information_matrix(table))
    assert np.isnan(matrix[0]).all()
    assert matrix[1, 2] == close(PLAIN)
    with pytest.raises(ValueError, match=r"'bad' must have at least two values, got only missing"):
        quiet(lambda: rank_features(table, "bad"))


@pytest.mark.parametrize("kind", EMPTY)
def test_a_column_of_missing_values_alone_tells_nothing_in_parts(kind):
    table = table_of(kind, EMPTY[kind])
    counts = ColumnCounts(["bad", "c"], "y")
    pairs = PairCounts(["bad", "c"])
    half = (lambda p: {k: v[p] for k, v in table.items()}) if isinstance(table, dict) else None
    for start in (0, N // 2):
        part = slice(start, start + N // 2)
        if half:
            piece = half(part)
        else:
            piece = table.iloc[part] if hasattr(table, "iloc") else table.slice(start, N // 2)
        counts.update(piece)
        pairs.update(piece)
    ranking = quiet(counts.ranking)
    assert (ranking["bad"].n, ranking["bad"].n_missing) == (0, N)
    assert math.isnan(ranking["bad"].mi)
    assert ranking["c"].mi == close(PLAIN)
    assert np.isnan(quiet(pairs.matrix)[0]).all()


# Names


def test_columns_with_integers_for_names():
    frame = pd.DataFrame(np.c_[REAL, FEW, Y])
    expected = {"0": mutual_information(REAL, Y / 1), "1": mutual_information(FEW / 1, Y / 1)}
    ranking = rank_features(frame, 2)
    assert {row.name: row.mi for row in ranking} == close(expected)
    assert rank_features(frame, "2").names == ranking.names
    assert select_features(frame, 2, 2).names
