"""mutual_information_matrix: every pair is scikit-learn's, NumPy's and the twins' answer."""

import datetime as dt
import itertools
import math
import re
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import reference
import sklearn.metrics
from helpers import StopError
from hypothesis import given
from hypothesis import strategies as st
from reference import pairs, selection

import fastinfo
from fastinfo import (
    JointCounts,
    entropy_from_counts,
    mutual_information,
    mutual_information_matrix,
    num_threads,
)
from fastinfo.streaming import PairCounts, survey

NAN = math.nan
INF = math.inf
AVERAGES = ["arithmetic", "geometric", "min", "max", "joint"]
CORRECTIONS = [
    None,
    "miller-madow",
    "jackknife",
    "grassberger",
    "chao-shen",
    "shrinkage",
    "nsb",
    "zhang",
    0.5,
]
LEVELS = [1, 2, 3, 5, 12, 16, 17, 40, 64, 200, 254, 255, 256, 300, 4000]

look = "columns to look at: "
same_value = "constant (information 0): "
all_missing = "all missing (information NaN): "


def says(what):
    """A pattern for a warning of these columns and no other."""
    return f"^{re.escape(look + what)}$"


def assert_close(found, expected, rtol=1e-11, atol=1e-13):
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


def assert_matrix(found, columns, others=None, normalized=None):
    """A matrix is that of the twins of columns of codes, and symmetric to the bit."""
    assert_close(found, pairs.matrix(columns, others, normalized))
    if others is None:
        np.testing.assert_array_equal(found, found.T)


