"""discretize: codes by which histogram2d counts, for one variable and for columns."""

import math
import pickle

import numpy as np
import pytest
from helpers import few_as_many
from numba import njit

import fastinfo
from fastinfo import Codes, discretize, num_threads
from fastinfo.kernels.binning import searching
from fastinfo.rules import MOST_MI_BINS, mi_bins

NAN = math.nan
INF = math.inf


def assert_counts(found, x, edges=None):
    """The codes count to NumPy's histogram of two variables, the rest has the last code."""
    edges = found.edges[0] if edges is None else edges
    with np.errstate(all="ignore"):
        expected = np.histogramdd(np.asarray(x)[:, None], [edges])[0]
    counts = np.bincount(found.codes, minlength=found.n_levels + 1)
    assert counts[:-1].tolist() == expected.tolist()
    assert counts.size == found.n_levels + 1


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i4", "u1", "i8", ">f8", "longdouble"])
@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_one_variable(dtype, strategy, rng):
    x = (rng.normal(size=3000) * 20 + 100).clip(0, 255).astype(dtype)
    for bins in ("mi", 7, 300, "sturges", [0, 50, 99, 100, 255]):
        found = discretize(x, bins, strategy=strategy)
        with few_as_many():
            codes = discretize(x, bins, strategy=strategy).codes
        np.testing.assert_array_equal(found.codes, codes, strict=True)
        assert isinstance(found, Codes)
        assert isinstance(found.n_levels, int)
        assert found.n_levels == len(found.edges[0]) - 1
        assert found.codes.shape == x.shape
        assert len(found) == 3000
        assert_counts(found, x)
        assert found.codes.max() < found.n_levels
    assert discretize(x).n_levels == mi_bins(3000)


def test_histogram2d_has_the_same_edges(rng):
    for x in (rng.normal(size=500), rng.random(500).astype("f4"), rng.integers(0, 99, 500)):
        for bins in (5, 33):
            np.testing.assert_array_equal(
                discretize(x, bins).edges[0], np.histogram2d(x, x, bins)[1], strict=True
            )


@pytest.mark.parametrize(
    ("bins", "dtype"), [(1, "u1"), (255, "u1"), (256, "u2"), (65535, "u2"), (65536, "u4")]
)
def test_the_smallest_dtype_holds_the_code_of_missing_samples(bins, dtype):
    found = discretize([0.0, NAN, 1.0], bins)
    assert found.codes.dtype == dtype
    assert found.codes.tolist() == [0, bins, bins - 1]


def test_missing_and_dropped_samples():
    x = [NAN, -1.0, 0.0, 0.5, 1.0, 2.0, INF, -INF]
    found = discretize(x, 2, range=(0, 1))
    assert found.codes.tolist() == [2, 2, 0, 1, 1, 2, 2, 2]
    assert discretize(x, 2, range=(0, 1), strategy="quantile").codes.tolist() == (
        found.codes.tolist()
    )
    for strategy in ("uniform", "quantile"):
        with pytest.raises(ValueError, match="is not finite"):
            discretize(x, 2, strategy=strategy)
    empty = discretize([NAN, NAN])
    assert empty.codes.tolist() == [1, 1]
    assert discretize(np.empty(0)).codes.shape == (0,)
    assert discretize(np.full(5, 2.5), 3, strategy="quantile").codes.tolist() == [0] * 5


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i2"])
def test_columns(order, threads, dtype, rng):
    x = np.array(rng.normal(size=(6000, 13)) * np.arange(1, 14) * 100, dtype, order=order)
    if dtype != "i2":
        x[::7, 3] = NAN
        x[:, 5] = NAN
    before = x.copy()
    with num_threads(threads):
        found = discretize(x, strategy="quantile"), discretize(x, 300), discretize(x[::2, 1:], "mi")
    for codes, columns, strategy, bins in (
        (found[0], x, "quantile", "mi"),
        (found[1], x, "uniform", 300),
        (found[2], x[::2, 1:], "uniform", "mi"),
    ):
        assert codes.codes.flags.f_contiguous
        assert codes.n_levels.dtype == np.int64
        assert codes.codes.dtype == (np.uint16 if bins == 300 else np.uint8)
        for j, column in enumerate(columns.T):
            alone = discretize(column.copy(), bins, strategy=strategy)
            np.testing.assert_array_equal(codes.codes[:, j], alone.codes)
            np.testing.assert_array_equal(codes.edges[j], alone.edges[0], strict=True)
            assert codes.n_levels[j] == alone.n_levels
    np.testing.assert_array_equal(x, before)


