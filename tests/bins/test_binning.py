"""Samples to bins: always what a search in the edges finds, on an edge and one ulp beside it."""

import math

import numpy as np
import pytest
import reference
from hypothesis import example, given
from hypothesis import strategies as st
from numba import njit

from fastinfo._bins import edges as binning
from fastinfo._bins.options import Binning
from fastinfo._bins.ranges import PairRange, Range
from fastinfo._bins.rules import mi_bins
from fastinfo._codes.coder import bin_samples, compares_in_float64
from fastinfo._core.coded_variable import CHUNK
from fastinfo.kernels.binning import edges as kernels

NAN = math.nan
INF = math.inf
TINY = 5e-324
HUGE = np.finfo(np.float64).max


def searched(x, edges):
    """The rule of np.histogramdd: a search from the right, the last bin closed."""
    x, edges = np.asarray(x, np.float64), np.asarray(edges, np.float64)
    bins = edges.size - 1
    place = np.searchsorted(edges, x, side="right") - 1
    place[x == edges[-1]] = bins - 1
    return np.where((place < 0) | (place >= bins) | np.isnan(x), bins, place)


def around(edges, dtype=np.float64):
    """Samples on each edge, one and two ulp beside it, between the edges, outside and NaN."""
    edges = np.asarray(edges, np.float64)
    with np.errstate(over="ignore"):
        on = edges.astype(dtype)
        below, above = np.nextafter(on, dtype(-INF)), np.nextafter(on, dtype(INF))
        beyond = [np.nextafter(below, dtype(-INF)), np.nextafter(above, dtype(INF))]
        between = (edges[:-1] / 2 + edges[1:] / 2).astype(dtype)
        far = np.array([0.0, -0.0, INF, -INF, NAN, -NAN, HUGE, -HUGE, TINY, -TINY]).astype(dtype)
        outside = np.array([edges[0] - 1, edges[-1] + 1, 2 * edges[0], 2 * edges[-1]]).astype(dtype)
    return np.concatenate([on, below, above, *beyond, between, far, outside])


def moved(edges, amount):
    """Edges of which each but the outermost is moved at random, by up to a part of the width."""
    edges = np.array(edges, np.float64)
    width = (edges[-1] - edges[0]) / (edges.size - 1)
    rng = np.random.default_rng(edges.size)
    edges[1:-1] += rng.uniform(-amount, amount, edges.size - 2) * width
    return edges


def one_ulp(edges):
    """Edges of which every other one is one ulp too high."""
    edges = np.array(edges, np.float64)
    edges[1:-1:2] = np.nextafter(edges[1:-1:2], INF)
    return edges


EDGES = {
    **{f"linspace {n}": np.linspace(-3.7, 11.3, n + 1) for n in (1, 2, 3, 7, 10, 49, 64, 1000)},
    "thirds": np.linspace(0, 1, 4),
    "tenths": np.linspace(0, 1, 11),
    "integers": np.arange(-5.0, 6.0),
    "powers of two": np.linspace(-1, 1, 1025),
    "thousands": np.linspace(1e3, 1e6, 334),
    "float32": np.linspace(np.float32(0.1), np.float32(0.7), 33).astype(np.float64),
    "one ulp off": one_ulp(np.linspace(0.1, 0.9, 50)),
    "moved by 1e-12": moved(np.linspace(-1, 2, 100), 1e-12),
    "moved by 0.01": moved(np.linspace(-1, 2, 100), 0.01),
    "moved by 0.2": moved(np.linspace(-1, 2, 100), 0.2),
    "moved by 0.3": moved(np.linspace(-1, 2, 100), 0.3),
    "last edge moved": np.append(np.linspace(0, 1, 11)[:-1], np.nextafter(1.0, INF)),
    "offset 1e8": 1e8 + np.linspace(0, 1, 21),
    "offset 1e15, exact": 1e15 + np.linspace(0, 4, 33),
    "offset 1e15, rounded": 1e15 + np.linspace(0, 1, 11),
    "offset 1e15, wide": 1e15 + np.linspace(0, 1000, 17),
    "offset 1e16": 1e16 + np.linspace(0, 10, 11),
    "offset -1e15": -1e15 + np.linspace(0, 7, 9),
    "offset 1e300": 1e300 * np.linspace(1, 1 + 1e-15, 4),
    "tiny range": np.linspace(1e-300, 3e-300, 14),
    "range of few ulp": 1.0 + np.arange(6) * 2.0**-52,
    "subnormal": np.linspace(0, 64 * TINY, 9),
    "subnormal, rounded": np.linspace(-3 * TINY, 50 * TINY, 8),
    "least subnormal": np.array([0.0, TINY, 2 * TINY]),
    "across zero": np.linspace(-1e-310, 1e-310, 6),
    "huge": np.linspace(-1e308, 0.7e308, 12),
    "overflowing": np.array([-HUGE, -1.0, 0.0, 1.0, HUGE]),
    "infinite": np.array([-INF, 0.0, 1.0, 2.0, INF]),
    "infinite above": np.array([0.0, 1.0, INF]),
    "duplicated": np.array([0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0]),
    "duplicated ends": np.array([0.0, 0.0, 1.0, 1.0]),
    "all equal": np.array([2.0, 2.0, 2.0]),
    "logarithmic": np.logspace(-5, 5, 31),
    "squares": np.arange(20.0) ** 2,
    "quantiles": np.sort(np.random.default_rng(0).normal(size=40)),
    "two scales": np.array([0.0, 1e-12, 1.0, 1e12]),
}
each_edges = pytest.mark.parametrize("name", EDGES)
each_float = pytest.mark.parametrize("dtype", [np.float32, np.float64])


