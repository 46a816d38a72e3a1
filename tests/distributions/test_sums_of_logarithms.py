"""Measures of distributions by short logarithms: hostile weights, against mpmath."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import reference
from helpers import compiled

from fastinfo import cross_entropy, entropy, js_divergence, kl_divergence
from fastinfo.kernels.distributions import terms

N = 1500
MANY = 200  # times that weights are repeated, so that there are too many for one kernel call


def weights(name, rng):
    p, q = rng.random((2, N)) + 1e-3
    grid = np.linspace(-20.0, 20.0, N)
    few = np.arange(N) % 300 == 0
    return {
        "uniform": (p, q),
        "wide": (np.exp(20 * rng.standard_normal(N)), np.exp(20 * rng.standard_normal(N))),
        "gaussian": (np.exp(-0.5 * grid**2), np.exp(-0.5 * (grid - 0.1) ** 2)),
        "where the exponent changes": (np.full(N, 0.70710678), np.full(N, 1.41421356)),
        "next to 1": (1 - 1e-7 * p, 1 + 1e-7 * q),
        "equal but a few": (p, np.where(few, 5 * p, p * (1 + 1e-4 * q))),
        "with zeros": (np.where(p < 0.5, 0.0, p), q),
        "counts": (rng.poisson(3, N) + 0.0, rng.poisson(3, N) + 1.0),
        "small": (p * 1e-200, q * 1e-250),
        "subnormal among others": (np.where(few, 5e-324, p), np.where(few, 3e-310, q)),
        "tails": (np.where(few, 1e-300, p), np.where(few, 1e-280, q)),
    }[name]


NAMES = [
    "uniform",
    "wide",
    "gaussian",
    "where the exponent changes",
    "next to 1",
    "equal but a few",
    "with zeros",
    "counts",
    "small",
    "subnormal among others",
    "tails",
]


def sums_of(p, q):
    """Each measure, and the sum of the absolute values of what is added up for it, exactly."""
    p, q = ([mpmath.mpf(float(v)) for v in a] for a in (p, q))
    P, Q = mpmath.fsum(p), mpmath.fsum(q)
    pairs = list(zip(p, q, strict=True))

    def of(values, rest):
        return mpmath.fsum(values) + rest, mpmath.fsum(map(abs, values)) + abs(rest)

    middle = [(v / P, w / Q) for v, w in pairs]
    halves = [v * mpmath.log(2 * v / (v + w)) for v, w in middle if v]
    halves += [w * mpmath.log(2 * w / (v + w)) for v, w in middle if w]
    return {
        entropy: of([-v * mpmath.log(v) / P for v in p if v], mpmath.log(P)),
        cross_entropy: of([-v * mpmath.log(w) / P for v, w in pairs if v], mpmath.log(Q)),
        kl_divergence: of([v * mpmath.log(v / w) / P for v, w in pairs if v], mpmath.log(Q / P)),
        js_divergence: (mpmath.fsum(halves) / 2,) * 2,
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_errors_are_below_what_is_promised(name, rng):
    p, q = weights(name, rng)
    with mpmath.workdps(40):
        exact = sums_of(p, q)
    for function, (value, size) in exact.items():
        given = (p,) if function is entropy else (p, q)
        forms = {
            "vector": function(*given),
            "rows": function(*(np.tile(a, (3, 1)) for a in given), axis=1)[1],
            "columns": function(*(np.tile(a, (300, 1)).T.copy() for a in given), axis=0)[17],
        }
        for form, got in forms.items():
            assert abs(float(got) - value) <= 1e-14 * size + 4e-16, (form, function.__name__)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("function", [entropy, cross_entropy, kl_divergence, js_divergence])
def test_errors_of_many_weights(name, function, rng):
    p, q = weights(name, rng)
    with mpmath.workdps(40):
        value, size = sums_of(p, q)[function]
        if function in (entropy, cross_entropy):  # each weight so many times
            value, size = value + mpmath.log(MANY), size + mpmath.log(MANY)
    given = (p,) if function is entropy else (p, q)
    got = float(function(*(np.tile(a, MANY) for a in given)))
    assert abs(got - value) <= 1e-14 * size + 4e-16


@compiled
@pytest.mark.parametrize("name", ["uniform", "gaussian", "counts", "with zeros", "next to 1"])
@pytest.mark.parametrize("function", [entropy, cross_entropy])
def test_many_float32_weights_give_the_nearest_float32_or_its_neighbour(name, function, rng):
    p, q = (np.tile(a.astype(np.float32), MANY) for a in weights(name, rng))
    given = (p,) if function is entropy else (p, q)
    exact = float(function(*(a.astype(np.float64) for a in given)))
    got = function(*given)
    assert got.dtype == np.float32
    assert got == exact or abs(float(got) - exact) <= 1.5 * np.spacing(np.float32(exact))


@pytest.mark.slow
@pytest.mark.parametrize("step", [1e-2, 1e-5, 1e-8, 1e-11])
def test_js_divergence_of_nearly_equal_distributions(step, rng):
    """Its terms are of the size of the difference squared, and none of them cancels."""
    units = rng.integers(2**20, 2**21, 2000)
    units[0] += 2**32 - units.sum()
    moved = np.zeros(2000)
    moved[::2] = np.round(units[::2] * step * 2.0**20) * 2.0**-20
    moved[0] = 0.0
    moved[1::2] = -moved[::2]
    p, q = units * 2.0**-32, (units + moved) * 2.0**-32
    assert p.sum() == 1.0
    assert q.sum() == 1.0
    with mpmath.workdps(40):
        value = sums_of(p, q)[js_divergence][0]
        if value == 0:
            assert js_divergence(p, q) == 0.0
            return
        error = abs(js_divergence(p, q) - value) / value
    assert error <= 1e-15


def test_js_divergence_of_equal_and_of_disjoint_distributions(rng):
    p = rng.random(1000)
    assert js_divergence(p, p) == 0.0
    assert js_divergence(p, 4 * p) == 0.0
    zeros = np.zeros(1000)
    both = js_divergence(np.r_[p, zeros], np.r_[zeros, p])
    assert both == pytest.approx(np.log(2.0), rel=1e-15)


@pytest.mark.parametrize("ratio", [1.0, 0.999, 0.7, 0.6, 0.3, 1e-5, 1e-17, 1e-40, 1e-100, 0.0])
def test_the_term_of_the_js_divergence(ratio):
    """Each way that a pair of weights can lie, alone."""
    for v, w in (1.0, ratio), (ratio, 1.0), (0.37, 0.37 * ratio):
        got, word = terms.js_divergence_term(v, w, 1.0, 1.0)
        assert not terms.is_special(np.uint64(word))
        with mpmath.workdps(40):
            x, y = mpmath.mpf(v), mpmath.mpf(w)
            exact = sum(a * mpmath.log(2 * a / (x + y)) for a in (x, y) if a)
        assert abs(got - exact) <= 4e-16 * exact


@pytest.mark.parametrize("v", [0.0, 1.0, 2.0**-380, 5e-324, -1.0, -5e-324])
@pytest.mark.parametrize("w", [0.0, 1.0, 2.0**-380, 2.0**-900, 5e-324, -1.0, -0.0, -5e-324])
def test_weights_that_are_told(v, w):
    v, w = np.float64(v), np.float64(w)

    def told(function):
        return bool(terms.is_special(np.uint64(function(v, w, 0.0, 0.0)[1])))

    tiny = np.finfo(float).tiny
    assert told(terms.cross_entropy_term) or (v >= 0.0 and w >= tiny)
    assert told(terms.kl_divergence_term) or (v >= 0.0 and w >= 2.0**-900)
    assert told(terms.entropy_term) or v == 0.0 or v >= tiny
    if v >= 0.0 and w >= 2.0**-900 and not np.signbit(v):
        assert not told(terms.cross_entropy_term)
        assert not told(terms.kl_divergence_term)
    if v == 0.0 or v >= tiny:
        assert not told(terms.entropy_term)
    word = terms.js_divergence_term(v, w, 1.0, 1.0)[1]
    plain = v >= 0.0 and w >= 0.0 and not np.signbit(w) and (v + w == 0.0 or v + w >= 2.0**-480)
    assert bool(terms.is_special(np.uint64(word))) != plain


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("n", [5, 3000, 300_000])
def test_what_is_no_number_gives_nan(bad, n, rng):
    p, q = rng.random((2, n)) + 0.1
    for given in (p, q):
        kept = given[n // 2]
        given[n // 2] = bad
        for function in (cross_entropy, kl_divergence, js_divergence):
            assert np.isnan(function(p, q))
        given[n // 2] = kept
    p[n // 3] = bad
    assert np.isnan(entropy(p))


def test_the_twin_is_the_reference(rng):
    p, q = rng.random((2, 40))
    with mpmath.workdps(40):
        exact = sums_of(p, q)
    assert float(exact[entropy][0]) == pytest.approx(reference.entropy(p), rel=1e-15)
    assert float(exact[cross_entropy][0]) == pytest.approx(reference.cross_entropy(p, q), rel=1e-15)
    assert float(exact[kl_divergence][0]) == pytest.approx(reference.kl_divergence(p, q), rel=1e-14)
