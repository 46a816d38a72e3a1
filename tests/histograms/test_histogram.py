"""histogram and histogram_bin_edges against NumPy's: the same counts, edges, dtypes and errors."""

import contextlib
import inspect
import math
import re

import numpy as np
import pytest
from helpers import few_as_many, numpy_histogram, quiet
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

import fastinfo
from fastinfo import histogram, histogram_bin_edges, num_threads, rules
from fastinfo._core.coded_variable import CHUNK
from fastinfo.kernels.binning import edges as binning
from fastinfo.kernels.counting import tables as counting

NAN = math.nan
INF = math.inf
DTYPES = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "longdouble"]
DTYPES += [">f8", ">f4", ">i4", ">u2", ">f2"]
RULES = ["auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges"]
RANGES = [None, (0, 1), (-3.5, 70), (np.float32(0.1), np.float32(0.7)), (np.float64(0.1), 2)]


def assert_same(a, *args, **kwargs):
    """Both histograms are identical: shapes, dtypes and all bits; or both fail."""
    try:
        expected = quiet(numpy_histogram, a, *args, **kwargs)
    except ValueError as error:
        with pytest.raises(ValueError, match=re.escape(str(error))):
            quiet(histogram, a, *args, **kwargs)
        return
    for way in (contextlib.nullcontext, few_as_many):
        with way():
            found = quiet(histogram, a, *args, **kwargs)
        for ours, theirs in zip(found, expected, strict=True):
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours, theirs, strict=True)
    kwargs.pop("density", None)
    edges = quiet(histogram_bin_edges, a, *args, **kwargs)
    np.testing.assert_array_equal(edges, expected[1], strict=True)


def samples(dtype, rng, size=700):
    """Samples of a dtype, many of them equal, many on edges."""
    kind = np.dtype(dtype).kind
    if kind in "iu":
        return rng.integers(-40 if kind == "i" else 0, 100, size).astype(dtype)
    return (np.round(rng.normal(size=size) * 8) / 8 + rng.integers(0, 2, size) / 3).astype(dtype)


def test_the_signatures_are_numpys():
    ours, theirs = inspect.signature(histogram), inspect.signature(np.histogram)
    assert [(p.name, p.default) for p in ours.parameters.values()] == [
        (p.name, p.default) for p in theirs.parameters.values()
    ]
    ours, theirs = (
        inspect.signature(f).parameters for f in (histogram_bin_edges, np.histogram_bin_edges)
    )
    assert list(ours)[:4] == list(theirs)
    assert ours["strategy"].kind is inspect.Parameter.KEYWORD_ONLY


# Dtypes, ranges, edges