# Functions of a user


@njit
def find_all(x, edges):
    out = np.empty(x.size, np.int32)
    kernels.find_bins(x, 0, x.size, edges, out)
    return out


@njit
def codes_as_bin_samples(x, edges):
    out = np.empty(x.size, np.uint16)
    scale, margin, step = kernels.grid(edges)
    if margin < 0.25:
        kernels.uniform_codes(x, edges, scale, margin, step, out)
    else:
        kernels.codes_from_edges(x, edges, out)
    return out, scale, margin, step


@njit
def search_all(x, edges):
    out = np.empty(x.size, np.uint32)
    kernels.codes_from_edges(x, edges, out)
    return out


@njit
def settle_all(x, edges, scale):
    out = np.empty(x.size, np.int64)
    for i in range(x.size):
        out[i] = kernels.settle(x[i], edges, scale)
    return out


@njit
def even_all(x, edges, scale, step):
    out = np.empty(x.size, np.float64)
    low, high, bins = edges[0], edges[-1], np.float64(edges.size - 1)
    for i in range(x.size):
        out[i] = kernels.even_bin(x[i], low, high, scale, step, bins)
    return out


@njit
def positions(x, low, scale, bins):
    out = np.empty(x.size, np.float64)
    for i in range(x.size):
        out[i] = kernels.position(x[i], low, scale, bins)
    return out


@njit
def ranges(x):
    return kernels.sample_range(x)


@njit
def moments(x, y, x0, y0):
    out = np.empty(10)
    kernels.pair_moments(x, y, x0, y0, out)
    return out


# The twin, and NumPy's search


@each_edges
def test_the_twin_is_numpys_search(name):
    x, edges = around(EDGES[name]), EDGES[name]
    assert [reference.find_bin(v, edges) for v in x] == searched(x, edges).tolist()


@each_edges
def test_the_search_is_numpys_histogramdd(name):
    edges = EDGES[name]
    x = around(edges)
    if np.isinf(edges).any():
        x = x[np.isfinite(x)]  # np.histogram's own search takes infinite edges
    inside = searched(x, edges)
    with np.errstate(all="ignore"):
        expected = np.histogramdd(x[:, None], [edges])[0]
    assert np.bincount(inside, minlength=edges.size)[:-1].tolist() == expected.tolist()


# Kernels


@pytest.mark.slow
@each_edges
@each_float
def test_find_bins(name, dtype):
    x, edges = around(EDGES[name], dtype), EDGES[name]
    assert find_all(x, edges).tolist() == searched(x, edges).tolist()


@pytest.mark.slow
@each_edges
@each_float
def test_codes_of_all_samples_around_the_edges(name, dtype):
    x, edges = around(EDGES[name], dtype), EDGES[name]
    codes, *_ = codes_as_bin_samples(x, edges)
    assert codes.tolist() == searched(x, edges).tolist()
    assert search_all(x, edges).tolist() == searched(x, edges).tolist()


