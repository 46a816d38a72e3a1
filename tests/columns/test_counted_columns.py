"""Columns that are counted beside a target without codes: the counts are those of their codes."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from helpers import compiled, fixed
from numba import njit

import fastinfo
from fastinfo import num_threads
from fastinfo._bins.columns_in_rows import extremes_in_rows, ranges_in_rows, turn_part
from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._bins.order_statistics import FEWEST_SPREAD, Spread
from fastinfo._bins.ranges import Range
from fastinfo._columns.coding import code_features, code_target
from fastinfo._columns.counted_columns import count_columns
from fastinfo._counts.table import Table
from fastinfo._tables.features import Features
from fastinfo.kernels.binning import transposing
from fastinfo.kernels.counting import cells as kernels

N = FEWEST_SPREAD + 30_001
NAN = np.nan


def binning(bins="mi", **options):
    return Binning.alike(bins, EQUAL_COUNTS, **{"nan_policy": "omit"} | options)


def features(X):
    return Features([f"x{i}" for i in range(X.shape[1])], X, [])


@pytest.fixture
def samples(rng):
    """Columns of all kinds, and which of them a grid takes."""
    X = rng.normal(size=(N, 10))
    X[::9, 1] = NAN
    X[:, 2] = np.exp(3.0 * X[:, 2])  # by the exponent of the numbers
    X[:, 3] = X[:, 3] > 0.0
    X[:, 4] = 2.5
    X[7, 5] = np.inf
    X[::3, 6] = 0.25
    X[:, 7] = NAN
    X[:, 8] = rng.random(N)
    X[:, 9] = np.arange(N)[::-1]
    return X, {0, 1, 2, 8, 9}


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["numbers", "gaps", "labels"])
def test_counts_are_those_of_codes(dtype, kind, samples, rng):
    X, taken = samples
    X = X.astype(dtype)
    y = X[:, 0] + rng.normal(size=N)
    y[::5] = NAN if kind == "gaps" else y[::5]
    target = code_target(y > 0.0 if kind == "labels" else y, "y", binning())
    matrix = code_features(features(X), binning())
    for order in "CFS":
        own = np.asfortranarray(X) if order == "F" else np.ascontiguousarray(X)
        if order == "S":  # rows backwards, every second of twice as many columns
            own = np.repeat(own[::-1], 2, axis=1)[::-1, ::2]
        own.flags.writeable = False
        for threads in (1, 2):
            with num_threads(threads):
                found = count_columns(features(own), binning(), target)
            assert set(found) == taken
            for i, (table, n_missing) in found.items():
                expected = Table.count(matrix.column(i), target.column(0))
                np.testing.assert_array_equal(table.dense(), expected.dense())
                assert table.values.dtype == np.int64
                missing = np.isnan(X[:, i])
                if kind == "gaps":
                    missing |= np.isnan(y)
                assert n_missing == missing.sum()


@compiled
@pytest.mark.parametrize("bins", [2, 3, 30, 300, "fd"])
def test_numbers_of_bins(bins, rng):
    """Of few bins a cell may hold more than 16 bits can count; of many the table is too large."""
    X = rng.normal(size=(N, 4))
    X[: N * 2 // 5, 1] = X[: N * 2 // 5, 1].round(9) * 1e-6
    X[:, 2] = rng.random(N)
    y = rng.integers(0, 30, N)
    target = code_target(y, "y", binning())
    for order in "CF":
        own = np.array(X, order=order)
        found = count_columns(features(own), binning(bins), target)
        assert set(found) <= ({0, 1, 2, 3} if bins in (2, 3, 30) else set())
        if bins in (2, 3):
            assert {0, 2, 3} <= set(found)
        matrix = code_features(features(own), binning(bins))
        for i, (table, _) in found.items():
            expected = Table.count(matrix.column(i), target.column(0))
            np.testing.assert_array_equal(table.dense(), expected.dense())


@compiled
def test_cells_that_hold_more_than_16_bits_count():
    """Two fifths of the samples are in a cell, which so few draws don't show."""
    rng = np.random.default_rng(5)
    X = rng.random((N, 2))
    X[: 2**16 + 50] = X[: 2**16 + 50] * 1e-5 + 0.5
    X = rng.permuted(X, axis=0)
    target = code_target(np.zeros(N) + (np.arange(N) == 0), "y", binning())
    matrix = code_features(features(X), binning(2))
    for order in "CF":
        found = count_columns(features(np.array(X, order=order)), binning(2), target)
        for i, (table, _) in found.items():
            expected = Table.count(matrix.column(i), target.column(0))
            np.testing.assert_array_equal(table.dense(), expected.dense())


