"""Weights that need no case of their own have kernels of their own, which find the same."""

from __future__ import annotations

import numpy as np
import pytest

from fastinfo.kernels.distributions import divergences, ordinary

ONE, TWO = ("entropy",), ("cross_entropy", "kl_divergence", "js_divergence")


@pytest.mark.slow
@pytest.mark.parametrize("name", ONE + TWO)
@pytest.mark.parametrize("n", [1, 7, 1500, 20_000])
def test_rows_are_what_the_kernel_of_vectors_finds(name, n, rng):
    weights = [rng.random((2, n)) for _ in range(1 if name in ONE else 2)]
    out = np.empty(2)
    assert not getattr(ordinary, f"{name}_ordinary")(*weights, out)
    whole = getattr(divergences, name)
    expected = [whole(*(a[i] for a in weights)) for i in range(2)]
    np.testing.assert_allclose(out, expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", ONE + TWO)
@pytest.mark.parametrize("odd", [-1.0, np.nan, np.inf])
def test_an_odd_weight_is_told(name, odd, rng):
    weights = [rng.random((1, 40)) for _ in range(1 if name in ONE else 2)]
    for a in weights:
        kept = a[0, 5]
        a[0, 5] = odd
        assert getattr(ordinary, f"{name}_ordinary")(*weights, np.empty(1))
        a[0, 5] = kept