@each_edges
def test_each_sample_gets_the_same_code_in_any_company(name):
    # A block of samples far from all edges takes a shorter way than a block with one on an edge.
    edges = EDGES[name]
    for sample in around(edges)[:: max(1, edges.size // 8)]:
        codes, *_ = codes_as_bin_samples(np.array([sample]), edges)
        assert codes[0] == reference.find_bin(sample, edges)


@each_edges
def test_a_sample_on_an_edge_is_found_anywhere_in_a_block(name):
    edges = EDGES[name]
    inner = (edges[:2].clip(-HUGE, HUGE) / 2).sum()
    for place in (0, 1, 510, 511, 512, 513, 1023, 1029):
        x = np.full(1030, inner)
        x[place] = edges[edges.size // 2]
        codes, *_ = codes_as_bin_samples(x, edges)
        assert codes.tolist() == searched(x, edges).tolist()


@pytest.mark.slow
@each_edges
@each_float
def test_settle_and_even_bin(name, dtype):
    edges = EDGES[name]
    x = around(edges, dtype)
    scale, margin, step = kernels.grid(edges)
    if margin < 0.25:
        assert settle_all(x, edges, scale).tolist() == searched(x, edges).tolist()
    if step == step:
        assert even_all(x, edges, scale, step).tolist() == searched(x, edges).tolist()


@each_edges
def test_position_rises_and_its_margin_separates_the_bins(name):
    edges = EDGES[name]
    scale, margin, _ = kernels.grid(edges)
    if not margin < 0.25:
        return
    bins = edges.size - 1.0
    x = np.sort(around(edges))  # NaN last
    p = positions(x, edges[0], scale, bins)
    present = ~np.isnan(x)
    assert (np.diff(p[present]) >= 0).all()
    assert set(p[~present]) <= {0.0, bins}
    assert (p[x < edges[0]] == 0).all()
    assert (p[x > edges[-1]] == bins).all()
    fraction = p - np.floor(p)
    settled = (fraction > margin) & (fraction < 1 - margin)
    if (edges[1] - edges[0]) > 64 * np.spacing(np.abs(edges).max()):
        assert settled.sum() >= edges.size - 1  # the middles of the bins at least
    assert np.floor(p[settled]).tolist() == searched(x[settled], edges).tolist()


def test_grid_of_linspace_is_even():
    for bins in (1, 2, 3, 10, 63, 64, 100, 1000):
        for low, high in ((0, 1), (-3.7, 11.3), (1e-300, 1e-299), (-1e300, 1e300), (0.1, 0.7)):
            edges = np.linspace(low, high, bins + 1)
            scale, margin, step = kernels.grid(edges)
            assert margin < 1e-9
            assert scale == pytest.approx(bins / (high - low), rel=1e-15)
            assert (np.arange(bins) * step + edges[0] == edges[:-1]).all()


@pytest.mark.parametrize(
    "name",
    [
        "moved by 0.3",
        "offset 1e15, rounded",
        "duplicated",
        "all equal",
        "logarithmic",
        "squares",
        "quantiles",
        "infinite",
        "overflowing",
        "subnormal",
        "two scales",
    ],
)
def test_grid_refuses_edges_that_are_not_equally_spaced(name):
    scale, margin, step = kernels.grid(EDGES[name])
    assert (scale, margin) == (0.0, INF)
    assert math.isnan(step)


def test_grid_measures_how_far_the_edges_are_off():
    edges = np.linspace(0, 10, 11)
    edges[4] += 0.125
    scale, margin, step = kernels.grid(edges)
    assert scale == 1.0
    assert margin == pytest.approx(0.125, abs=1e-12)
    assert margin > 0.125
    assert math.isnan(step)  # not to the bit equally spaced: no edge may be computed


@st.composite
def edges_and_samples(draw):
    """Any edges, and samples on them, beside them and anywhere."""
    finite = st.floats(allow_nan=False, allow_infinity=False)
    kind = draw(st.sampled_from(["linspace", "moved", "any", "grid"]))
    bins = draw(st.integers(1, 70))
    low, width = draw(finite), draw(st.floats(min_value=0.0, allow_infinity=False))
    with np.errstate(all="ignore"):
        high = low + width if math.isfinite(low + width) else low
    if kind == "any":
        edges = np.sort(np.array(draw(st.lists(finite, min_size=2, max_size=12))))
    elif kind == "grid":
        step = 2.0 ** draw(st.integers(-40, 10))
        edges = draw(st.integers(-(2**50), 2**50)) + step * np.arange(bins + 1.0)
    else:
        with np.errstate(all="ignore"):
            edges = np.linspace(low, high, bins + 1)
            if kind == "moved" and bins > 1:
                amount = draw(st.sampled_from([1e-16, 1e-9, 0.1, 0.24, 0.26, 1.0]))
                edges = np.sort(moved(edges, amount))
        if not np.isfinite(edges).all():
            edges = np.linspace(0, 1, bins + 1)
    samples = draw(st.lists(st.floats(), max_size=20))
    return edges, np.concatenate([around(edges), np.array(samples, np.float64)])


@given(edges_and_samples())
@example((np.linspace(0, 1, 4), np.array([1 / 3, 2 / 3])))
@example((np.array([0.0, TINY]), np.array([0.0, TINY, 2 * TINY])))
def test_codes_are_those_of_a_search(case):
    edges, x = case
    expected = searched(x, edges).tolist()
    codes, *_ = codes_as_bin_samples(x, edges)
    assert codes.tolist() == expected
    assert find_all(x, edges).tolist() == expected
    assert bin_samples(x, edges).codes.tolist() == expected


@given(edges_and_samples())
def test_codes_of_float32_are_those_of_a_search(case):
    edges, x = case
    with np.errstate(over="ignore"):
        x = np.concatenate([x.astype(np.float32), around(edges, np.float32)])
    codes, *_ = codes_as_bin_samples(x, edges)
    assert codes.tolist() == searched(x, edges).tolist()


# Ranges and moments


@each_float
@pytest.mark.parametrize("size", [1, 2, 7, 511, 512, 513, 2000])
@pytest.mark.parametrize("missing", [0, 1, 3])
def test_sample_range(dtype, size, missing, rng):
    x = rng.normal(size=size).astype(dtype)
    x[rng.integers(0, size, missing)] = NAN
    present = x[~np.isnan(x)]
    low, high, n = ranges(x)
    assert n == present.size
    assert (low, high) == ((present.min(), present.max()) if n else (INF, -INF))


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([], (INF, -INF, 0)),
        ([NAN], (INF, -INF, 0)),
        ([-NAN, NAN], (INF, -INF, 0)),
        ([INF], (INF, INF, 1)),
        ([-INF, INF, NAN], (-INF, INF, 2)),
        ([0.0, -0.0], (0.0, 0.0, 2)),
        ([TINY, -TINY], (-TINY, TINY, 2)),
        ([HUGE, -HUGE, -NAN], (-HUGE, HUGE, 2)),
        ([-1.0, -2.0], (-2.0, -1.0, 2)),
    ],
)
def test_sample_range_of_special_samples(samples, expected):
    assert ranges(np.array(samples)) == expected


@given(st.lists(st.floats(width=32), max_size=40))
def test_sample_range_is_that_of_all_numbers(samples):
    present = [v for v in samples if v == v]
    expected = (min(present), max(present), len(present)) if present else (INF, -INF, 0)
    assert ranges(np.array(samples, np.float64)) == expected
    assert ranges(np.array(samples, np.float32)) == expected


@pytest.mark.slow
@each_float
@pytest.mark.parametrize("size", [1, 3, 511, 512, 513, 1999])
@pytest.mark.parametrize("missing", [0, 1, 40])
def test_pair_moments(dtype, size, missing, rng):
    x, y = rng.normal(3, 2, size).astype(dtype), rng.normal(-1, 5, size).astype(dtype)
    x[rng.integers(0, size, missing)] = NAN
    y[rng.integers(0, size, missing)] = NAN
    both = ~(np.isnan(x) | np.isnan(y))
    a, b = x[both].astype(np.float64), y[both].astype(np.float64)
    found = moments(x, y, 3.0, -1.0)
    extremes = (a.min(), a.max(), b.min(), b.max()) if a.size else (INF, -INF, INF, -INF)
    assert tuple(found[:5]) == (a.size, *extremes)
    a, b = a - 3.0, b + 1.0
    sums = [math.fsum(v) for v in (a, b, a * a, b * b, a * b)]
    assert found[5:] == pytest.approx(sums, rel=1e-12, abs=1e-10)


def test_pair_moments_of_nothing():
    found = moments(np.empty(0), np.empty(0), 0.0, 0.0)
    assert found.tolist() == [0, INF, -INF, INF, -INF, 0, 0, 0, 0, 0]


# fastinfo._bins.edges


@each_edges
def test_bin_samples(name):
    edges = EDGES[name]
    x = around(edges)
    coded = bin_samples(x, edges)
    assert coded.codes.tolist() == searched(x, edges).tolist()
    assert coded.n_levels == edges.size - 1
    assert coded.edges is edges
    assert coded.levels is None
    assert coded.invalid.tolist() == (searched(x, edges) == edges.size - 1).tolist()


@pytest.mark.parametrize(
    ("bins", "dtype"),
    [(1, np.uint8), (255, np.uint8), (256, np.uint16), (65535, np.uint16), (65536, np.uint32)],
)
def test_codes_have_the_smallest_dtype(bins, dtype):
    edges = np.arange(bins + 1.0)
    coded = bin_samples(np.array([0.0, bins - 0.5, bins, bins + 1, NAN]), edges)
    assert coded.codes.dtype == dtype
    assert coded.codes.tolist() == [0, bins - 1, bins - 1, bins, bins]


def variants(x):
    """The same samples, kept in other ways."""
    wide = np.empty((x.size, 3), x.dtype)
    wide[:, 1] = x
    fixed = x.copy()
    fixed.flags.writeable = False
    odd = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(x.dtype)
    return {
        "strided": wide[:, 1],
        "backwards": x[::-1].copy()[::-1],
        "read-only": fixed,
        "big-endian": x.astype(x.dtype.newbyteorder(">")),
        "unaligned": odd,
    }


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "i4", "u8", "i1", "?"])
def test_bin_samples_of_any_dtype_and_layout(dtype, rng):
    x = rng.integers(0, 100, 1000).astype(dtype)
    for edges in (np.linspace(0, 99, 12), np.array([0, 1, 5, 40, 98, 99])):
        expected = searched(x, edges).tolist()
        assert bin_samples(x, edges).codes.tolist() == expected
        for name, kept in variants(x).items():
            before = kept.tobytes()
            assert bin_samples(kept, edges).codes.tolist() == expected, name
            assert kept.tobytes() == before