def test_a_matrix_takes_a_setting_for_each_column(rng):
    x = rng.normal(size=(50, 3))
    found = discretize(x, [2, "sturges", [-1, 0, 4]], range=[(-1, 1), None, None])
    assert found.n_levels.tolist() == [2, np.histogram_bin_edges(x[:, 1], "sturges").size - 1, 2]
    assert found.edges[0].tolist() == [-1, 0, 1]
    assert found.edges[2].tolist() == [-1, 0, 4]
    same = discretize(x, np.array([-1.0, 0, 4]))
    assert [e.tolist() for e in same.edges] == [[-1, 0, 4]] * 3
    assert discretize(x, 4, range=(0, 1)).edges[2].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert discretize(x[:, :1]).codes.shape == (50, 1)
    assert discretize(x[:, :0]).codes.shape == (50, 0)
    assert discretize(x[:0]).codes.shape == (0, 3)


def test_heavy_tails_are_capped(rng):
    with pytest.warns(RuntimeWarning, match=f"{MOST_MI_BINS} are used"):
        found = discretize(np.append(rng.normal(size=2000), 1e9), "fd")
    assert found.n_levels == MOST_MI_BINS


def test_booleans_are_numbers():
    assert discretize([True, False, True], 2).codes.tolist() == [1, 0, 1]


def test_codes_can_be_pickled(rng):
    found = discretize(rng.normal(size=(20, 2)))
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.codes, found.codes)
    assert again.n_levels.tolist() == found.n_levels.tolist()


@pytest.mark.parametrize(
    ("x", "kwargs", "error", "message"),
    [
        (["a", "b"], {}, TypeError, "X must be an array of real numbers"),
        ([1j], {}, TypeError, "X must be an array of real numbers"),
        ([[[1.0]]], {}, ValueError, "X must have one or two dimensions"),
        (3.0, {}, ValueError, "X must have one or two dimensions"),
        ([1.0], {"bins": 0}, ValueError, "must be positive, when an integer, got 0"),
        ([1.0], {"bins": 2.5}, TypeError, "must be an integer, when a scalar, got 2.5"),
        ([1.0], {"bins": "foo"}, ValueError, "must be a number, edges or one of 'mi'"),
        ([1.0], {"bins": [2.0, 1.0]}, ValueError, "monotonically"),
        ([1.0], {"bins": [2.0]}, ValueError, "at least two edges"),
        ([1.0], {"bins": 10**13}, ValueError, "320000000000000 bytes"),
        ([1.0], {"bins": 10**13, "strategy": "quantile"}, ValueError, "320000000000000 bytes"),
        ([1.0], {"strategy": "kmeans"}, ValueError, "strategy must be one of"),
        ([1.0], {"range": (2, 1)}, ValueError, "max must be larger than min"),
        ([1.0], {"range": (2, 1), "strategy": "quantile"}, ValueError, "max must be larger"),
        ([1.0], {"range": (0, INF)}, ValueError, "is not finite"),
        ([1.0], {"range": 3}, ValueError, "range must be a pair of numbers, got 3"),
        ([1.0], {"range": 3, "bins": "fd"}, ValueError, "range must be a pair of numbers, got 3"),
        ([1.0], {"range": (2, 1), "bins": "fd"}, ValueError, "max must be larger than min"),
        ([[1.0, 2.0]], {"bins": ["mi"]}, ValueError, "bins must have an entry for each of the 2"),
        ([[1.0, 2.0]], {"range": [(0, 1)]}, ValueError, "range must be a pair, or have an entry"),
        ([[1.0, 2.0]], {"range": 3}, ValueError, "range must be a pair, or have an entry"),
    ],
)
def test_bad_input(x, kwargs, error, message):
    with pytest.raises(error, match=message):
        discretize(x, **kwargs)


# The search among any edges


@njit
def search_all(x, edges, cells):
    starts = np.empty(cells, np.int32)
    kind, scale, shift, reach = searching.search_grid(edges, starts)
    out = np.empty(x.size, np.uint32)
    searching.search_codes(x, edges, starts, kind, scale, shift, reach, out)
    return out, kind, reach


