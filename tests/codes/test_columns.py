"""Columns that are awkward to read: long integers with gaps, lists with NaN, nothing at all."""

import decimal
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from helpers import quiet

from fastinfo import JointCounts, contingency_table, mutual_information, rank_features
from fastinfo.streaming import ColumnCounts, survey

BASE = 10**18 + 7


KEPT = np.arange(400) % 10 != 0
VALUES = BASE + np.arange(400) % 331
Y = np.arange(400) % 3
EDGES = np.array([BASE, BASE + 150, BASE + 300], float)


def nullable():
    x = pd.Series(VALUES, dtype="Int64")
    x[~KEPT] = pd.NA
    return x


def test_given_edges_are_in_the_units_of_long_integers():
    options = {"bins": [EDGES, 3], "discrete": (False, True)}
    expected = JointCounts.from_samples(VALUES[KEPT], Y[KEPT], **options)
    found = JointCounts.from_samples(nullable(), Y, **options)
    assert found.table.tolist() == expected.table.tolist()
    assert found.x_edges.tolist() == EDGES.tolist()
    updated = JointCounts.empty(EDGES, [0, 1, 2, 3]).update(nullable(), Y)
    plain = JointCounts.empty(EDGES, [0, 1, 2, 3]).update(VALUES[KEPT], Y[KEPT])
    assert updated.table.tolist() == plain.table.tolist()
    value = mutual_information(nullable(), Y, nan_policy="omit", **options)
    assert value == mutual_information(VALUES[KEPT], Y[KEPT], **options)


@pytest.mark.parametrize("discrete", ["auto", False])
@pytest.mark.parametrize(
    "make",
    [
        lambda k: [BASE + int(i) for i in k],
        lambda k: [2**70 + int(i) for i in k],
        lambda k: pl.Series([2**70 + int(i) for i in k], dtype=pl.Int128),
        lambda k: [decimal.Decimal(BASE + int(i)) for i in k],
        lambda k: pd.Series([BASE + int(i) for i in k], dtype="Int64"),
    ],
)
def test_long_integers_keep_their_distances_in_every_container(make, discrete):
    rng = np.random.default_rng(0)
    k, y = rng.integers(0, 226, 400), rng.integers(0, 3, 400)
    expected = quiet(mutual_information, k, y)
    assert quiet(mutual_information, make(k), y, discrete=(discrete, True)) == expected


def test_integers_beside_none_in_a_list():
    rng = np.random.default_rng(1)
    k, y = rng.integers(0, 226, 400), rng.integers(0, 3, 400)
    x = [BASE + int(i) for i in k]
    x[3] = None
    found = quiet(mutual_information, x, y, nan_policy="omit")
    assert found == quiet(mutual_information, np.delete(k, 3), np.delete(y, 3))


def test_nan_among_texts_of_a_list_is_missing():
    x, y = ["a", "b", float("nan")] * 20, np.arange(60) % 3
    assert np.isnan(mutual_information(x, y))
    with pytest.raises(ValueError, match="missing"):
        mutual_information(x, y, nan_policy="raise")
    assert JointCounts.from_labels(x, y).n_missing == 20
    assert quiet(rank_features, {"a": x}, y)[0].n_missing == 20
    assert quiet(rank_features, {"a": y}, x)[0].n == 40


def test_what_numpy_would_write_out_stays_apart():
    for x in (["1", 1], [True, "True"], [b"a", "a"], ["a", "a\0"]):
        assert len(contingency_table(x * 3, [0, 1] * 3)[1]) == 2, x