def test_bin_samples_compares_long_doubles_as_such():
    edges = np.array([0, 1, 2], np.longdouble) / 3
    beside = [np.nextafter(e, side) for e in edges for side in (-np.inf, np.inf)]
    x = np.array([*edges, *beside], np.longdouble)
    assert bin_samples(x, edges).codes.tolist() == [0, 1, 1, 2, 0, 0, 1, 1, 2]


def test_bin_samples_compares_large_integers_as_such():
    big = 2**60
    edges = np.array([big - 1, big, big + 1])
    x = np.array([big - 2, big - 1, big, big + 1, big + 2])
    assert bin_samples(x, edges).codes.tolist() == [2, 0, 1, 1, 2]


@pytest.mark.slow
def test_bin_samples_of_several_chunks(threads, rng):
    x = rng.normal(size=2 * CHUNK + 77)
    x[::1000] = NAN
    for edges in (np.linspace(-3, 3, 50), np.sort(rng.normal(size=30))):
        assert (bin_samples(x, edges).codes == searched(x, edges)).all()


@pytest.mark.parametrize("n", [1, 2, 10, 99, 1000, 12_345, 336_776, 10**7, 10**12])
@pytest.mark.parametrize("r", [0.0, 0.3, -0.9, 0.9999])
def test_mi_bins(n, r):
    if 1 - r * r > 1 / n and reference.mi_rule(n, r) <= 4096:
        assert mi_bins(n, r) == reference.mi_rule(n, r)