def searched(x, edges):
    place = np.searchsorted(edges, x, side="right") - 1
    place[x == edges[-1]] = edges.size - 2
    bad = (place < 0) | (place >= edges.size - 1) | np.isnan(x)
    return np.where(bad, edges.size - 1, place)


TINY = 5e-324
EDGES = {
    "two": [0.0, 1.0],
    "uneven": [0.0, 1.0, 1.5, 7.0],
    "duplicated": [0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 2.0],
    "all equal": [2.0] * 5,
    "zeros of both signs": [-1.0, -0.0, 0.0, 1.0],
    "negative zero last": [-3.0, -1.0, -0.0],
    "zero first": [0.0, TINY, 1.0],
    "logarithmic": np.logspace(-300, 300, 77),
    "both signs": np.r_[-np.logspace(5, -5, 40), np.logspace(-5, 5, 40)],
    "infinite": [-INF, -1.0, 0.0, 2.5, INF],
    "subnormal": np.array([-3, 0, 1, 2, 50]) * TINY,
    "widest": [-1.7e308, -1.0, 0.0, 1.7e308],
    "squares": np.arange(300.0) ** 2,
    "clustered": np.r_[0, 0.5 + np.arange(200) * 1e-15, 1],
    "quantiles": np.sort(np.random.default_rng(1).normal(size=1000)),
}


@pytest.mark.slow
@pytest.mark.parametrize("cells", [2, 3, 63, 5000])
@pytest.mark.parametrize("name", EDGES)
def test_search_codes_in_a_users_function(name, cells, rng):
    edges = np.array(EDGES[name], np.float64)
    with np.errstate(over="ignore"):
        around = [edges, np.nextafter(edges, -INF), np.nextafter(edges, INF)]
    far = [INF, -INF, NAN, 0.0, -0.0, TINY, -TINY, 1.7e308, -1.7e308]
    x = np.concatenate([*around, far, rng.normal(size=600), rng.choice(edges, 50)])
    codes, kind, _ = search_all(x, edges, cells)
    assert codes.tolist() == searched(x, edges).tolist()
    assert kind in (searching.LINEAR, searching.BITWISE)


def test_the_grid_leaves_a_short_search(rng):
    for edges in (
        np.logspace(-5, 5, 65),
        np.quantile(rng.normal(size=9999), np.linspace(0, 1, 65)),
    ):
        *_, reach = search_all(edges, edges, 1024)
        assert reach <= 4


def test_the_package_exports_it():
    assert fastinfo.discretize is discretize


def test_dates_of_columns_with_more_or_fewer_bins_than_a_byte_holds():
    days = np.datetime64("2020-01-01") + np.arange(1000).astype("m8[D]")
    edges = [days[[0, 500, 999]], days[::3]]
    found = discretize(np.column_stack([days, days]), bins=edges)
    assert found.codes.dtype == np.uint16
    for column, own in zip(found.codes.T, edges, strict=True):
        np.testing.assert_array_equal(column, discretize(days, bins=own).codes)


def test_dates_among_edges():
    a = np.array(["2025-01-01", "2025-01-02", "NaT", "2025-01-05", "2026-01-01"], "M8[s]")
    edges = np.array(["2025-01-01", "2025-01-03", "2025-01-06"], "M8[D]")
    found = discretize(a, edges)
    assert found.codes.tolist() == [0, 0, 2, 1, 2]
    np.testing.assert_array_equal(found.edges[0], edges)
    assert not np.shares_memory(found.edges[0], edges)
    both = discretize(np.column_stack([a, a[::-1]]), [edges, edges[:2]])
    assert both.codes.T.tolist() == [[0, 0, 2, 1, 2], [1, 1, 1, 0, 0]]
    assert both.n_levels.tolist() == [2, 1]
    durations = a - a[0]
    assert discretize(durations, edges - edges[0], strategy="quantile").codes.tolist() == [
        *(0, 0, 2, 1, 2)
    ]
    for bins in ("mi", 4, edges - edges[0], [0.0, 1.0]):
        with pytest.raises(TypeError, match="must be an array of edges of datetime64"):
            discretize(a, bins)
    with pytest.raises(ValueError, match="at least two edges"):
        discretize(a, edges[:1])