def quiet_matrix(*args, **kwargs):
    """The matrix, of columns that may be empty or have one value."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="columns to look at")
        return mutual_information_matrix(*args, **kwargs)


def columns_of(levels, n, rng):
    """Columns of codes in which each level occurs, in random order; one tells about the next."""
    columns = [rng.permutation(np.arange(n) % k) for k in levels]
    for i in range(1, len(columns)):
        if levels[i] > 1 and i % 2:
            half = rng.random(n) < 0.4
            columns[i][half] = (columns[i - 1] * 7 % levels[i])[half]
            columns[i][: levels[i]] = np.arange(levels[i])
    return columns


def with_gaps(columns, rng, share=0.2, missing=NAN):
    """Columns as floats, a share of the samples missing, apart from the first column."""
    X = np.stack(columns, axis=1).astype(float)
    X[:, 1:][rng.random((len(X), len(columns) - 1)) < share] = missing
    return X


def codes_with_gaps(X):
    """Codes of the columns of whole numbers as floats, -1 for NaN."""
    return [np.where(np.isnan(c), -1, np.nan_to_num(c)).astype(int) for c in X.T]


# Values


def test_the_last_column_is_xor_of_the_others():
    X = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert mutual_information_matrix(X, base=2).tolist() == np.eye(3).tolist()
    assert_close(mutual_information_matrix(X), math.log(2) * np.eye(3))


def test_scikit_learns_example():
    x = [1] * 6 + [2] * 6 + [3] * 5
    y = [1, 1, 1, 1, 2, 1, 2, 2, 2, 2, 3, 1, 3, 3, 3, 2, 2]
    found = mutual_information_matrix(np.stack([x, y], axis=1))
    assert found[0, 1] == pytest.approx(0.41022, abs=5e-6)
    assert found[0, 0] == pytest.approx(reference.entropy_of_counts([6, 6, 5]), rel=1e-14)


@pytest.fixture(scope="module")
def all_levels():
    """Columns of few and of many levels, and their mutual information after scikit-learn."""
    columns = columns_of(LEVELS, 9000, np.random.default_rng(1))
    expected = np.empty((len(columns), len(columns)))
    for i, x in enumerate(columns):
        for j, y in enumerate(columns[: i + 1]):
            expected[i, j] = expected[j, i] = sklearn.metrics.mutual_info_score(x, y)
    return columns, expected


def test_few_and_many_levels_side_by_side(all_levels):
    columns, expected = all_levels
    with pytest.warns(UserWarning, match=says(same_value + "x0")):
        found = mutual_information_matrix(np.stack(columns, axis=1), discrete=True)
    assert_close(found, expected, rtol=1e-10, atol=1e-12)
    assert_matrix(found, columns)


@pytest.mark.parametrize("order", ["C", "F"])
def test_few_levels_alone(order, all_levels):
    columns = all_levels[0][1:11]
    X = np.array(np.stack(columns, axis=1), np.uint8, order=order)
    found = mutual_information_matrix(X, discrete=True)
    assert_close(found, all_levels[1][1:11, 1:11], rtol=1e-10, atol=1e-12)
    assert_matrix(found, columns)


def test_many_levels_alone(all_levels):
    columns = all_levels[0][11:]
    found = mutual_information_matrix(np.stack(columns, axis=1), discrete=True)
    assert_close(found, all_levels[1][11:, 11:], rtol=1e-10, atol=1e-12)


def test_x_against_y(all_levels):
    columns, expected = all_levels
    X, Y = np.stack(columns[1:8], axis=1), np.stack(columns[6:], axis=1)
    found = mutual_information_matrix(X, Y, discrete=True)
    assert found.shape == (7, 9)
    assert_close(found, expected[1:8, 6:], rtol=1e-10, atol=1e-12)
    assert_close(mutual_information_matrix(Y, X, discrete=True), found.T)
    assert_close(
        mutual_information_matrix(X[:, :1], Y[:, :1], discrete=True), expected[1:2, 6:7], atol=1e-12
    )


def test_x_against_itself_as_y(rng):
    columns = columns_of([2, 3, 40, 270], 1000, rng)
    X = np.stack(columns, axis=1)
    found = mutual_information_matrix(X, X, discrete=True)
    assert_close(found, pairs.matrix(columns, columns))
    assert_close(found, mutual_information_matrix(X, discrete=True))  # I(X;X) = H(X)


def test_one_column(rng):
    x = rng.integers(0, 7, 100)
    found = mutual_information_matrix(x[:, None])
    assert found.shape == (1, 1)
    assert found[0, 0] == pytest.approx(reference.entropy_of_counts(np.bincount(x)), rel=1e-13)


def test_bases(rng):
    X = np.stack(columns_of([2, 3, 17, 300], 700, rng), axis=1)
    nats = mutual_information_matrix(X, discrete=True)
    assert_close(
        mutual_information_matrix(X, base=2, discrete=True), nats / math.log(2), rtol=1e-15
    )
    assert_close(
        mutual_information_matrix(X, base=10, discrete=True), nats / math.log(10), rtol=1e-15
    )
    assert_close(mutual_information_matrix(X, X, base=2, discrete=True), nats / math.log(2))
    shares = mutual_information_matrix(X, normalized="joint", discrete=True)
    np.testing.assert_array_equal(
        mutual_information_matrix(X, normalized="joint", base=2, discrete=True), shares
    )


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 511, 513, 4097, 16383, 16384, 16385, 40000])
def test_numbers_of_rows_around_the_sizes_of_blocks(n, rng):
    columns = [rng.integers(0, k, n) for k in (2, 2, 2, 3, 5, 30)]
    columns[1][: n // 2] = columns[0][: n // 2]
    columns[-1][n // 3 :] = columns[-2][n // 3 :]
    found = quiet_matrix(np.stack(columns, axis=1))
    assert_matrix(found, columns)
    other = np.stack(columns[3:], axis=1).astype(np.int8)
    assert_matrix(quiet_matrix(other, np.stack(columns, axis=1)), columns[3:], columns)


def test_one_row():
    with pytest.warns(UserWarning, match=says(same_value + "x0, x1, x2")):
        found = mutual_information_matrix([[5, 1, 1000]])
    assert found.tolist() == np.zeros((3, 3)).tolist()
    assert not np.signbit(found).any()


def information_of_bits(X, Y):
    """Mutual information of all pairs of binary columns, by matrix products."""
    found = 0.0
    for x in (X, ~X):
        for y in (Y, ~Y):
            c = x.T.astype(float) @ y
            p = c / len(X)
            with np.errstate(all="ignore"):
                terms = p * np.log(p / np.outer(x.mean(axis=0), y.mean(axis=0)))
            found = found + np.where(c > 0, terms, 0.0)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("n", [70, 1000])
def test_many_binary_columns(n, rng):
    X = rng.random((n, 600)) < rng.random(600)
    X[:, 300:400] ^= X[:, :100] & (rng.random((n, 100)) < 0.7)
    found = quiet_matrix(X)
    assert_close(found, information_of_bits(X, X))  # on the diagonal: I(X;X) = H(X)
    np.testing.assert_array_equal(found, found.T)
    assert_close(quiet_matrix(X[:, 30:560], X), information_of_bits(X, X)[30:560])


@pytest.mark.filterwarnings("ignore:columns to look at")
def test_many_columns_of_other_numbers_of_levels(rng):
    levels = rng.permutation([2] * 20 + [3] * 15 + [9] * 15 + [60] * 10 + [150] * 8 + [250] * 6)
    columns = [rng.integers(0, k, 400) for k in levels]
    columns[5:9] = [columns[0] // 2, columns[1] % 3, columns[2] // 5, columns[3] % 7]
    assert_matrix(mutual_information_matrix(np.stack(columns, axis=1), discrete=True), columns)


# Corrections and normalization


@pytest.fixture(scope="module")
def corrected_columns():
    """Columns of labels of which some are missing, or none, and the counts of each pair."""
    rng = np.random.default_rng(3)
    columns = columns_of([2, 3, 7, 40, 270], 600, rng)
    columns[2] = columns[2] * 30  # whole numbers that lie apart: those between are no cells
    complete = np.stack(columns, axis=1).astype(float)
    gaps = with_gaps(columns, rng)
    return {
        X is gaps: (X, [[JointCounts.from_labels(x, y) for y in X.T] for x in X.T])
        for X in (complete, gaps)
    }


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("correction", CORRECTIONS)
def test_corrections_are_those_of_the_counts_of_a_pair(correction, gaps, corrected_columns):
    X, counts = corrected_columns[gaps]
    found = mutual_information_matrix(X, discrete=True, correction=correction)
    expected = [[c.mutual_information(correction=correction) for c in row] for row in counts]
    for i in range(len(X.T)):
        own = counts[i][i].table.sum(axis=1)
        expected[i][i] = entropy_from_counts(own, correction=correction)
    assert_close(found, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(found, found.T)
    against = mutual_information_matrix(X[:, 1:], X[:, :3], discrete=True, correction=correction)
    expected = [[c.mutual_information(correction=correction) for c in row[:3]] for row in counts]
    assert_close(against, expected[1:], rtol=1e-10, atol=1e-12)
    if not gaps:
        whole = mutual_information_matrix(X.astype(int), discrete=True, correction=correction)
        assert_close(whole, found, rtol=1e-10, atol=1e-12)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.* what chance alone gives")
@pytest.mark.parametrize("normalized", AVERAGES)
@pytest.mark.parametrize("correction", CORRECTIONS)
def test_normalized(correction, normalized, corrected_columns):
    options = {"discrete": True, "correction": correction, "normalized": normalized}
    for X, _ in corrected_columns.values():
        found = mutual_information_matrix(X, **options)
        for i, x in enumerate(X.T):
            assert found[i, i] == 1.0
            for j, y in enumerate(X.T[:i]):
                expected = mutual_information(x, y, nan_policy="omit", **options)
                assert found[i, j] == pytest.approx(expected, rel=1e-10, abs=1e-12)
                assert found[j, i] == found[i, j]
        if correction is None:
            assert_matrix(found, [pairs.codes_of(x) for x in X.T], normalized=normalized)
        against = mutual_information_matrix(X, X[:, 2:], **options)
        expected = mutual_information(X[:, 0], X[:, 3], nan_policy="omit", **options)
        assert against[0, 1] == pytest.approx(expected, rel=1e-10, abs=1e-12)
        off = ~np.eye(5, 3, -2, dtype=bool)
        assert_close(against[off], found[:, 2:][off], rtol=1e-10, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("average", ["arithmetic", "geometric", "min", "max"])
def test_normalized_is_scikit_learns(average, all_levels):
    columns = all_levels[0][1:12]
    found = mutual_information_matrix(np.stack(columns, axis=1), normalized=average, discrete=True)
    for i, x in enumerate(columns):
        for j, y in enumerate(columns[:i]):
            expected = sklearn.metrics.normalized_mutual_info_score(x, y, average_method=average)
            assert found[i, j] == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("correction", ["shrinkage", "nsb", 0.5, 2])
def test_whole_numbers_that_do_not_occur_are_no_cells(correction, rng):
    X = np.stack([rng.integers(0, 2, 700) * 200, rng.integers(0, 3, 700) * 40 - 50], axis=1)
    Y = np.stack([rng.integers(0, 300, 700) * 1000, rng.integers(0, 2, 700) * 90], axis=1)
    expected = [
        [JointCounts.from_labels(x, y).mutual_information(correction=correction) for y in Y.T]
        for x in X.T
    ]
    found = mutual_information_matrix(X, Y, correction=correction, discrete=True)
    assert_close(found[:, 1], np.array(expected)[:, 1], rtol=1e-10, atol=1e-12)
    assert_close(found, expected, rtol=1e-10, atol=1e-12)
    assert_close(
        mutual_information_matrix(Y, X, correction=correction, discrete=True),
        np.transpose(expected),
        rtol=1e-10,
        atol=1e-12,
    )


@pytest.mark.parametrize("correction", ["shrinkage", "nsb", 0.5])
@pytest.mark.parametrize("bins", [5, 300])
def test_empty_bins_are_cells(correction, bins, rng):
    X = rng.normal(size=(60, 3)) ** 3
    options = {"strategy": "uniform", "correction": correction}
    found = mutual_information_matrix(X, bins=bins, **options)
    for i, x in enumerate(X.T):
        for j, y in enumerate(X.T[:i]):
            table = np.histogram2d(x, y, bins)[0].astype(int)
            expected = JointCounts.from_table(table).mutual_information(correction=correction)
            assert found[i, j] == pytest.approx(expected, rel=1e-9, abs=1e-11)


def test_a_pseudo_count_of_any_real_type(rng):
    X = rng.integers(0, 4, (50, 3))
    found = mutual_information_matrix(X, correction=1)
    np.testing.assert_array_equal(mutual_information_matrix(X, correction=np.float32(1)), found)
    expected = JointCounts.from_labels(X[:, 0], X[:, 1]).mutual_information(correction=1.0)
    assert found[0, 1] == pytest.approx(expected, rel=1e-12)


# Memory


def unaligned(a):
    raw = np.zeros(a.nbytes + 1, np.uint8)
    out = np.frombuffer(raw.data, a.dtype, a.size, offset=1).reshape(a.shape)
    out[...] = a
    return out


def spread_out(a):
    out = np.zeros((2 * a.shape[0], 3 * a.shape[1]), a.dtype)
    out[::2, ::3] = a
    return out[::2, ::3]


def frozen(a):
    a = a.copy()
    a.flags.writeable = False
    return a


LAYOUTS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "strided": spread_out,
    "strided, F": lambda a: spread_out(a.T).T,
    "rows backwards": lambda a: a[::-1].copy()[::-1],
    "columns backwards": lambda a: a[:, ::-1].copy()[:, ::-1],
    "both backwards, F": lambda a: np.asfortranarray(a[::-1, ::-1])[::-1, ::-1],
    "read-only": frozen,
    "read-only, F": lambda a: frozen(a.T).T,
    "byte-swapped": lambda a: a.astype(a.dtype.newbyteorder()),
    "byte-swapped, F": lambda a: np.asfortranarray(a.astype(a.dtype.newbyteorder())),
    "unaligned": unaligned,
    "unaligned, F": lambda a: unaligned(a.T).T,
}


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["?", "u1", "i2", "i8", "u8", "f4", "f8", "U3"])
def test_layouts(dtype, layout, rng):
    codes = rng.integers(0, 2 if dtype == "?" else 9, (150, 4))
    codes[:, 2] = codes[:, 1] // 2 if codes.max() > 1 else codes[:, 1] & codes[:, 0]
    plain = codes.astype(dtype)
    X = LAYOUTS[layout](plain)
    flags = X.flags.writeable
    np.testing.assert_array_equal(X, plain)
    columns = list(codes.T)
    assert_matrix(mutual_information_matrix(X, discrete=True), columns)
    Y = rng.integers(0, 3, (150, 2))
    assert_matrix(mutual_information_matrix(X, Y, discrete=(True, "auto")), columns, list(Y.T))
    if dtype.startswith("f"):
        expected = [pairs.codes_among(c, np.linspace(c.min(), c.max(), 5)) for c in codes.T]
        assert_matrix(mutual_information_matrix(X, bins=4, strategy="uniform"), expected)
        assert_matrix(mutual_information_matrix(X, bins=4), binned(codes, [4] * 4))
    np.testing.assert_array_equal(X, plain)
    assert X.flags.writeable is flags


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["u1", "i4", "f8"])
def test_memory_maps(dtype, order, rng, tmp_path):
    codes = rng.integers(0, 5, (300, 3))
    X = np.array(codes, dtype, order=order)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert isinstance(mapped, np.memmap)
    assert_matrix(mutual_information_matrix(mapped, discrete=True), list(codes.T))
    found = mutual_information_matrix(mapped, bins=3, discrete=False)
    np.testing.assert_array_equal(found, mutual_information_matrix(X, bins=3, discrete=False))


def test_inputs_stay_as_they_are(rng):
    X, Y = rng.normal(size=(100, 4)), rng.integers(0, 3, (100, 2)).astype(np.uint8, order="F")
    X[3, 1] = NAN
    edges, bins = np.linspace(-2, 2, 6), [3, 4, np.linspace(-2, 2, 4), "mi"]
    kept = [a.copy() for a in (X, Y, edges, bins[2])]
    mutual_information_matrix(X, Y, bins=edges)
    mutual_information_matrix(X, bins=bins)
    mutual_information_matrix(X, bins=6, strategy="quantile", missing="category")
    mutual_information_matrix(Y)
    mutual_information_matrix(Y, X)
    for a, before in zip((X, Y, edges, bins[2]), kept, strict=True):
        np.testing.assert_array_equal(a, before, strict=True)
        assert a.flags.writeable
    assert (bins[0], bins[1], bins[3]) == (3, 4, "mi")


def test_tables_stay_as_they_are(mixed):
    frame = pd.DataFrame(mixed)
    kept = frame.copy(deep=True)
    mutual_information_matrix(frame)
    pd.testing.assert_frame_equal(frame, kept)


# Labels of all kinds


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
def test_integers_and_booleans_are_labels(dtype, rng):
    codes = rng.integers(0, 2 if dtype == "?" else 90, (400, 3))
    codes[:, 1] = codes[:, 0] // 3
    assert_matrix(quiet_matrix(codes.astype(dtype), discrete=True), list(codes.T))


@pytest.mark.parametrize("spread", [253, 254, 255, 256])
def test_whole_numbers_below_0(spread, rng):
    X = rng.integers(-128, spread - 128, (1000, 3)).astype(np.int8)
    X[:2] = [[-128] * 3, [spread - 129] * 3]
    X[:, 2] = X[:, 0] // 2
    found = mutual_information_matrix(X, discrete=True)
    assert_matrix(found, [pairs.codes_of(c) for c in X.T])
    assert found[0, 2] == pytest.approx(found[2, 2], rel=1e-12)  # it follows from the first


@pytest.mark.filterwarnings("ignore:columns of many values")
@pytest.mark.parametrize(
    ("origin", "dtype"),
    [(2**64 - 100, "u8"), (2**63 - 20, "u8"), (-(2**63), "i8"), (2**63 - 100, "i8"), (1e15, "i8")],
)
@pytest.mark.parametrize("step", [1, 3])
@pytest.mark.parametrize("order", ["C", "F"])
def test_large_integers_are_told_apart(origin, dtype, step, order, rng):
    codes = rng.integers(0, 30, (500, 3))
    codes[:, 1] = codes[:, 0] % 4
    shifted = [[int(origin) + step * v for v in row] for row in codes.tolist()]
    X = np.array(shifted, dtype, order=order)
    assert_matrix(mutual_information_matrix(X), list(codes.T))
    wide = np.array(X, order=order)
    wide[7, 2] = 0  # so that the column spans far more than bytes
    codes[7, 2] = 31
    assert_matrix(mutual_information_matrix(wide), list(codes.T))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "longdouble"])
def test_floats_may_be_labels(dtype, rng):
    codes = rng.integers(0, 40, (600, 3))
    codes[:, 1] = codes[:, 0] // 5
    X = (codes / 8 - 2).astype(dtype)  # with 0 in it, and nothing that is rounded
    assert_matrix(mutual_information_matrix(X, discrete=True), list(codes.T))
    X[codes == 16] *= -1  # -0.0 is 0.0
    assert_matrix(mutual_information_matrix(X, discrete=True), list(codes.T))


def test_infinity_may_be_a_label(rng):
    codes = rng.integers(0, 3, (90, 2))
    X = np.array([-INF, 1.0, INF])[codes]
    assert_matrix(mutual_information_matrix(X, discrete=True), list(codes.T))


def test_strings_bytes_dates_and_objects_are_labels(rng):
    codes = rng.integers(0, 4, (200, 3))
    codes[:, 2] = codes[:, 0] // 2
    words = np.array(["", "ä", "bb", "ccc"])
    dates = np.datetime64("2020-02-28") + np.arange(4)
    for levels in (
        words,
        np.array([b"", b"a", b"bb", b"c"]),
        dates,
        dates - dates[0],
        words.astype(object),
        np.array([1, "a", 2.5, ("b", 2)], object),
    ):
        assert_matrix(mutual_information_matrix(levels[codes]), list(codes.T))


def test_missing_labels_of_all_kinds(rng):
    codes = rng.integers(0, 4, (200, 3))
    expected = [np.where(c == 3, -1, c) for c in codes.T]
    dates = np.array(["2020-01-01", "2020-01-02", "2020-01-03", "NaT"], "M8[D]")
    for levels in (
        dates,
        np.array(["a", "b", "c", None], object),
        np.array(["a", "b", "c", NAN], object),
        np.array([1, "b", (2,), pd.NA], object),
        np.array([0.5, 1.5, 2.5, NAN]),
        np.array([0.5, 1.5, 2.5, NAN], object),
    ):
        assert_matrix(mutual_information_matrix(levels[codes], discrete=True), expected)


def test_equal_labels_of_several_types_are_one(rng):
    codes = rng.integers(0, 4, (200, 2))
    levels = np.array([1, True, 1.0, "1"], object)
    assert_matrix(mutual_information_matrix(levels[codes]), [c // 3 for c in codes.T])


# Samples that are binned


def binned(X, bins):
    """Codes in bins of equal counts of each column; `bins` is a number for each."""
    return [selection.binned(x, b, "quantile") for x, b in zip(X.T, bins, strict=True)]


@pytest.mark.slow
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", ">f8", "longdouble"])
def test_floats_are_binned_as_histogram2d_where_widths_are_equal(dtype, order, rng):
    X = rng.normal(size=(700, 3))
    X[:, 2] += X[:, 0]
    X = np.array(X, dtype, order=order)
    for bins in (2, 7, 50, 254, 255, 300):
        found = mutual_information_matrix(X, bins=bins, strategy="uniform")
        expected = np.empty((3, 3))
        for i, x in enumerate(X.T):
            for j, y in enumerate(X.T):
                table = np.histogram2d(x, y, bins)[0]
                expected[i, j] = reference.information_of_table(table[table.sum(1) > 0])
        assert_close(found, expected)


@pytest.mark.slow
@pytest.mark.parametrize("n", [3, 50, 700, 30000])
def test_the_number_of_bins_is_that_of_the_rule_without_a_correlation(n, rng):
    X = rng.normal(size=(n, 3))
    X[:, 1] = X[:, 0] + 0.1 * X[:, 1]  # their correlation is no matter
    expected = binned(X, [reference.mi_rule(n)] * 3)
    assert_matrix(quiet_matrix(X), expected)
    np.testing.assert_array_equal(quiet_matrix(X, bins="mi"), quiet_matrix(X))


def test_the_rule_goes_by_the_samples_that_are_there(rng):
    X = rng.normal(size=(900, 2))
    X[::3, 1] = NAN
    expected = binned(X, [reference.mi_rule(900), reference.mi_rule(600)])
    assert_matrix(mutual_information_matrix(X), expected)


@pytest.mark.parametrize("rule", ["auto", "fd", "scott", "sturges", "sqrt", "rice", "doane"])
def test_rules_by_name(rule, rng):
    X = rng.normal(size=(400, 3)) * [1, 5, 100]
    expected = [pairs.codes_among(x, np.histogram_bin_edges(x, rule)) for x in X.T]
    assert_matrix(mutual_information_matrix(X, bins=rule), expected)


@pytest.mark.parametrize("dtype", ["f4", "f8", "longdouble"])
def test_bins_for_each_column(dtype, rng):
    X = rng.normal(size=(500, 3)).astype(dtype)
    edges = [-9.0, -0.5, 0.25, 9.0]
    expected = binned(X, [4, 300, 5])
    assert_matrix(mutual_information_matrix(X, bins=[4, 300, 5]), expected)
    expected[0] = pairs.codes_among(X[:, 0], edges)
    expected[2] = pairs.codes_among(X[:, 2], np.histogram_bin_edges(X[:, 2], "sturges"))
    found = mutual_information_matrix(X, bins=(np.array(edges), 300, "sturges"))
    assert_matrix(found, expected)
    assert_matrix(mutual_information_matrix(X, bins=[edges, 300, "sturges"]), expected)


def test_bins_for_each_column_of_both_sides(rng):
    X, Y = rng.normal(size=(2, 300, 2))
    found = mutual_information_matrix(X, Y, bins=[3, 8])
    assert_matrix(found, binned(X, [3, 8]), binned(Y, [3, 8]))


@pytest.mark.parametrize("bins", [[2, 3], [2, 3, 4]])
def test_a_list_that_would_mean_two_things(bins, rng):
    X, Y = rng.normal(size=(50, 2)), rng.normal(size=(50, 3))
    for a, b in ((X, Y), (Y, X)):
        with pytest.raises(ValueError, match="bins must be an array of edges, or have an entry"):
            mutual_information_matrix(a, b, bins=bins)
    assert mutual_information_matrix(X, Y, bins=np.linspace(-9, 9, 20)).shape == (2, 3)


@pytest.mark.parametrize("bins", [np.array([-1, -0.5, 0.0, 2.0]), [-1, -0.5, 0.0, 2.0]])
def test_edges_for_all_columns(bins, rng):
    X = rng.normal(size=(500, 3))
    X[:, 1] = np.round(X[:, 1], 1)
    X[:3, 2] = INF, -INF, NAN
    expected = [pairs.codes_among(x, bins) for x in X.T]
    assert_matrix(mutual_information_matrix(X, bins=bins), expected)
    Y = rng.integers(0, 3, (500, 2))
    assert_matrix(mutual_information_matrix(X, Y, bins=bins), expected, list(Y.T))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("bins", [2, 7, 40, 260])
def test_quantiles(bins, order, rng):
    X = np.array(rng.normal(size=(600, 3)) ** 3, order=order)
    X[:, 1] = np.round(X[:, 1])  # values that fill a bin are alone
    X[::5, 2] = NAN
    expected = binned(X, [bins] * 3)
    found = mutual_information_matrix(X, bins=bins, strategy="quantile")
    assert_matrix(found, expected)
    np.testing.assert_array_equal(mutual_information_matrix(X, bins=bins), found)
    equal = [np.quantile(x[~np.isnan(x)], np.linspace(0, 1, bins + 1)) for x in X[:, ::2].T]
    for codes, x, edges in zip(expected[::2], X[:, ::2].T, equal, strict=True):
        np.testing.assert_array_equal(codes, pairs.codes_among(x, edges))


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", "i8", "u8", ">i4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_integers_may_be_binned(dtype, order, rng):
    codes = rng.integers(0, 2 if dtype == "?" else 100, (400, 3))
    codes[:, 1] //= 2
    X = np.array(codes, dtype, order=order)
    found = quiet_matrix(X, bins=5, discrete=False)
    assert_matrix(found, binned(codes, [5] * 3))
    found = quiet_matrix(X, bins=5, discrete=False, strategy="uniform")
    expected = [pairs.codes_among(c, np.histogram_bin_edges(c, 5)) for c in codes.T]
    assert_matrix(found, expected)


def test_a_pair_of_words_for_x_and_y(rng):
    X, Y = rng.integers(0, 50, (2, 400, 2)).astype(float)
    labels, bins = [list(a.T.astype(int)) for a in (X, Y)], [binned(a, [6, 6]) for a in (X, Y)]
    for discrete, x, y in (
        ((True, False), labels[0], bins[1]),
        ((False, True), bins[0], labels[1]),
        ((True, True), *labels),
        (True, *labels),
        ((False, "auto"), *bins),
        (["auto", True], bins[0], labels[1]),
        (False, *bins),
    ):
        found = mutual_information_matrix(X, Y, bins=6, discrete=discrete)
        assert_matrix(found, [c.astype(int) for c in x], [c.astype(int) for c in y])
    X, Y = X.astype(int), Y.astype(int)  # more than 32 values are numbers
    found = mutual_information_matrix(X, Y, bins=6, discrete=("auto", False))
    assert_matrix(found, *bins)
    X //= 2
    found = mutual_information_matrix(X, Y, bins=6, discrete=("auto", False))
    assert_matrix(found, list(X.T), bins[1])


def test_agrees_with_mutual_information_of_each_pair(rng):
    X, Y = rng.normal(size=(300, 3)), rng.integers(0, 4, (300, 2))
    X[:, 1] += Y[:, 0]
    found = mutual_information_matrix(X, Y, bins=9, base=2)
    for i, x in enumerate(X.T):
        for j, y in enumerate(Y.T):
            assert found[i, j] == pytest.approx(mutual_information(x, y, bins=9, base=2), rel=1e-11)


# Missing samples


@pytest.fixture
def incomplete(rng):
    """Whole numbers as floats, of few and of many levels, with NaN; and their codes."""
    X = with_gaps(columns_of([2, 2, 3, 7, 40, 300], 900, rng), rng)
    return X, codes_with_gaps(X)


def test_rows_with_a_missing_sample_are_left_out_by_pair(incomplete):
    X, columns = incomplete
    found = mutual_information_matrix(X, discrete=True)
    assert_matrix(found, columns)
    np.testing.assert_array_equal(
        mutual_information_matrix(X, discrete=True, nan_policy="omit"), found
    )
    for i, j in ((1, 2), (3, 4), (2, 5)):
        kept = ~np.isnan(X[:, [i, j]]).any(axis=1)
        dropped = sklearn.metrics.mutual_info_score(X[kept, i], X[kept, j])
        assert found[i, j] == pytest.approx(dropped, rel=1e-10, abs=1e-12)
    against = mutual_information_matrix(X[:, 1:], X[:, :4], discrete=True)
    assert_matrix(against, columns[1:], columns[:4])


@pytest.mark.slow
@pytest.mark.parametrize("levels", [[2] * 6, [2, 2, 3, 3, 4, 4], [3, 2, 2, 2, 2, 5]])
def test_complete_columns_on_both_sides_of_incomplete_ones(levels, rng):
    # Of the complete ones a level is not stored, of those between all are: as many in all.
    columns = [rng.integers(0, k, 700) for k in levels]
    complete = np.stack(columns, axis=1).astype(float)
    whole = mutual_information_matrix(complete, discrete=True)
    for kinds in itertools.product([False, True], repeat=6):
        gaps = np.array(kinds)
        X = complete.copy()
        X[:, gaps] = np.where(rng.random((700, gaps.sum())) < 0.1, NAN, X[:, gaps])
        found = mutual_information_matrix(X, discrete=True)
        assert_matrix(found, codes_with_gaps(X))
        assert_close(found[np.ix_(~gaps, ~gaps)], whole[np.ix_(~gaps, ~gaps)], rtol=1e-12)


@pytest.mark.parametrize("normalized", AVERAGES)
def test_entropies_are_those_of_the_complete_rows_of_a_pair(normalized, incomplete):
    X, columns = incomplete
    found = mutual_information_matrix(X, discrete=True, normalized=normalized)
    assert_matrix(found, columns, normalized=normalized)


@pytest.mark.parametrize("levels", [3, 300])
def test_pairs_without_a_complete_row_are_nan(levels, rng):
    X = rng.integers(0, levels, (800, 3)).astype(float)
    X[:400, 0] = X[400:, 1] = NAN
    options = [{}, {"normalized": "min"}, {"correction": "shrinkage"}, {"correction": "nsb"}]
    for kwargs in options:
        found = mutual_information_matrix(X, discrete=True, **kwargs)
        assert np.argwhere(np.isnan(found)).tolist() == [[0, 1], [1, 0]]
        against = mutual_information_matrix(X[:, :1], X, discrete=True, **kwargs)
        assert np.argwhere(np.isnan(against)).tolist() == [[0, 1]]
        assert against[0, 2] == pytest.approx(found[0, 2], rel=1e-11)


def test_propagate_makes_all_pairs_of_an_incomplete_column_nan(incomplete):
    X, _ = incomplete
    X[:, 2], X[:, 5] = np.nan_to_num(X[:, 2]), np.nan_to_num(X[:, 5])
    found = mutual_information_matrix(X, discrete=True, nan_policy="propagate")
    expected = pairs.matrix(codes_with_gaps(X))
    incomplete_columns = np.isnan(X).any(axis=0)
    assert incomplete_columns.tolist() == [False, True, False, True, True, False]
    expected[incomplete_columns] = expected[:, incomplete_columns] = NAN
    assert_close(found, expected)
    against = mutual_information_matrix(X[:, :3], X, discrete=True, nan_policy="propagate")
    assert_close(against, expected[:3])


def test_raise(incomplete):
    X, columns = incomplete
    for discrete in (True, False):
        with pytest.raises(ValueError, match="contains nan values: x1 must have no missing"):
            mutual_information_matrix(X, discrete=discrete, nan_policy="raise")
        with pytest.raises(ValueError, match="contains nan values: y2 must have no missing"):
            mutual_information_matrix(
                X[:, :1], X[:, [0, 0, 5]], discrete=discrete, nan_policy="raise"
            )
    found = mutual_information_matrix(X[:, :1], discrete=True, nan_policy="raise")
    assert_matrix(found, columns[:1])
    objects = np.array([["a", "b"], [None, "c"]], object)
    with pytest.raises(ValueError, match=r"x0 must have no missing samples .* got 1"):
        mutual_information_matrix(objects, nan_policy="raise")
    with pytest.raises(ValueError, match=r"age must have no missing samples .* got 1"):
        mutual_information_matrix(pd.DataFrame({"age": [1.0, None]}), nan_policy="raise")


def test_missing_may_be_a_level(incomplete):
    X, columns = incomplete
    columns = [np.where(c < 0, 1000, c) for c in columns]
    expected = pairs.matrix(columns)
    for policy in ("omit", "propagate", "raise"):
        found = mutual_information_matrix(X, discrete=True, missing="category", nan_policy=policy)
        assert_close(found, expected)
    found = mutual_information_matrix(X, discrete=True, missing="category", normalized="max")
    assert_matrix(found, columns, normalized="max")
    found = mutual_information_matrix(X, discrete=True, missing="category", correction=0.5)
    counts = JointCounts.from_labels(columns[3], columns[4])
    assert found[3, 4] == pytest.approx(counts.mutual_information(correction=0.5), rel=1e-10)


@pytest.mark.parametrize("levels", [253, 254, 255])
def test_missing_as_a_level_where_bytes_end(levels, rng):
    columns = columns_of([2, levels, 254], 1000, rng)
    X = np.stack(columns, axis=1).astype(float)
    X[::9, 1] = X[::7, 2] = NAN
    columns = [np.where(np.isnan(x), 999, x).astype(int) for x in X.T]
    assert_matrix(mutual_information_matrix(X, discrete=True, missing="category"), columns)
    assert_matrix(mutual_information_matrix(X, discrete=True), codes_with_gaps(X))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_missing_floats(order, strategy, rng):
    X = np.array(rng.normal(size=(700, 4)), order=order)
    X[:, 1] += X[:, 0]
    X[rng.random(X.shape) < 0.15] = NAN
    X[:, 3] = np.nan_to_num(X[:, 3])
    edges = [
        np.quantile(x[~np.isnan(x)], np.linspace(0, 1, 8))
        if strategy == "quantile"
        else np.linspace(np.nanmin(x), np.nanmax(x), 8)
        for x in X.T
    ]
    columns = [pairs.codes_among(x, e) for x, e in zip(X.T, edges, strict=True)]
    options = {"bins": 7, "strategy": strategy}
    assert_matrix(mutual_information_matrix(X, **options), columns)
    found = mutual_information_matrix(X, **options, nan_policy="propagate")
    assert np.isnan(found[:3]).all()
    assert np.isnan(found[:, :3]).all()
    assert found[3, 3] == pytest.approx(pairs.entropies(columns[3], columns[3])[0], rel=1e-11)
    levels = [np.where(c < 0, 7, c) for c in columns]
    assert_matrix(mutual_information_matrix(X, **options, missing="category"), levels)


def test_what_is_outside_the_edges_is_dropped_and_not_missing(rng):
    X, edges = rng.normal(size=(400, 3)), np.linspace(-1, 1, 6)
    X[::7, 1] = NAN
    columns = [pairs.codes_among(x, edges) for x in X.T]
    found = mutual_information_matrix(X, bins=edges)
    assert_matrix(found, columns)
    propagated = mutual_information_matrix(X, bins=edges, nan_policy="propagate")
    kept = np.isnan(propagated) | (propagated == found)
    assert kept.all()
    assert np.argwhere(~np.isnan(propagated)).tolist() == [[0, 0], [0, 2], [2, 0], [2, 2]]
    complete = mutual_information_matrix(X[:, [0, 2]], bins=edges, nan_policy="raise")
    assert_matrix(complete, [columns[0], columns[2]])
    with pytest.raises(ValueError, match=f"x1 must have no missing .* got {len(X[::7])}$"):
        mutual_information_matrix(X, bins=edges, nan_policy="raise")
    levels = [np.where(np.isnan(x), 5, c) for x, c in zip(X.T, columns, strict=True)]
    assert_matrix(mutual_information_matrix(X, bins=edges, missing="category"), levels)


# Columns that tell nothing


def test_columns_without_a_sample_are_nan(rng):
    X = rng.normal(size=(50, 4))
    X[:, 1] = X[:, 3] = NAN
    for kwargs in ({}, {"normalized": "min"}, {"correction": "nsb"}, {"discrete": True}):
        with pytest.warns(UserWarning, match=says(all_missing + "x1, x3")) as record:
            found = mutual_information_matrix(X, **kwargs)
        assert len(record) == 1
        assert np.argwhere(~np.isnan(found)).tolist() == [[0, 0], [0, 2], [2, 0], [2, 2]]
    with pytest.warns(UserWarning, match=says(all_missing + "y0")) as record:
        found = mutual_information_matrix(X[:, [0, 2]], X[:, [1, 2]])
    assert len(record) == 1
    assert np.isnan(found).tolist() == [[True, False]] * 2


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_columns_that_tell_nothing_beside_one_of_many_levels(correction, rng):
    many, two = rng.integers(0, 300, 900), rng.integers(0, 2, 900)
    X = np.stack([many, np.full(900, NAN), np.ones(900), two], axis=1)
    for normalized in (None, "geometric"):
        kwargs = {"discrete": True, "correction": correction, "normalized": normalized}
        with pytest.warns(UserWarning, match="columns to look at") as record:
            found = mutual_information_matrix(X, **kwargs)
        assert [str(w.message) for w in record] == [look + f"{all_missing}x1; {same_value}x2"]
        assert np.isnan(found[1]).all()
        assert np.isnan(found[:, 1]).all()
        assert np.isnan(found).sum() == 7
        with pytest.warns(UserWarning, match="columns to look at"):
            against = mutual_information_matrix(X[:, 1:3], X[:, [0, 3]], **kwargs)
        assert np.isnan(against).tolist() == [[True] * 2, [False] * 2]


@pytest.mark.parametrize("value", [3, 3.5, "a", True, 2**63])
def test_columns_of_one_value_have_no_information(value, rng):
    x = np.full((40, 2), value)
    x = np.concatenate([x, np.roll(x, 1)], axis=1)
    for kwargs in ({}, {"normalized": "arithmetic"}, {"normalized": "joint"}, {"base": 2}):
        with pytest.warns(UserWarning, match=says(same_value + "x0, x1, x2, x3")):
            found = mutual_information_matrix(x, **kwargs)
        assert found.tolist() == np.zeros((4, 4)).tolist()
    Y = rng.integers(0, 5, (40, 3))
    with pytest.warns(UserWarning, match=says(same_value + "x0, x1, x2, x3")):
        found = mutual_information_matrix(x, Y, normalized="max")
    assert found.tolist() == np.zeros((4, 3)).tolist()


def test_both_warnings_name_their_columns(rng):
    frame = pd.DataFrame(
        {
            "nothing": [None] * 20,
            "a": rng.normal(size=20),
            "one": ["w"] * 20,
            "one or missing": [1.0, NAN] * 10,
            "two": [1, 2] * 10,
            "none": np.full(20, NAN),
        }
    )
    with pytest.warns(UserWarning, match="columns to look at") as record:
        found = mutual_information_matrix(frame)
    assert [str(w.message) for w in record] == [
        look + f"{all_missing}nothing, none; {same_value}one, one or missing"
    ]
    assert found[2].tolist()[1:5] == [0.0] * 4
    assert found[3].tolist()[1:5] == [0.0] * 4
    with pytest.warns(UserWarning, match="columns to look at") as record:
        mutual_information_matrix(frame[["a", "two", "one"]], frame[["nothing", "two"]])
    assert [str(w.message) for w in record] == [
        look + same_value + "one",
        look + all_missing + "nothing",
    ]


def test_many_names_are_cut_short():
    with pytest.warns(
        UserWarning, match=r"constant \(information 0\): x0, x1, .*, x9 and 15 more$"
    ):
        mutual_information_matrix(np.zeros((3, 25)))


def test_missing_beside_one_value_is_a_second_level():
    x = np.array([[1.0, NAN]]).T
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = mutual_information_matrix(x, missing="category", discrete=True)
    assert found[0, 0] == pytest.approx(math.log(2))
    with pytest.warns(UserWarning, match=says(same_value + "x0")):
        found = mutual_information_matrix(x * NAN, missing="category")
    assert found.tolist() == [[0.0]]


def test_a_warning_points_to_the_callers_line(rng):
    with pytest.warns(UserWarning, match=says(same_value + "x0, x1")) as record:
        mutual_information_matrix(np.zeros((3, 2)))
    line = sys._getframe().f_lineno - 1
    assert (record[0].filename, record[0].lineno) == (__file__, line)


def test_ids_are_not_warned_of():
    x = np.arange(150)
    X = np.stack([x, 1000 * x, x // 2], axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = mutual_information_matrix(X, discrete=True)
    assert_close(found[:2, :2], np.full((2, 2), math.log(150)))


def test_names_and_mostly_missing_columns_are_warned_of(rng):
    ids, few, x = np.arange(150).astype(str), np.full(150, NAN), rng.normal(size=150)
    few[:70] = x[:70]
    table = {"id": ids, "few": few, "x": x}
    said = "nearly unique .*: id; mostly missing .*: few$"
    counts = PairCounts(list(table), surveys=survey(table)).update(table)
    for measure in (counts.matrix, lambda: mutual_information_matrix(table)):
        with pytest.warns(UserWarning, match=said) as caught:
            measure()
        assert [w.filename for w in caught] == [__file__]
    with pytest.warns(UserWarning, match="mostly missing .*: few$"):
        mutual_information_matrix(table, discrete={"id": True})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mutual_information_matrix({name: column[:99] for name, column in table.items()})


# Tables


@pytest.fixture
def mixed(rng):
    """Columns of a table, null here and there."""
    n = 250
    group = rng.integers(0, 3, n)
    columns = {
        "words": np.array(["ü", "a", "b"])[group].tolist(),
        "few": (group + rng.integers(0, 4, n)).tolist(),
        "halves": (rng.integers(0, 8, n) / 2).tolist(),
        "many": (rng.integers(0, 90, n) + 10 * group).tolist(),
        "floats": (rng.normal(size=n) + group).tolist(),
        "flags": (rng.random(n) < 0.2 + group / 4).tolist(),
        "days": [dt.date(2020, 1, 1) + dt.timedelta(int(k)) for k in rng.integers(0, 9, n)],
    }
    for k, values in enumerate(columns.values()):
        for row in rng.integers(0, n, 5 * k):
            values[row] = None
    return columns


def codes_of_table(columns):
    """Codes by hand: floats, and whole numbers of more than 32 values, in bins; else labels."""
    found = []
    for values in columns.values():
        labels = pairs.codes_of(values)
        kind = type(next(v for v in values if v is not None))
        if kind is float or (kind is int and labels.max() > 31):
            x = np.array([NAN if v is None else v for v in values], float)
            n = int((~np.isnan(x)).sum())
            labels = binned(x[:, None], [reference.mi_rule(n)])[0]
        found.append(labels)
    return found


def tables_of(columns):
    """The same table of several libraries."""
    nullable = {"few": "Int64", "many": "Int16", "flags": "boolean", "halves": "Float32"}
    polars = pl.DataFrame(columns)
    arrow = pa.table(columns)
    return {
        "pandas": pd.DataFrame(columns),
        "pandas, nullable": pd.DataFrame(columns).astype(nullable),
        "pandas, category": pd.DataFrame(columns).astype({"words": "category"}),
        "pandas, other index": pd.DataFrame(columns).set_index("words", drop=False),
        "Polars": polars,
        "Polars, categorical": polars.with_columns(pl.col("words").cast(pl.Categorical)),
        "Polars, enum": polars.with_columns(pl.col("words").cast(pl.Enum(["b", "ü", "c", "a"]))),
        "Polars, small": polars.with_columns(pl.col("few").cast(pl.Int8)),
        "Polars, chunks": pl.concat([polars[:100], polars[100:]], rechunk=False),
        "PyArrow": arrow,
        "PyArrow, dictionary": arrow.set_column(0, "words", arrow["words"].dictionary_encode()),
        "PyArrow, chunks": pa.concat_tables([arrow[:77], arrow[77:]]),
    }


def test_tables_of_all_libraries(mixed):
    expected = pairs.matrix(codes_of_table(mixed))
    for name, table in tables_of(mixed).items():
        found = mutual_information_matrix(table)
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13, err_msg=name)
        np.testing.assert_array_equal(found, found.T)


def test_tables_with_missing_as_a_level(mixed):
    columns = [np.where(c < 0, c.max() + 1, c) for c in codes_of_table(mixed)]
    for table in tables_of(mixed).values():
        assert_matrix(mutual_information_matrix(table, missing="category"), columns)


def test_tables_under_propagate(mixed):
    expected = pairs.matrix(codes_of_table(mixed))
    expected[1:] = expected[:, 1:] = NAN  # words are complete
    for table in tables_of(mixed).values():
        assert_close(mutual_information_matrix(table, nan_policy="propagate"), expected)


def test_words_for_tables(rng):
    values = {"i": rng.integers(0, 60, 300), "f": rng.integers(0, 10, 300) / 4}
    for table in (pd.DataFrame(values), pl.DataFrame(values), pa.table(values)):
        found = mutual_information_matrix(table, discrete=True)
        assert_matrix(found, [pairs.codes_of(v) for v in values.values()])
        found = mutual_information_matrix(table, discrete=False, bins=4)
        assert_matrix(found, binned(np.stack(list(values.values()), axis=1), [4, 4]))
        found = mutual_information_matrix(table, table, discrete=(True, False), bins=4)
        assert_matrix(
            found,
            [pairs.codes_of(v) for v in values.values()],
            binned(np.stack(list(values.values()), axis=1), [4, 4]),
        )
    with pytest.raises(TypeError, match="column 's' must be real numbers to be binned"):
        mutual_information_matrix(pl.DataFrame({"s": ["a", "b"]}), discrete=False)


def test_a_table_against_an_array(mixed, rng):
    columns = codes_of_table(mixed)
    Y = rng.integers(0, 5, (250, 2))
    for table in (pd.DataFrame(mixed), pl.DataFrame(mixed), pa.table(mixed)):
        assert_matrix(mutual_information_matrix(table, Y), columns, list(Y.T))
        assert_matrix(mutual_information_matrix(Y, table), list(Y.T), columns)
        assert_matrix(
            mutual_information_matrix(table, pl.DataFrame(mixed)[:, :3]), columns, columns[:3]
        )


def test_a_column_of_categories_that_do_not_occur(rng):
    codes = rng.integers(0, 3, (90, 2))
    kind = pd.CategoricalDtype(["a", "none", "b", "c", "other"])
    frame = pd.DataFrame(np.array(["c", "a", "b"])[codes]).astype(kind)
    expected = JointCounts.from_labels(*codes.T).mutual_information(correction=0.5)
    found = mutual_information_matrix(frame, correction=0.5)
    assert found[0, 1] == pytest.approx(expected, rel=1e-12)


# Progress


class Heard(list):
    def __call__(self, done, total):
        assert type(done) is int
        assert type(total) is int
        self.append((done, total))


@pytest.mark.parametrize(
    ("levels", "copies"), [([2], 1), ([2, 9, 60], 3), ([2, 300], 4), ([300], 2), ([2], 600)]
)
def test_progress_is_told_of_pairs(levels, copies, threads, rng):
    X = np.stack([rng.integers(0, k, 900) for k in levels * copies], axis=1)
    f = X.shape[1]
    for others, total in ((None, f * (f + 1) // 2), (X[:, :2], f * min(f, 2))):
        heard = Heard()
        found = mutual_information_matrix(X, others, progress=heard)
        done = [d for d, _ in heard]
        assert done[-1] == total
        assert {t for _, t in heard} == {total}
        assert all(a < b for a, b in itertools.pairwise(done))
        assert done[0] > 0
        np.testing.assert_array_equal(found, mutual_information_matrix(X, others))


def test_progress_of_many_columns_is_told_more_than_once(rng):
    heard = Heard()
    with num_threads(1):
        mutual_information_matrix(rng.integers(0, 2, (50, 1100)), progress=heard)
    assert len(heard) > 2


def test_what_progress_raises_comes_out(threads, rng):
    def stop(done, total):
        raise StopError

    for levels in (2, 300):
        with pytest.raises(StopError):
            mutual_information_matrix(rng.integers(0, levels, (900, 4)), progress=stop)


def test_no_bar_without_a_terminal(rng, capfd):
    X = rng.integers(0, 4, (50, 3))
    found = mutual_information_matrix(X, progress=True)
    np.testing.assert_array_equal(found, mutual_information_matrix(X, progress=False))
    assert capfd.readouterr() == ("", "")


# Threads


def make_inputs():
    rng = np.random.default_rng(8)
    long = rng.integers(0, [2, 3, 40], (150_000, 3)).astype(np.uint8)
    gaps = rng.integers(0, [2, 3, 4, 20, 60, 300], (5000, 6)).astype(float)
    gaps[rng.random(gaps.shape) < 0.1] = NAN
    return {
        "many rows": (long, None, {}),
        "many rows, both sides": (long[:, :2], long[:, 1:], {}),
        "many columns": (rng.random((300, 1200)) < 0.4, None, {}),
        "missing": (gaps, None, {"discrete": True}),
        "corrected": (gaps, None, {"discrete": True, "correction": "shrinkage"}),
        "normalized": (gaps, gaps[:, ::2], {"discrete": True, "normalized": "geometric"}),
        "floats": (rng.normal(size=(70_000, 4)), None, {}),
        "quantiles": (rng.normal(size=(9000, 4)), None, {"strategy": "quantile"}),
    }


INPUTS = make_inputs()


@pytest.fixture(scope="module")
def by_one_thread():
    with num_threads(1):
        return {
            name: mutual_information_matrix(X, Y, **kwargs)
            for name, (X, Y, kwargs) in INPUTS.items()
        }


@pytest.mark.slow
@pytest.mark.parametrize("name", INPUTS)
def test_any_number_of_threads_gives_the_same_bits(name, threads, by_one_thread):
    X, Y, kwargs = INPUTS[name]
    found = mutual_information_matrix(X, Y, **kwargs)
    np.testing.assert_array_equal(found, by_one_thread[name])


def test_many_rows_are_counted_once_each(threads):
    X = INPUTS["many rows"][0]
    assert_matrix(mutual_information_matrix(X, discrete=True), list(X.T.astype(int)))


def test_calls_from_several_threads(rng):
    X = rng.integers(0, [2, 9, 300], (3000, 3))
    expected = mutual_information_matrix(X)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: mutual_information_matrix(X), range(8)):
            np.testing.assert_array_equal(found, expected)


# Identities


@pytest.mark.parametrize("gaps", [False, True])
def test_the_order_of_columns_rows_and_levels_is_no_matter(gaps, rng):
    columns = columns_of([2, 2, 3, 5, 5, 17, 40, 130, 280], 800, rng)
    X = with_gaps(columns, rng) if gaps else np.stack(columns, axis=1).astype(float)
    found = mutual_information_matrix(X, discrete=True)
    order = rng.permutation(X.shape[1])
    again = mutual_information_matrix(X[:, order], discrete=True)
    assert_close(again, found[np.ix_(order, order)], rtol=1e-13, atol=1e-14)
    np.testing.assert_array_equal(again, again.T)
    shuffled = mutual_information_matrix(X[rng.permutation(len(X))], discrete=True)
    np.testing.assert_array_equal(shuffled, found)
    assert_close(mutual_information_matrix(-X, discrete=True), found, rtol=1e-13, atol=1e-14)


def test_a_column_is_alone_what_it_is_among_others(rng):
    X = np.stack(columns_of([2, 2, 3, 9, 9, 30, 100, 300], 700, rng), axis=1)
    found = mutual_information_matrix(X, discrete=True)
    for kept in ([0, 3], [1, 2, 4], [5, 7], [6], [0, 1, 2, 3, 4, 5, 6]):
        part = mutual_information_matrix(X[:, kept], discrete=True)
        assert_close(part, found[np.ix_(kept, kept)], rtol=1e-13, atol=1e-14)


def design(*parts):
    """Columns of a full factorial design: any two of them are independent, exactly."""
    n = math.prod(len(p) for p in parts)
    places = np.unravel_index(np.arange(n), [len(p) for p in parts])
    return np.stack([np.array(p)[k] for p, k in zip(parts, places, strict=True)], axis=1)


DESIGNS = {
    "few levels": design([0, 1], [0, 1], [0, 0, 1], [0, 1, 2], [0, 1, 1, 2, 2, 2], range(7)),
    "skewed": design([0] * 9 + [1], [0, 0, 0, 1], [0, 1, 1, 1, 2], [5, 6, 7, 7, 7, 7, 8]),
    "many levels": design(range(300), [0, 1, 1], range(13)),
    "bytes": design(range(251), [0, 0, 1], range(5), [0, 1]),
    "two of many": design([*range(280), 0, 0, 1], [*range(260), 3, 3]),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_independent_columns_have_exactly_no_information(name):
    X = DESIGNS[name]
    off = ~np.eye(X.shape[1], dtype=bool)
    for a in (X, X.astype(np.uint16, order="F"), np.repeat(X, 3, axis=0)):
        found = mutual_information_matrix(a, discrete=True)
        assert (found[off] == 0.0).all()
        assert (found[~off] > 0).all()
        assert (
            mutual_information_matrix(a, normalized="geometric", discrete=True)[off] == 0.0
        ).all()
        assert (mutual_information_matrix(a[:, :1], a[:, 1:], discrete=True) == 0.0).all()


def test_independent_columns_beside_missing_ones_have_exactly_no_information():
    X = DESIGNS["few levels"].astype(float)
    X = np.concatenate([X, np.full((9, X.shape[1]), NAN)])
    found = mutual_information_matrix(X, discrete=True)
    off = ~np.eye(X.shape[1], dtype=bool)
    assert (found[off] == 0.0).all()
    assert (found[~off] > 0.5).any()


def test_copies_share_all_they_have(rng):
    for k in (2, 3, 17, 100, 300):
        x = rng.permutation(np.arange(700) % k)
        X = np.stack([x, k - x, (x * 7919) % 1009 - 400], axis=1)  # the same but for names
        found = mutual_information_matrix(X, discrete=True)
        assert_close(found, np.full((3, 3), found[0, 0]), rtol=1e-13)
        for average in AVERAGES:
            shares = mutual_information_matrix(X, normalized=average, discrete=True)
            assert_close(shares, np.ones((3, 3)), rtol=1e-13)
            assert shares.max() <= 1.0


@st.composite
def codes(draw):
    """Columns of codes, -1 where missing, of few rows."""
    n = draw(st.integers(1, 70))
    levels = draw(st.lists(st.sampled_from([1, 2, 2, 3, 4, 9, 33]), min_size=1, max_size=7))
    share = draw(st.sampled_from([0.0, 0.0, 0.1, 0.6, 1.0]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    columns = [rng.integers(0, k, n) for k in levels]
    for i, column in enumerate(columns):
        if i and rng.random() < 0.5:
            column[:] = (columns[i - 1] + (rng.random(n) < 0.2)) % levels[i]
    for column in columns:
        if rng.random() < 0.6:
            column[rng.random(n) < share] = -1
    return columns


@pytest.mark.slow
@given(codes(), st.sampled_from([None, *AVERAGES]), st.sampled_from("CF"), st.integers(0, 7))
def test_matrices_are_the_twins(columns, normalized, order, split):
    X = np.array(np.stack(columns, axis=1), float, order=order)
    X[X < 0] = NAN
    kwargs = {"discrete": True, "normalized": normalized}
    assert_matrix(quiet_matrix(X, **kwargs), columns, normalized=normalized)
    left, right = X[:, : split + 1], X[:, split:]
    if right.shape[1]:
        found = quiet_matrix(left, right, **kwargs)
        assert_matrix(found, columns[: split + 1], columns[split:], normalized)
    whole = np.stack(columns, axis=1)
    expected = [c + 1 for c in columns]  # here missing is a level
    found = quiet_matrix(whole, discrete=True, normalized=normalized)
    assert_matrix(found, expected, normalized=normalized)
    found = quiet_matrix(X, missing="category", **kwargs)
    assert_matrix(found, expected, normalized=normalized)


@given(codes())
def test_bounds(columns):
    X = np.stack(columns, axis=1).astype(float)
    X[X < 0] = NAN
    found = quiet_matrix(X, discrete=True)
    present = found[~np.isnan(found)]
    assert (present >= 0).all()
    assert not np.signbit(present).any()
    complete = [i for i, x in enumerate(X.T) if not np.isnan(x).any()]
    for i in complete:
        for j in complete:
            assert found[i, j] <= min(found[i, i], found[j, j]) * (1 + 1e-13) + 1e-14
    shares = quiet_matrix(X, discrete=True, normalized="min")
    assert not (shares > 1.0).any()


# What can't be used


def objects(rows):
    a = np.empty((len(rows), len(rows[0])), object)
    for i, row in enumerate(rows):
        a[i] = row
    return a


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (np.zeros((0, 3)), ValueError, "must have at least one row, got none"),
        (np.zeros((0, 3), int), ValueError, "must have at least one row"),
        (np.zeros((4, 0)), ValueError, "must have at least one column, got none"),
        (pd.DataFrame(), ValueError, "must have at least one column"),
        (pd.DataFrame({"a": []}), ValueError, "must have at least one row"),
        (pl.DataFrame({"a": []}), ValueError, "must have at least one row"),
        (np.zeros(4), ValueError, r"must be two-dimensional.*, got shape \(4,\)"),
        ([1, 2, 3, 4], ValueError, r"must be two-dimensional.*, got shape \(4,\)"),
        (pd.Series([1, 2, 3, 4]), ValueError, "must be two-dimensional"),
        (np.zeros((4, 2, 1)), ValueError, r"must be two-dimensional.*, got shape \(4, 2, 1\)"),
        (np.zeros((4, 2), complex), TypeError, "must hold real numbers .* dtype complex128"),
        (np.zeros((4, 2), "V8"), TypeError, "must hold real numbers or labels"),
        (pd.DataFrame({"a": [1j] * 4}), TypeError, "'a' must hold real numbers"),
        (objects([[1, [2]]] * 4), TypeError, "labels must be hashable, got list"),
        (np.ma.masked_equal(np.eye(4), 1), TypeError, "must not be a masked array"),
        ([[1, 2], [3]], ValueError, "must be an array"),
        (pl.DataFrame({"a": [[1], [2]] * 2}), ValueError, "at least one column of numbers or lab"),
    ],
)
def test_samples_that_cannot_be_used(bad, error, message):
    with pytest.raises(error, match=message) as raised:
        mutual_information_matrix(bad)
    named = "column 'a'" in str(raised.value) or "labels" in str(raised.value)
    assert named or str(raised.value).startswith("X ")
    with pytest.raises(error, match=message) as raised:
        mutual_information_matrix(np.eye(4), bad)
    named = "column 'a'" in str(raised.value) or "labels" in str(raised.value)
    assert named or str(raised.value).startswith("Y ")


@pytest.mark.parametrize("bad", [3, 2.5, object(), print])
def test_what_is_no_array_or_table(bad):
    with pytest.raises(TypeError, match="X must be"):
        mutual_information_matrix(bad)


def test_numbers_of_rows_must_be_equal(mixed):
    message = "X and Y must have the same number of rows, got 3 and 4"
    with pytest.raises(ValueError, match=message):
        mutual_information_matrix(np.eye(3), np.eye(4))
    with pytest.raises(ValueError, match=message):
        mutual_information_matrix(np.eye(3), pd.DataFrame(np.eye(4)))
    with pytest.raises(ValueError, match="same number of rows, got 250 and 3"):
        mutual_information_matrix(pl.DataFrame(mixed), np.eye(3))


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"correction": "bayes"}, ValueError, "correction must be one of None, .*, got 'bayes'"),
        ({"correction": -0.5}, ValueError, "correction must be a pseudo-count .* got -0.5"),
        ({"correction": INF}, ValueError, "correction must be a pseudo-count"),
        ({"correction": NAN}, ValueError, "correction must be a pseudo-count"),
        ({"correction": True}, TypeError, "correction must be a name, .* got True"),
        ({"correction": []}, TypeError, "correction must be a name"),
        ({"normalized": "mean"}, ValueError, "normalized must be one of .*, got 'mean'"),
        ({"normalized": True}, ValueError, "normalized must be one of .*, got True"),
        ({"nan_policy": "drop"}, ValueError, "nan_policy must be one of 'omit', .*, got 'drop'"),
        ({"nan_policy": None}, ValueError, "nan_policy must be one of"),
        ({"missing": "level"}, ValueError, "missing must be one of .*, got 'level'"),
        ({"strategy": "equal"}, ValueError, "strategy must be one of 'uniform', .* got 'equal'"),
        ({"base": 1}, ValueError, "`base` must be a positive number"),
        ({"base": 0}, ValueError, "`base` must be a positive number"),
        ({"base": "2"}, TypeError, "base must be a positive real number"),
        ({"discrete": "no"}, ValueError, "discrete must be 'auto', True, False, a pair of"),
        ({"discrete": (None, True)}, ValueError, "discrete must be 'auto', True, False, a pair of"),
        ({"discrete": (True,) * 3}, ValueError, "discrete must be 'auto', True, False, a pair of"),
        ({"bins": 0}, ValueError, "must be positive, when an integer, got 0"),
        ({"bins": 2.5}, TypeError, "must be an integer, when a scalar, got 2.5"),
        ({"bins": "many"}, ValueError, "must be a number, edges or one of 'mi', .*, got 'many'"),
        ({"bins": [1.0, 0.0, 2.0]}, ValueError, "must be monotonically increasing"),
        ({"bins": [[0, 1]] * 3}, ValueError, "bins"),
    ],
)
def test_options_that_cannot_be_used(kwargs, error, message):
    X = np.array([[0.5, 1.5], [2.5, 0.0], [1.0, 0.25]])
    with pytest.raises(error, match=message):
        mutual_information_matrix(X, **kwargs)
    labels = np.array([[0, 1], [2, 0], [1, 0]])
    with pytest.raises(error, match=message):
        mutual_information_matrix(labels, X, **kwargs)
    if "bins" not in kwargs:  # they are checked where they are not needed, too
        with pytest.raises(error, match=message):
            mutual_information_matrix(labels, **kwargs)


def test_both_words_of_a_pair_are_checked():
    with pytest.raises(ValueError, match="discrete must be 'auto', True, False, a pair of"):
        mutual_information_matrix(np.eye(3), np.eye(3), discrete=(True, "no"))
    with pytest.raises(ValueError, match="discrete must be 'auto', True, False, a pair of"):
        mutual_information_matrix(np.eye(3), discrete=(True, "no"))


def test_options_are_keywords():
    with pytest.raises(TypeError, match="positional"):
        mutual_information_matrix(np.eye(3), None, 5)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("value", [INF, -INF])
@pytest.mark.parametrize("strategy", ["quantile", "uniform"])
def test_infinite_samples_are_outside(value, order, strategy):
    X = np.array([[0.0, 1.0], [1.0, value], [2.0, 3.0]], order=order)
    without = np.where(np.isinf(X), np.nan, X)
    options = {"strategy": strategy, "bins": 2}
    for named, A, B, more in (
        ("x1", [X], [without], {}),
        ("y1", [np.eye(3), X], [np.eye(3), without], {"discrete": (True, False)}),
        ("b", [pd.DataFrame(X, columns=["a", "b"])], [without], {"discrete": False}),
    ):
        with pytest.warns(UserWarning, match=rf"^infinite values .* left out: {named} \(1\)$"):
            found = mutual_information_matrix(*A, **options, **more)
        expected = mutual_information_matrix(*B, **options, **more)
        np.testing.assert_array_equal(found, expected)


def test_labels_cannot_be_binned():
    with pytest.raises(TypeError, match="must be real numbers to be binned, got dtype <U1"):
        mutual_information_matrix(np.array([["a"], ["b"]]), discrete=False)
    with pytest.raises(TypeError, match="must be real numbers to be binned, got dtype <U1"):
        mutual_information_matrix(np.eye(2), np.array([["a"], ["b"]]), discrete=("auto", False))


def test_it_is_public():
    assert "mutual_information_matrix" in fastinfo.__all__
    assert fastinfo.mutual_information_matrix is mutual_information_matrix


def test_columns_of_many_labels_are_named_where_chance_gives_most(rng):
    n = 1000
    days, towns, kinds = (rng.integers(0, k, n).astype(str) for k in (200, 40, 3))
    X = pd.DataFrame({"day": days, "town": towns, "kind": kinds, "size": rng.normal(size=n)})
    message = r"columns of many values for 1000 rows: day\. Much or all of their.*chance"
    with pytest.warns(UserWarning, match=message) as caught:
        plug_in = mutual_information_matrix(X)
    assert [w.filename for w in caught] == [__file__]
    assert plug_in[0, 1] > 1.0
    with pytest.warns(UserWarning, match=message):
        mutual_information_matrix(X, X[["town"]])
    words = X.drop(columns="size")
    counts = fastinfo.streaming.PairCounts(list(words)).update(words)
    with pytest.warns(UserWarning, match=message):
        np.testing.assert_allclose(counts.matrix(), plug_in[:3, :3])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mutual_information_matrix(X, correction="chance")[0, 1] < 0.2
        mutual_information_matrix(X[["town", "kind", "size"]])
        mutual_information_matrix(X[:99])
