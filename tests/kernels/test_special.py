"""digamma against mpmath, SciPy and its own identities."""

import math

import mpmath
import numba
import numpy as np
import pytest
import scipy.special
from helpers import chebyshev_interpolant, printed, relative_error
from hypothesis import given
from hypothesis import strategies as st

from fastinfo.kernels.elementary import special
from fastinfo.kernels.elementary.special import digamma

INF = math.inf
NAN = math.nan


@numba.njit
def digamma_loop(x):
    out = np.empty(len(x))
    for i in range(len(x)):
        out[i] = digamma(x[i])
    return out


@pytest.mark.parametrize(
    ("low", "high"), [(1e-6, 1.0), (1.0, 1.46), (1.463, 3.0), (3.0, 10.5), (10.0, 1e3), (1e3, 1e9)]
)
def test_digamma_is_within_four_ulp(low, high):
    x = np.random.default_rng(3).uniform(low, high, 300)
    for value, point in zip(digamma_loop(x), x, strict=True):
        with mpmath.workdps(30):
            exact = mpmath.digamma(mpmath.mpf(float(point)))
            assert abs(mpmath.mpf(float(value)) - exact) <= 4 * np.spacing(abs(float(exact))), point


def test_digamma_around_its_root():
    for x in [1.4616321449683622, 1.4616321449683625, *np.linspace(1.46, 1.463, 50)]:
        with mpmath.workdps(40):
            exact = mpmath.digamma(mpmath.mpf(float(x)))
            assert abs(mpmath.mpf(digamma(x)) - exact) <= 1e-15
            assert relative_error(digamma(x), exact) <= 1e-15  # and so the sign is right


def test_digamma_by_reflection():
    x = -np.random.default_rng(4).uniform(0.0, 30.0, 300)
    for value, point in zip(digamma_loop(x), x, strict=True):
        with mpmath.workdps(30):
            exact = mpmath.digamma(mpmath.mpf(float(point)))
            # There is a zero between every two poles, where terms of about 3 cancel.
            assert abs(mpmath.mpf(float(value)) - exact) <= 5e-15 * max(1, abs(exact)), point


@pytest.mark.parametrize(
    "x", [0.0, -0.0, -1.0, -2.0, -1e17, -1e300, -INF, INF, NAN, 5e-324, -5e-324, 1e308]
)
def test_digamma_special_values_are_those_of_scipy(x):
    np.testing.assert_array_equal(digamma(x), scipy.special.digamma(x))


@given(st.floats(1e-3, 1e6))
def test_digamma_recurrence(x):
    assert digamma(x + 1.0) == pytest.approx(digamma(x) + 1.0 / x, rel=1e-12, abs=1e-12)


def test_functions_take_any_real_scalar():
    assert digamma(3) == digamma(np.float32(3.0)) == digamma(3.0)


def test_functions_run_without_the_compiler():
    arguments = [2.5, 0.3, 5.0, 20.0, -0.7, 5e-324, -5e-324, 0.0, -3.0, -INF, INF, 1e308]
    code = (
        "from math import inf, nan\n"
        "from fastinfo.kernels.elementary.special import digamma\n"
        f"print([digamma(x) for x in {arguments}])\n"
    )
    (line,) = printed("-W", "error", "-c", code, NUMBA_DISABLE_JIT="1")
    # No type of NumPy's may come out: its name would stand in the line.
    np.testing.assert_allclose(
        np.array(eval(line, vars(math))), [digamma(x) for x in arguments], rtol=1e-13
    )


def assert_table(table, exact):
    np.testing.assert_allclose(table, [float(c) for c in exact], rtol=1e-15)


@mpmath.workdps(50)
def test_table_of_digamma():
    root = mpmath.findroot(mpmath.digamma, 1.46)
    assert float(root) == special._ROOT_HIGH
    assert float(root - float(root)) == special._ROOT_LOW

    def f(t):
        x = t + 2
        return mpmath.digamma(x) / (x - root) - sum(1 / (x + k) / (root + k) for k in range(3))

    assert_table(special._DIGAMMA, chebyshev_interpolant(f, len(special._DIGAMMA) - 1))