def test_mi_bins_by_hand():
    # sqrt((1 + sqrt(1 + 24 n)) / 2): 24 n + 1 = 7201**2 gives sqrt(3601), about 60.008
    assert mi_bins((7201**2 - 1) // 24) == 60
    assert mi_bins(1) == 2  # sqrt(3) = 1.73
    assert mi_bins(0) == 1


def test_mi_bins_stay_finite_for_perfect_correlation():
    for n in (1, 10, 1000, 10**6, 10**9):
        assert mi_bins(n, 1.0) == mi_bins(n, -1.0) <= 4096
        assert mi_bins(n, 1.0) == min(round(math.sqrt((1 + math.sqrt(1 + 24 * n * n)) / 2)), 4096)
        assert mi_bins(n, 1.0) >= mi_bins(n, 0.99) >= mi_bins(n, 0.0)
    assert mi_bins(1000, NAN) == mi_bins(1000, 0.0)


@pytest.mark.parametrize(
    "rule", ["auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges"]
)
def test_find_edges_by_numpys_rules(rule, rng):
    x = rng.gamma(2, size=500)
    with_missing = np.append(x, [NAN, NAN])
    bounds = (x.min(), x.max())
    edges = Binning(rule, "uniform").edges(with_missing, (*bounds, x.size))
    assert (edges == np.histogram_bin_edges(x, rule)).all()
    edges = Binning(rule, "uniform", (0.5, 2)).edges(x, (*bounds, x.size))
    assert (edges == np.histogram_bin_edges(x, rule, range=(0.5, 2))).all()


def test_find_edges_by_number_and_by_the_mi_rule(rng):
    x = rng.normal(size=500)
    bounds = (x.min(), x.max())
    assert (Binning(7, "uniform").edges(x, (*bounds, 500)) == np.linspace(*bounds, 8)).all()
    edges = Binning("mi", "uniform").edges(x, (*bounds, 500), 0.5)
    assert (edges == np.linspace(*bounds, reference.mi_rule(500, 0.5) + 1)).all()
    edges = Binning("mi", "uniform", (-1, 2)).edges(x, (*bounds, 500))
    assert (edges == np.linspace(-1, 2, reference.mi_rule(500) + 1)).all()
    given_by_user = np.array([0, 1, 5])
    assert (
        Binning(given_by_user, "uniform").edges(x, (*bounds, 500)).tolist()
        == given_by_user.tolist()
    )


def test_find_edges_names_the_rules_it_knows():
    with pytest.raises(ValueError, match=r"bins must be .*'mi', 'auto'.*'sturges', got 'many'"):
        Binning("many", "uniform").edges(np.arange(3.0), (0.0, 2.0, 3))


@pytest.mark.parametrize(
    ("bins", "error", "message"),
    [
        (
            [[1, 2]],
            ValueError,
            r"`bins` must be a scalar or 1d array, got an array of shape \(1, 2\)",
        ),
        ([1, 0], ValueError, "`bins` must be monotonically increasing, when an array"),
        ([0, NAN], ValueError, "`bins` must not hold NaN"),
        ([0, 1j], TypeError, "`bins` must hold real numbers, got dtype complex128"),
        (["a", "b"], TypeError, "`bins` must hold real numbers"),
    ],
)
def test_edges_that_cannot_be_used(bins, error, message):
    with pytest.raises(error, match=message):
        binning.given_edges(bins)


@pytest.mark.parametrize("bins", [[], np.empty(0)])
def test_no_edges_at_all_are_refused(bins):
    with pytest.raises(ValueError, match="bins"):
        binning.given_edges(bins)


@pytest.mark.parametrize(
    ("bins", "bounds", "error", "message"),
    [
        (0, (0, 1), ValueError, "`bins` must be positive, when an integer, got 0"),
        (-3, (0, 1), ValueError, "`bins` must be positive, when an integer, got -3"),
        (2.5, (0, 1), TypeError, "`bins` must be an integer, when a scalar, got 2.5"),
        (None, (0, 1), TypeError, "`bins` must be an integer, when a scalar, got None"),
        (2**31, (0, 1), ValueError, r"`bins` must be less than 2\*\*31 bins.*68719476736 bytes"),
        (3, (1, 0), ValueError, "max must be larger than min in range parameter"),
        (3, (0, INF), ValueError, r"supplied range of \[0, inf\] is not finite"),
        (3, (NAN, 1), ValueError, r"supplied range of \[nan, 1\] is not finite"),
        (3, 5, ValueError, "range must be a pair of numbers, got 5"),
        (3, (1, 2, 3), ValueError, "range must be a pair of numbers"),
    ],
)
def test_bins_and_ranges_that_cannot_be_used(bins, bounds, error, message):
    with pytest.raises(error, match=message):
        binning.edges_between(bins, "bins", np.dtype(float), bounds, detected=False)


@pytest.mark.parametrize("bounds", [(0.0, INF), (-INF, 0.0), (NAN, NAN)])
def test_a_detected_range_must_be_finite(bounds):
    with pytest.raises(ValueError, match=r"autodetected range of \[.*\] is not finite"):
        binning.edges_between(3, "bins", np.dtype(float), bounds, detected=True)


def test_edges_of_one_value_and_of_none():
    kind = np.dtype(float)
    assert binning.edges_between(2, "bins", kind, (3.0, 3.0), detected=True).tolist() == [
        2.5,
        3,
        3.5,
    ]
    assert binning.edges_between(2, "bins", kind, None, detected=True).tolist() == [0, 0.5, 1]
    edges = binning.edges_between(4, "bins", np.dtype(np.float32), (0.1, 0.7), detected=True)
    assert (edges == np.linspace(np.float32(0.1), np.float32(0.7), 5)).all()
    assert edges.dtype == np.linspace(np.float32(0.1), np.float32(0.7), 5).dtype


def test_split_bins():
    edges = np.linspace(0, 1, 5)
    assert binning.split_bins(7) == (7, 7)
    assert binning.split_bins("fd") == ("fd", "fd")
    assert binning.split_bins((7, "mi")) == (7, "mi")
    assert binning.split_bins([3, edges])[1] is edges
    assert all(part is edges for part in binning.split_bins(edges))
    assert tuple(binning.split_bins(np.array([4, 5]))) == (4, 5)


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "longdouble", ">f8", "i8", "u1", "?"])
def test_range(dtype, rng):
    x = rng.integers(0, 2, CHUNK + 5).astype(dtype)
    x[3] = 0
    x[4] = 1
    assert Range.of(x) == (0, 1, x.size)