@pytest.mark.parametrize(
    "make",
    [
        lambda n: [None] * n,
        lambda n: pa.nulls(n),
        lambda n: pl.Series([None] * n),
        lambda n: pl.Series([None] * n, dtype=pl.Int128),
        lambda n: pd.Series([None] * n, dtype="str"),
        lambda n: pd.Series(pd.Categorical([None] * n)),
        lambda n: pd.Series(pd.Categorical([None] * n, categories=["a"])),
        lambda n: pd.Series([pd.NA] * n, dtype="Int64"),
    ],
)
def test_nothing_is_no_number_and_no_label(make):
    for discrete in ("auto", False, True):
        options = {"discrete": (discrete, True), "nan_policy": "omit"}
        assert np.isnan(mutual_information(make(4), [0, 1, 0, 1], **options))
    assert quiet(rank_features, {"a": make(4), "b": [0, 1, 0, 1]}, [0, 1, 0, 1])["a"].n == 0


@pytest.mark.parametrize("gaps", [False, True])
def test_categories_of_numbers_are_their_values_where_they_are_said_to_be_numbers(gaps):
    rng = np.random.default_rng(2)
    k, y = rng.integers(0, 4, 60), rng.integers(0, 3, 60)
    kept = rng.random(60) < (0.7 if gaps else 2.0)
    for values in ([10, 2, 7, 5], [0.5, 4.0, 1.0, 2.0], [decimal.Decimal(v) for v in (3, 1, 4, 2)]):
        column = pd.Series([values[i] if keep else None for i, keep in zip(k, kept, strict=True)])
        options = {"bins": [3, 3], "discrete": (False, True), "nan_policy": "omit"}
        expected = mutual_information(np.array(values, float)[k[kept]], y[kept], **options)
        assert mutual_information(column.astype("category"), y, **options) == expected


def test_tables_of_one_column_are_a_column():
    y = [0, 1, 1, 0]
    for table in (pa.table({"a": y}), pa.record_batch({"a": y}), pl.DataFrame({"a": y})):
        assert mutual_information(table, y) == mutual_information(y, y)
    with pytest.raises(ValueError, match="x must be one-dimensional"):
        mutual_information(pa.table({"a": y, "b": y}), y)


def test_a_signaling_nan_is_missing():
    x = [decimal.Decimal("sNaN"), decimal.Decimal(1)] * 20
    assert mutual_information(x, np.arange(40) % 4, nan_policy="omit") == 0.0


def test_surveys_of_many_rows_of_which_few_have_a_value():
    x = np.random.default_rng(0).normal(size=200_000)
    x[np.random.default_rng(1).random(x.size) < 0.6] = np.nan
    whole = survey(pd.DataFrame({"x": x}))["x"].edges("x", 200, "quantile").values
    for cuts in ([150_000], [131_072, 140_000], [10]):
        parts = [survey(pd.DataFrame({"x": part}))["x"] for part in np.split(x, cuts)]
        joined = parts[0]
        for part in parts[1:]:
            joined |= part
        assert np.array_equal(joined.edges("x", 200, "quantile").values, whole)


def test_lengths_of_empty_parts_are_compared():
    with pytest.raises(ValueError, match="same length"):
        ColumnCounts(["a"], "t", bins=3).update(np.empty((0, 1)), [1.0, 2.0])
    assert survey(pd.DataFrame({"a": np.zeros(0)})) == {}


@pytest.mark.parametrize("rule", ["sqrt", "sturges", "rice"])
def test_constant_integers_by_rules_of_size(rule):
    table = pd.DataFrame({"x": np.full(40, 7), "y": np.arange(40) % 2})
    counts = ColumnCounts(
        ["x"], "y", bins=rule, strategy="uniform", discrete=(False, True), surveys=survey(table)
    )
    assert quiet(counts.update(table).ranking)[0].mi == 0.0


@pytest.mark.slow
def test_a_reader_loads_what_it_needs():
    """In a process where nothing else has loaded the functions of Arrow."""
    program = """
import numpy as np
import pyarrow as pa
import fastinfo
y = np.arange(6) % 2
runs = pa.RunEndEncodedArray.from_arrays(pa.array([3, 6], pa.int32()), pa.array(["a", "b"]))
for x in (runs, pa.array(list("ababab")), pa.array(list("ababab"), pa.string_view())):
    fastinfo.mutual_information(x, y)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
