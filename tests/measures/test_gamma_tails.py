"""gammaincc and chi2_sf against mpmath, SciPy and their own identities."""

import math

import mpmath
import numpy as np
import pytest
import scipy.special
import scipy.stats
from helpers import chebyshev_interpolant, relative_error
from hypothesis import example, given
from hypothesis import strategies as st

from fastinfo._measures import gamma_tails
from fastinfo._measures.gamma_tails import chi2_sf, gammaincc

INF = math.inf
NAN = math.nan


def gammaincc_loop(a, x):
    return np.array([gammaincc(a[i], x[i]) for i in range(len(a))])


def chi2_sf_loop(statistic, dof):
    return np.array([chi2_sf(statistic[i], dof[i]) for i in range(len(dof))])


def exact_gammaincc(a, x):
    """Q(a, x) by the power series or the continued fraction, to 25 digits or more."""
    with mpmath.workdps(40 + max(0, -int(math.log10(a)))):  # 1 - P is of the order of a
        return series_or_fraction(mpmath.mpf(float(a)), mpmath.mpf(float(x)))


def series_or_fraction(a, x):
    front = mpmath.exp(a * mpmath.log(x) - x - mpmath.loggamma(a))
    if x < max(a + 1, 2):
        n, term, total = a, 1 / a, 1 / a
        while term > total * mpmath.eps:
            n += 1
            term *= x / n
            total += term
        return 1 - front * total
    b = x + 1 - a
    d = term = total = 1 / b
    n = 0
    while abs(term) > total * mpmath.mpf(10) ** -25:
        n += 1
        b += 2
        c = n * (a - n)
        previous, d = d, 1 / (b + c * d)
        term *= -c * previous * d
        total += term
    return front * total


def worst_gammaincc(points):
    """Largest relative error, over the points whose probability is above 1e-300."""
    points = [(float(a), float(x)) for a, x in points if x > 0]
    values = gammaincc_loop(*(np.array(column) for column in zip(*points, strict=True)))
    errors = [
        (relative_error(value, exact), a, x)
        for (a, x), value in zip(points, values, strict=True)
        if (exact := exact_gammaincc(a, x)) > 1e-300
    ]
    assert len(errors) > len(points) / 4
    return max(errors)


def grid(a_range, x_of, n_a=12, fractions=12):
    """Points (a, x): a in geometric steps, x at fractions of the range that x_of gives."""
    for a in np.geomspace(*a_range, n_a):
        for t in np.linspace(0.0, 1.0, fractions):
            low, high = x_of(a)
            yield a, low + (high - low) * t


def deviations(low, high):
    """The range of x from low to high standard deviations off a."""
    return lambda a: (a + low * math.sqrt(a), a + high * math.sqrt(a))


REGIONS = {
    "both small": grid((1e-3, 0.999), lambda a: (1e-4, 1.9999)),
    "tiny a": grid((1e-290, 1e-4), lambda a: (1e-3, 4.0)),
    "small a, fraction": grid((1e-3, 1.0), lambda a: (2.0, 40.0)),
    "small a, tail": grid((1e-3, 12.0), lambda a: (40.0, 740.0)),
    "power series": grid((1.0, 11.99), lambda a: (0.01 * a, a + 0.999)),
    "fraction": grid((1.0, 11.99), lambda a: (a + 1.0, a + 30.0)),
    "far left": grid((12.0, 300.0), lambda a: (1e-3 * a, 0.2999 * a)),
    "uniform": grid((12.0, 1000.0), lambda a: (0.3001 * a, 2.3499 * a)),
    "far right": grid((12.0, 1600.0), lambda a: (2.35001 * a, 2.35001 * a + 600.0)),
    "large a, centre": grid((1e3, 1e5), deviations(-6.0, 6.0), 6, 11),
    "large a, tail": grid((1e3, 1e5), deviations(6.0, 40.0), 6, 11),
    "largest a": grid((1e6, 1e7), deviations(-3.0, 36.0), 2, 5),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REGIONS)