@compiled
@pytest.mark.parametrize(
    "options",
    [
        {"nan_policy": "raise"},
        {"missing": "category"},
        {"discrete": True},
        {"discrete": {"x0": True, "x1": True}},
    ],
)
def test_what_is_coded_in_any_case(options, rng):
    X = rng.normal(size=(N, 2))
    y = code_target(X[:, 0] > 0.0, "y", binning())
    assert set(count_columns(features(X), binning(), y)) == {0, 1}
    assert not count_columns(features(X), binning(**options), y)
    assert not count_columns(features(X), binning(np.linspace(-9.0, 9.0, 7)), y)
    assert not count_columns(features(X), Binning("mi", "uniform", nan_policy="omit"), y)
    assert not count_columns(features(X[: FEWEST_SPREAD - 1]), binning(), y)
    assert not count_columns(features((X * 100).astype(int)), binning(), y)
    with num_threads(2):  # of which one would be idle
        assert not count_columns(features(X[:, :1]), binning(), y)
    with num_threads(1):
        assert set(count_columns(features(X[:, :1]), binning(), y)) == {0}


@compiled
def test_columns_of_tables(rng):
    """Floats of any library are counted as they are; others are coded, masks and lists too."""
    X = rng.normal(size=(N, 2))
    X[::9, 1] = NAN
    masked = np.ma.masked_invalid(X[:, 1])
    columns = {
        "array": X[:, 0],
        "strided": X[:, 1],
        "pandas": pd.Series(X[:, 1], index=np.arange(N)[::-1]),
        "float32": pd.Series(X[:, 0].astype(np.float32)),
        "nullable": pd.Series(masked).astype("Float64"),
        "polars": pl.Series(X[:, 0]),
        "gaps": pl.Series(X[:, 1], nan_to_null=True),
        "arrow": pa.chunked_array([X[:1000, 0], X[1000:, 0]]),
        "whole": rng.integers(0, 100, N),
        "words": np.array(["a", "b"])[rng.integers(0, 2, N)],
        "bool": X[:, 0] > 0.5,
    }
    table = Features(list(columns), None, list(columns.values()))
    target = code_target(X[:, 0] > rng.normal(size=N), "y", binning())
    found = count_columns(table, binning(), target)
    names = [table.names[i] for i in found]
    assert {"array", "strided", "pandas", "float32", "polars", "arrow"} <= set(names)
    assert not {"whole", "words", "bool"} & set(names)
    columns["masked"] = masked  # which is refused where it is coded
    more = Features(list(columns), None, list(columns.values()))
    assert set(count_columns(more, binning(), target)) == set(found)
    matrix = code_features(table, binning())
    for i, (counts, n_missing) in found.items():
        expected = Table.count(matrix.column(i), target.column(0))
        np.testing.assert_array_equal(counts.dense(), expected.dense())
        missing = matrix.missing(i)
        assert n_missing == (0 if missing is None else missing.sum())


@compiled
def test_rankings_are_the_same_either_way(samples, rng, monkeypatch):
    X, _ = samples
    y = X[:, 0] + rng.normal(size=N)
    y[::11] = NAN
    rankings = []
    for order in "CF":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rankings.append(repr(fastinfo.rank_features(np.array(X, order=order), y).to_dict()))
    monkeypatch.setattr("fastinfo.ranking.features._MOST_COPIED", 100)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rankings.append(repr(fastinfo.rank_features(X, y).to_dict()))
    monkeypatch.setattr("fastinfo.ranking.features.count_columns", lambda *args: {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rankings.append(repr(fastinfo.rank_features(X, y).to_dict()))
    assert len(set(rankings)) == 1


@pytest.mark.parametrize("order", ["C", "F", None])
def test_some_columns_of_features(order, rng):
    X = rng.normal(size=(4, 6))
    own = features(np.array(X, order=order)) if order else Features(list("abcdef"), None, [*X.T])
    for places in ([0], [2, 3, 4], [0, 2, 5], [1, 4], list(range(6))):
        part = own.chosen(places)
        assert part.names == [own.names[i] for i in places]
        assert part.n_rows == 4
        for k, i in enumerate(places):
            assert part.values(k).tolist() == X[:, i].tolist()
        if order and places[-1] - places[0] == len(places) - 1:
            assert np.shares_memory(part.array, own.array)


# Columns in rows


@pytest.mark.parametrize("dtype", ["f4", "f8", "u1", "i8"])
@pytest.mark.parametrize("shape", [(1, 2), (5, 3), (1000, 7), (40_000, 30)])
def test_extremes_in_rows(dtype, shape, rng, threads):
    X = (rng.normal(size=shape) * 50).astype(dtype)
    assert not extremes_in_rows(X)[2]
    if dtype[0] == "f":
        X[0, 0] = X[-1, -1] = NAN
        X[:, 1] = NAN
        X[0, 0] = np.inf if shape[0] > 1 else 0.0
    least, most, odd = extremes_in_rows(X)
    assert odd == (dtype[0] == "f")
    for i, own in enumerate(ranges_in_rows(X)):
        expected = Range.of(X[:, i].astype(float))
        assert own == expected
        assert (least[i], most[i]) == expected[:2]


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "u2", ">f8", "?"])
@pytest.mark.parametrize("shape", [(3, 2), (70_001, 5), (9001, 21)])
def test_parts_turned(dtype, shape, rng):
    X = (rng.normal(size=shape) * 50).astype(dtype)
    X.flags.writeable = False
    for own in (X, X[::-1], np.repeat(X, 2, axis=1)[:, ::2]):
        n, f = shape
        for left, right in [(0, f), (1, f), (0, 1), (max(f - 9, 0), f)]:
            out = np.zeros((right - left, n + 2), dtype)
            turn_part(own, (1, n), (left, right), out, 2)
            np.testing.assert_array_equal(out[:, 2:-1], own[1:, left:right].T)
            assert not out[:, :2].any()
            assert not out[:, -1].any()


