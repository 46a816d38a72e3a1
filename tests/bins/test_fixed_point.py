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
    """Bins and fractions, both in whole numbers, and from which fraction on none is settled."""
    scale, margin, _ = kernels.grid(edges)
    limit = kernels.unsettled_from(margin, np.float64(edges.size - 1))
    origin = kernels.ORIGIN - (kernels.UNITS - limit) / (4.0 * kernels.UNITS)
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
    settled = fractions < limit
    codes = np.minimum(codes, edges.size - 1)
    np.testing.assert_array_equal(codes[settled], searched(x, edges)[settled])
    assert not settled[: edges.size].any()  # those on an edge
    np.testing.assert_array_equal(code(x, edges), searched(x, edges))


def test_places_between_edges_are_settled():
    edges = np.linspace(-3, 7, 65)
    middle = (edges[:-1] + edges[1:]) / 2
    codes, fractions, limit = places(middle, edges)
    assert codes.tolist() == list(range(64))
    assert (abs(fractions - 2**31) < 2**12).all()
    assert 2**32 - 2**8 < limit < 2**32 - 8


@pytest.mark.parametrize("x", [NAN, -NAN, INF, -INF, 1e300, -1e300, 1e10, -1e10, 11.0, -1.0, -2e6])
def test_places_outside_of_the_edges_are_beyond_all_bins(x):
    edges = np.linspace(0, 10, 11)
    assert places(np.array([x]), edges)[0][0] >= 10
    assert code(np.array([x, 5.5]), edges).tolist() == [10, 5]


def test_nans_of_any_bits_are_beyond_all_bins():
    bits = [0x7FF8000000000000, 0x7FF80000DEADBEEF, 0x7FF800000000FFFF, 0xFFFFFFFFFFFFFFFF]
    edges = np.linspace(0, 10, 11)
    assert code(np.array(bits * 20, np.uint64).view(np.float64), edges).tolist() == [10] * 80


@compiled
@pytest.mark.parametrize("bins", [2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_more_bins_than_a_place_has_room_for(bins, rng):
    edges = np.linspace(-2.5, 4.0, bins + 1)
    some = edges[[0, 1, 2, bins // 3, bins // 2, 2**20 - 2, bins - 1, bins]]
    some = [some, np.nextafter(some, -INF), np.nextafter(some, INF), rng.uniform(-3, 5, 1500)]
    x = np.concatenate([*some, [NAN, INF, -INF]])
    np.testing.assert_array_equal(code(x, edges), searched(x, edges))


def test_the_limit_falls_with_the_margin():
    bins = np.float64(64)
    margins = [0.0, 1e-12, 1e-9, 1e-3, 0.1999]
    limits = [int(kernels.unsettled_from(margin, bins)) for margin in margins]
    for margin, limit in zip(margins, limits, strict=True):
        assert 0 < limit <= 2**32 * (1 - 4 * margin) - 12
    assert limits[0] == 2**32 - 12
    assert limits == sorted(limits, reverse=True)
    assert kernels.unsettled_from(0.2, bins) == kernels.unsettled_from(0.0, 2.0**20) == 0


def test_missing_samples_and_those_outside_are_near_no_edge():
    edges = np.linspace(-3, 7, 65)
    codes, fractions, limit = places(np.array([NAN, -NAN, INF, -INF, -1e9, 1e9]), edges)
    assert (fractions < limit).all()
    assert (codes >= 64).all()
