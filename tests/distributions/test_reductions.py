"""logsumexp, softmax and log_softmax against SciPy, mpmath, and what they promise.

SciPy adds naively along an axis that is not contiguous, so it is given contiguous copies here.
"""

import inspect
import itertools
import math
import tracemalloc

import mpmath
import numba
import numpy as np
import pytest
import reference
import scipy.special
from helpers import SCALAR_LOOPS, compiled
from hypothesis import example, given
from hypothesis import strategies as st

import fastinfo
from fastinfo import log_softmax, logsumexp, softmax
from fastinfo.kernels.log_domain import softmax as softmax_kernels
from fastinfo.kernels.log_domain import softmax_parts, weighted_sums
from fastinfo.kernels.log_domain import sums as kernels
from fastinfo.kernels.log_domain.row_sums import logsumexp as vector_logsumexp
from fastinfo.kernels.log_domain.row_sums import row_sums

INF = math.inf
NAN = math.nan

CHUNK = 1 << 18  # elements of one kernel call: longer sums are cut and merged
BLOCK = 1024  # elements of a row that a kernel sums at once
LN2 = 0.6931471805599453

FUNCTIONS = [logsumexp, softmax, log_softmax]
ELEMENTWISE = [softmax, log_softmax]

each_function = pytest.mark.parametrize("function", FUNCTIONS)
each_elementwise = pytest.mark.parametrize("function", ELEMENTWISE)
each_float = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def scipy_of(function, x, axis=None, keepdims=False):
    """SciPy's answer in float64, from contiguous copies of what is summed."""
    x = np.asarray(x, np.float64)
    if function is logsumexp:
        x = np.atleast_1d(x)
    axes = reference.sorted_axes(axis, x.ndim)
    last = tuple(range(x.ndim - len(axes), x.ndim))
    moved = np.moveaxis(x, axes, last)
    kept = moved.shape[: x.ndim - len(axes)]
    flat = np.ascontiguousarray(moved).reshape(*kept, math.prod(x.shape[i] for i in axes))
    with np.errstate(all="ignore"):
        found = getattr(scipy.special, function.__name__)(flat, axis=-1)
    if function is logsumexp:
        return np.expand_dims(found, axes) if keepdims else found
    return np.moveaxis(found.reshape(moved.shape), last, axes)


def assert_close(got, expected, *, rtol=None, atol=None, dtype=None):
    """Equal within rounding; NaN, infinities, shape and dtype are the same."""
    expected = np.asarray(expected)
    dtype = np.dtype(expected.dtype if dtype is None else dtype)
    assert got.dtype == dtype
    assert got.dtype.isnative
    assert got.shape == expected.shape
    eps = 2.0**-7 if dtype.name == "bfloat16" else float(np.finfo(dtype).eps)
    with np.errstate(over="ignore"):
        expected = expected.astype(dtype).astype(np.float64)
    np.testing.assert_allclose(
        got.astype(np.float64),
        expected,
        rtol=max(1e-13, 4 * eps) if rtol is None else rtol,
        atol=max(1e-14, 2 * eps) if atol is None else atol,
    )


def ulps(got, exact, scale=0.0):
    """Distance from the exact number in ulps of the larger of it and a scale."""
    dtype = got.dtype.type
    with mpmath.workdps(reference.DIGITS):
        size = dtype(max(abs(float(exact)), abs(float(scale))))
        size = min(size, np.nextafter(np.finfo(dtype).max, dtype(0)))  # whose spacing is finite
        return float(abs(mpmath.mpf(float(got)) - exact) / mpmath.mpf(float(np.spacing(size))))


def assert_within(bound, errors):
    """No error in a dictionary is above the bound; the worst is shown."""
    worst = max(errors, key=errors.__getitem__)
    assert errors[worst] <= bound, f"{errors[worst]:.2f} ulp: {worst}"


# Published values, and SciPy's own tests in other words


@pytest.mark.slow
def test_published_values():
    assert logsumexp(np.arange(10)) == pytest.approx(9.4586297444267107, rel=1e-15)
    weighted = logsumexp(np.arange(10), b=np.arange(10, 0, -1))
    assert weighted == pytest.approx(9.9170178533034665, rel=1e-15)
    value, sign = logsumexp([1, 2], b=[1, -1], return_sign=True)
    assert (value, sign) == (pytest.approx(1.5413248546129181, rel=1e-15), -1.0)
    np.testing.assert_array_equal(log_softmax([1000.0, 1.0]), [0.0, -999.0])
    np.testing.assert_array_equal(log_softmax([1000, 1]), [0.0, -999.0])
    assert logsumexp([0.0, -40.0]) == 4.248354255291589e-18  # softplus(-40): torch's issue 195529
    expected = [0.03205860328008499, 0.08714431874203256, 0.23688281808991013, 0.6439142598879722]
    np.testing.assert_allclose(softmax(np.arange(4.0)), expected, rtol=1e-15)
    expected = [-3.4401896985611953, -2.4401896985611953, -1.4401896985611953, -0.44018969856119533]
    np.testing.assert_allclose(log_softmax(np.arange(4.0)), expected, rtol=1e-15)


def test_optax_cross_entropies():
    logits = np.array([[10.0, 1.0, -2.0], [1.0, 4.0, 0.2]])
    losses = -log_softmax(logits, axis=1)[[0, 1], [1, 0]]
    np.testing.assert_allclose(losses, [9.00013, 3.0696733], rtol=1e-6)
    np.testing.assert_allclose(logsumexp(logits, axis=1) - logits[[0, 1], [1, 0]], losses, 1e-13)


@pytest.mark.slow
def test_scipys_log_of_a_sum_restated():
    a = np.arange(200.0)
    assert logsumexp(a) == pytest.approx(math.log(math.fsum(map(math.exp, a))), rel=1e-15)
    assert logsumexp([1000.0, 1000.0]) == 1000.0 + LN2
    assert logsumexp(np.full(1000, 10000)) == pytest.approx(10000.0 + math.log(1000), rel=1e-15)
    tiny = np.full((2, 100_000), math.log(1e-40))
    np.testing.assert_allclose(np.exp(logsumexp(tiny)), 2e-35, rtol=1e-13)
    np.testing.assert_allclose(np.exp(logsumexp(tiny, axis=0)), np.full(100_000, 2e-40), rtol=1e-13)
    np.testing.assert_allclose(np.exp(logsumexp(tiny, axis=1)), [1e-35, 1e-35], rtol=1e-13)
    a = np.array([[1e10, 1e-10], [-1e10, -INF]])
    np.testing.assert_array_equal(logsumexp(a, axis=-1), [1e10, -1e10])
    np.testing.assert_array_equal(logsumexp(a, axis=-1, keepdims=True), [[1e10], [-1e10]])
    assert logsumexp(a, axis=(-1, -2)) == 1e10
    assert logsumexp([0.0, -40.0]) == pytest.approx(np.logaddexp(0.0, -40.0), rel=1e-15)
    assert logsumexp(1) == logsumexp([1]) == 1.0


def test_scipys_weights_restated():
    a = np.arange(200.0)
    b = np.arange(200.0, 0.0, -1.0)
    expected = math.log(math.fsum(w * math.exp(v) for v, w in zip(a, b, strict=True)))
    assert logsumexp(a, b=b) == pytest.approx(expected, rel=1e-15)
    assert logsumexp([1000, 1000], b=[1.2, 1.2]) == pytest.approx(1000 + math.log(2.4), rel=1e-15)
    a = np.full((2, 1000), math.log(1e-40))
    b = np.tile(np.linspace(1, 1000, 1000), (2, 1))
    np.testing.assert_allclose(np.exp(logsumexp(a, b=b)), math.fsum(b.flat) * 1e-40, rtol=1e-13)
    down = np.exp(logsumexp(a, b=b, axis=0))
    np.testing.assert_allclose(down, b.sum(axis=0) * 1e-40, rtol=1e-13)
    across = np.exp(logsumexp(a, b=b, axis=1))
    np.testing.assert_allclose(across, b.sum(axis=1) * 1e-40, rtol=1e-13)
    assert logsumexp([1, 10000], b=[1, 0]) == 1.0
    value, sign = logsumexp([1, 1, 1], b=[1, -1, -1], return_sign=True)
    assert (value, sign) == (1.0, -1.0)
    value, sign = logsumexp([1, 1], b=[1, -1], return_sign=True)
    assert (value, sign) == (-INF, 0.0)


def test_scipys_shapes_restated():
    a = np.ones((1, 2, 3, 4))
    for b in (None, np.ones_like(a)):
        assert logsumexp(a, axis=2, b=b).shape == (1, 2, 4)
        assert logsumexp(a, axis=(1, 3), b=b).shape == (1, 3)
        for axis, shape in ((2, (1, 2, 4)), ((1, 3), (1, 3))):
            value, sign = logsumexp(a, axis=axis, b=b, return_sign=True)
            assert value.shape == sign.shape == shape
    assert logsumexp(np.zeros((4, 1, 2, 1)), b=np.ones((3, 1, 5))) == math.log(4 * 3 * 2 * 5)


