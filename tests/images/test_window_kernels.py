"""The kernels of Parzen windows by themselves, and inside of functions of a user."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from helpers import compiled, fixed
from reference import images as reference

from fastinfo.kernels.binning.edges import grid
from fastinfo.kernels.images.windows import add_windows, slopes

BINS = 9, 11
RANGES = (-2.0, 2.0), (-1.5, 2.5)
N = 519  # a block, and an odd rest


def arguments(dtype, weighted, masked=False):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, N)).astype(dtype)
    x[5], y[7], x[9] = np.nan, np.nan, np.inf
    weights = rng.random(N if weighted else 0)
    edges = fixed(np.linspace(*RANGES[0], BINS[0] - 3))
    low, high = RANGES[1]
    width = BINS[1] - 4
    placing = (edges, grid(edges), low, high, width / (high - low), np.int64(width))
    kept = rng.random(N if masked else 0) < 0.7
    return (fixed(x), fixed(y), fixed(weights), fixed(kept), *placing)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("weighted", "masked"), [(False, False), (True, False), (True, True)])
def test_windows_in_compiled_and_in_plain_code(dtype, weighted, masked):
    given = arguments(dtype, weighted, masked)
    x, y, weights, kept = given[:4]
    n_groups = (BINS[0] - 4) * (BINS[1] - 4) + 1
    cells, again = np.zeros((2, 2 * 4 * n_groups))
    n = add_windows(*given, cells)
    assert n == getattr(add_windows, "py_func", add_windows)(*given, again)
    np.testing.assert_allclose(cells, again, rtol=1e-12, atol=1e-15)
    table = reference.table_with_windows(
        *(np.where(np.isfinite(a) & (kept if masked else True), a, 99) for a in (x, y)),
        BINS,
        RANGES,
        weights if weighted else None,
    )
    inside = [(low <= a) & (a <= high) for a, (low, high) in zip((x, y), RANGES, strict=True)]
    assert n == (inside[0] & inside[1] & (kept if masked else True)).sum()
    groups = cells.reshape(2, n_groups, 4).sum(axis=0)[:-1].reshape(BINS[0] - 4, BINS[1] - 4, 4)
    for d in range(4):
        table[2:-2, 1 + d : 1 + d + BINS[1] - 4] -= groups[:, :, d]
    np.testing.assert_allclose(table.astype(float), 0, atol=1e-12)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("weighted", "masked"), [(False, False), (True, True)])
def test_slopes_are_polynomials_of_the_place(dtype, weighted, masked):
    given = arguments(dtype, weighted, masked)
    x, y, weights, kept = given[:4]
    n_groups = (BINS[0] - 4) * (BINS[1] - 4) + 1
    polynomials = np.random.default_rng(1).normal(size=(n_groups, 4))
    polynomials[-1] = 0
    out = np.empty(N, dtype)
    slopes(*given, fixed(polynomials.reshape(-1)), out)
    for i in range(N):
        row = np.searchsorted(given[4], x[i], side="right") - 1
        place = (float(y[i]) - RANGES[1][0]) / 4.0 * (BINS[1] - 4)
        inside = abs(x[i]) <= 2 and 0 <= place <= BINS[1] - 4
        if not inside or (masked and not kept[i]):
            assert out[i] == 0
            continue
        j = int(place)
        a, b, c, _ = polynomials[row * (BINS[1] - 4) + j]
        t = place - j
        expected = (a + b * t + c * t * t) * (weights[i] if weighted else 1)
        assert out[i] == pytest.approx(expected, rel=1e-6 if dtype == "f4" else 1e-12, abs=1e-7)


@compiled
def test_kernels_inside_of_compiled_code():
    given = arguments("f8", False)
    cells, again = np.zeros((2, 2 * 4 * ((BINS[0] - 4) * (BINS[1] - 4) + 1)))

    @numba.njit
    def of_user(x, y, weights, kept, edges, grid, low, high, scale, width, cells):
        return add_windows(x, y, weights, kept, edges, grid, low, high, scale, width, cells)

    assert of_user(*given, cells) == add_windows(*given, again)
    np.testing.assert_array_equal(cells, again)