@pytest.mark.slow
@pytest.mark.parametrize("given_range", RANGES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_equal_bins_of_all_dtypes(dtype, given_range, rng):
    a = samples(dtype, rng)
    for bins in (1, 7, 10, 33, 64):
        assert_same(a, bins, given_range)
        assert_same(a, bins, given_range, density=True)
    assert_same(a[:0], 3, given_range)
    assert_same(a[:1], 3, given_range)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("edges_dtype", ["i1", "u1", "i8", "u8", "f2", "f4", "f8", "longdouble"])
def test_given_edges_of_all_dtypes(dtype, edges_dtype, rng):
    a = samples(dtype, rng)
    for edges in ([0, 1, 2, 3, 50], [0, 0, 1, 1, 9, 9], np.arange(9) / 3, [5], [2, 2]):
        assert_same(a, np.array(edges).astype(edges_dtype))
    assert_same(a, [0, 0.5, 10], density=True)


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("dtype", ["i1", "u4", "f2", "f4", "f8"])
def test_numpys_rules(rule, dtype, rng):
    for a in (samples(dtype, rng), samples(dtype, rng, 20), samples(dtype, rng, 3)):
        assert_same(a, rule)
        assert_same(a, rule, (0, 1))
        assert_same(a, rule, (-3.5, 90))
    assert_same(np.array([], dtype), rule)
    assert_same(np.full(40, 3, dtype), rule)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("low", [0.1, 1000.0, -2e4])
def test_samples_on_every_edge_and_beside_it(dtype, low):
    for bins in (3, 10, 49, 100):
        edges = np.histogram_bin_edges(np.array([low, low + 0.7], dtype), bins)
        a = np.concatenate([edges, np.nextafter(edges, -INF), np.nextafter(edges, INF)])
        assert_same(a.astype(dtype), bins, (edges[0], edges[-1]))
        assert_same(a.astype(dtype), bins)


def test_float32_is_counted_between_float32_edges(rng):
    a = rng.random(20_000).astype(np.float32)
    hist, edges = histogram(a, 100)
    assert edges.dtype == np.float32
    assert_same(a, 100)
    assert_same(a, 100, (0, 1))
    assert_same(a, 300_000, (0, 1))  # where NumPy's rounding in float32 is more than a bin
    assert_same(np.float32(1000) + a, 5_000)
    assert hist.sum() == a.size


def test_float16_in_bulk_is_counted_by_value(rng):
    a = rng.normal(size=300_001).astype(np.float16)
    for setting in (7, 1000, np.linspace(-1, 1, 9), "sturges"):
        assert_same(a, setting)
    assert_same(a.astype(">f2"), 33, (-1, 2))


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", ">i2"])
def test_small_integers_in_bulk_are_looked_up(dtype, rng):
    info = np.iinfo(dtype)
    a = rng.integers(info.min, info.max, 300_000, dtype=np.dtype(dtype).newbyteorder("="))
    a = a.astype(dtype)
    for setting in (2, 10, 256, 999, np.array([info.min, 0, 3, 3, 90]), np.array([0.5, 2.5, 99])):
        assert_same(a, setting)
        assert_same(a, setting, (-3.5, 70.25))
    assert_same(a[::3], 33)


@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_integers_that_float64_does_not_hold(dtype, rng):
    big = 2**62
    a = (rng.integers(0, 60, 500) + big).astype(dtype)
    assert_same(np.append(a, a - np.array(2**20, dtype)), 3)
    assert_same(a, [big, big + 5, big + 6, big + 40])
    assert_same(a, 5, (big, big + 2**14))
    edge = np.array([2**53 - 1, 2**53, 2**53 + 1, 2**60], dtype)
    assert_same(edge, 2, (0, 2**53))
    assert_same(edge, 2, (0, 2**60))


def test_extremes_of_integers():
    for dtype in ("i1", "u1", "i2", "i8", "u8", "i4"):
        info = np.iinfo(dtype)
        assert_same(np.array([info.min, info.max, 0, 1, info.max - 1], dtype), 7)


def test_booleans_warn_as_numpys():
    a = np.array([True, False, True])
    with pytest.warns(RuntimeWarning, match="Converting input from bool to <class 'numpy.uint8'>"):
        hist, edges = histogram(a, 2)
    assert hist.tolist() == [1, 2]
    assert edges.tolist() == [0, 0.5, 1]
    with pytest.warns(RuntimeWarning, match="Converting input from bool"):
        histogram_bin_edges(a)


def test_dates_between_edges():
    a = np.array(["2020-01-01", "2020-02-03", "2020-02-05"], "M8[D]")
    edges = np.array(["2020-01-01", "2020-02-01", "2020-03-01"], "M8[D]")
    hist, found = histogram(a, edges)
    assert hist.tolist() == [1, 2]
    np.testing.assert_array_equal(found, edges)


@pytest.mark.parametrize("kind", ["M8[s]", "m8[s]", "M8[ns]"])
def test_dates_need_edges_of_their_kind(kind):
    a = np.array([0, 86_400, 200_000], "M8[s]" if kind[0] == "M" else "m8[s]").astype(kind)
    edges = np.array([a[0], a[1], a[2]])
    for options in ({}, {"density": True}, {"weights": [1.0, 2.0, 4.0]}):
        expected = np.histogram(a, edges, **options)
        for ours, theirs in zip(histogram(a, edges, **options), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)
            assert ours.dtype == theirs.dtype
    found = histogram_bin_edges(a, edges)
    np.testing.assert_array_equal(found, edges)
    assert not np.shares_memory(found, edges)
    said = {"M": "datetime64", "m": "timedelta64"}[kind[0]]
    other = edges.astype("m8[s]" if kind[0] == "m" else "i8").astype("i8")
    for bins in (3, "auto", "mi", other, edges.astype(float)):
        for function in (histogram, histogram_bin_edges):
            with pytest.raises(TypeError, match=f"`bins` must be an array of edges of {said}"):
                function(a, bins)
    with pytest.raises(ValueError, match="`bins` must increase monotonically"):
        histogram(a, edges[::-1])
    with pytest.raises(ValueError, match="must not hold NaN or NaT"):
        histogram(
            a, np.array([edges[0], np.datetime64("NaT", "s") if kind[0] == "M" else "NaT"], kind)
        )
    with pytest.raises(TypeError, match="weights must be an array of real numbers"):
        histogram(a, edges, weights=a)
    with pytest.raises(TypeError, match="`bins` must hold real numbers"):
        histogram([1, 2], edges)


@pytest.mark.slow
@pytest.mark.parametrize("bins", [1, 2, 3, 10, 1000, 10**6])
@pytest.mark.parametrize(
    "a",
    [
        [2.0**60] * 5,
        [-(2.0**60)] * 5,
        [2.0**52] * 2,
        [1.0, 1.0 + 2.3e-16],
        [-1.0, -1.0 - 2.3e-16],
        [1.0, 1.0 + 1e-12],
        [0.0, 5e-324],
        [0.0, 5e-321],
        [1e308, 1.1e308],
        [3.0, 3.0],
    ],
)
def test_bins_that_are_too_narrow_for_float64(a, bins):
    for dtype in ("f8", "f4", "f2"):
        samples = quiet(np.array(a).astype, dtype)
        if np.isfinite(samples).all():
            assert_same(samples, bins)
            assert_same(samples, bins, (samples.min(), samples.max()))


@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_integers_near_the_end_of_their_dtype(dtype):
    last = np.iinfo(dtype).max
    a = np.array([last, last - 1, last - 1000, last - 2**40], dtype)
    for bins in (1, 10, np.array([0, last - 1000, last - 1, last], dtype), [0.0, 1e18, 2.0**64]):
        assert_same(a, bins)
        assert_same(a[:3], bins)


def test_lists_scalars_and_shapes():
    assert_same([1, 2, 1, 5])
    assert_same(3.5)
    assert_same([[1, 2, 1], [1, 0, 1]], [0, 1, 2, 3])
    assert_same(np.arange(24.0).reshape(2, 3, 4), 5)
    assert_same(np.asfortranarray(np.arange(24.0).reshape(4, 6) ** 2), 5)


def test_layouts_threads_and_untouched_inputs(rng):
    plain = rng.normal(size=3 * CHUNK + 101)
    wide = np.empty((plain.size, 2))
    wide[:, 1] = plain
    frozen = plain.copy()
    frozen.flags.writeable = False
    quantiles = np.quantile(plain, np.linspace(0, 1, 40))
    for setting in (64, quantiles, 3):
        expected = np.histogram(plain, setting)[0]
        for a in (plain, wide[:, 1], frozen, plain[::-1][::-1]):
            for threads in (1, 3):
                with num_threads(threads):
                    np.testing.assert_array_equal(histogram(a, setting)[0], expected)
    assert (plain == frozen).all()


# NaN, infinities, bad input


def test_nan_and_infinities(rng):
    a = rng.normal(size=600)
    a[::7], a[3], a[4] = NAN, INF, -INF
    assert_same(a, 9, (-1, 1))
    assert_same(a, [-1, 0, 0.5, 2])
    assert_same(a, [-INF, 0, 2, INF])
    for bad in (a, a[2:3].repeat(2), np.array([1.0, NAN]), np.array([1.0, INF], "f4")):
        for function in (histogram, histogram_bin_edges):
            if not np.isfinite(bad).all():
                with pytest.raises(ValueError, match=r"autodetected range of \[.*\] is not finite"):
                    function(bad, 5)


@pytest.mark.parametrize(
    ("bins", "given_range", "error"),
    [
        (0, None, ValueError),
        (-2, None, ValueError),
        (2.5, None, TypeError),
        (None, None, TypeError),
        (NAN, None, TypeError),
        ("foo", None, ValueError),
        ([3, 1], None, ValueError),
        ([[1, 2], [3, 4]], None, ValueError),
        (3, (1, 0), ValueError),
        (3, (0, INF), ValueError),
        (3, (NAN, 1), ValueError),
        ("fd", (1, 0), ValueError),
        ("fd", (0, INF), ValueError),
        (10, (1.0, np.nextafter(1.0, 2.0)), ValueError),
    ],
)
def test_errors_hold_numpys_words(bins, given_range, error):
    with pytest.raises(error) as theirs:
        numpy_histogram([1.0, 2.0, 3.0], bins, given_range)
    for function in (histogram, histogram_bin_edges):
        with pytest.raises(error) as ours:
            function([1.0, 2.0, 3.0], bins, given_range)
        assert str(theirs.value) in str(ours.value)


def test_errors_of_our_own():
    for bad in ([1j], np.array(["a"]), np.array([None, 1])):
        with pytest.raises(TypeError, match="a must be an array of real numbers"):
            histogram(bad)
    with pytest.raises(TypeError, match="weights must be an array of real numbers"):
        histogram([1.0], weights=[1j])
    with pytest.raises(TypeError, match="masked array"):
        histogram(np.ma.array([1.0], mask=[True]))
    with pytest.raises(ValueError, match="must not hold NaN"):
        histogram([1.0], [0, NAN, 1])
    with pytest.raises(ValueError, match=r"must be less than 2\*\*31 bins.*320000000000000 bytes"):
        histogram([1.0, 2.0], 10**13)
    with pytest.raises(ValueError, match=r"Got range=None, bins=10|its width is more than"):
        histogram([-1.7e308, 1.7e308])
    with pytest.raises(ValueError, match=r"'auto', 'doane'.*got 'foo'"):
        histogram([1.0], "foo")
    with pytest.raises(ValueError, match="strategy must be one of 'uniform', 'quantile'"):
        histogram_bin_edges([1.0], 3, strategy="other")


# Weights


@pytest.mark.slow
@pytest.mark.parametrize(
    "dtype", ["?", "i1", "u1", "i4", "i8", "u8", "f2", "f4", "f8", "longdouble"]
)
def test_weights_in_equal_bins(dtype, rng):
    for size in (50, 70_000, 3 * 65_536 + 5):
        a = rng.normal(size=size)
        w = (rng.random(size) * 5).astype(dtype)
        assert_same(a, 10, weights=w)
        if dtype != "?":
            assert_same(a, 10, (-1, 2), weights=w, density=True)
        with num_threads(3):
            assert_same(a.astype(np.float32), 7, weights=w)


@pytest.mark.parametrize("dtype", ["i8", "u8", "f8"])
def test_weights_between_given_edges(dtype, rng):
    a = rng.normal(size=150_000)
    w = rng.integers(0, 9, a.size).astype(dtype)  # whole numbers: NumPy's differences are exact
    assert_same(a, [-1, 0, 0.25, 3], weights=w)
    assert_same(a, [-1, 0, 0.25, 3], weights=w, density=True)


def test_weights_between_given_edges_are_not_differences_of_running_sums():
    a, w = [0.5, 1.5, 1.5], [1e17, 1.0, 2.0]
    assert histogram(a, [0, 1, 2], weights=w)[0].tolist() == [1e17, 3.0]


def test_integer_weights_keep_all_digits():
    w = np.array([2**60 + 1, 2, 3])
    assert histogram([0.5, 1.5, 1.5], [0, 1, 2], weights=w)[0].tolist() == [2**60 + 1, 5]


def test_weights_that_do_not_fit():
    with pytest.raises(ValueError, match="weights should have the same shape as a"):
        histogram([1.0, 2.0], weights=[1.0])
    with pytest.raises(ValueError, match=r"weights must have shape \(2, 2\), got \(4,\)"):
        histogram([[1.0, 2.0], [3, 4]], weights=[1.0] * 4)
    for rule in ("auto", "mi"):
        with pytest.raises(TypeError, match="not supported for weighted data"):
            histogram([1.0, 2.0], rule, weights=[1.0, 2.0])


# The rule of one variable, and caps


def test_the_rule_of_one_variable():
    for n in (1, 2, 10, 1000, 10**6, 10**9):
        z = (8 + 324 * n + 12 * (36 * n + 729 * n**2) ** 0.5) ** (1 / 3)
        assert rules.mi_bins_of_one(n) == round(z / 6 + 2 / (3 * z) + 1 / 3)
    assert rules.mi_bins_of_one(0) == 1
    a = np.linspace(0, 1, 1000)
    assert histogram_bin_edges(a, "mi").size == rules.mi_bins_of_one(1000) + 1
    a[::2] = NAN
    assert histogram(a, "mi", (0, 0.5))[0].size == rules.mi_bins_of_one(250)
    with pytest.raises(ValueError, match="max must be larger than min"):
        histogram(a, "mi", (1, 0))


@pytest.mark.parametrize("rule", ["fd", "scott", "auto"])
def test_heavy_tails_do_not_ask_for_terabytes(rule, rng):
    a = np.append(rng.normal(size=2000), 1e13)
    span = None if rule == "fd" else (0, 1e30)
    with pytest.warns(RuntimeWarning, match=f"bins='{rule}' asks for about .*1048576 are used"):
        edges = histogram_bin_edges(a, rule, span)
    assert edges.size == rules.MOST_BINS + 1
    assert edges[-1] == (1e13 if span is None else 1e30)


@pytest.mark.parametrize("rule", RULES)
def test_wide_ranges_do_not_ask_for_terabytes(rule, rng):
    a = rng.normal(size=99)
    with pytest.warns(RuntimeWarning, match="asks for about"):
        assert histogram(a, rule, (-1e200, 1e200))[0].size == rules.MOST_BINS


@pytest.mark.parametrize("rule", RULES)
def test_outliers_below_the_cap_are_numpys(rule, rng):
    for far in (10.0, 1e3, 1e4):
        assert_same(np.append(rng.normal(size=400), far), rule)
    assert_same(np.append(rng.integers(0, 9, 400), 10**5), rule)


# Quantiles


def test_quantile_edges(rng):
    a = rng.normal(size=(30, 7))
    for bins in (1, 4, 64):
        expected = np.unique(np.quantile(a, np.linspace(0, 1, bins + 1)))
        np.testing.assert_array_equal(histogram_bin_edges(a, bins, strategy="quantile"), expected)
    inside = a[(a >= -1) & (a <= 0.5)]
    np.testing.assert_array_equal(
        histogram_bin_edges(a, 5, (-1, 0.5), strategy="quantile"),
        np.quantile(inside, np.linspace(0, 1, 6)),
    )
    assert histogram_bin_edges(a, "sturges", strategy="quantile").size == (
        np.histogram_bin_edges(a, "sturges").size
    )
    assert histogram_bin_edges(a, [0, 1, 5], strategy="quantile").tolist() == [0, 1, 5]
    with pytest.raises(ValueError, match="max must be larger than min"):
        histogram_bin_edges(a, 5, (1, 0), strategy="quantile")
    with pytest.raises(ValueError, match="is not finite"):
        histogram_bin_edges([1, INF], 5, strategy="quantile")


# Kernels in a user's function


@njit
def count_all(x, edges, counts):
    scale, margin, step = binning.grid(edges)
    counting.count_uniform(x, edges, scale, margin, step, counts)


@njit
def sum_all(codes, weights, sums):
    counting.count_weighted(codes, weights, sums)


@pytest.mark.parametrize("bins", [1, 5, 63, 64, 700])
@pytest.mark.parametrize("size", [0, 1, 3, 511, 513, 2049])
def test_count_uniform_in_a_users_function(bins, size, rng):
    x, edges = rng.normal(size=size), np.linspace(-1, 1, bins + 1)
    counts = np.ones(bins + 1, np.uint32)  # kernels add to what is there
    count_all(x, edges, counts)
    assert (counts[:-1] - 1).tolist() == np.histogram(x, edges)[0].tolist()
    assert counts.sum() == size + bins + 1


def test_count_weighted_in_a_users_function(rng):
    codes, weights = rng.integers(0, 9, 500).astype(np.uint8), rng.random(500)
    sums = np.zeros(10)
    sum_all(codes, weights, sums)
    np.testing.assert_array_equal(sums, np.bincount(codes, weights, 10))


@given(
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=60),
    st.integers(1, 40),
    st.sampled_from(["f4", "f8"]),
)
def test_any_samples(values, bins, dtype):
    a = np.array(values, dtype)
    try:
        expected = quiet(numpy_histogram, a, bins)
    except ValueError:
        with pytest.raises(ValueError, match="Too many bins for data range"):
            histogram(a, bins)
        return
    found = histogram(a, bins)
    np.testing.assert_array_equal(found[0], expected[0], strict=True)
    np.testing.assert_array_equal(found[1], expected[1], strict=True)


def test_the_package_exports_them():
    assert fastinfo.histogram is histogram
    assert fastinfo.histogram_bin_edges is histogram_bin_edges