def test_scipys_softmax_restated():
    np.testing.assert_array_equal(softmax([1000.0, 0.0, 0.0, 0.0]), [1.0, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(softmax([1.0, 1.0]), [0.5, 0.5])
    expected = np.array([1.0, math.e]) / (1.0 + math.e)
    np.testing.assert_allclose(softmax([0.0, 1.0]), expected, rtol=1e-15)
    square = np.arange(4.0).reshape(2, 2)
    np.testing.assert_array_equal(softmax(square), softmax(np.arange(4.0)).reshape(2, 2))
    thousands = np.array([[1000.0, 0.0], [1000.0, 0.0]])
    np.testing.assert_array_equal(softmax(thousands, axis=0), np.full((2, 2), 0.5))
    np.testing.assert_array_equal(softmax(thousands, axis=1), [[1.0, 0.0], [1.0, 0.0]])
    x = np.array([[-25.0, 0.0, 25.0, 50.0], [1.0, 325.0, 749.0, 750.0]])
    expected = np.array([[float(p) for p in reference.softmax(row)] for row in x])
    np.testing.assert_allclose(softmax(x, axis=1), expected, rtol=1e-15)
    np.testing.assert_allclose(softmax(x.T, axis=0), expected.T, rtol=1e-15)
    cube = x.reshape(2, 2, 2)
    np.testing.assert_allclose(softmax(cube, axis=(1, 2)), expected.reshape(2, 2, 2), rtol=1e-15)


@pytest.mark.slow
def test_scipys_log_softmax_restated():
    assert log_softmax(1.0) == 0.0
    x = np.array([[1000.0, 1.0], [1000.0, 1.0]])
    np.testing.assert_allclose(log_softmax(x, axis=0), np.full((2, 2), -LN2), rtol=1e-15)
    np.testing.assert_array_equal(log_softmax(x, axis=1), [[0.0, -999.0], [0.0, -999.0]])
    x = np.arange(8.0).reshape(2, 4)
    row = [float(v) for v in reference.log_softmax(range(4))]
    np.testing.assert_allclose(log_softmax(x, axis=1), [row, row], rtol=1e-15)
    np.testing.assert_allclose(log_softmax(x.T, axis=0), np.transpose([row, row]), rtol=1e-15)
    cube = log_softmax(x.reshape(2, 2, 2), axis=(1, 2))
    np.testing.assert_allclose(cube, np.reshape([row, row], (2, 2, 2)), rtol=1e-15)


def test_signatures_are_scipys():
    for function in FUNCTIONS:
        ours, theirs = (
            [(p.name, p.default, p.kind) for p in inspect.signature(f).parameters.values()]
            for f in (function, getattr(scipy.special, function.__name__))
        )
        more = [] if function is logsumexp else [("out", None, inspect.Parameter.KEYWORD_ONLY)]
        assert ours == theirs + more


# Dtypes


DTYPES = [
    *("f8", "f4", "f2", ">f8", ">f4", ">f2"),
    *("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i2", ">i4", ">u8", "?"),
]


def small_numbers(dtype, rng, shape=(5, 7)):
    """Numbers that each dtype holds exactly."""
    return rng.integers(0, 2 if dtype == "?" else 12, shape).astype(dtype)


def result_dtype(dtype):
    """Of floats their own dtype in native byte order, else float64."""
    dtype = np.dtype(dtype)
    return dtype.newbyteorder("=") if dtype.kind == "f" else np.dtype(np.float64)


@pytest.mark.slow
@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("dtype", DTYPES)
@each_function
def test_every_dtype(function, dtype, axis, rng):
    x = small_numbers(dtype, rng)
    expected = scipy_of(function, x, axis)
    got = function(x, axis=axis)
    assert_close(got, expected, dtype=result_dtype(dtype))
    if function is logsumexp and axis is None:
        assert isinstance(got, np.floating)
    else:
        assert type(got) is np.ndarray


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d != "?"])
@each_function
def test_the_dtype_of_floats_is_scipys(function, dtype, rng):
    x = small_numbers(dtype, rng)
    if function is not logsumexp and np.dtype(dtype).itemsize < 4 and np.dtype(dtype).kind in "iu":
        pytest.skip("SciPy's softmax of short integers is in float16 or float32")
    with np.errstate(all="ignore"):  # SciPy's unsigned differences wrap around
        expected = getattr(scipy.special, function.__name__)(x, axis=1).dtype
    assert function(x, axis=1).dtype == expected


@each_function
def test_long_double_is_taken_as_float64(function, rng):
    x = rng.standard_normal((4, 6))
    got = function(x.astype(np.longdouble), axis=1)
    assert got.dtype == np.float64
    np.testing.assert_array_equal(got, function(x, axis=1))


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(5, 7), (300, 4), (3, 1500)])
@pytest.mark.parametrize("axis", [None, 0, 1])
@each_function
def test_bfloat16(function, axis, shape, rng):
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    x = rng.standard_normal(shape).astype(bfloat16)
    x[0, 1] = -INF
    got = function(x, axis=axis)
    assert_close(got, scipy_of(function, x, axis), dtype=bfloat16)


def test_bfloat16_with_weights():
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    x = np.array([[1, 0, 2], [3, -INF, 3]], bfloat16)
    b = np.array([1, -0.5, 2], bfloat16)
    expected = scipy.special.logsumexp(x.astype(float), axis=1, b=b.astype(float))
    got = logsumexp(x, axis=1, b=b)
    assert got.dtype == bfloat16
    np.testing.assert_allclose(got.astype(float), expected, rtol=2**-8)
    assert logsumexp(x, b=b.astype(np.float32)).dtype == np.float32
    assert logsumexp(np.array([INF, 1], bfloat16), b=np.array([1, -1], bfloat16)) == INF


@pytest.mark.parametrize("b", [2, 2.0, [1, 0, 2], np.array([True, False, True])])
def test_bfloat16_with_weights_of_other_kinds(b):
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    x = np.array([[1, 0, 2], [3, -INF, 3]], bfloat16)
    expected = scipy.special.logsumexp(x.astype(float), axis=1, b=b)
    got = logsumexp(x, axis=1, b=b)
    np.testing.assert_allclose(got.astype(float), expected, rtol=2**-8)


@pytest.mark.parametrize("b", ["f8", "f4", "f2", "i1", "i4", "i8", "u1", "?", ">f4", ">f8"])
@pytest.mark.parametrize("a", ["f8", "f4", "f2", "i1", "i4", "u8", "?", ">f4", ">f8"])
def test_the_dtypes_of_exponents_and_weights(a, b):
    x, w = np.array([1, 0, 1]).astype(a), np.array([1, 0, 1]).astype(b)
    expected = scipy.special.logsumexp(x, b=w).dtype
    value, sign = logsumexp(x, b=w, return_sign=True)
    assert value.dtype == sign.dtype == expected
    np.testing.assert_allclose(float(value), 1 + LN2, rtol=float(np.finfo(expected).eps))
    assert sign == 1.0


@pytest.mark.parametrize("b", [2, 2.0, True, np.float64(2.0), np.float32(2.0), np.int64(2)])
@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i4"])
def test_a_python_number_as_weight_does_not_widen_the_result(dtype, b):
    x = np.array([1, 0]).astype(dtype)
    expected = scipy.special.logsumexp(x, b=b)
    got = logsumexp(x, b=b)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(float(got), float(expected), rtol=2 * np.finfo(got.dtype).eps)


@each_function
def test_unsigned_and_short_integers_do_not_wrap(function):
    for dtype in (np.uint8, np.int8, np.uint64):
        x = np.array([0, 127, 3], dtype)
        np.testing.assert_array_equal(function(x), function(x.astype(float)))
    x = np.array([-128, 127], np.int8)
    np.testing.assert_array_equal(function(x), function(x.astype(float)))


# Shapes, axes, strides: the same as SciPy


SHAPES = [
    *[(), (1,), (5,), (1, 4), (4, 1), (3, 4), (70, 3), (3, 70), (17, 600)],
    *[(2, 3, 4), (3, 1, 5), (33, 5, 9), (2, 3, 2, 4), (2, 1, 3, 1)],
]


def every_axis(ndim):
    """None, integers of either sign, and tuples in any order."""
    yield None
    yield from range(-ndim, ndim)
    for length in range(ndim + 1):
        yield from itertools.permutations(range(ndim), length)
    if ndim > 1:
        yield (-1, 0)


def in_other_memory(x):
    """The same array laid out in other ways."""
    yield "C", np.array(x, order="C")
    yield "F", np.array(x, order="F")
    locked = x.copy()
    locked.flags.writeable = False
    yield "read-only", locked
    odd = np.zeros(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)
    odd[...] = x
    yield "unaligned", odd
    if x.ndim:
        every_other = (slice(None, None, 2),) * x.ndim
        wide = np.full(tuple(2 * s for s in x.shape), NAN, x.dtype)
        wide[every_other] = x
        yield "strided", wide[every_other]
        backwards = (slice(None, None, -1),) * x.ndim
        yield "reversed", x[backwards].copy()[backwards]
    if x.ndim > 1:
        orders = [*itertools.permutations(range(x.ndim))]
        for order in orders if x.ndim < 4 else orders[1::5]:
            yield f"order {order}", x.transpose(order).copy().transpose(np.argsort(order))


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@each_function
def test_every_shape_axis_and_layout(function, shape, rng):
    x = np.asarray(3.0 * rng.standard_normal(shape))
    layouts = [*in_other_memory(x)]
    for axis in every_axis(x.ndim):
        expected = scipy_of(function, x, axis)
        for layout, view in layouts:
            np.testing.assert_array_equal(view, x)
            got = function(view, axis=axis)
            where = f"{layout}, axis {axis}"
            assert got.shape == expected.shape, where
            np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-14, err_msg=where)
            if function is logsumexp:
                kept = logsumexp(view, axis, keepdims=True)
                assert kept.shape == scipy_of(function, x, axis, keepdims=True).shape
                np.testing.assert_array_equal(kept.reshape(got.shape), got, err_msg=where)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["f4", "f2", ">f8", "i2"])
@pytest.mark.parametrize("shape", [(7,), (130, 9), (6, 200), (5, 40, 6)], ids=str)
@each_function
def test_every_axis_and_layout_of_other_dtypes(function, shape, dtype, rng):
    x = rng.integers(-20, 20, shape).astype(dtype)
    layouts = [*in_other_memory(x)] if dtype != "i2" else [("C", x), ("F", np.asfortranarray(x))]
    for axis in every_axis(x.ndim):
        expected = scipy_of(function, x, axis)
        for layout, view in layouts:
            got = function(view, axis=axis)
            with np.errstate(over="ignore"):
                tolerance = 4 * float(np.finfo(got.dtype).eps)
            assert got.shape == expected.shape
            np.testing.assert_allclose(
                got.astype(float), expected, tolerance, tolerance, err_msg=f"{layout}, axis {axis}"
            )


BROADCAST = {
    "rows": (lambda a: np.broadcast_to(a[:5], (3, 5))),
    "columns": (lambda a: np.broadcast_to(a[:5, None], (5, 3))),
    "many rows": (lambda a: np.broadcast_to(a, (300, a.size))),
    "the middle": (lambda a: np.broadcast_to(a[:12].reshape(3, 1, 4), (3, 70, 4))),
    "one number": (lambda a: np.broadcast_to(a[3], (2, 3, 4))),
}


@pytest.mark.parametrize("of", BROADCAST.values(), ids=BROADCAST)
@each_function
def test_broadcast_input(function, of, rng):
    view = of(rng.standard_normal(20))
    assert 0 in view.strides
    for axis in every_axis(view.ndim):
        assert_close(function(view, axis=axis), scipy_of(function, view, axis))


@pytest.mark.parametrize("n", [1, 15, 16, 17, 63, 64, 65, 1023, 1024, 1025, 2049, 5000])
@each_float
def test_lengths_about_the_blocks_of_a_row(dtype, n, rng):
    x = (5.0 * rng.standard_normal((3, n))).astype(dtype)
    for function in FUNCTIONS:
        expected = scipy_of(function, x, 1)
        assert_close(function(x, axis=1), expected, dtype=dtype)
        assert_close(function(x.T, axis=0), expected.T, dtype=dtype)
        assert_close(function(x[2]), expected[2], dtype=dtype)


@pytest.mark.parametrize("rows", [1, 15, 16, 17, 64, 65, 255, 256, 257, 600])
@each_float
def test_numbers_of_rows_about_the_tiles_of_short_rows(dtype, rows, rng):
    rtol = max(1e-13, 16 * float(np.finfo(dtype).eps)) if SCALAR_LOOPS else None
    for n in (1, 2, 16, 17, 64):
        x = (5.0 * rng.standard_normal((rows, n))).astype(dtype)
        for function in FUNCTIONS:
            for axis in (0, 1):
                expected = scipy_of(function, x, axis)
                assert_close(function(x, axis=axis), expected, rtol=rtol, dtype=dtype)