def test_gammaincc_has_thirteen_digits(name):
    error, a, x = worst_gammaincc(REGIONS[name])
    assert error <= 1e-13, (a, x)


def test_gammaincc_has_thirteen_digits_where_methods_meet():
    points = []
    for a in [1e-3, 0.5, 1.0, 3.5, 12.0, 57.0, 100.0, 1600.0]:
        for b in [a, math.nextafter(a, 0.0), math.nextafter(a, INF)]:
            for x in [2.0, b + 1.0, 0.3 * b, b, 2.35 * b]:
                points += [(b, x), (b, math.nextafter(x, 0.0)), (b, math.nextafter(x, INF))]
    error, a, x = worst_gammaincc(points)
    assert error <= 1e-13, (a, x)


@pytest.mark.parametrize(("a", "x"), [(0.3, 0.7), (2.5, 9.0), (40.0, 30.0), (40.0, 90.0)])
def test_reference_agrees_with_mpmath(a, x):
    with mpmath.workdps(30):
        assert (
            relative_error(exact_gammaincc(a, x), mpmath.gammainc(a, x, regularized=True)) < 1e-15
        )


@pytest.mark.slow
def test_chi2_sf_with_a_million_degrees_of_freedom():
    for dof in [999_999, 1_000_000]:
        for statistic in [dof - 3000, dof - 1, dof, dof + 0.5, dof + 5000, dof + 50_000]:
            exact = exact_gammaincc(dof / 2, statistic / 2)
            assert relative_error(chi2_sf(statistic, dof), exact) <= 1e-13


def test_gammaincc_agrees_with_scipy():
    rng = np.random.default_rng(1)
    a = 10 ** rng.uniform(-3, 5, 50_000)
    x = np.abs(a + np.sqrt(a) * rng.normal(0.0, 8.0, a.size))
    # SciPy itself is off by 1e-11 where the probability is tiny, and for a > 1e6, five deviations
    # to the left, by 1e-8.
    np.testing.assert_allclose(
        gammaincc_loop(a, x), scipy.special.gammaincc(a, x), rtol=3e-11, atol=1e-300
    )


def test_chi2_sf_agrees_with_scipy():
    rng = np.random.default_rng(2)
    dof = rng.integers(1, 200, 20_000)
    statistic = rng.exponential(dof)
    np.testing.assert_allclose(
        chi2_sf_loop(statistic, dof), scipy.stats.chi2.sf(statistic, dof), rtol=3e-12, atol=1e-300
    )


@pytest.mark.parametrize("x", [1e-5, 0.3, 1.9, 2.1, 11.0, 30.0, 170.0, 650.0])
def test_closed_forms(x):
    assert gammaincc(1.0, x) == pytest.approx(math.exp(-x), rel=1e-14)
    assert gammaincc(0.5, x) == pytest.approx(math.erfc(math.sqrt(x)), rel=1e-13)
    terms = [1.0]
    for k in range(1, 25):
        terms.append(terms[-1] * x / k)
    assert gammaincc(25.0, x) == pytest.approx(math.exp(-x) * math.fsum(terms), rel=1e-13)


@pytest.mark.parametrize(
    ("a", "x", "expected"),
    [
        (2.0, 0.0, 1.0),
        (2.0, -0.0, 1.0),
        (2.0, INF, 0.0),
        (INF, 2.0, 1.0),
        (INF, INF, NAN),
        (0.0, 1.0, NAN),
        (-1.0, 1.0, NAN),
        (1.0, -1.0, NAN),
        (1.0, -INF, NAN),
        (-INF, 1.0, NAN),
        (NAN, 1.0, NAN),
        (1.0, NAN, NAN),
        (NAN, 0.0, NAN),
        (0.5, 5e-324, 1.0),
        (12.0, 5e-324, 1.0),
        (5e-324, 1.0, 0.0),
        # Underflow
        (0.5, 800.0, 0.0),
        (11.5, 1e300, 0.0),
        (12.0, 900.0, 0.0),
        (12.0, 1e308, 0.0),
        (700.0, 3000.0, 0.0),
        (1e7, 1.02e7, 0.0),
        (1e7, 1e9, 0.0),
        (1e7, 9e6, 1.0),
        # A step
        (1e37, 1e37, 0.5),
        (1e37, 1.1e37, 0.0),
        (1e308, 1e307, 1.0),
        (1e307, 1.7e308, 0.0),
    ],
)
def test_gammaincc_special_values(a, x, expected):
    np.testing.assert_array_equal(gammaincc(a, x), expected)


