"""Places of samples as fixed-point numbers: each bin that they settle is what a search finds."""

import math

import numpy as np
import pytest
from helpers import compiled
from hypothesis import example, given
from hypothesis import strategies as st
from numba import njit

from fastinfo.kernels.binning import edges as kernels

NAN = math.nan
INF = math.inf


@njit
def places(x, edges):
    """Bins and fractions, both in whole numbers, and up to which fraction none is settled."""
    scale, margin, _ = kernels.grid(edges)
    limit = kernels.unsettled_below(margin, np.float64(edges.size - 1))
    origin = kernels.ORIGIN + limit / (2.0 * kernels.UNITS)
    codes = np.empty(x.size, np.int64)
    fractions = np.empty(x.size, np.int64)
    for i in range(x.size):
        bits = kernels.fixed_point(x[i], edges[0], scale, origin)
        upper = np.int64(np.uint32(bits >> kernels.UPPER))
        codes[i] = (upper - np.int64(kernels.FIRST)) % 2**32
        fractions[i] = np.int64(np.uint32(bits))
    return codes, fractions, np.int64(limit)


@njit
def code(x, edges):
    out = np.empty(x.size, np.uint32)
    scale, margin, step = kernels.grid(edges)
    kernels.uniform_codes(x, edges, scale, margin, step, out)
    return out


def searched(x, edges):
    """The rule of np.histogramdd: a search from the right, the last bin closed."""
    bins = edges.size - 1
    place = np.searchsorted(edges, x, side="right") - 1
    place[x == edges[-1]] = bins - 1
    return np.where((place < 0) | (place >= bins) | np.isnan(x), bins, place)


def beside(edges):
    """Samples on edges and a few steps beside them, from one ulp to a fraction of 2**-28."""
    width = (edges[-1] - edges[0]) / (edges.size - 1)
    steps = [0.0, *(2.0**-k * sign for k in range(28, 56, 3) for sign in (1, -1))]
    near = [edges + step * width for step in steps]
    return np.concatenate([*near, np.nextafter(edges, -INF), np.nextafter(edges, INF)])


@st.composite
def even_edges(draw):
    low = draw(st.sampled_from([0.0, -1.0, 0.1, 1e-9, 3e5, -7e8, 1e12]))
    width = draw(st.floats(1e-3, 1e6))
    return np.linspace(low, low + width, draw(st.integers(1, 100)) + 1)


@given(even_edges())
@example(np.linspace(1e12, 1e12 + 1e-3, 8))
@example(np.linspace(-1, 1, 2))
def test_a_place_is_near_an_edge_or_settles_the_bin(edges):
    scale, margin, _ = kernels.grid(edges)
    if not margin < 0.25:
        assert scale == 0
        return
    x = beside(edges)
    codes, fractions, limit = places(x, edges)
    settled = fractions > limit
    codes = np.minimum(codes, edges.size - 1)
    np.testing.assert_array_equal(codes[settled], searched(x, edges)[settled])
    assert not settled[: edges.size].any()  # those on an edge
    np.testing.assert_array_equal(code(x, edges), searched(x, edges))


def test_places_between_edges_are_settled():
    edges = np.linspace(-3, 7, 65)
    middle = (edges[:-1] + edges[1:]) / 2
    codes, fractions, limit = places(middle, edges)
    assert codes.tolist() == list(range(64))
    assert (abs(fractions - 2**31) < 64 * limit).all()
    assert limit < 2**8


@pytest.mark.parametrize("x", [NAN, -NAN, INF, -INF, 1e300, -1e300, 1e10, -1e10, 11.0, -1.0, -2e6])
def test_places_outside_of_the_edges_are_beyond_all_bins(x):
    edges = np.linspace(0, 10, 11)
    assert places(np.array([x]), edges)[0][0] >= 10
    assert code(np.array([x, 5.5]), edges).tolist() == [10, 5]


def test_nans_of_any_bits_are_beyond_all_bins():
    bits = np.array([0x7FF8000000000000, 0x7FF80000DEADBEEF, 0xFFFFFFFFFFFFFFFF], np.uint64)
    edges = np.linspace(0, 10, 11)
    assert code(np.tile(bits.view(np.float64), 20), edges).tolist() == [10] * 60


@compiled
@pytest.mark.parametrize("bins", [2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_more_bins_than_a_place_has_room_for(bins, rng):
    edges = np.linspace(-2.5, 4.0, bins + 1)
    some = edges[[0, 1, 2, bins // 3, bins // 2, 2**20 - 2, bins - 1, bins]]
    some = [some, np.nextafter(some, -INF), np.nextafter(some, INF), rng.uniform(-3, 5, 1500)]
    x = np.concatenate([*some, [NAN, INF, -INF]])
    np.testing.assert_array_equal(code(x, edges), searched(x, edges))


def test_the_limit_rises_with_the_margin_and_fits():
    bins = np.float64(64)
    limits = [int(kernels.unsettled_below(m, bins)) for m in (0.0, 1e-12, 1e-9, 1e-3, 0.2499)]
    assert limits == sorted(limits)
    assert limits[0] >= 4
    for margin, limit in zip((0.0, 1e-12, 1e-9, 1e-3, 0.2499), limits, strict=True):
        assert 2 * margin * 2**32 + 3 < limit < 2**32