@pytest.mark.slow
@pytest.mark.parametrize("width", [1, 2, 31, 32, 33, 63, 64, 65, 511, 512, 513, 1025, 5000])
@each_float
def test_widths_about_the_lanes_of_columns(dtype, width, rng):
    for n in (1, 2, 15, 17, 31, 33, 63, 64, 130):
        x = (5.0 * rng.standard_normal((n, width))).astype(dtype)
        for function in FUNCTIONS:
            assert_close(function(x, axis=0), scipy_of(function, x, 0), dtype=dtype)


PIECES = [
    ((CHUNK - 1,), 0),
    ((CHUNK,), 0),
    ((CHUNK + 1,), 0),
    ((3 * CHUNK + 7,), None),
    ((2, CHUNK + 3), 1),
    ((CHUNK + 3, 2), 0),
    ((CHUNK // 2 + 1, 2), 0),
    ((70, 4097), 0),
    ((90, 4500), 0),
    ((3, 100_000), 1),
    ((100_000, 3), 1),
    ((2, 300, 700), 1),
    ((2, 700, 300), (0, 2)),
    ((50, 60, 90), 1),
]


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(("shape", "axis"), PIECES, ids=str)
@each_function
def test_arrays_of_many_pieces(function, shape, axis, rng):
    x = 3.0 * rng.standard_normal(shape)
    assert_close(function(x, axis=axis), scipy_of(function, x, axis), atol=1e-13)
    narrow = x.astype(np.float32)
    assert_close(function(narrow, axis=axis), scipy_of(function, narrow, axis), dtype=np.float32)


GAPS = {
    "every other row and column": lambda a: a[: 4 * 350_000].reshape(1000, 1400)[::2, ::2],
    "some columns": lambda a: a[:420_000].reshape(3000, 140)[:, 3:-3],
    "few columns": lambda a: a[:900_000].reshape(300_000, 3)[:, ::2],
    "backwards": lambda a: a[:300_000].reshape(500, 600)[:, ::-1],
    "three axes": lambda a: a[:480_000].reshape(40, 100, 120).transpose(1, 0, 2),
    "three axes with gaps": lambda a: a[:480_000].reshape(40, 100, 120)[:, ::-1, 1:],
    "broadcast": lambda a: np.broadcast_to(a[:900], (400, 900)),
}


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("view", GAPS.values(), ids=GAPS)
@each_function
def test_arrays_with_gaps_of_many_elements(function, view, rng):
    x = view(3.0 * rng.standard_normal(1_400_000))
    for axis in (None, *range(x.ndim), *([(0, 2)] if x.ndim == 3 else [])):
        assert_close(function(x, axis=axis), scipy_of(function, x, axis), atol=1e-13)


@each_elementwise
def test_the_memory_order_of_c_and_fortran_arrays_is_kept(function, rng):
    for shape in ((4, 5), (3, 4, 5), (2, 3, 4, 5)):
        x = rng.standard_normal(shape)
        axes = [None, *range(len(shape)), *((i, i + 1) for i in range(len(shape) - 1))]
        for axis in axes:
            assert function(x, axis=axis).flags.c_contiguous
            assert function(np.asfortranarray(x), axis=axis).flags.f_contiguous


@pytest.mark.parametrize("order", ["C", "F"])
@each_elementwise
def test_axes_that_are_not_neighbours_keep_the_memory_order(function, order, rng):
    for shape, axis in (((3, 4, 5), (0, 2)), ((2, 3, 4, 5), (0, 2)), ((2, 3, 4, 5), (1, 3))):
        x = np.asarray(rng.standard_normal(shape), order=order)
        got = function(x, axis=axis)
        assert got.strides == x.strides


@pytest.mark.parametrize("order", [(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1)])
@each_elementwise
def test_the_memory_order_of_other_transposes_is_scipys(function, order, rng):
    x = rng.standard_normal((3, 4, 5)).transpose(order)
    expected = getattr(scipy.special, function.__name__)(x, axis=1)
    assert function(x, axis=1).strides == expected.strides == x.strides


def test_strided_arrays_become_contiguous_ones(rng):
    x = rng.standard_normal((10, 12))[::2, ::3]
    assert softmax(x, axis=1).flags.c_contiguous
    assert log_softmax(x, axis=0).flags.c_contiguous


@pytest.mark.parametrize("axis", [None, 0, -1, ()])
@each_function
def test_a_single_number(function, axis):
    for x in (3.0, np.float32(3.0), 2, True, np.array(3.0)):
        got = function(x, axis=axis)
        expected = getattr(scipy.special, function.__name__)(np.float64(x), axis=axis)
        assert got.dtype == (np.float32 if isinstance(x, np.float32) else np.float64)
        assert np.isscalar(got) == np.isscalar(expected)
        assert got.shape == expected.shape
        assert got == expected


@pytest.mark.parametrize("axis", [1, -2, (1,)])
@each_function
def test_an_axis_that_a_single_number_does_not_have(function, axis):
    with pytest.raises(np.exceptions.AxisError, match="out of bounds"):
        function(3.0, axis=axis)


def test_no_axes_at_all(rng):
    x = rng.standard_normal((3, 4))
    got = logsumexp(x, axis=())
    np.testing.assert_array_equal(got, x)
    assert not np.shares_memory(got, x)
    np.testing.assert_array_equal(softmax(x, axis=()), np.ones((3, 4)))
    np.testing.assert_array_equal(log_softmax(x, axis=()), np.zeros((3, 4)))
    value, sign = logsumexp(x, axis=(), b=-np.ones(4), return_sign=True)
    np.testing.assert_array_equal(value, x)
    np.testing.assert_array_equal(sign, -np.ones((3, 4)))


@pytest.mark.parametrize("keepdims", [False, True])
def test_kept_dimensions_and_signs(keepdims, rng):
    x = rng.standard_normal((2, 3, 4))
    x[0, 1] = -INF
    for axis in every_axis(3):
        shape = np.sum(x, axis=axis, keepdims=keepdims).shape
        value, sign = logsumexp(x, axis=axis, keepdims=keepdims, return_sign=True)
        assert np.shape(value) == np.shape(sign) == shape
        np.testing.assert_array_equal(value, logsumexp(x, axis=axis, keepdims=keepdims))
        np.testing.assert_array_equal(sign, np.where(value == -INF, 0.0, 1.0))
        value, sign = logsumexp(x, axis, -np.ones((2, 3, 4)), keepdims, True)
        assert np.shape(value) == np.shape(sign) == shape
        np.testing.assert_array_equal(sign, np.where(value == -INF, 0.0, -1.0))


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3), (0, 0), (2, 3, 0, 4)], ids=str)
@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i4"])
def test_empty_sums(shape, dtype):
    x = np.empty(shape, dtype)
    wide = np.empty(shape)
    for axis in every_axis(len(shape)):
        for keepdims in (False, True):
            expected = np.sum(wide, axis=axis, keepdims=keepdims)
            for b in (None, np.ones(shape[-1], dtype)):
                value, sign = logsumexp(x, axis, b, keepdims, return_sign=True)
                assert value.dtype == sign.dtype == result_dtype(dtype)
                np.testing.assert_array_equal(value, np.full(expected.shape, -INF))
                np.testing.assert_array_equal(sign, np.full(expected.shape, -1.0))
                assert np.shape(value) == np.shape(sign) == expected.shape
    assert scipy.special.logsumexp(np.empty(0), return_sign=True) == (-INF, -1.0)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3), (0, 0)], ids=str)
@each_elementwise
def test_empty_input_elementwise(function, shape):
    x = np.empty(shape, np.float32)
    for axis in every_axis(len(shape)):
        if math.prod(shape[i] for i in reference.sorted_axes(axis, len(shape))) == 0:
            with pytest.raises(ValueError, match="zero-size array to reduction operation maximum"):
                function(x, axis=axis)
        else:
            got = function(x, axis=axis)
            assert got.shape == shape
            assert got.dtype == np.float32


def test_empty_lists():
    assert logsumexp([]) == -INF
    assert logsumexp([], return_sign=True) == (-INF, -1.0)
    np.testing.assert_array_equal(logsumexp([[], []], axis=1), [-INF, -INF])
    with pytest.raises(ValueError, match=r"x must not be empty along axis=None, got shape \(0,\)"):
        softmax([])


# Special values


SPECIALS = [-INF, INF, NAN, -NAN, 0.0, -0.0, 1.0, 1e30, -1e30, 1.7e308, -1.7e308]


def triples(dtype):
    """Every three of the special values, as rows, and what SciPy makes of them in float64."""
    with np.errstate(over="ignore"):
        values = np.array(SPECIALS).astype(dtype)
    assert np.signbit(values[np.isnan(values)]).tolist() == [False, True]
    return np.array([*itertools.product(values, repeat=3)])


@pytest.fixture(scope="module", params=["f8", "f4"])
def special_rows(request):
    return triples(request.param)


def assert_special(got, expected, dtype):
    with np.errstate(over="ignore"):
        expected = expected.astype(dtype)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, expected, rtol=1e-13 if dtype == np.float64 else 3e-7, atol=0)


@each_function
def test_specials_in_short_rows_and_in_columns(function, special_rows):
    expected = scipy_of(function, special_rows, 1)
    dtype = special_rows.dtype
    assert_special(function(special_rows, axis=1), expected, dtype)
    columns = np.ascontiguousarray(special_rows.T)
    assert_special(function(columns, axis=0), expected.T, dtype)
    assert_special(function(special_rows[::-1].T, axis=0), expected[::-1].T, dtype)


@each_function
def test_specials_in_vectors(function, special_rows):
    expected = scipy_of(function, special_rows, 1)
    for i in range(0, len(special_rows), 2):
        assert_special(function(special_rows[i]), expected[i], special_rows.dtype)


@each_function
def test_specials_far_apart(function, special_rows):
    """Rows of several blocks, and columns of several: maxima are merged."""
    rows = special_rows[::3]
    places = [3, BLOCK + 700, 2 * BLOCK + 1]
    expected = scipy_of(function, rows, 1)
    for axis in (0, 1):
        x = np.full((len(rows), 2 * BLOCK + 9), -INF, rows.dtype)
        x[:, places] = rows
        x = x if axis else np.ascontiguousarray(x.T)
        got = function(x, axis=axis)
        got = got if axis or got.ndim == 1 else got.T
        assert_special(got if function is logsumexp else got[:, places], expected, rows.dtype)