def test_range_leaves_out_nan(threads, rng):
    x = rng.normal(size=3 * CHUNK + 1)
    low, high = x[1] - 10, x[-1] + 10
    x[1], x[-1], x[5], x[2 * CHUNK] = low, high, NAN, NAN
    assert Range.of(x) == (low, high, x.size - 2)
    assert Range.of(np.full(4, NAN, np.longdouble)) == (INF, -INF, 0)


def test_range_of_long_doubles_is_exact():
    x = np.array([1, 2, 3], np.longdouble) / 3
    assert Range.of(x) == (x[0], x[2], 3)


@pytest.mark.parametrize("offset", [0.0, 1e6, -1e9])
def test_pair_range(threads, offset, rng):
    x = rng.normal(size=CHUNK + 321) + offset
    y = 0.6 * (x - offset) + 0.8 * rng.normal(size=x.size)
    x[10], y[20], x[30], y[30] = NAN, NAN, NAN, NAN
    both = ~(np.isnan(x) | np.isnan(y))
    found = PairRange.of(x, y)
    assert found.n == both.sum()
    for a, extent in zip((x, y), found.ranges, strict=True):
        assert extent == (a[both].min(), a[both].max(), both.sum())
    assert found.correlation == pytest.approx(
        np.corrcoef(x[both] - offset, y[both])[0, 1], abs=1e-6
    )