# Kernels


@njit
def turn_in_a_users_function(a, low, scale, last, out, to):
    transposing.turn_to_cells(a, low, scale, last, out, to)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(0, 9), (1, 3), (8, 8), (17, 11), (40, 20)])
@pytest.mark.parametrize("whole", [True, False])
def test_samples_turned_to_cells(dtype, shape, whole, rng):
    a = rng.normal(size=shape).astype(dtype)
    low = a.astype(float).min(axis=0, initial=0.0)
    last = np.arange(shape[1]) * 5.0 + 3.0
    scale = last / 2.0
    if not whole and a.size:
        a[rng.random(shape) < 0.2] = NAN
    out = np.full((shape[1], shape[0] + 3), 9999, np.uint16)
    tiled = [fixed(np.tile(own, 8)) for own in (low, scale, last)]
    turn_in_a_users_function(fixed(a), *tiled, out, 2)
    place = np.clip((a.astype(float) - low) * scale, 0.0, last)
    expected = np.where(np.isnan(a), last + 3.0, np.nan_to_num(place)).astype(int)
    np.testing.assert_array_equal(out[:, 2:-1], expected.T)
    assert (out[:, :2] == 9999).all()
    assert (out[:, -1] == 9999).all()


@njit
def count_in_a_users_function(x, grid, codes, start, width, table):
    k, low, high, scale, shift, last, usual, whole = grid
    kernels.count_cells_beside(
        x, k, low, high, scale, shift, last, usual, whole, codes, start, width, table
    )


@njit
def count_given_in_a_users_function(cells, codes, start, width, table):
    kernels.count_given_cells(cells, codes, start, width, table)


@njit
def join_in_a_users_function(table, bins, width, out):
    kernels.join_cells(table, bins, width, out)


@pytest.mark.parametrize("n", [0, 1, 9, 1500])
def test_cells_counted_and_joined(n, rng):
    x = rng.normal(size=n)
    codes = rng.integers(0, 5, n + 3).astype(np.uint8)
    grid = (0, -2.0, 2.0, 60 / 4.0, 0, 60, np.inf, True)
    cells = np.clip((x + 2.0) * 15.0, 0.0, 60.0).astype(np.uint16)
    expected = np.zeros((64, 5), int)
    np.add.at(expected, (cells, codes[3:]), 1)
    for k in range(2):
        table = np.zeros(64 * 5, np.uint16)
        if k:
            count_given_in_a_users_function(fixed(cells), fixed(codes), 3, 5, table)
        else:
            count_in_a_users_function(fixed(x), grid, fixed(codes), 3, 5, table)
        np.testing.assert_array_equal(table.reshape(64, 5), expected)
    bins = np.sort(rng.integers(0, 4, 64)).astype(np.uint16)
    out = np.zeros((4, 5), np.int64)
    join_in_a_users_function(fixed(table), fixed(bins), 5, out)
    joined = np.zeros((4, 5), int)
    np.add.at(joined, bins, expected)
    np.testing.assert_array_equal(out, joined)


@compiled
def test_grids_and_counts_are_those_of_find(rng):
    a = rng.normal(size=N)
    found = Spread.find(a, 40)
    grid = next(Spread.grids(a, 40))
    assert found is not None
    assert found.n_bins == 40
    assert Spread.of_counts(a, grid, grid.tally(fixed(a)), 40).edges().tolist() == (
        found.edges().tolist()
    )
    assert not list(Spread.grids(a[:100], 40))