@each_function
def test_specials_in_few_long_columns(function, special_rows):
    """Few columns: rows lie side by side and are merged in the end."""
    places = [3, 41, 129]
    for rows in special_rows[:1320:11].reshape(-1, 4, 3):
        x = np.full((130, 4), -INF, rows.dtype)
        x[places] = rows.T
        got = function(x, axis=0)
        expected = scipy_of(function, rows, 1)
        assert_special(got if function is logsumexp else got[places].T, expected, rows.dtype)


@compiled
@pytest.mark.parametrize("columns", [1, 2])
@each_function
def test_specials_in_other_pieces(function, columns):
    places = [0, CHUNK + 5, 2 * CHUNK]
    x = np.full((2 * CHUNK + 1, columns), -INF, np.float32)
    for values in ([INF, 1, NAN], [-INF, 2, -INF], [1, INF, 0], [-NAN, 0, 1], [0, 0, -NAN]):
        x[places] = np.array(values, np.float32)[:, None]
        expected = scipy_of(function, values)
        got = function(x, axis=0)
        if function is logsumexp:
            assert_special(got, np.repeat(expected, columns), x.dtype)
        else:
            assert_special(got[places], np.repeat(expected[:, None], columns, axis=1), x.dtype)


def test_signs_of_special_sums(special_rows):
    value, sign = logsumexp(special_rows, axis=1, return_sign=True)
    with np.errstate(all="ignore"):
        wide = special_rows.astype(float)
        expected = scipy.special.logsumexp(wide, axis=1, return_sign=True)[1]
    assert sign.dtype == value.dtype == special_rows.dtype
    np.testing.assert_array_equal(sign, expected)


@each_float
def test_nothing_but_minus_infinity(dtype):
    for shape, axis in (((4,), 0), ((3, 4), 1), ((4, 3), 0), ((2000, 3), 0), ((3, 2000), 1)):
        x = np.full(shape, -INF, dtype)
        value, sign = logsumexp(x, axis=axis, return_sign=True)
        np.testing.assert_array_equal(value, np.full(np.shape(value), -INF))
        np.testing.assert_array_equal(sign, np.zeros(np.shape(value)))
        assert np.isnan(softmax(x, axis=axis)).all()
        assert np.isnan(log_softmax(x, axis=axis)).all()


@each_float
def test_one_bad_row_does_not_touch_the_others(dtype, rng):
    good = rng.standard_normal((700, 6)).astype(dtype)
    others = np.arange(700) != 3
    for bad in (NAN, -NAN, INF, -INF):
        x = good.copy()
        x[3] = bad
        for function in FUNCTIONS:
            for view in (lambda a: (a, 1), lambda a: (np.ascontiguousarray(a.T), 0)):
                got, clean = (
                    function(a, axis=axis).T if axis == 0 else function(a, axis=axis)
                    for a, axis in (view(x), view(good))
                )
                np.testing.assert_array_equal(got[others], clean[others])
                assert not np.isfinite(got[3]).any()


def test_logits_of_ten_to_the_thirty():
    for dtype in (np.float64, np.float32):
        x = np.array([1e30, -1e30, 1e30, 0], dtype)
        assert logsumexp(x) == dtype(1e30)
        np.testing.assert_array_equal(softmax(x), [0.5, 0, 0.5, 0])
        expected = np.array([-LN2, -2e30, -LN2, -1e30])
        np.testing.assert_allclose(log_softmax(x), expected, rtol=3e-7)
        assert logsumexp(-np.abs(x)) == 0.0
        np.testing.assert_array_equal(softmax(-np.abs(x)), [0, 0, 0, 1])


def test_the_largest_numbers_do_not_overflow():
    for dtype in (np.float64, np.float32, np.float16):
        top = np.finfo(dtype).max
        assert logsumexp(np.full(100, top)) == top
        np.testing.assert_array_equal(softmax(np.array([top, -top, top])), [0.5, 0, 0.5])
        np.testing.assert_array_equal(log_softmax(np.full(1, top)), [0.0])


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_a_difference_beyond_the_dtype_is_minus_infinity_without_a_warning(dtype):
    top = np.finfo(dtype).max
    got = log_softmax(np.array([top, -top]))
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, [0.0, -INF])


@pytest.mark.parametrize("gap", [700, 709, 720, 730, 740, 744, 745])
def test_subnormal_results(gap):
    exact = reference.logsumexp([0.0, -gap])
    assert ulps(logsumexp([0.0, -gap]), exact) <= 2
    across = np.tile([0.0, -gap], (70, 1))
    down = np.tile([[0.0], [-gap]], (1, 9))
    for got in (*logsumexp(across, axis=1), *logsumexp(down, axis=0)):
        assert ulps(got, exact) <= 2
    long = np.full(3 * BLOCK, -INF)
    long[[5, 2 * BLOCK]] = [-gap, 0.0]
    assert ulps(logsumexp(long), exact) <= 2
    assert ulps(logsumexp(long[::-1]), exact) <= 2
    assert ulps(log_softmax([0.0, -gap])[0], -exact) <= 2


@pytest.mark.parametrize(("dtype", "gaps"), [("f8", (705, 750)), ("f4", (86, 106))])
def test_softmax_with_subnormal_results(dtype, gaps):
    below = np.arange(*gaps, 0.25)
    for peers in (1, 3):
        row = np.array([*([0.0] * peers), *-below], dtype)
        exact = reference.softmax(row)
        tiny = [i for i, p in enumerate(exact) if 0 < float(p) < np.finfo(dtype).tiny]
        assert len(tiny) > 20
        forms = [softmax(row), softmax(np.tile(row, (80, 1)), axis=1)[-1]]
        forms.append(softmax(np.tile(row, (1, 1)), axis=1)[0])
        forms.append(softmax(np.tile(row[:, None], (1, 70)), axis=0)[:, -1])
        for got in forms:
            assert max(ulps(got[i], exact[i]) for i in tiny) <= 1
            assert got[-1] == 0.0


