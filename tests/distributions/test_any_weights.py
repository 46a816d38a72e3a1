"""Weights of any magnitude, from 5e-324 to the largest: what mpmath finds in 2,400 bits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from helpers import compiled
from mpmath import mp, mpf

import fastinfo

LEAST, MOST = 5e-324, np.finfo(float).max


def exact(name: str, p: np.ndarray, q: np.ndarray, times: np.ndarray) -> float:
    """A measure of weights that occur so many times each."""
    with mp.workprec(2400):
        a, b = ([mpf(float(v)) for v in weights] for weights in (p, q))
        a, b = ([v / mpmath.fdot(w, times.tolist()) for v in w] for w in (a, b))

        def ratio(x: mpf, y: mpf) -> mpf:
            return x * (mp.log(x / y) if y else mp.inf) if x else mpf(0)

        terms = {
            "entropy": lambda x, _: ratio(x, 1) * -1,
            "cross_entropy": lambda x, y: x * -(mp.log(y) if y else -mp.inf) if x else mpf(0),
            "kl_divergence": ratio,
            "js_divergence": lambda x, y: (ratio(x, (x + y) / 2) + ratio(y, (x + y) / 2)) / 2,
        }[name]
        return float(mp.fsum(n * terms(x, y) for x, y, n in zip(a, b, times.tolist(), strict=True)))


def weights(rng: np.random.Generator, kind: str, n: int) -> np.ndarray:
    if kind == "least":
        return np.maximum(rng.integers(0, 6, n), np.arange(n) == 0) * LEAST
    if kind == "most":
        return rng.uniform(0.1, 1, n) * MOST
    if kind == "some least":
        return np.where(rng.random(n) < 0.5, LEAST, rng.uniform(0.1, 1, n))
    if kind == "any":
        return rng.uniform(0.5, 1, n) * 2.0 ** rng.integers(-1074, 1020, n)
    return rng.uniform(0.1, 1, n)


KINDS = ["least", "most", "some least", "any", "ordinary"]
NAMES = ["entropy", "cross_entropy", "kl_divergence", "js_divergence"]


def call(name: str, p: np.ndarray, q: np.ndarray, axis: int = 0) -> np.ndarray:
    function = getattr(fastinfo, name)
    return function(p, axis=axis) if name == "entropy" else function(p, q, axis=axis)


def near(found: float, expected: float) -> bool:
    return found == expected or abs(found - expected) <= 1e-12 * max(1.0, abs(expected))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("of_p", KINDS)
@pytest.mark.parametrize("of_q", KINDS)
def test_weights_of_any_magnitude(name, of_p, of_q, rng):
    for n in (2, 3, 6):
        p, q = weights(rng, of_p, n), weights(rng, of_q, n)
        expected = exact(name, p, q, np.ones(n, int))
        assert near(call(name, p, q), expected), (p, q)
        assert near(call(name, np.stack([p] * 3, 1), np.stack([q] * 3, 1))[1], expected)
        of_rows = call(name, np.stack([p] * 257), np.stack([q] * 257), axis=1)  # turned, and not
        assert near(of_rows[0], expected)
        assert near(of_rows[256], expected)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("of_p", "of_q"), [("most", "least"), ("any", "some least"), ("some least", "most")]
)
@pytest.mark.parametrize("n", [20_000, 300_000])  # in one part, in two
def test_many_weights_of_any_magnitude(name, of_p, of_q, n, rng):
    few_p, few_q = weights(rng, of_p, 4), weights(rng, of_q, 4)
    times = np.array([n // 2, n // 4, n // 8, n - n // 2 - n // 4 - n // 8])
    places = rng.permutation(np.arange(4).repeat(times))
    expected = exact(name, few_p, few_q, times)
    p, q = few_p[places], few_q[places]
    assert near(call(name, p, q), expected)
    beside = np.ones(n)
    assert near(call(name, np.stack([p, beside], 1), np.stack([q, beside], 1))[0], expected)


def test_what_vanishes_when_it_is_scaled_counts():
    assert fastinfo.cross_entropy([MOST, LEAST], [1.0, 0.0]) == np.inf
    assert fastinfo.kl_divergence([MOST, LEAST], [1.0, 0.0]) == np.inf
    assert fastinfo.js_divergence([1.0, LEAST], [1.0, LEAST]) == 0.0