def test_pair_range_is_the_same_for_any_number_of_threads(rng):
    from fastinfo import num_threads

    x, y = rng.normal(size=(2, 3 * CHUNK + 5))
    found = []
    for threads in (1, 2, 3, 7):
        with num_threads(threads):
            found.append(PairRange.of(x, y))
    assert found[0] == found[1] == found[2] == found[3]


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([NAN, NAN], [1.0, 2.0]),
        ([3.0, 3.0, 3.0], [1.0, 2.0, 3.0]),
        ([1.0], [2.0]),
        ([INF, 1.0, 2.0], [1.0, 2.0, 3.0]),
        ([1e300, -1e300, 0.0], [1e300, -1e300, 1.0]),
    ],
)
def test_pair_range_has_no_correlation_where_there_is_none(x, y):
    assert PairRange.of(np.array(x), np.array(y)).correlation == 0.0


def test_pair_range_of_equal_variables():
    x = np.linspace(-1, 1, 1001)
    assert PairRange.of(x, x).correlation == pytest.approx(1.0, abs=1e-15)
    assert PairRange.of(x, -x).correlation == pytest.approx(-1.0, abs=1e-15)


@pytest.mark.parametrize(
    ("dtype", "edges", "expected"),
    [
        (np.float64, np.array([0.0, 1.0]), True),
        (np.float16, np.array([0, 1]), True),
        (np.int64, np.array([0, 2**53 - 1]), True),
        (np.int64, np.array([0, 2**53]), False),
        (np.uint64, np.array([-(2**60), 0]), False),
        (np.int64, np.array([0.0, 1e300]), True),
        (np.longdouble, np.array([0.0, 1.0]), False),
        (np.float32, np.array([0, 1], np.longdouble), False),
    ],
)
def test_compares_in_float64(dtype, edges, expected):
    assert compares_in_float64(np.dtype(dtype), edges) is expected