def test_float32_sums_of_many_tiny_terms():
    """What would be lost in one step of float32 counts, for blocks are summed in float64."""
    n = 40_000
    x = np.full(n + 1, -12.0, np.float32)
    x[n // 3] = 0.0
    exact = reference.logsumexp([0.0, -12.0], [1, n])
    assert ulps(logsumexp(x), exact) <= 2
    assert ulps(logsumexp(np.tile(x[:, None], (1, 3)), axis=0)[1], exact) <= 2


# Ties


@pytest.mark.parametrize("n", [1, 2, 3, 1000, 1024, 2**18, 2**18 + 1, 3_000_000])
@each_float
@compiled
def test_ties_at_the_maximum_give_the_logarithm_of_their_number(dtype, n):
    for value in (0.0, -0.5, 1000.0):
        x = np.broadcast_to(dtype(value), (n,))
        exact = reference.logsumexp([value], [n])
        assert ulps(logsumexp(x), exact, value) <= 2
    p = softmax(np.full(n, 3.0, dtype))
    np.testing.assert_array_equal(p, np.full(n, dtype(1 / n)))
    exact = -reference.logsumexp([0.0], [n])
    got = log_softmax(np.full(n, 3.0, dtype))
    assert (got == got[0]).all()
    assert ulps(got[0], exact) <= 1


@compiled
@each_float
def test_ties_in_columns(dtype):
    for n, width in ((100_000, 2), (100_000, 9), (5000, 600), (40, 5000)):
        x = np.broadcast_to(np.arange(width, dtype=dtype), (n, width))
        for got, value in zip(logsumexp(x, axis=0), range(width), strict=True):
            assert abs(got - value - math.log(n)) <= 2 * np.spacing(dtype(value + math.log(n)))
        np.testing.assert_array_equal(softmax(x, axis=0)[-1], np.full(width, dtype(1 / n)))


def tie_below(n, value, dtype):
    """Zero, and a number below it many times: the exact log-sum too."""
    x = np.full(n + 1, value, dtype)
    x[0] = 0.0
    return x, reference.logsumexp([0.0, float(dtype(value))], [1, n])


def test_nan_of_any_kind_comes_out():
    """R's missing number is a NaN with other bits, and NaN may have a sign."""
    for bits in (0x7FF00000000007A2, 0x7FF8000000000FFF, 0xFFF8000000000001, 0xFFF80000000007A2):
        nan = np.uint64(bits).view(np.float64)
        for n in (2, 20, 400, 3000):
            x = np.zeros((n, 3))
            x[n // 2, 1] = nan
            for axis, a in ((0, x), (1, np.ascontiguousarray(x.T))):
                assert np.isnan(logsumexp(a, axis=axis)).tolist() == [False, True, False]
                for function in (softmax, log_softmax):
                    missing = np.isnan(function(a, axis=axis))
                    assert np.array_equal(
                        missing,
                        np.broadcast_to([0, 1, 0], (n, 3)).T
                        if axis
                        else np.broadcast_to([0, 1, 0], (n, 3)),
                    )


@pytest.mark.parametrize("n", [5, 50, 500, 200_000])
@each_float
def test_terms_of_minus_infinity_add_nothing(dtype, n):
    x = np.full((n, 3), -INF, dtype)
    x[n // 2] = [0, 1, 2]
    for axis, a in ((0, x), (1, np.ascontiguousarray(x.T))):
        assert logsumexp(a, axis=axis).tolist() == [0, 1, 2]
        assert np.array_equal(softmax(a, axis=axis), np.isfinite(a))
        assert np.array_equal(log_softmax(a, axis=axis), np.where(np.isfinite(a), 0, a))


TIES_BELOW = [-20.25, -34.6044, -40.2988, -46.7491, -57.7471]


@compiled
@pytest.mark.parametrize("n", [10, 100, 1000, 1023, 5000, 100_000, 262_143, 1_000_000, 3_000_000])
@each_float
def test_many_equal_terms_below_a_maximum_of_zero(dtype, n):
    errors = {}
    for value in TIES_BELOW:
        x, exact = tie_below(n, value, dtype)
        errors[value] = ulps(logsumexp(x), exact)
    bound = 3.5 if dtype == np.float64 else 4
    assert_within(64 if SCALAR_LOOPS else bound, errors)


@compiled
@pytest.mark.parametrize(("n", "width"), [(100, 70), (1000, 70), (5000, 70), (5000, 2), (9000, 3)])
@each_float
def test_many_equal_terms_below_a_maximum_of_zero_in_columns(dtype, n, width):
    errors = {}
    for value in TIES_BELOW:
        x, exact = tie_below(n, value, dtype)
        got = logsumexp(np.broadcast_to(x[:, None], (n + 1, width)), axis=0)
        errors[value] = max(ulps(got[0], exact), ulps(got[-1], exact))
    assert_within(2, errors)


@compiled
@pytest.mark.parametrize("n", [100, 1000, 5000, 262_143])
@each_float
def test_softmax_of_many_equal_terms_below_the_maximum(dtype, n):
    errors = {}
    for value in (-0.17217, -0.36179, -0.37140, -0.66033, -0.64958, -0.92788):
        x = np.full(n + 1, value, dtype)
        x[0] = 0.0
        with mpmath.workdps(reference.DIGITS):
            e = mpmath.exp(float(x[1]))
            exact = 1 / (1 + n * e), e / (1 + n * e)
        got = softmax(x)
        errors[value] = max(ulps(got[0], exact[0]), ulps(got[1], exact[1]))
    assert_within(20 if SCALAR_LOOPS else 4, errors)


@compiled
@pytest.mark.parametrize(("n", "width"), [(1000, 40), (6000, 40), (130_000, 2)])
@each_float
def test_softmax_of_many_equal_terms_below_the_maximum_in_columns(dtype, n, width):
    errors = {}
    for value in (-0.36179, -0.37140, -0.64958):
        x = np.full((n + 1, width), value, dtype)
        x[0] = 0.0
        with mpmath.workdps(reference.DIGITS):
            e = mpmath.exp(float(x[1, 0]))
            exact = 1 / (1 + n * e), e / (1 + n * e)
        got = softmax(x, axis=0)
        errors[value] = max(ulps(got[0, -1], exact[0]), ulps(got[n, 0], exact[1]))
    assert_within(2, errors)


# Accuracy against mpmath


def forms_of(function, x):
    """A vector's result, as a vector, in few and many rows, in few and many columns."""
    yield "vector", function(x)
    for copies in (1, 70):
        rows = function(np.tile(x, (copies, 1)), axis=1)
        yield f"{copies} rows", rows[-1]
    for copies in (2, 70):
        columns = function(np.tile(x[:, None], (1, copies)), axis=0)
        yield f"{copies} columns", columns[-1] if function is logsumexp else columns[:, -1]


def logsumexp_errors(x):
    """Errors in ulps of the larger of maximum and result."""
    exact = reference.logsumexp(x)
    return {form: ulps(got, exact, np.max(x)) for form, got in forms_of(logsumexp, x)}


finite64 = st.floats(-1e3, 1e3) | st.floats(-2, 2) | st.floats(-760, -690)
finite32 = st.floats(-120, 120, width=32) | st.floats(-2, 2, width=32)


@given(st.lists(finite64, min_size=1, max_size=40))
@example([0.0, -720.0])
@example([0.0, -5.92066978302660])
@example([0.0, -1.2981162669624444])
@example([-LN2, -LN2])
@example([1e-300, -745.0])
def test_error_of_logsumexp(x):
    assert_within(2, logsumexp_errors(np.array(x)))


@given(st.lists(finite32, min_size=1, max_size=40))
@example([0.0, -100.0])
@example([0.0, -3.6426444053649902])
def test_error_of_logsumexp_in_float32(x):
    assert_within(2, logsumexp_errors(np.array(x, np.float32)))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8))
def test_error_of_logsumexp_of_any_finite_numbers(x):
    assert_within(2, logsumexp_errors(np.array(x)))


@pytest.mark.parametrize(
    ("dtype", "x"),
    [
        (np.float64, [-0.21875, -1.23828125]),
        (np.float64, [-0.10140002612970522, -1.9433900616977176]),
        (np.float64, [0.0, -2.06640625, -76.6796875, -90.36328125, -6.8203125, -18.921875]),
        (np.float64, [0.0, -3.2660990139542507, -1.7957732700380602, -5.213364569862714]),
        (np.float32, [-1.4818840026855469, -0.11084037274122238]),
        (np.float32, [-0.14496952295303345, -1.7307586669921875, -1.7925965785980225]),
    ],
)
def test_error_of_logsumexp_where_the_log_sum_is_the_larger_part(dtype, x):
    assert_within(2 if dtype == np.float64 else 4, logsumexp_errors(np.array(x, dtype)))


@pytest.mark.slow
@pytest.mark.parametrize("spread", [1e-3, 0.1, 1.0, 10.0, 300.0])
@each_float
def test_error_of_logsumexp_of_random_numbers(dtype, spread, rng):
    for n in (2, 17, 100, 1000, 2500):
        for shift in (0.0, -50.0, 3.0):
            x = (spread * rng.standard_normal(n) + shift).astype(dtype)
            assert_within(2 if dtype == np.float64 else 4, logsumexp_errors(x))


@pytest.mark.slow
@each_float
def test_error_of_logsumexp_near_zero(dtype, rng):
    """The maximum cancels the logarithm: the error is that of the maximum's last bit."""
    for n in (2, 30, 1000, 2300):
        for spread in (0.01, 1.0, 11.0):
            x = spread * rng.standard_normal(n)
            x = (x - float(reference.logsumexp(x))).astype(dtype)
            assert_within(2, logsumexp_errors(x))


@each_float
def test_error_of_logsumexp_with_a_maximum_of_zero(dtype, rng):
    """The result is what the other terms add: nothing of it may be lost."""
    errors = {}
    for n in (2, 30, 400, 815, 1665):
        for lowest in (-25.0, -34.0, -56.0):
            x = (lowest - rng.random(n)).astype(dtype)
            x[n // 2] = 0.0
            errors |= {(n, lowest, form): e for form, e in logsumexp_errors(x).items()}
    assert_within(8 if SCALAR_LOOPS else 2, errors)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("n", [CHUNK + 1, 1_000_000])
@each_float
def test_error_of_logsumexp_of_long_vectors(dtype, n, rng):
    for low, high in ((0, 1), (-14, -13.5), (-30, 0), (-3, -2.5), (-700, 80)):
        values = np.linspace(low, high, 500).astype(dtype)
        x = rng.choice(values, n)
        values, counts = np.unique(x, return_counts=True)
        exact = reference.logsumexp(values, counts)
        for order in (x, np.sort(x), np.sort(x)[::-1]):
            assert ulps(logsumexp(order), exact, x.max()) <= 2, (low, high)


ARITHMETIC = [(CHUNK, 1), (1_000_000, 1), (200_000, 2), (20_000, 64), (2000, 600), (20_000, 4096)]


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(("n", "width"), ARITHMETIC)
@pytest.mark.parametrize("direction", ["up", "down"])
def test_error_of_logsumexp_of_arithmetic_sequences(direction, n, width):
    """In increasing order the sum so far is scaled by each block: its errors must not add up."""
    errors = {}
    for exponent in (-20, -16, -10):
        step = 2.0**exponent
        x = np.arange(-n + 1.0, 1.0) * step
        with mpmath.workdps(reference.DIGITS):
            exact = mpmath.log(mpmath.expm1(-n * mpmath.mpf(step)) / mpmath.expm1(-step))
        if direction == "down":
            x = x[::-1]
        got = logsumexp(np.broadcast_to(x[:, None], (n, width)), axis=0)
        errors[exponent] = max(ulps(got[0], exact), ulps(got[-1], exact))
    assert_within(2, errors)


def softmax_errors(x):
    """Errors in ulps where the result is normal, by form and distance to the maximum."""
    exact = reference.softmax(x)
    normal = [i for i, p in enumerate(exact) if p >= float(np.finfo(x.dtype).tiny)]
    return {
        (form, float(x[i] - x.max())): ulps(got[i], exact[i])
        for form, got in forms_of(softmax, x)
        for i in normal
    }


def on_a_grid(x, dtype):
    """The numbers rounded so that differences among them are exact."""
    return (np.round(x * 256) / 256).astype(dtype)


@pytest.mark.parametrize("spread", [0.1, 1.0, 10.0, 60.0])
@each_float
def test_error_of_softmax(dtype, spread, rng):
    for n in (1, 3, 40, 250):
        errors = softmax_errors(on_a_grid(spread * rng.standard_normal(n), dtype))
        assert_within(12 if SCALAR_LOOPS else 4, errors)


@pytest.mark.slow
@pytest.mark.parametrize("spread", [3.0, 30.0, 200.0])
def test_error_of_softmax_where_the_difference_to_the_maximum_rounds(spread, rng):
    for n in (5, 100, 3000):
        assert_within(4, softmax_errors(spread * rng.standard_normal(n)))


def log_softmax_errors(x):
    """Errors in ulps of the larger of the distance to the maximum and the log-sum."""
    exact = reference.log_softmax(x)
    top = x.argmax()
    gaps = [float(x[top]) - float(v) for v in x]
    return {
        (form, gap): ulps(got[i], exact[i], max(gap, abs(exact[top])))
        for form, got in forms_of(log_softmax, x)
        for i, gap in enumerate(gaps)
    }


@pytest.mark.parametrize("spread", [0.1, 1.0, 10.0, 200.0])
@each_float
def test_error_of_log_softmax(dtype, spread, rng):
    for n in (1, 3, 40, 200):
        for shift in (0.0, 500.0):
            x = (spread * rng.standard_normal(n) + shift).astype(dtype)
            assert_within(16 if SCALAR_LOOPS else 3.5, log_softmax_errors(x))


@given(st.lists(st.integers(-200_000, 50_000), min_size=1, max_size=12))
@example([0, -720 * 256])
@example([4110, 3581, -15520, -19023, 2364, -734, 1164])
def test_error_of_log_softmax_of_a_few_numbers(x):
    assert_within(3, log_softmax_errors(np.array(x) / 256.0))  # the differences are exact


@pytest.mark.parametrize("x", [[5.0, 0.548495521189801], [50.1, 13.3]])
def test_error_of_log_softmax_where_the_difference_to_the_maximum_rounds(x):
    assert_within(2, log_softmax_errors(np.array(x)))


@each_float
def test_error_of_log_softmax_next_to_the_maximum(dtype, rng):
    """The largest term's is -log1p(rest), however small the rest."""
    x = (-25.0 - rng.random(800)).astype(dtype)
    x[7] = 0.0
    exact = reference.log_softmax(x)[7]
    assert_within(2, {form: ulps(got[7], exact) for form, got in forms_of(log_softmax, x)})


# Identities


@each_float
def test_a_shift_changes_nothing_but_the_log_sum(dtype, rng):
    # A vector of 21 to 63 numbers is summed in another order where its result lies next to it.
    for shape, axis in (((70,), 0), ((300, 5), 1), ((5, 300), 0), ((3, 2000), 1), ((2000, 3), 0)):
        x = on_a_grid(3.0 * rng.standard_normal(shape), dtype)
        for shift in (100.0, -1000.25):
            moved = (x + dtype(shift)).astype(dtype)
            np.testing.assert_array_equal(moved - dtype(shift), x)  # so the sums are the same
            for function in ELEMENTWISE:
                got = function(moved, axis=axis)
                np.testing.assert_array_equal(got, function(x, axis=axis))
            got = logsumexp(moved, axis=axis).astype(float) - shift
            expected = logsumexp(x, axis=axis).astype(float)
            tolerance = 2 * np.finfo(dtype).eps * abs(shift)
            np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_softmax_sums_to_one(dtype, rng):
    for shape, axis in (((7,), 0), ((400, 20), 1), ((20, 400), 0), ((2, 5000), 1), ((4, 5, 6), 1)):
        p = softmax(np.asarray(5.0 * rng.standard_normal(shape)).astype(dtype), axis=axis)
        sums = np.apply_along_axis(lambda a: math.fsum(map(float, a)), axis, p)
        tolerance = 6 * float(np.finfo(dtype).eps)
        np.testing.assert_allclose(sums, np.ones_like(sums), rtol=0, atol=tolerance)
        assert (p >= 0).all()


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
@each_float
def test_softmax_is_the_exponential_of_log_softmax(dtype, axis, rng):
    x = (8.0 * rng.standard_normal((60, 90))).astype(dtype)
    logs = log_softmax(x, axis=axis)
    tolerance = 8 * np.finfo(dtype).eps * (1.0 + np.abs(logs))
    relative = np.exp(logs.astype(float)) / softmax(x, axis=axis).astype(float) - 1.0
    assert (np.abs(relative) <= tolerance).all()
    total = logsumexp(x, axis=axis, keepdims=True)
    np.testing.assert_allclose(logs, x - total, rtol=0, atol=64 * np.finfo(dtype).eps)


def test_the_log_sum_of_parts_is_that_of_the_whole(rng):
    x = 4.0 * rng.standard_normal((12, 500))
    parts = logsumexp([logsumexp(part, axis=0) for part in np.split(x, 4)], axis=0)
    np.testing.assert_allclose(parts, logsumexp(x, axis=0), rtol=1e-14)
    assert logsumexp(logsumexp(x, axis=1)) == pytest.approx(logsumexp(x), rel=1e-15)


# Weights


def scipy_weighted(x, b, axis=None, keepdims=False):
    """SciPy's logarithm and sign in float64."""
    x, b = np.broadcast_arrays(np.asarray(x, float), np.asarray(b, float))
    x, b = np.ascontiguousarray(x), np.ascontiguousarray(b)
    with np.errstate(all="ignore"):
        return scipy.special.logsumexp(x, axis, b, keepdims, return_sign=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "b_shape"),
    [
        *[((6,), (6,)), ((6,), ()), ((), (6,)), ((), ()), ((1,), (6,)), ((3, 4), (4,))],
        *[((3, 4), (3, 1)), ((4,), (3, 4)), ((3, 1), (1, 4)), ((4, 1, 2, 1), (3, 1, 5))],
        *[((2, 3, 4), (2, 3, 4)), ((700, 3), (3,)), ((3, 700), (1, 700))],
    ],
)
def test_weights_of_every_shape(shape, b_shape, rng):
    x = np.asarray(rng.standard_normal(shape))
    b = np.asarray(rng.choice([-2.0, -0.5, 0.0, 1.0, 3.0], b_shape) + 0.0)
    x_layouts, b_layouts = [*in_other_memory(x)][:6], [*in_other_memory(b)][:6]
    ndim = max(1, x.ndim, b.ndim)
    for axis in every_axis(ndim):
        for keepdims in (False, True):
            log, sign = scipy_weighted(np.atleast_1d(x), b, axis, keepdims)
            for (_, a), (_, w) in zip(x_layouts, itertools.cycle(b_layouts), strict=False):
                got_log, got_sign = logsumexp(a, axis, w, keepdims, return_sign=True)
                assert_close(got_log, log, rtol=1e-12, atol=1e-13)
                np.testing.assert_array_equal(got_sign, sign)
                got = logsumexp(a, axis, w, keepdims)
                np.testing.assert_array_equal(got, np.where(got_sign < 0, NAN, got_log))


def test_weights_of_scipys_issue_22903():
    a = np.array([3.06409428, 0.37251854, 3.87471931])
    b = np.array([1.88190708, 2.84174795, -0.85016884])
    value, sign = logsumexp(a, b=b, return_sign=True)
    assert sign == 1.0
    assert logsumexp(a, b=b) == value
    exact, _ = reference.weighted_logsumexp(a, b)
    assert value == pytest.approx(float(exact), rel=1e-14)
    b[2] = -3.85016884
    assert np.isnan(logsumexp(a, b=b))
    assert logsumexp(a, b=b, return_sign=True)[1] == -1.0


def test_infinite_terms_of_scipys_issue_23548():
    assert logsumexp([INF], return_sign=True) == (INF, 1.0)
    assert logsumexp([INF], b=[1.0], return_sign=True) == (INF, 1.0)
    assert logsumexp([INF], b=[-1.0], return_sign=True) == (INF, -1.0)
    assert np.isnan(logsumexp([INF], b=[-1.0]))
    assert logsumexp([[INF, 1], [1, 1]], axis=1, b=[-1.0, 2.0], return_sign=True)[0][0] == INF


def test_infinite_terms_of_scipys_issue_22601():
    for x in itertools.product([-INF, INF], repeat=2):
        for b in (None, [1.0, 1.0]):
            with np.errstate(divide="ignore"):
                expected = np.log(np.sum(np.exp(x)))
            assert logsumexp(x, b=b) == expected


@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_special_exponents_and_weights(dtype):
    values = np.array([-INF, INF, NAN, 0.0, 1.0, 80.0, -1000.0, 1e30])
    weights = np.array([0.0, 1.0, -1.0, 2.0, NAN, INF, -INF])
    x, b = (
        np.array([*itertools.product(v, repeat=2)]).astype(dtype).astype(float)
        for v in (values, weights)
    )
    x, b = np.repeat(x, len(b), axis=0), np.tile(b, (len(x), 1))
    log, sign = scipy_weighted(x, b, axis=1)
    got_log, got_sign = logsumexp(x.astype(dtype), 1, b.astype(dtype), return_sign=True)
    np.testing.assert_array_equal(got_sign, sign.astype(dtype))
    np.testing.assert_allclose(got_log, log.astype(dtype), rtol=1e-13 if dtype == "f8" else 2e-7)
    # A negative sum has no logarithm, even one that SciPy rounds to -0 on the way.
    got = logsumexp(x.astype(dtype), axis=1, b=b.astype(dtype))
    np.testing.assert_array_equal(got, np.where(got_sign < 0, NAN, got_log))


def test_a_weight_of_zero_removes_its_term(rng):
    x = rng.standard_normal((5, 8))
    b = rng.integers(0, 2, (5, 8)).astype(float)
    b[:, 0] = 1.0
    expected = [logsumexp(row[w > 0]) for row, w in zip(x, b, strict=True)]
    np.testing.assert_allclose(logsumexp(x, axis=1, b=b), expected, rtol=1e-15, atol=1e-15)
    np.testing.assert_allclose(logsumexp(x, axis=1, b=b > 0), expected, rtol=1e-15, atol=1e-15)
    for bad in (NAN, INF, 1e308):
        x[b == 0] = bad
        np.testing.assert_allclose(logsumexp(x, axis=1, b=b), expected, rtol=1e-15, atol=1e-15)
    assert logsumexp([1.0, 2.0], b=0.0, return_sign=True) == (-INF, 0.0)
    assert logsumexp([1.0, 2.0], b=[0.0, -0.0]) == -INF


def test_terms_that_cancel_next_to_smaller_ones():
    assert logsumexp([1.0, 1.0, 0.0], b=[1, -1, 1], return_sign=True) == (0.0, 1.0)
    assert logsumexp([1.0, 1.0, 0.0], b=[1, -1, -1], return_sign=True) == (0.0, -1.0)
    value, sign = logsumexp([2.0, 2.0, 1.0, 1.0], b=[1, -1, 1, 2], return_sign=True)
    assert (value, sign) == (pytest.approx(1 + math.log(3), rel=1e-14), 1.0)


@pytest.mark.parametrize(
    ("x", "b"),
    [
        *[([0.0, -40.0], [1, 1]), ([0.0, -40.0], [1, -1]), ([0.0, -40.0], [-1, 1])],
        *[([0.0, -40.0], [1, -3]), ([0.0, -40.0], [1e-300, 1e300]), ([0.0, -40.0], [1, 1e18])],
        *[([0.0, -720.0], [1, 1]), ([1000.0, 999.0], [1, -2]), ([-1000.0, -1001.0], [-3, 1])],
        *[([0.5, 0.25], [1e-320, 1]), ([300.0, 2.0, 1.0], [-1e-300, 1, 1])],
    ],
)
def test_weighted_sums_of_two_scales(x, b):
    exact, exact_sign = reference.weighted_logsumexp(x, b)
    value, sign = logsumexp(x, b=b, return_sign=True)
    assert sign == exact_sign
    assert ulps(value, exact, max(map(abs, x))) <= 2


@given(st.lists(st.tuples(finite64, st.floats(0.01, 100.0)), min_size=1, max_size=30))
def test_error_with_positive_weights(pairs):
    x, b = np.transpose(pairs)
    exact, _ = reference.weighted_logsumexp(x, b)
    largest = float(np.max(np.abs(np.log(b)) + np.abs(x)))
    assert ulps(logsumexp(x, b=b), exact, largest) <= 2


@compiled
@pytest.mark.parametrize("n", [1000, 100_000, 1_000_000])
@each_float
def test_error_of_many_weighted_terms(dtype, n, rng):
    pairs = np.stack([rng.standard_normal(200), rng.random(200) + 0.1]).astype(dtype)
    counts = np.full(200, n // 200)
    for weights in (pairs[1], np.ones(200, dtype), pairs[1] * np.tile([2, -1], 100).astype(dtype)):
        x, b = np.repeat(pairs[0], counts), np.repeat(weights, counts)
        exact, exact_sign = reference.weighted_logsumexp(pairs[0], weights, counts)
        value, sign = logsumexp(x, b=b, return_sign=True)
        assert sign == exact_sign
        assert ulps(value, exact, x.max()) <= (8 if (weights < 0).any() else 2)


@compiled
def test_weights_of_one_are_no_weights(rng):
    for shape, axis in (((300_000,), 0), ((1000, 300), 0), ((1000, 300), 1)):
        x = rng.standard_normal(shape)
        got = logsumexp(x, axis=axis, b=1.0)
        np.testing.assert_allclose(got, logsumexp(x, axis=axis), rtol=4e-15)


# Bad input


NOT_NUMBERS = {
    "complex": [1j, 2.0],
    "complex array": np.ones(2, np.complex64),
    "strings": ["a", "b"],
    "bytes": np.array([b"a", b"b"]),
    "objects": np.array([1, 2], object),
    "None inside": [1.0, None],
    "dates": np.array(["2020-01-01", "2020-01-02"], "M8[D]"),
    "durations": np.array([1, 2], "m8[s]"),
    "records": np.zeros(2, [("a", "f8")]),
    "masked": np.ma.masked_array([1.0, 2.0], mask=[False, True]),
    "a dict": {"a": 1.0},
}


@pytest.mark.parametrize("x", NOT_NUMBERS.values(), ids=NOT_NUMBERS)
@each_function
def test_input_that_is_not_real_numbers(function, x):
    name = "a" if function is logsumexp else "x"
    with pytest.raises(TypeError, match=f"^{name} must"):
        function(x)


@pytest.mark.parametrize("b", NOT_NUMBERS.values(), ids=NOT_NUMBERS)
def test_weights_that_are_not_real_numbers(b):
    with pytest.raises(TypeError, match=r"^b must"):
        logsumexp([1.0, 2.0], b=b)


@each_function
def test_none_is_no_input(function):
    with pytest.raises(TypeError, match="must be an array of real numbers, got dtype object"):
        function(None)


@each_function
def test_ragged_lists(function):
    with pytest.raises(ValueError, match="must be an array, got list"):
        function([[1.0, 2.0], [3.0]])


@pytest.mark.parametrize("axis", [2, -3, (0, 2), (0, -3)])
@each_function
def test_an_axis_out_of_bounds(function, axis):
    worst = axis if isinstance(axis, int) else axis[1]
    message = f"axis {worst} is out of bounds for array of dimension 2"
    with pytest.raises(np.exceptions.AxisError, match=message):
        function(np.ones((2, 3)), axis=axis)
    with pytest.raises(np.exceptions.AxisError, match=message):
        function(np.empty((0, 3)), axis=axis)


@pytest.mark.parametrize("axis", [(0, 0), (1, -1)])
@each_function
def test_an_axis_twice(function, axis):
    with pytest.raises(ValueError, match="duplicate value in 'axis'"):  # SciPy's words
        function(np.ones((2, 3)), axis=axis)


@pytest.mark.parametrize("axis", [1.0, "0", (0, 1.5), True])
@each_function
def test_an_axis_that_is_no_integer(function, axis):
    with pytest.raises(TypeError):
        function(np.ones((2, 3)), axis=axis)


def test_an_axis_of_numpys_integers(rng):
    x = rng.standard_normal((3, 4))
    for function in FUNCTIONS:
        np.testing.assert_array_equal(function(x, axis=np.int8(1)), function(x, axis=1))
        np.testing.assert_array_equal(function(x, axis=(np.int64(1),)), function(x, axis=1))


@pytest.mark.parametrize(("shape", "b"), [((2, 3), (2,)), ((3,), (2,)), ((2, 3), (4, 1, 2))])
def test_shapes_that_do_not_broadcast(shape, b):
    with pytest.raises(ValueError, match="must have shapes that broadcast") as raised:
        logsumexp(np.ones(shape), b=np.ones(b))
    assert str(shape) in str(raised.value)
    assert str(b) in str(raised.value)


# Threads, inputs, memory


SHAPES_FOR_THREADS = [
    *[(100,), (3 * CHUNK + 5,), (40, 30), (100, 5000), (2, 300_000), (70, 4500)],
    *[(40, 100, 130), (2, 700, 500)],
]


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        *itertools.product(SHAPES_FOR_THREADS, ["f8", "f4"]),
        *[((3 * CHUNK + 5,), "f2"), ((150_000, 2), "f2")],
    ],
    ids=str,
)
def test_the_number_of_threads_does_not_change_a_bit(shape, dtype, rng):
    x = (4.0 * rng.standard_normal(shape, np.float32)).astype(dtype)
    views = [x] if x.ndim == 1 else [x, x.T]
    for view, function in itertools.product(views, FUNCTIONS):
        axes = [None, *range(x.ndim)]
        if x.ndim == 3:
            axes.append((0, 2))
        for axis in axes:
            results = []
            for threads in (1, 2, 3, 7):
                with fastinfo.num_threads(threads):
                    results.append(np.asarray(function(view, axis=axis)))
            bits = f"u{results[0].itemsize}"
            for result in results[1:]:
                np.testing.assert_array_equal(result.view(bits), results[0].view(bits))
            assert np.isfinite(results[0].astype(float)).all()


