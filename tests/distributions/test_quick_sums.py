"""Sums of exponentials over an anchor, and results that are written where the caller wants."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import reference
import scipy.special
from helpers import SCALAR_LOOPS, compiled

from fastinfo import log_softmax, logsumexp, softmax
from fastinfo.kernels.log_domain import anchored_sums, float32_sums
from fastinfo.kernels.log_domain.row_sums import long_row_sums

INF = math.inf
NAN = math.nan
SIZES = [257, 1023, 1024, 1025, 3000, 8192, 20_000]


def orders(x):
    """The same numbers in different orders."""
    half = x.size // 2
    return {
        "as they come": x,
        "rising": np.sort(x),
        "falling": np.sort(x)[::-1].copy(),
        "greatest last": np.r_[np.sort(x)[::-1][1:], x.max()],
        "greatest in the middle": np.insert(np.delete(x, x.argmax()), half, x.max()),
    }


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("spread", [0.01, 1.0, 30.0, 500.0])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_any_order(n, spread, dtype, rng):
    x = (spread * rng.standard_normal(n)).astype(dtype)
    expected = scipy.special.logsumexp(x.astype(float))
    eps = np.finfo(dtype).eps
    for order, a in orders(x).items():
        np.testing.assert_allclose(logsumexp(a), expected, rtol=4 * eps, err_msg=order)
        rows = logsumexp(np.vstack([a, a - 3.0]).astype(dtype), axis=1)
        np.testing.assert_allclose(rows, [expected, expected - 3.0], rtol=9 * eps)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("offset", [0.0, -1.5, 700.0, -1e5])
@pytest.mark.parametrize("n", [300, 5000])
def test_exact_where_the_result_is_close_to_0(n, offset, rng):
    x = rng.standard_normal(n)
    x -= float(reference.logsumexp(x)) - offset
    exact = reference.logsumexp(x)
    scale = max(abs(float(exact)), abs(x.max()))
    assert abs(float(logsumexp(x)) - exact) <= 2 * np.spacing(scale)


@pytest.mark.parametrize("n", [25, 300, 3000])
def test_a_small_rest_is_not_lost(n):
    x = np.full(n, -40.0)
    x[n // 2] = 0.0
    with mpmath.workdps(40):
        exact = float(mpmath.log1p((n - 1) * mpmath.exp(-40)))
    rel = 1e-13 if SCALAR_LOOPS else 1e-15
    assert logsumexp(x) == pytest.approx(exact, rel=rel, abs=0)
    assert log_softmax(x)[n // 2] == pytest.approx(-exact, rel=rel, abs=0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n", [30, 300, 2500, 9000])
@pytest.mark.parametrize("bad", [NAN, -NAN, INF, -INF])
def test_infinities_and_nan_anywhere(bad, n, dtype, rng):
    for place in (0, 1, n // 2, n - 1):
        x = rng.standard_normal(n).astype(dtype)
        x[place] = bad
        got = logsumexp(x)
        if bad == -INF:
            assert got == pytest.approx(logsumexp(np.delete(x, place)), rel=1e-6)
        elif bad == INF:
            assert got == INF
        else:
            assert math.isnan(got)
    assert logsumexp(np.full(n, -INF, dtype)) == -INF
    first = np.full(n, -INF, dtype)
    first[-1] = 3.0
    assert logsumexp(first) == 3.0
    first[: n // 2] = INF
    assert logsumexp(first) == INF


@pytest.mark.parametrize("payload", [0x7FF8000000000801, 0x7FF0000000000FFF, 0xFFF8000000000001])
@pytest.mark.parametrize("n", [30, 300, 2500])
def test_nan_of_any_payload(payload, n, rng):
    x = rng.standard_normal(n)
    x[n // 2] = np.array([payload], np.uint64).view(np.float64)[0]
    assert math.isnan(logsumexp(x))
    assert np.isnan(softmax(x)).all()
    assert np.isnan(log_softmax(x)).all()


@pytest.mark.parametrize("step", [0.001, 0.5, 3.0, 700.0, 1e6])
@pytest.mark.parametrize("n", [2000, 10_000])
def test_numbers_that_rise_all_the_way(n, step):
    x = np.arange(n) * step
    expected = x[-1] - math.log(-math.expm1(-step)) if step * n > 40 else scipy.special.logsumexp(x)
    np.testing.assert_allclose(logsumexp(x), expected, rtol=1e-15)
    np.testing.assert_allclose(logsumexp(x.astype(np.float32)), expected, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["as they come", "rising", "falling", "greatest last"])
@pytest.mark.parametrize("n", [1, 511, 512, 513, 9000])
def test_float32_sums_are_those_of_rows(name, n, rng):
    x = orders(np.round(rng.standard_normal(n) * 8) / 8)[name].astype(np.float32).reshape(1, -1)
    got, expected = np.empty((2, 3, 1))
    float32_sums.very_long_row_sums(x, 0, 1, *got)
    long_row_sums(x, 0, 1, *expected)
    np.testing.assert_array_equal(got[:2], expected[:2])  # maximum, and how many equal it
    np.testing.assert_allclose(got[2], expected[2], rtol=3e-7)


def test_rows_that_are_summed_otherwise_are_told():
    x = np.zeros((5, 400))
    x[1, 3], x[2, 3], x[3] = NAN, INF, -INF
    anchors, sums = np.empty((2, 5))
    anchored_sums.anchored_row_sums(x, 0, 5, anchors, sums)
    np.testing.assert_array_equal(np.isnan(sums), [False, True, True, True, False])
    assert sums[0] == sums[4] == 400.0


# Where results are written


@pytest.mark.slow
@pytest.mark.parametrize("function", [softmax, log_softmax])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 1)])
@pytest.mark.parametrize("shape", [(30, 40), (3, 400), (400, 3), (1, 1), (700, 600)])
def test_out(function, dtype, axis, shape, rng):
    x = rng.standard_normal(shape).astype(dtype)
    kept = x.copy()
    expected = function(x, axis=axis)
    out = np.full(shape, 7, dtype)
    assert function(x, axis=axis, out=out) is out
    np.testing.assert_array_equal(out, expected)
    fortran = np.full(shape, 7, dtype, order="F")
    assert function(x, axis=axis, out=fortran) is fortran
    np.testing.assert_allclose(fortran, expected, rtol=1e-15)
    wide = np.full((shape[0], 2 * shape[1]), 7, dtype)
    function(x, axis=axis, out=wide[:, ::2])
    np.testing.assert_allclose(wide[:, ::2], expected, rtol=1e-15)
    assert (wide[:, 1::2] == 7).all()
    np.testing.assert_array_equal(x, kept)


@pytest.mark.parametrize("function", [softmax, log_softmax])
@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("shape", [(30, 40), (2, 3000), (900, 600)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_in_place(function, axis, shape, order, rng):
    x = np.array(rng.standard_normal(shape), order=order)
    expected = function(x, axis=axis)
    assert function(x, axis=axis, out=x) is x
    np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize("function", [softmax, log_softmax])
def test_an_output_that_overlaps_the_input(function, rng):
    memory = rng.standard_normal((21, 50))
    x, out = memory[:-1], memory[1:]
    expected = function(x, axis=1)
    function(x, axis=1, out=out)
    np.testing.assert_array_equal(out, expected)
    backwards = rng.standard_normal(3000)
    expected = function(backwards)
    function(backwards, out=backwards[::-1])
    np.testing.assert_array_equal(backwards[::-1], expected)


@pytest.mark.parametrize("function", [softmax, log_softmax])
def test_a_scalar_and_other_inputs(function):
    out = np.array(5.0)
    assert function(3.0, out=out) is out
    assert out == function(3.0)
    out = np.empty((2, 2))
    assert function([[1, 2], [3, 4]], axis=1, out=out) is out
    np.testing.assert_array_equal(out, function([[1, 2], [3, 4]], axis=1))


@pytest.mark.parametrize("function", [softmax, log_softmax])
@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        ([0.0, 0.0], TypeError, "out must be a NumPy array, got list"),
        (np.empty(3), ValueError, r"out must be of shape \(2,\) and dtype float64, got shape \(3,"),
        (np.empty(2, np.float32), ValueError, "dtype float64, got shape .* and dtype float32"),
        (np.empty(2, int), ValueError, "dtype float64, got shape .* and dtype int"),
        (np.broadcast_to(0.0, 2), ValueError, "out must be writeable, got a read-only array"),
    ],
)
def test_an_output_that_does_not_fit(function, out, error, message):
    with pytest.raises(error, match=message):
        function(np.zeros(2), out=out)


@compiled
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n", [20, 50, 256, 1000])
@pytest.mark.skipif(np.finfo(np.longdouble).nmant <= 52, reason="long double is double here")
def test_error_of_softmax_in_many_rows(n, dtype, rng):
    """The worst of many: the sum is rounded, too."""
    for spread in (1.0, 5.0, 12.0):
        x = np.round(spread * rng.standard_normal((100_000 // n, n)) * 1024) / 1024
        exact = scipy.special.softmax(x.astype(np.longdouble), axis=1)
        got = softmax(x.astype(dtype), axis=1)
        normal = exact > 4 * float(np.finfo(dtype).tiny)
        ulp = np.spacing(exact.astype(dtype)).astype(np.longdouble)
        assert (np.abs(got - exact) / ulp)[normal].max() <= (40.0 if SCALAR_LOOPS else 10.0)


@pytest.mark.parametrize("spread", [40.0, 80.0])
def test_float32_blocks_far_below_the_maximum(spread, rng):
    """The factor of a block is subnormal soon, if exponentials are stored over the block's top."""
    x = np.round(spread * rng.standard_normal((20, 3000)) * 1024) / 1024
    exact = scipy.special.softmax(x, axis=1)
    got = softmax(x.astype(np.float32), axis=1)
    normal = exact > 4 * float(np.finfo(np.float32).tiny)
    np.testing.assert_allclose(got[normal], exact[normal], rtol=1e-6)