def test_gammaincc_underflows_gradually():
    x = np.linspace(600.0, 780.0, 500)
    q = gammaincc_loop(np.full(x.size, 2.5), x)
    assert (np.diff(q) <= 0.0).all()
    assert q[-1] == 0.0
    assert ((q > 0.0) & (q < 1e-308)).any()


@pytest.mark.parametrize(
    ("statistic", "dof"),
    [
        (0.0, 3),
        (-2.0, 3),
        (-INF, 3),
        (INF, 3),
        (NAN, 3),
        (1.0, NAN),
        (1.0, 0),
        (0.0, 0),
        (-1.0, 0),
        (1.0, -1),
        (INF, 0),
        (1.0, INF),
        (0.0, INF),
        (INF, INF),
        (1e5, 3),
    ],
)
def test_chi2_sf_special_values_are_those_of_scipy(statistic, dof):
    np.testing.assert_array_equal(chi2_sf(statistic, dof), scipy.stats.chi2.sf(statistic, dof))


positive = st.floats(1e-3, 1e7)


@given(a=positive, x=st.floats(0.0, 2e7), y=st.floats(0.0, 2e7))
def test_gammaincc_decreases_with_x(a, x, y):
    x, y = min(x, y), max(x, y)
    assert 0.0 <= gammaincc(a, y) <= gammaincc(a, x) * (1.0 + 1e-13) <= 1.0 + 1e-13


@given(a=positive, deviation=st.floats(-5.0, 30.0), step=st.floats(0.0, 1e-3))
@example(a=12.0, deviation=0.0, step=1e-6)
def test_gammaincc_is_monotonic_near_the_centre(a, deviation, step):
    x = max(a + deviation * math.sqrt(a), 0.0)
    q = gammaincc(a, x)
    assert gammaincc(a, x * (1.0 + step)) <= q * (1.0 + 1e-13)
    assert gammaincc(a * (1.0 + step), x) >= q * (1.0 - 1e-13)


def test_functions_take_any_real_scalar():
    assert gammaincc(2, 3) == gammaincc(2.0, 3.0) == pytest.approx(4.0 * math.exp(-3.0), rel=1e-14)
    assert chi2_sf(statistic=np.float32(2.5), dof=np.int8(4)) == chi2_sf(2.5, 4.0)
    assert type(gammaincc(np.float64(2.0), np.int64(3))) is float  # no type of NumPy's comes out


def assert_table(table, exact):
    np.testing.assert_allclose(table, [float(c) for c in exact], rtol=1e-15)


@mpmath.workdps(50)
def test_table_of_temme():
    # eta**2 / 2 = m - log(1 + m) differentiates to eta (1 + m) = m m': the powers of m(eta) = 1, …
    size = len(gamma_tails._TEMME)
    m = [mpmath.mpf(0), mpmath.mpf(1)]
    for n in range(2, size + 2):
        m.append(m[n - 1] / (n + 1) - sum(m[i] * m[n + 1 - i] for i in range(2, n)) / 2)
    f = [mpmath.mpf(1)]
    for n in range(1, size + 1):
        f.append(-sum(f[i] * m[n + 1 - i] for i in range(n)))
    assert_table(gamma_tails._TEMME, f[:0:-1])


@mpmath.workdps(50)
def test_table_of_the_reciprocal_gamma_function():
    def f(t):
        a = (t + 1) / 2
        return (mpmath.rgamma(1 + a) - 1) / a

    degree = len(gamma_tails._RECIPROCAL_GAMMA) - 1
    assert_table(gamma_tails._RECIPROCAL_GAMMA, chebyshev_interpolant(f, degree))
