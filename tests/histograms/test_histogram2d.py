"""histogram2d against NumPy's: the same counts, edges and dtypes, to the last one."""

import contextlib
import inspect
import itertools
import math
import tracemalloc

import numpy as np
import pytest
import reference
from helpers import few_as_many, quiet, run_python
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from fastinfo import histogram2d, num_threads
from fastinfo._core.coded_variable import CHUNK
from fastinfo.kernels.binning import edges as binning
from fastinfo.kernels.counting import tables as counting

NAN = math.nan
INF = math.inf
DTYPES = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "longdouble"]
DTYPES += [">f8", ">f4", ">i4"]


def assert_same(x, y, *args, **kwargs):
    """Both histograms are identical: shapes, dtypes and all bits, as of few samples or many."""
    expected = quiet(np.histogram2d, x, y, *args, **kwargs)
    for way in (contextlib.nullcontext, few_as_many):
        with way():
            found = histogram2d(x, y, *args, **kwargs)
        for ours, theirs in zip(found, expected, strict=True):
            assert ours.dtype == theirs.dtype
            assert ours.shape == theirs.shape
            np.testing.assert_array_equal(ours, theirs, strict=True)


def samples(dtype, rng, size=400):
    """Samples of a dtype, many of them equal."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return rng.integers(0, 2, size).astype(dtype)
    if kind in "iu":
        low = -40 if kind == "i" else 0
        return rng.integers(low, 100, size).astype(dtype)
    return (np.round(rng.normal(size=size) * 8) / 8 + rng.integers(0, 2, size) / 3).astype(dtype)


def test_the_signature_is_numpys():
    assert list(inspect.signature(histogram2d).parameters.values())[2].default == 10
    ours = inspect.signature(histogram2d).parameters
    theirs = inspect.signature(np.histogram2d).parameters
    assert [(p.name, p.default) for p in ours.values()] == [
        (p.name, p.default) for p in theirs.values()
    ]


# Dtypes and layouts


@pytest.mark.slow
@pytest.mark.parametrize(("x_dtype", "y_dtype"), list(itertools.product(DTYPES, DTYPES)))
def test_all_pairs_of_dtypes(x_dtype, y_dtype, rng):
    x, y = samples(x_dtype, rng), samples(y_dtype, rng)
    assert_same(x, y)
    assert_same(x, y, bins=(7, 13))
    assert_same(x, y, bins=[5, 4], range=[[-1, 2], [0, 7]])
    assert_same(x, y, bins=[np.array([-1, 0, 2, 3]), np.linspace(-0.5, 1, 9)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("edges_dtype", ["?", "i1", "u1", "i4", "i8", "u8", "f2", "f4", "f8", "g"])
def test_edges_of_any_dtype(dtype, edges_dtype, rng):
    x, y = samples(dtype, rng), samples(dtype, rng)
    edges = np.array([0, 1] if edges_dtype == "?" else [0, 1, 2, 3, 50]).astype(edges_dtype)
    assert_same(x, y, bins=[edges, edges])
    assert_same(x, y, bins=[edges, 6])
    thirds = (np.arange(7) / 3).astype(edges_dtype)
    assert_same(x, y, bins=[thirds, thirds[::2]])


@pytest.mark.parametrize("dtype", ["u8", "i8"])
def test_integers_that_float64_does_not_hold(dtype, rng):
    big = 2**63 - 100 if dtype == "u8" else 2**62
    x = (rng.integers(0, 60, 500).astype(dtype) + np.array(big, dtype)).astype(dtype)
    y = rng.integers(0, 9, 500)
    assert_same(x, x)
    assert_same(x, y)
    assert_same(x, y.astype("i1"), bins=(3, 2))
    assert_same(x, x, bins=np.array([big, big + 5, big + 6, big + 40], dtype))
    assert_same(x, x, bins=np.array([big, big + 2**12, big + 2**13], np.float64))
    assert_same(x, y, range=[[big, big + 2**12], None])


def test_integers_of_both_signs_that_no_integer_dtype_holds(rng):
    x = rng.integers(2**62, 2**63, 300).astype("u8") * np.uint64(2)
    y = rng.integers(-(2**63), -(2**62), 300)
    assert_same(x, y)
    assert_same(x, y, bins=[np.array([2**63, 2**64 - 1], "u8"), np.array([-(2**63), 0])])


def test_extremes_of_integers():
    for dtype in ("i1", "u1", "i8", "u8", "i4"):
        info = np.iinfo(dtype)
        x = np.array([info.min, info.max, 0, 1, info.max - 1], dtype)
        assert_same(x, x[::-1], bins=7)


def test_long_doubles_are_compared_as_such():
    x = np.arange(1, 60, dtype=np.longdouble) / 3
    y = np.nextafter(x, np.longdouble(INF))
    assert_same(x, y, bins=7)
    assert_same(x, x, bins=x[::4])
    assert_same(x, x.astype(np.float64), bins=x[::4])
    assert_same(np.append(x, np.longdouble(NAN)), np.append(y, x[:1]), range=[[1, 9], [0, 2]])


def test_integers_join_long_doubles_without_loss():
    y = np.array([2**60 + 1, 2**60 + 2, 2**60 + 3])
    assert_same(np.arange(3, dtype=np.longdouble), y, bins=3)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_detected_edges_are_computed_in_the_dtype_of_the_samples(dtype, rng):
    x = rng.uniform(0.1, 0.7, 3000).astype(dtype)
    for bins in (3, 7, 10, 33, 49):
        assert_same(x, x[::-1], bins=bins)
        assert_same(x, x.astype("f8"), bins=bins)
        assert_same(x, x, bins=bins, range=[[np.float32(0.1), np.float32(0.6)], [0.2, 0.5]])


def test_subnormal_samples():
    x = np.arange(40.0) * 5e-324
    assert_same(x, x[::-1], bins=8)
    x = (np.arange(40) * 1e-45).astype(np.float32)
    assert_same(x, x[::-1], bins=8)


def test_layouts(rng, tmp_path):
    plain = rng.normal(size=(2, CHUNK + 101))
    expected = histogram2d(*plain, bins=(9, 14))[0]
    np.testing.assert_array_equal(expected, quiet(np.histogram2d, *plain, bins=(9, 14))[0])
    x, y = plain
    wide = np.empty((x.size, 3))
    wide[:, 0], wide[:, 2] = x, y
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    fixed = y.copy()
    fixed.flags.writeable = False
    unaligned = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(np.float64)
    assert not unaligned.flags.aligned
    for a, b in [
        (wide[:, 0], wide[:, 2]),
        (x[::-1][::-1], y[::-1].copy()[::-1]),
        (mapped, fixed),
        (unaligned, y),
        (np.asfortranarray(wide)[:, 0], wide[:, 2]),
        (x.astype(">f8"), y),
        (x.tolist(), tuple(y.tolist())),
    ]:
        np.testing.assert_array_equal(histogram2d(a, b, bins=(9, 14))[0], expected)


def test_inputs_stay_as_they_are(rng):
    x, y, w = rng.normal(size=(3, 1000))
    edges = np.linspace(-1, 1, 7)
    kept = [a.copy() for a in (x, y, w, edges)]
    histogram2d(x, y, bins=[edges, 5], range=[None, [-1, 1]], weights=w, density=True)
    histogram2d(x, y, bins=edges)
    for a, before in zip((x, y, w, edges), kept, strict=True):
        np.testing.assert_array_equal(a, before, strict=True)
        assert a.flags.writeable


# Edges


@pytest.mark.parametrize("offset", [0.0, 0.1, -7.3, 1e8, 1e15])
@pytest.mark.parametrize("bins", [1, 2, 3, 10, 49, 64, 100])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_samples_on_the_edges_and_one_ulp_beside(offset, bins, dtype):
    edges = offset + np.linspace(0, 3, bins + 1)
    x = edges.astype(dtype)
    inside = [np.nextafter(x, x.dtype.type(side)) for side in (-INF, INF)]
    x = np.concatenate([x, *inside])
    y = np.roll(x, 5)
    assert_same(x, y, bins=bins)
    assert_same(x, y, bins=bins, range=[[edges[0], edges[-1]]] * 2)
    assert_same(x, y, bins=[edges, edges])
    assert_same(x, y, bins=[edges, bins])


@pytest.mark.parametrize("bins", [5, 10, 20, 30, 64, 99, 100])
@pytest.mark.parametrize("dtype", ["i4", "f4", "f8"])
def test_integers_in_bulk_on_edges(bins, dtype, rng):
    x, y = rng.integers(0, 100, (2, 30_000)).astype(dtype)
    assert_same(x, y, bins=bins)
    assert_same(x, y, bins=bins, range=[[0, 100], [0, 100]])
    assert_same(x / 10, y / 10, bins=bins, range=[[0, 10], [0, 10]])


def test_edges_that_are_nearly_equally_spaced(rng):
    edges = np.linspace(0, 1, 41)
    moved = edges.copy()
    moved[1:-1:3] = np.nextafter(moved[1:-1:3], 2)
    far = edges.copy()
    far[1:-1] += rng.uniform(-0.2, 0.2, 39) / 40
    x = np.concatenate([edges, moved, far, rng.random(5000)])
    x = np.concatenate([x, np.nextafter(x, 2), np.nextafter(x, -1)])
    y = rng.permutation(x)
    for x_edges, y_edges in itertools.product((edges, moved, far, edges**2), repeat=2):
        assert_same(x, y, bins=[x_edges, y_edges])


def test_duplicated_and_infinite_edges(rng):
    x = rng.integers(-1, 5, 1000) / 1.0
    for edges in ([0, 1, 1, 2, 2, 2, 3], [0, 0, 1], [1, 1], [2, 2, 2], [0, 3, 3, 3]):
        assert_same(x, x[::-1], bins=[edges, 3])
        assert_same(x, x[::-1], bins=[edges, np.array(edges, float)])
    for edges in ([-INF, 0, 1, INF], [0.5, INF], [-INF, INF]):
        assert_same(x, x[::-1], bins=[edges, 3])


def test_few_edges():
    assert_same([0.0, 1.0], [0.0, 1.0], bins=[[0.5], [0, 1]])
    assert_same([0.0, 1.0], [0.0, 1.0], bins=[[0, 1], [1]])


@pytest.mark.slow
@pytest.mark.parametrize("bins", ["[[], [0, 1]]", "[[0, 1], []]", "[[], 3]", "[[], []]"])
def test_no_edges_are_refused(bins):
    # In a process of its own: kernels that are handed no edges may take it down.
    program = f"import fastinfo; fastinfo.histogram2d([1.0, 2.0], [1.0, 2.0], bins={bins})"
    done = run_python("-c", program)
    assert done.returncode == 1
    assert "ValueError" in done.stderr.splitlines()[-1]


def test_the_users_edges_come_back():
    edges = np.array([0, 1, 5])
    _, x_edges, y_edges = histogram2d([1.0], [2.0], bins=[edges, [0.0, 3.0]])
    np.testing.assert_array_equal(x_edges, edges, strict=True)
    np.testing.assert_array_equal(y_edges, np.array([0.0, 3.0]), strict=True)


# Forms of bins and range


@pytest.mark.parametrize(
    "bins",
    [
        1,
        10,
        np.int8(4),
        np.array(5),
        True,
        (3, 4),
        [3, 4],
        np.array([3, 4]),
        (1, 1),
        [0, 1, 2],
        np.array([0.0, 0.1, 0.5]),
        (0.1, 0.2, 0.6),
        range(-1, 4),
        [[0, 1], [0, 2]],
        [[0, 1], 4],
        (4, np.linspace(0, 1, 5)),
        [np.arange(3), (0, 2)],
        np.array([[0.0, 1.0, 2.0], [0.0, 0.5, 1.0]]),
    ],
)
def test_forms_of_bins(bins, rng):
    assert_same(*rng.normal(size=(2, 200)), bins=bins)
    assert_same(*rng.normal(size=(2, 200)), bins)


@pytest.mark.parametrize(
    "given_range",
    [
        None,
        [[0, 1], [0, 1]],
        ((-1.0, 2), (0.5, 0.75)),
        np.array([[0, 1], [-2, 2]]),
        [None, [0, 1]],
        [(0, 1), None],
        [None, None],
        [[1, 1], [0, 1]],
        [[-5, -4], [8, 9]],
    ],
)
@pytest.mark.parametrize("bins", [7, (3, 5), [[0, 0.3, 1], 4]])
def test_forms_of_range(given_range, bins, rng):
    assert_same(*rng.normal(size=(2, 300)), bins=bins, range=given_range)


def test_one_value():
    for value in (0.0, -0.0, 3, 1e15, -7.5, np.float32(0.1), True):
        assert_same([value] * 5, [value] * 5, bins=3)
        assert_same(np.array([value] * 5), np.arange(5), bins=3)


# NaN, infinity, emptiness


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "longdouble"])
def test_nan_and_infinity_are_dropped_where_the_edges_are_given(dtype, rng):
    x, y = rng.normal(size=(2, 900)).astype(dtype)
    x[::7], x[::11], y[::13], y[::17] = NAN, INF, NAN, -INF
    assert_same(x, y, bins=(6, 8), range=[[-2, 2], [-1, 1]])
    assert_same(x, y, bins=np.linspace(-2, 2, 12))
    assert_same(x, y, bins=[[-3, 0, 1, 5], np.array([-INF, 0, 1, INF])])


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "longdouble"])
def test_a_detected_range_must_be_finite(bad, dtype):
    x = np.array([0.0, 1.0, bad], dtype)
    with pytest.raises(ValueError, match=r"autodetected range of \[.*\] is not finite"):
        histogram2d(x, np.arange(3.0))
    with pytest.raises(ValueError, match=r"autodetected range of \[.*\] is not finite"):
        histogram2d(np.arange(3.0), x, range=[[0, 1], None])
    assert_same(x, np.arange(3.0), range=[[0, 1], None])


@pytest.mark.parametrize(("dtype", "most"), [("f2", 60_000), ("f4", 3e38), ("f8", 1.7e308)])
def test_a_range_wider_than_its_dtype_is_refused(dtype, most):
    # The edges would be NaN, and every sample outside: NumPy raises ValueError as well.
    x = np.array([-most, 0, most], dtype)
    with pytest.raises(ValueError, match="invalid entry"):
        quiet(np.histogram2d, x, x, 4)
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="range"):
        histogram2d(x, x, 4)


@pytest.mark.parametrize("empty", [[], np.empty(0), np.empty(0, int), np.empty(0, np.float32)])
def test_empty(empty):
    for bins in (4, (3, 2), [[0, 1], [0, 1]], [[0, 2, 3], 5]):
        assert_same(empty, empty, bins=bins)
    assert_same(empty, empty, bins=2, range=[[1, 2], None])
    assert_same(empty, empty, bins=2, weights=[])
    assert_same(empty, empty, bins=2, density=True)


# Density and weights


@pytest.mark.parametrize("bins", [5, (3, 4), [[-1, 0, 0.1, 2], np.linspace(-2, 2, 7)]])
def test_density_to_the_bit(bins, rng):
    for dtype in ("f4", "f8", "i4"):
        x, y = (rng.normal(size=(2, 500)) * 3).astype(dtype)
        assert_same(x, y, bins=bins, density=True)
        assert_same(x, y, bins=bins, density=False)
        assert_same(x, y, bins=bins, density=True, weights=rng.random(500))


def test_density_of_nothing_and_of_no_width():
    assert_same([5.0], [5.0], bins=[[0, 1], [0, 1]], density=True)
    assert_same([1.0, 0.0], [1.0, 0.0], bins=[[0, 1, 1], [0, 1]], density=True)


@pytest.mark.parametrize("dtype", ["?", "i1", "i8", "u4", "f2", "f4", "f8", ">f8"])
def test_weights_add_up_to_the_same_bits(dtype, rng):
    x, y = rng.normal(size=(2, 5000))
    w = (rng.normal(size=5000) * 10).astype(dtype)
    assert_same(x, y, bins=3, weights=w)
    assert_same(x, y, bins=3, range=[[-1, 1], [-1, 1]], weights=w)
    assert_same(x, y, bins=[[-1, 0, 2], 7], weights=w.tolist())
    strided = np.repeat(w, 2)[::2]
    assert_same(x, y, weights=strided)


def test_weights_of_several_chunks_add_up_in_the_order_of_the_samples(threads, rng):
    x, y = rng.normal(size=(2, 2 * CHUNK + 33))
    w = rng.lognormal(0, 10, x.size)
    assert_same(x, y, bins=2, weights=w)


def test_weights_that_are_not_finite(rng):
    x, y = rng.random(size=(2, 100))
    w = rng.random(100)
    w[3], w[50], w[70] = NAN, INF, -INF
    assert_same(x, y, bins=3, weights=w)


# Errors


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        (([1, 2], [1, 2, 3]), {}),
        ((np.ones(10), np.ones(11)), {}),
        (([1.0], [1.0]), {"bins": 0}),
        (([1.0], [1.0]), {"bins": -4}),
        (([1.0], [1.0]), {"bins": (3, 0)}),
        (([1.0], [1.0]), {"bins": [0.5, 3]}),
        (([1.0], [1.0]), {"bins": 2.5}),
        (([1.0], [1.0]), {"bins": (2, 3.5)}),
        (([1.0], [1.0]), {"bins": [5]}),
        (([1.0], [1.0]), {"bins": [[1, 2, 3]]}),
        (([1.0], [1.0]), {"bins": [[1, 2], [2, 1]]}),
        (([1.0], [1.0]), {"bins": [3, 2, 1]}),
        (([1.0], [1.0]), {"bins": [[[1, 2], [2, 3]], 3]}),
        (([1.0], [1.0]), {"range": [[0, 1]]}),
        (([1.0], [1.0]), {"range": [[0, 1], [0, 1], [0, 1]]}),
        (([1.0], [1.0]), {"range": [[1, 0], [0, 1]]}),
        (([1.0], [1.0]), {"range": [[0, INF], [0, 1]]}),
        (([1.0], [1.0]), {"range": [None, [NAN, 1]]}),
        (([1.0, NAN], [1.0, 2.0]), {}),
        (([1.0, 2.0], [-INF, 2.0]), {}),
        (([1.0, 2.0], [1.0, 2.0]), {"weights": [1.0]}),
        (([1.0, 2.0], [1.0, 2.0]), {"weights": [1.0, 2.0, 3.0]}),
    ],
)
def test_errors_have_numpys_type_and_words(args, kwargs):
    with pytest.raises((ValueError, TypeError)) as theirs:
        np.histogram2d(*args, **kwargs)
    with pytest.raises(theirs.type) as ours:
        histogram2d(*args, **kwargs)
    assert str(theirs.value).rstrip(".") in str(ours.value)


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"bins": "auto"}, TypeError, "must be an integer"),
        ({"bins": None}, TypeError, "must be an integer"),
        ({"bins": [["a", "b"], 3]}, TypeError, r"`bins\[0\]` must hold real numbers"),
        ({"bins": [3, [0, NAN, 1]]}, ValueError, r"`bins\[1\]` must not hold NaN"),
        ({"range": [[0, 1, 2], None]}, ValueError, "range must be a pair of numbers"),
        ({"range": [5, None]}, ValueError, "range must be a pair of numbers, got 5"),
        ({"weights": ["a", "b"]}, TypeError, "weights must be an array of real numbers"),
        ({"weights": [1j, 2]}, TypeError, "weights must be an array of real numbers"),
        ({"weights": [[1.0, 2.0]]}, ValueError, "weights must have the shape of the samples"),
    ],
)
def test_errors_say_what_is_wrong(kwargs, error, message):
    with pytest.raises(error, match=message):
        histogram2d([1.0, 2.0], [1.0, 2.0], **kwargs)


@pytest.mark.parametrize("bad", [[1j, 2], ["a", "b"], [None, 1], [object(), 1]])
def test_samples_must_be_real_numbers(bad):
    for args, name in (((bad, [1, 2]), "x"), (([1, 2], bad), "y")):
        with pytest.raises(TypeError, match=f"{name} must be an array of real numbers, got dtype"):
            histogram2d(*args)


def test_samples_must_be_vectors():
    with pytest.raises(ValueError, match=r"x must be one-dimensional, got shape \(2, 2\)"):
        histogram2d([[1, 2], [3, 4]], [1, 2])
    with pytest.raises(ValueError, match=r"y must be one-dimensional, got shape \(\)"):
        histogram2d([1], 1)


def test_masked_arrays_are_refused():
    with pytest.raises(TypeError, match="x must not be a masked array"):
        histogram2d(np.ma.masked_equal([1.0, 2.0], 1.0), [1, 2])


def test_a_table_that_does_not_fit_says_how_many_bytes():
    size = 16 * (10**6 + 1) ** 2
    with pytest.raises(ValueError, match=f"1000000 by 1000000 .* {size} bytes"):
        histogram2d([1.0, 2.0], [1.0, 2.0], bins=10**6)
    with pytest.raises(ValueError, match="bytes"):
        histogram2d([1.0, 2.0], [1.0, 2.0], bins=10**6, weights=[1.0, 1.0])
    with pytest.raises(ValueError, match="bytes"):
        histogram2d([1.0, 2.0], [1.0, 2.0], bins=2**40)


def test_a_table_that_does_not_fit_is_refused_before_its_edges_are_made():
    # With 10**9 bins the edges alone would take the machine down.
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="bytes"):
            histogram2d([1.0, 2.0], [1.0, 2.0], bins=10**7)
        assert tracemalloc.get_traced_memory()[1] < 10**7
    finally:
        tracemalloc.stop()


# Threads and blocks


@pytest.mark.parametrize("size", [1, 2, 511, 512, 513, 1023, 1025, 4097])
def test_odd_block_lengths(size, rng):
    x, y = np.round(rng.normal(size=(2, size)), 1)
    assert_same(x, y, bins=(9, 7))
    assert_same(x, y, bins=(9, 7), range=[[-1, 1], [-2, 0]])
    assert_same(x, y, bins=np.array([-1, 0, 0.3, 2]))


SMALL = ["?", "i1", "u1", "i2", "u2", ">i2"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("x_dtype", "y_dtype"),
    [*zip(SMALL, SMALL, strict=True), ("u1", "i1"), ("u1", "i2"), ("i2", "f8")],
)
def test_small_integers_in_bulk(x_dtype, y_dtype, rng):
    size = (1 << 19) + 77
    x, y = (
        rng.integers(-300, 300, size).astype(dtype.replace(">", "")).astype(dtype)
        for dtype in (x_dtype, y_dtype)
    )
    for bins, given_range in [
        (2, None),
        ((256, 7), [[0, 256], [-3.5, 77.25]]),
        ([np.array([-128, -1, 0, 0, 5]), np.array([0.5, 1, 99])], None),
    ]:
        with num_threads(3):
            assert_same(x, y, bins=bins, range=given_range)
    before = x.copy()
    histogram2d(x, y[::-1])
    np.testing.assert_array_equal(x, before)


def test_images_of_bytes(threads, rng):
    a = rng.integers(0, 256, (800, 700)).astype(np.uint8)
    b = (a // 2 + rng.integers(0, 99, a.shape)).astype(np.uint8)
    expected = np.zeros((256, 256))
    np.add.at(expected, (a.ravel(), b.ravel()), 1)
    for edges in ([[0, 256]] * 2, [[0, 255]] * 2, [[-0.5, 255.5]] * 2):
        found = histogram2d(a.ravel(), b.ravel(), 256, edges)[0]
        np.testing.assert_array_equal(found, expected)
    every_other = histogram2d(a[:, ::2].ravel(), b[:, ::2].ravel(), 256, [[0, 256]] * 2)[0]
    assert every_other.sum() == a.size / 2


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_unequal_edges_in_bulk(dtype, threads, rng):
    x, y = (rng.normal(size=(1 << 18) + 99).astype(dtype) for _ in range(2))
    x[::1000], y[1::1000] = NAN, INF
    edges = np.quantile(rng.normal(size=999), np.linspace(0, 1, 51))
    x[:51] = edges
    for bins in ([edges, edges], [edges, np.linspace(-1, 1, 9)], [[-INF, 0, INF], edges]):
        assert_same(x, y, bins=bins)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "f2"])
def test_any_number_of_threads_gives_the_same(dtype, rng):
    x, y = (rng.normal(size=(2, 5 * CHUNK + 12_345)) * 30).astype(dtype)
    for kwargs in ({"bins": 20}, {"bins": np.array([-90, -3, 0, 1, 50]), "density": True}):
        expected = quiet(np.histogram2d, x, y, **kwargs)
        for threads in (1, 2, 3, 7):
            with num_threads(threads):
                for ours, theirs in zip(histogram2d(x, y, **kwargs), expected, strict=True):
                    np.testing.assert_array_equal(ours, theirs, strict=True)


def test_a_table_larger_than_its_samples(rng):
    x, y = rng.normal(size=(2, 2000))
    assert_same(x, y, bins=(1500, 900))
    assert_same(x, y, bins=(70_000, 3))


# What NumPy's own tests of histogram2d and histogramdd state


def test_numpy_simple():
    x = [0.41702200, 0.72032449, 1.1437481e-4, 0.302332573, 0.146755891]
    y = [0.09233859, 0.18626021, 0.34556073, 0.39676747, 0.53881673]
    edges = np.linspace(0, 1, 10)
    expected = np.zeros((9, 9))
    for cell in [(3, 0), (6, 1), (0, 3), (2, 3), (1, 4)]:
        expected[cell] = 1
    np.testing.assert_array_equal(histogram2d(x, y, (edges, edges))[0], expected)
    np.testing.assert_array_equal(histogram2d(x, y, edges)[0], expected)
    H, x_edges, y_edges = histogram2d(list(range(10)), list(range(10)))
    np.testing.assert_array_equal(H, np.eye(10))
    np.testing.assert_array_equal(x_edges, np.linspace(0, 9, 11))
    np.testing.assert_array_equal(y_edges, np.linspace(0, 9, 11))


def test_numpy_asymmetric_density():
    x = np.array([1, 1, 2, 3, 4, 4, 4, 5])
    y = np.array([1, 3, 2, 0, 1, 2, 3, 4])
    H, x_edges, y_edges = histogram2d(x, y, (6, 5), range=[[0, 6], [0, 5]], density=True)
    expected = np.zeros((6, 5))
    expected[x, y] = 1 / 8
    np.testing.assert_allclose(H, expected, rtol=1e-15)
    assert x_edges.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert y_edges.tolist() == [0, 1, 2, 3, 4, 5]


def test_numpy_density():
    x, y = np.repeat([[1, 2, 3]], 3, axis=0), np.repeat([1, 2, 3], 3)
    H = histogram2d(x.ravel(), y, [[1, 2, 3, 5], [1, 2, 3, 5]], density=True)[0]
    np.testing.assert_allclose(H, np.outer([1, 1, 0.5], [1, 1, 0.5]) / 9, rtol=1e-15)


def test_numpy_density_of_unequal_cells():
    x = np.repeat([1, 1, 7, 7], [1, 3, 3, 9])
    y = np.repeat([7, 1, 7, 1], [1, 3, 3, 9])
    bins = ([0, 6, 8], [0, 2, 8])
    assert histogram2d(y, x, bins=bins)[0].tolist() == [[3, 9], [1, 3]]
    assert (histogram2d(y, x, bins=bins, density=True)[0] == 1 / 64).all()


def test_numpy_outliers(rng):
    far = rng.random(100) + 1.0 + 1e6
    assert not histogram2d(far, far, (4, 5), range=([0, 1], [0, 1]))[0].any()


def test_numpy_empty():
    assert histogram2d([], [], bins=([0, 1], [0, 1]))[0].tolist() == [[0.0]]
    H, x_edges, _ = histogram2d([], [], bins=4)
    np.testing.assert_array_equal(H, np.zeros((4, 4)))
    assert x_edges.tolist() == [0, 0.25, 0.5, 0.75, 1]


def test_numpy_edges_for_one_and_a_number_for_the_other():
    x = [0, 0.09207008, 0.64575234, 0.12875982, 0.47390599, 0.59944483, 1]
    y = [0, 0.14344267, 0.48988575, 0.30558665, 0.44700682, 0.15886423, 1]
    edges = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)
    H, _, y_edges = histogram2d(x, y, (edges, 4))
    assert [tuple(cell) for cell in np.argwhere(H)] == [
        (0, 0),
        (1, 1),
        (4, 1),
        (5, 0),
        (6, 1),
        (9, 3),
    ]
    assert H[H > 0].tolist() == [2, 1, 1, 1, 1, 1]
    assert y_edges.tolist() == [0, 0.25, 0.5, 0.75, 1]
    H, x_edges, _ = histogram2d(x, y, (4, edges))
    assert [tuple(cell) for cell in np.argwhere(H)] == [
        (0, 0),
        (0, 1),
        (0, 3),
        (1, 4),
        (2, 1),
        (2, 4),
        (3, 9),
    ]
    assert H.max() == 1
    assert x_edges.tolist() == [0, 0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize(("x_length", "y_length"), [(10, 11), (20, 19)])
def test_numpy_bad_lengths(x_length, y_length):
    with pytest.raises(ValueError, match="x and y must have the same length"):
        histogram2d(np.ones(x_length), np.ones(y_length))


def test_numpy_weights(rng):
    x, y = rng.random((2, 100))
    H = histogram2d(x, y)[0]
    density = histogram2d(x, y, density=True)[0]
    np.testing.assert_array_equal(histogram2d(x, y, weights=np.ones(100))[0], H)
    np.testing.assert_array_equal(
        histogram2d(x, y, weights=np.full(100, 2.0), density=True)[0], density
    )
    np.testing.assert_array_equal(histogram2d(x, y, weights=np.full(100, 2))[0], 2 * H)


def test_numpy_identical_samples():
    zeros = np.zeros(10, int)
    assert histogram2d(zeros, zeros, bins=2)[1].tolist() == [-0.5, 0.0, 0.5]


def test_numpy_infinite_edges():
    x, y = np.arange(6).reshape(3, 2).T
    expected = [[1, 0], [0, 1], [0, 1]]
    for edges in ([-INF, 2, 10], [-1, 2, INF], [-INF, 3, INF]):
        assert histogram2d(x, y, bins=[3, edges])[0].tolist() == expected


@pytest.mark.parametrize(
    ("x", "expected"),
    [(0.9999999995, [0, 1]), (1.0, [0, 1]), (1.0000000001, [0, 0]), (1.0001, [0, 0])],
)
def test_numpy_rightmost_edge(x, expected):
    H = histogram2d([x], [0.0], bins=[[0.0, 0.5, 1.0], [0.0, 1.0]])[0]
    assert H[:, 0].tolist() == expected


def test_numpy_equal_edges():
    x = np.array([0, 1, 2])
    assert histogram2d(x, x, bins=(np.array([0, 2, 2]), 1))[0].tolist() == [[2.0], [1.0]]


def test_numpy_dtypes_of_edges_are_kept():
    x = np.array([0, 10, 20])
    x_edges = np.array([0, 5, 15, 20])
    _, found_x, found_y = histogram2d(x, x / 10, bins=(x_edges, x_edges / 10))
    assert (found_x.dtype, found_y.dtype) == (x_edges.dtype, np.float64)


def test_numpy_large_integers():
    x, edges = np.array([0]), np.array([-1, 1])
    assert histogram2d(x, 2**60 + x, bins=(edges, 2**60 + edges))[0].tolist() == [[1]]


# Any input


floats = st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, -0.0, 0.1, 1 / 3, 1.0, 2.0, 1e-310])


@given(
    st.lists(st.tuples(floats, floats), min_size=1, max_size=60),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from(["f4", "f8"]),
)
def test_any_samples(pairs, nx, ny, dtype):
    with np.errstate(under="ignore"):
        x, y = np.array(pairs).T.astype(dtype)
    assert_same(x, y, bins=(nx, ny))
    with np.errstate(over="ignore"):  # cells of 1e-310: NumPy warns too
        assert_same(x, y, bins=(nx, ny), density=True)


@given(
    st.lists(st.tuples(st.floats(), st.floats()), max_size=60),
    st.lists(floats, min_size=1, max_size=20),
    st.tuples(floats, floats).filter(lambda r: r[0] != r[1]),
    st.integers(1, 30),
)
def test_any_samples_within_given_edges(pairs, edges, bounds, bins):
    x, y = np.array(pairs).reshape(-1, 2).T
    assert_same(x, y, bins=[np.sort(edges), bins], range=[None, sorted(bounds)])


@given(
    st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=1, max_size=60),
    st.integers(1, 45),
    st.sampled_from([1, 2, 3, 10, 7]),
)
def test_any_fractions(pairs, bins, divisor):
    x, y = np.array(pairs).T / divisor
    assert_same(x, y, bins=bins)
    assert_same(x, y, bins=bins, range=[[-20 / divisor, 20 / divisor]] * 2)


# The kernels in a user's own function


@njit
def count_few_in_a_users_function(x, y, x_edges, y_edges):
    counts = np.zeros(x_edges.size, np.uint32)
    counting.count_few(x, x_edges, counts)
    table = np.zeros((x_edges.size, y_edges.size), np.uint32)
    counting.count_few_pairs(x, y, x_edges, y_edges, table)
    return counts, table


@njit
def count_in_a_users_function(x, y, x_edges, y_edges):
    table = np.zeros((x_edges.size, y_edges.size), np.uint32)
    x_grid, y_grid = binning.grid(x_edges), binning.grid(y_edges)
    counting.count_samples(x, y, x_edges, y_edges, x_grid, y_grid, table)
    return table


@njit
def count_codes_in_a_users_function(x_codes, y_codes, weights, nx, ny):
    counts = np.zeros(nx + 1, np.int64)
    counting.count_codes(x_codes, counts)
    table = np.zeros((nx + 1, ny + 1), np.uint32)
    counting.count_pairs(x_codes, y_codes, table)
    few, sums = np.zeros((nx, ny), np.int64), (np.zeros(nx), np.zeros(ny))
    n = counting.count_few_coded(x_codes, y_codes, few, sums[0], sums[1])
    weighted = np.zeros((nx + 1, ny + 1))
    counting.count_pairs_weighted(x_codes, y_codes, weights, weighted)
    return counts, table, (few, sums, n), weighted


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("edges", [np.linspace(-2, 2, 9), np.array([-2, -0.9, 0, 1.1, 2])])
def test_count_samples_counts_what_is_outside_in_the_last_row_and_column(dtype, edges, rng):
    x, y = (np.round(rng.normal(size=(2, 1700)) * 8) / 4).astype(dtype)
    x[::50], y[::60] = NAN, NAN
    x[1], y[2] = INF, -INF
    y_edges = np.linspace(-1, 3, 14)
    table = count_in_a_users_function(x, y, edges, y_edges)
    x_codes = [reference.find_bin(v, edges) for v in x]
    y_codes = [reference.find_bin(v, y_edges) for v in y]
    assert table.tolist() == reference.count_pairs(x_codes, y_codes, edges.size, y_edges.size)
    assert table.sum() == x.size
    few, few_pairs = count_few_in_a_users_function(x, y, edges, y_edges)
    assert few.tolist() == table.sum(axis=1).tolist()
    np.testing.assert_array_equal(few_pairs, table)


def test_dates_between_edges():
    day = np.array(["2025-01-01", "2025-01-02", "2025-01-05", "2025-02-01", "NaT"], "M8[s]")
    edges = np.array(["2025-01-01", "2025-01-03", "2025-01-06"], "M8[s]")
    y = np.array([1.0, 2.0, 3.0, 2.0, 2.0])
    counts, x_edges, y_edges = histogram2d(day, y, [edges, 3])
    expected = np.histogram2d(day[:4], y[:4], [edges, 3])
    for ours, theirs in zip((counts, x_edges, y_edges), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
    edges = edges.astype("M8[D]")  # another unit than that of the samples
    weighted = histogram2d(y, day, [3, edges], weights=[1.0, 2.0, 4.0, 8.0, 16.0])[0]
    assert weighted.tolist() == [[1, 0], [2, 0], [0, 4]]
    density = histogram2d(day, y, [edges, 3], density=True)[0]
    seconds = edges.astype("M8[s]").astype(float)
    as_numbers = day[:4].astype(float)
    expected = quiet(np.histogram2d, as_numbers, y[:4], [seconds, 3], density=True)[0]
    np.testing.assert_allclose(density, expected * 86_400, rtol=1e-14)  # of days
    both = histogram2d(day, day.astype("M8[h]") - edges[0], [edges, edges - edges[0]])[0]
    assert both.tolist() == [[2, 0], [0, 1]]
    for bins, name in ((3, "0"), ([edges, edges], "1"), ([edges, 4.5], "1")):
        y_dates = day - day[0] if name == "1" else day
        with pytest.raises(TypeError, match=rf"`bins\[{name}\]` must be an array of edges of"):
            histogram2d(day, y_dates, bins)


def test_kernels_add_to_the_table_that_they_are_given(rng):
    x, y = rng.random((2, 100))
    edges = np.linspace(0, 1, 4)
    grid = binning.grid(edges)
    table = np.zeros((4, 4), np.uint32)
    for _ in range(3):
        counting.count_samples(x, y, edges, edges, grid, grid, table)
    assert (table[:3, :3] == 3 * quiet(np.histogram2d, x, y, edges)[0]).all()


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
def test_count_codes_and_pairs(dtype, rng):
    x, y = rng.integers(0, 6, 999).astype(dtype), rng.integers(0, 4, 999).astype(dtype)
    w = rng.random(999)
    counts, table, (few, sums, n), weighted = count_codes_in_a_users_function(x, y, w, 5, 3)
    assert counts.tolist() == np.bincount(x, minlength=6).tolist()
    assert table.tolist() == reference.count_pairs(x, y, 6, 4)
    np.testing.assert_array_equal(few, table[:5, :3])
    for axis, found in zip((1, 0), sums, strict=True):
        np.testing.assert_array_equal(found, few.sum(axis=axis))
    assert n == few.sum()
    expected = np.bincount(x.astype(int) * 4 + y, w, minlength=24).reshape(6, 4)
    np.testing.assert_array_equal(weighted, expected)
