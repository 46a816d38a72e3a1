"""Hostile edges: the counts and codes of a twin in NumPy, or an error; no access out of bounds."""

import math

import numpy as np
import pytest
from fuzzing import answer, fuzz, pick
from helpers import quiet
from hostile import FLOATS, INTEGERS, LAYOUTS

import fastinfo

HOSTILE = [0.0, -0.0, 5e-324, -5e-324, 1e-310, 2.2e-308, 1.0, 1e308, -1.7e308, 1.7e308]
HOSTILE += [math.inf, -math.inf, math.nan, 2.0**53, 2.0**53 + 2, 2.0**63, -(2.0**63), 0.1, 0.3]
WHOLE = [0, 1, -1, 2**31, 2**53, 2**53 + 1, 2**62, 2**63 - 1, -(2**63), -(2**63) + 1, 127, 255]
SAMPLES = [*(np.dtype(t) for t in FLOATS if np.dtype(t).kind == "f"), *INTEGERS]
DATES = ["M8[s]", "M8[ns]", "M8[D]", "m8[s]", "m8[ns]"]


def hostile_edges(rng):
    """Floats, integers or times; mostly sorted."""
    n = pick(rng, [0, 1, 2, 2, 3, 4, 7, 50, 300])
    kind = rng.random()
    if kind < 0.3:
        found = rng.choice(np.array(WHOLE, np.int64), n).astype(pick(rng, ["i8", "i4", "u8", "i1"]))
    elif kind < 0.6:
        found = rng.choice(HOSTILE, n)
    elif kind < 0.8:  # equal but for a few bits
        start = float(rng.choice(HOSTILE[:8])) + np.linspace(0.0, 1.0, n)
        found = start.view(np.int64) + rng.integers(-2, 3, n)
        found = found.view(np.float64)
    else:
        found = rng.normal(size=n) * 10.0 ** rng.integers(-300, 300)
    if rng.random() < 0.1:
        return found
    found = np.sort(found)
    if rng.random() < 0.3:
        found = found[np.isfinite(found)]
    if rng.random() < 0.1:
        with np.errstate(all="ignore"):
            found = found.astype(np.float32)
    return found


def samples_near(rng, edges):
    """Samples on the edges, beside them and far away, of some dtype."""
    n = pick(rng, [0, 1, 5, 40, 3000])
    near = rng.choice(edges, n) if edges.size else np.zeros(n)
    with np.errstate(all="ignore"):
        if near.dtype.kind == "f":
            near = np.where(rng.random(n) < 0.3, np.nextafter(near, pick(rng, [-9, 9])), near)
        far = rng.choice(HOSTILE, n)
        mixed = np.where(rng.random(n) < 0.3, far, near.astype(np.float64))
        dtype = pick(rng, [edges.dtype, *SAMPLES])
        if dtype.kind in "iu" and edges.dtype.kind in "iu":
            found = near.astype(dtype)
        else:
            found = quiet(mixed.astype, dtype)
    return pick(rng, [np.array, *LAYOUTS[:6]])(found)


def codes_of(a, edges):
    """The number of the bin of each sample, as histogramdd counts them."""
    place = np.searchsorted(edges, a, side="right") - 1
    place[a == edges[-1]] = len(edges) - 2
    outside = (place < 0) | (place > len(edges) - 2) | (a != a)
    return np.where(outside, len(edges) - 1, place)


def check_codes(a, edges):
    got = answer(fastinfo.discretize, a, edges)
    if got is not None:
        np.testing.assert_array_equal(got.codes, codes_of(np.asarray(a), edges))


def numbers(rng):
    edges = hostile_edges(rng)
    a = samples_near(rng, edges)
    got = answer(fastinfo.histogram, a, edges)
    if got is not None:
        np.testing.assert_array_equal(got[0], quiet(np.histogram, a, edges)[0])
    check_codes(a, edges)
    b = rng.permutation(np.array(a))
    more = hostile_edges(rng) if rng.random() < 0.5 else edges
    got = answer(fastinfo.histogram2d, a, b, [edges, more])
    if got is not None:
        expected = quiet(np.histogram2d, a, b, [edges, more])[0]
        np.testing.assert_array_equal(got[0], expected)
    counts = answer(fastinfo.JointCounts.empty, edges, more)
    if counts is not None and answer(counts.update, a, b) is not None:
        assert counts.n + counts.n_dropped + counts.n_missing == a.size
    answer(fastinfo.mutual_information, a, b, bins=[edges, more], discrete=False)


def times(rng):
    dtype = np.dtype(pick(rng, DATES))
    edges = np.sort(rng.choice(WHOLE[:9], pick(rng, [0, 1, 2, 5, 40]))).astype(np.int64).view(dtype)
    with np.errstate(all="ignore"):
        a = (rng.choice(WHOLE[:9], 50) + rng.integers(-1, 2, 50)).astype(np.int64).view(dtype)
    check_codes(a, edges)
    answer(fastinfo.mutual_information, a, a[::-1], bins=edges, discrete=False)


def equal_counts(rng):
    """Edges that the library finds itself hold all samples."""
    a = samples_near(rng, hostile_edges(rng))
    for strategy in ("uniform", "quantile"):
        for bins in (int(rng.integers(1, 400)), "mi", "sturges"):
            edges = answer(fastinfo.histogram_bin_edges, a, bins, strategy=strategy)
            codes = answer(fastinfo.discretize, a, bins, strategy=strategy)
            if edges is not None and codes is not None:
                assert (edges[:-1] <= edges[1:]).all()
                np.testing.assert_array_equal(codes.codes == codes.n_levels, np.isnan(a))


def one_round(rng):
    pick(rng, [numbers, numbers, numbers, times, equal_counts])(rng)


@pytest.mark.slow
def test_hostile_edges_have_numpys_answer_or_are_refused():
    fuzz(one_round, 800)