@compiled
@pytest.mark.parametrize("shape", [(200_000, 3), (3, 200_000), (700_000,)], ids=str)
def test_the_number_of_threads_does_not_change_weighted_sums(shape, rng):
    x, b = rng.standard_normal((2, *shape))
    for axis in range(len(shape)):
        results = []
        for threads in (1, 2, 3, 7):
            with fastinfo.num_threads(threads):
                results.append(logsumexp(x, axis=axis, b=b, return_sign=True))
        for result in results[1:]:
            np.testing.assert_array_equal(result, results[0])


@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "u1", "?", ">f8"])
def test_inputs_are_left_alone(dtype, axis, rng, threads):
    x, b = small_numbers(dtype, rng, (2, 70, 9))
    for a in (x, x.T, x[::2, ::-1]):
        before, weights, flags = a.copy(), b.copy(), str(a.flags)
        for function in FUNCTIONS:
            got = function(a, axis=axis)
            assert not np.shares_memory(got, a)
        logsumexp(a, axis=axis, b=b if a.shape == b.shape else 2, return_sign=True)
        assert a.dtype == before.dtype
        assert str(a.flags) == flags
        np.testing.assert_array_equal(a, before)
        np.testing.assert_array_equal(b, weights)


def test_scipys_test_of_no_writeback_restated():
    a, b = np.array([5.0, 4.0]), np.array([3.0, 2.0])
    logsumexp(a)
    logsumexp(a, b=b)
    np.testing.assert_array_equal(a, [5.0, 4.0])
    np.testing.assert_array_equal(b, [3.0, 2.0])


@each_function
def test_memory_mapped_input(function, tmp_path, rng):
    x = rng.standard_normal((50, 40)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    for axis in (None, 0, 1):
        got = function(mapped, axis=axis)
        assert not isinstance(got, np.memmap)
        np.testing.assert_array_equal(got, function(x, axis=axis))


@pytest.fixture(scope="module")
def large():
    """100 MB of float32 in one vector."""
    x = np.zeros(25_000_000, np.float32)
    x[::7] = -1.0
    return x


LIMIT = 16 * 2**20  # bytes

VIEWS = {
    "vector": (lambda a: a, None),
    "matrix, all": (lambda a: a.reshape(1_000_000, 25), None),
    "matrix, down": (lambda a: a.reshape(1_000_000, 25), 0),
    "matrix, across": (lambda a: a.reshape(1_000_000, 25), 1),
    "Fortran, all": (lambda a: a.reshape(1_000_000, 25).T, None),
    "Fortran, down": (lambda a: a.reshape(1_000_000, 25).T, 0),
    "Fortran, across": (lambda a: a.reshape(1_000_000, 25).T, 1),
    "wide, down": (lambda a: a.reshape(5000, 5000), 0),
    "wide, across": (lambda a: a.reshape(5000, 5000), 1),
    "reversed vector": (lambda a: a[::-1], 0),
    "every other": (lambda a: a[::2], 0),
    "three axes, the middle": (lambda a: a.reshape(500, 1000, 50), 1),
    "three axes, first and last": (lambda a: a.reshape(500, 1000, 50), (0, 2)),
    "three axes in another order, the middle": (
        lambda a: a.reshape(500, 1000, 50).transpose(1, 0, 2),
        1,
    ),
    "three axes in another order, all": (
        lambda a: a.reshape(500, 1000, 50).transpose(2, 0, 1),
        None,
    ),
    "some columns, all": (lambda a: a.reshape(1_000_000, 25)[:, 1:24], None),
    "some columns, across": (lambda a: a.reshape(1_000_000, 25)[:, 1:24], 1),
    "some columns, down": (lambda a: a.reshape(1_000_000, 25)[:, 1:24], 0),
    "columns backwards, all": (lambda a: a.reshape(1_000_000, 25)[:, ::-1], None),
    "broadcast, all": (lambda a: np.broadcast_to(a[:25], (1_000_000, 25)), None),
    "broadcast, down": (lambda a: np.broadcast_to(a[:4096], (30_000, 4096)), 0),
}


def extra_memory(function, *args, **options):
    """Bytes that a call takes at its peak, apart from the result; kernels are compiled before."""
    function(np.zeros((3, 3), np.float32), axis=0)
    function(np.zeros((3, 3), np.float32), axis=1)
    tracemalloc.start()
    try:
        result = function(*args, **options)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return peak - np.asarray(result).nbytes, result


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(("view", "axis"), VIEWS.values(), ids=VIEWS)
def test_memory_of_logsumexp(view, axis, large):
    x = view(large)
    extra, result = extra_memory(logsumexp, x, axis=axis)
    n = x.size // np.asarray(result).size
    assert (result >= math.log(n) - 1.00001).all()
    assert (result <= math.log(n) + 0.00001).all()
    assert extra <= LIMIT


ELEMENTWISE_VIEWS = [
    *["matrix, all", "matrix, down", "matrix, across", "Fortran, down"],
    *["three axes, the middle", "three axes, first and last", "some columns, all"],
]


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("which", ELEMENTWISE_VIEWS)
def test_memory_of_softmax(which, large):
    view, axis = VIEWS[which]
    x = view(large)
    extra, result = extra_memory(softmax, x, axis=axis)
    np.testing.assert_allclose(result.sum(axis=axis, dtype=float), 1.0, rtol=1e-4)
    assert extra <= LIMIT


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_memory_of_log_softmax(axis, large):
    extra, result = extra_memory(log_softmax, large.reshape(1_000_000, 25), axis=axis)
    assert result.max() < 0
    assert np.isfinite(result.min())
    assert extra <= LIMIT


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("weight", ["a number", "as many"])
def test_memory_of_weighted_sums(weight, axis, large):
    x = large.reshape(5000, 5000)
    b = 2.0 if weight == "a number" else x
    logsumexp([1.0], b=[1.0])
    extra, result = extra_memory(logsumexp, x, axis=axis, b=b, return_sign=True)
    assert (result[1] == (1.0 if weight == "a number" else -1.0)).all()
    assert extra <= LIMIT


# What else comes in


class WithArray:
    """An object that offers ``__array__`` alone."""

    def __init__(self, a):
        self.a = a

    def __array__(self, dtype=None, copy=None):
        return self.a if dtype is None else self.a.astype(dtype)


class WithDlpack:
    """An object that offers ``__dlpack__`` alone."""

    def __init__(self, a):
        self.a = a
        self.calls = 0

    def __dlpack__(self, **options):
        self.calls += 1
        return self.a.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.a.__dlpack_device__()


@pytest.mark.parametrize("wrap", [WithArray, WithDlpack])
@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i4", "u1"])
@each_function
def test_arrays_of_other_libraries(function, dtype, wrap, rng):
    x = small_numbers(dtype, rng)
    for axis in (None, 0, 1):
        got = function(wrap(x), axis=axis)
        assert isinstance(got, np.ndarray | np.floating)
        np.testing.assert_array_equal(got, function(x, axis=axis), strict=True)


@pytest.mark.parametrize("wrap", [WithArray, WithDlpack])
def test_weights_of_other_libraries(wrap, rng):
    x, b = rng.standard_normal((2, 4, 5))
    expected = logsumexp(x, axis=1, b=b, return_sign=True)
    got = logsumexp(wrap(x), axis=1, b=wrap(b), return_sign=True)
    np.testing.assert_array_equal(got, expected)


def test_dlpack_of_transposed_memory(rng):
    x = rng.standard_normal((6, 7)).T
    wrapped = WithDlpack(x)
    got = softmax(wrapped, axis=0)
    assert wrapped.calls == 1
    assert got.flags.f_contiguous
    np.testing.assert_array_equal(got, softmax(x, axis=0))


def test_lists_tuples_and_subclasses(rng):
    class Sub(np.ndarray):
        pass

    x = rng.standard_normal((3, 4))
    for function in FUNCTIONS:
        expected = function(x, axis=1)
        for same in (x.tolist(), tuple(map(tuple, x)), list(x), x.view(Sub)):
            got = function(same, axis=1)
            assert type(got) is np.ndarray
            np.testing.assert_array_equal(got, expected)


# Kernels in a user's own function


def locked(x):
    """As the library itself calls kernels: read-only, for which they are compiled by now."""
    x = np.ascontiguousarray(x)
    x.flags.writeable = False
    return x


@numba.njit
def user_logsumexp(x):
    return vector_logsumexp(x)


@numba.njit
def user_rows(x):
    s = np.full((4, x.shape[0]), 99.0)  # row_sums overwrites what was there
    row_sums(x, 0, x.shape[0], s[0], s[1], s[2])
    kernels.finish(s[0], s[1], s[2], s[3])
    return s[3]


@numba.njit
def user_add_to_columns(part, sums):
    kernels.column_sums(part, sums[0], sums[1], sums[2])


@numba.njit
def user_finish_columns(sums):
    out = np.empty(sums[0].shape)
    m, count, rest = sums[0].reshape(-1), sums[1].reshape(-1), sums[2].reshape(-1)
    kernels.finish(m, count, rest, out.reshape(-1))
    return out


@numba.njit
def user_merged_rows(left, right):
    rows = left.shape[0]
    a = np.empty((3, rows))
    b = np.empty((3, rows))
    row_sums(left, 0, left.shape[0], a[0], a[1], a[2])
    row_sums(right, 0, right.shape[0], b[0], b[1], b[2])
    anchor, error = a[0].copy(), np.zeros(rows)
    kernels.merge(anchor, a[0], a[1], a[2], error, b[0], b[1], b[2])
    kernels.close(anchor, a[0], a[2], error)
    out = np.empty(rows)
    kernels.finish(a[0], a[1], a[2], out)
    return out


@numba.njit
def user_softmax_of_rows(x, out, logs):
    softmax_kernels.softmax_rows(x, out)
    softmax_kernels.log_softmax_rows(x, logs)


@numba.njit
def user_softmax_of_columns(x, out, logs):
    softmax_kernels.softmax_columns(x, out)
    softmax_kernels.log_softmax_columns(x, logs)


@numba.njit
def user_softmax_of_rows_in_parts(left, right, out_left, out_right, logs_left, logs_right):
    """Rows that come in two parts, whose sums are merged."""
    rows = left.shape[0]
    a = np.empty((3, rows))
    b = np.empty((3, rows))
    row_sums(left, 0, left.shape[0], a[0], a[1], a[2])
    row_sums(right, 0, right.shape[0], b[0], b[1], b[2])
    anchor, error = a[0].copy(), np.zeros(rows)
    kernels.merge(anchor, a[0], a[1], a[2], error, b[0], b[1], b[2])
    kernels.close(anchor, a[0], a[2], error)
    softmax_parts.scale_rows(left, a[0], a[1], a[2], out_left)
    softmax_parts.scale_rows(right, a[0], a[1], a[2], out_right)
    softmax_parts.subtract_rows(left, a[0], a[1], a[2], logs_left)
    softmax_parts.subtract_rows(right, a[0], a[1], a[2], logs_right)


@numba.njit
def user_softmax_of_columns_in_parts(top, bottom, sums, out_top, out_bottom, logs_top, logs_bottom):
    """The same of columns, whose sums are added to."""
    kernels.column_sums(top, sums[0], sums[1], sums[2])
    kernels.column_sums(bottom, sums[0], sums[1], sums[2])
    softmax_parts.scale_columns(top, sums[0], sums[1], sums[2], out_top)
    softmax_parts.scale_columns(bottom, sums[0], sums[1], sums[2], out_bottom)
    softmax_parts.subtract_columns(top, sums[0], sums[1], sums[2], logs_top)
    softmax_parts.subtract_columns(bottom, sums[0], sums[1], sums[2], logs_bottom)


@numba.njit
def user_weighted(x, b):
    sums = np.full((3, x.shape[0]), 99.0)
    sums[0] = -np.inf
    weighted_sums.weighted_row_maxima(x, b, sums[0])
    weighted_sums.weighted_row_sums(x, b, sums[0], sums[1], sums[2])
    return sums


@pytest.mark.slow
@each_float
def test_the_kernel_logsumexp(dtype, rng):
    for n in (0, 1, 5, 1024, 1025, 3000):
        x = (3.0 * rng.standard_normal(n)).astype(dtype)
        got = user_logsumexp(x)
        assert got == vector_logsumexp(x)
        expected = float(reference.logsumexp(x))
        assert got == pytest.approx(expected, rel=1e-14 if dtype == np.float64 else 1e-6, abs=1e-14)
    assert user_logsumexp(np.full(3, -INF, dtype)) == -INF
    assert user_logsumexp(np.array([INF, 1, -INF], dtype)) == INF
    assert math.isnan(user_logsumexp(np.array([INF, NAN], dtype)))


@pytest.mark.slow
def test_the_kernels_of_rows(rng):
    for shape in ((1, 3), (300, 3), (70, 40), (5, 2000), (3, 0)):
        x = 3.0 * rng.standard_normal(shape)
        np.testing.assert_allclose(user_rows(x), scipy_of(logsumexp, x, 1), rtol=1e-13)


@pytest.mark.slow
def test_the_kernels_of_columns_add_to_what_is_there(rng):
    for shape in ((1, 300, 3), (2, 100, 40), (3, 17, 700)):
        x = 3.0 * rng.standard_normal(shape)
        expected = scipy_of(logsumexp, x, 1)
        for step in (1, 7, 90, 1000):
            sums = np.zeros((3, shape[0], shape[2]))
            sums[0] = -INF
            for start in range(0, shape[1], step):
                user_add_to_columns(locked(x[:, start : start + step]), sums)
            np.testing.assert_allclose(user_finish_columns(sums), expected, rtol=1e-13)


@pytest.mark.slow
def test_the_kernel_merge(rng):
    x = 3.0 * rng.standard_normal((50, 90))
    for cut in (0, 1, 45, 90):
        got = user_merged_rows(locked(x[:, :cut]), locked(x[:, cut:]))
        np.testing.assert_allclose(got, scipy_of(logsumexp, x, 1), rtol=1e-13)


def test_merging_special_sums():
    """Whatever is merged in whatever order, it is the log-sum of all."""
    values = np.array([*itertools.product([-INF, INF, NAN, -NAN, 0.0, 1.0, 1e30], repeat=2)])
    for left, right in itertools.product((values, np.empty((49, 0))), repeat=2):
        got = user_merged_rows(locked(left), locked(right[::-1]))
        both = np.concatenate([left, right[::-1]], axis=1)
        expected = scipy_of(logsumexp, both, 1) if both.size else np.full(49, -INF)
        np.testing.assert_allclose(got, expected, rtol=1e-15)


def assert_softmax(out, logs, x, axis):
    np.testing.assert_allclose(out, scipy_of(softmax, x, axis), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(logs, scipy_of(log_softmax, x, axis), rtol=1e-13, atol=1e-14)


@pytest.mark.slow
def test_the_kernels_of_softmax(rng):
    for shape in ((300, 3), (20, 70), (3, 2000)):
        x = 3.0 * rng.standard_normal(shape)
        out, logs = np.full((2, *shape), 99.0)
        user_softmax_of_rows(locked(x), out, logs)
        assert_softmax(out, logs, x, 1)
    for shape in ((1, 300, 3), (2, 30, 4), (3, 17, 700)):
        x = 3.0 * rng.standard_normal(shape)
        out, logs = np.full((2, *shape), 99.0)
        user_softmax_of_columns(locked(x), out, logs)
        assert_softmax(out, logs, x, 1)


@pytest.mark.slow
def test_the_kernels_of_softmax_from_sums(rng):
    for shape, cut in (((300, 3), 1), ((20, 170), 70), ((3, 2000), 1500)):
        x = 3.0 * rng.standard_normal(shape)
        parts = [locked(x[:, :cut]), locked(x[:, cut:])]
        outs, logs = ([np.full(part.shape, 99.0) for part in parts] for _ in range(2))
        user_softmax_of_rows_in_parts(*parts, *outs, *logs)
        assert_softmax(np.hstack(outs), np.hstack(logs), x, 1)
    for shape, cut in (((1, 300, 3), 299), ((2, 30, 4), 7), ((3, 17, 700), 16)):
        x = 3.0 * rng.standard_normal(shape)
        parts = [locked(x[:, :cut]), locked(x[:, cut:])]
        outs, logs = ([np.full(part.shape, 99.0) for part in parts] for _ in range(2))
        sums = np.zeros((3, shape[0], shape[2]))
        sums[0] = -INF
        user_softmax_of_columns_in_parts(*parts, sums, *outs, *logs)
        assert_softmax(np.concatenate(outs, axis=1), np.concatenate(logs, axis=1), x, 1)


def test_the_kernel_of_weighted_sums():
    x = np.array([[1.0, 2.0, 2.0, 0.0], [5.0, 1.0, 1.0, 0.0], [3.0, 3.0, 3.0, 3.0]])
    b = np.array([[1.0, 2.0, -0.5, 1.0], [0.0, 1.0, 1.0, -1.0], [0.0, 0.0, 0.0, 0.0]])
    top, at_maximum, others = user_weighted(x, b)
    np.testing.assert_array_equal(top, [2.0, 1.0, -INF])
    np.testing.assert_array_equal(at_maximum, [1.5, 2.0, 0.0])
    e = math.exp(-1)
    np.testing.assert_allclose(others, [e + e * e, -e, 0.0], rtol=1e-15)


@pytest.mark.slow
@each_float
def test_kernels_leave_their_input_alone(dtype, rng):
    x = rng.standard_normal((40, 30)).astype(dtype)
    before = x.copy()
    x.flags.writeable = False  # a kernel that wrote to it would not compile
    out = np.empty_like(before)
    softmax_kernels.softmax_rows(x, out)
    np.testing.assert_allclose(out, scipy_of(softmax, x, 1), rtol=1e-6)
    np.testing.assert_array_equal(x, before)
