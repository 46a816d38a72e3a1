"""Small inputs take a shorter way: to the same bits, and with the same errors."""

from __future__ import annotations

import math
import warnings

import numba
import numpy as np
import pytest
from calls import CALLS, KINDS
from hypothesis import example, given, settings
from hypothesis import strategies as st

import fastinfo
from fastinfo._counts import small_inputs as small
from fastinfo.distributions import axes, probabilities
from fastinfo.kernels import fused
from fastinfo.kernels.binning import edges as binning
from fastinfo.kernels.counting import tables as counting
from fastinfo.kernels.distributions import divergences as distributions
from fastinfo.kernels.information import plug_in as information


def strided(a):
    """The same values where no short way takes them: every second element of memory."""
    if a.ndim == 2:
        return np.repeat(a, 2, axis=1)[:, ::2]
    return np.repeat(a, 2)[::2]


floats, labels, booleans, rows_of = (KINDS[kind] for kind in "fibm")

SHORT = [name for name, call in CALLS.items() if call.kinds]


def arrays_of(name, rng, n):
    return [KINDS[kind](rng, n) for kind in CALLS[name].kinds]


def general(monkeypatch):
    """Close the short ways."""
    for module, name in (
        (probabilities, "plain_rows"),
        (fastinfo.distributions.log_sums, "plain_rows"),
        (fastinfo.distributions.normalized_exponentials, "plain_rows"),
        (fastinfo._measures.counted_groups, "count_small"),
        (fastinfo.information.clusterings, "count_small_labels"),
    ):
        monkeypatch.setattr(module, name, lambda *_: None)


@pytest.mark.parametrize("n", [1, 2, 10, 33, 500])
@pytest.mark.parametrize("name", SHORT)
def test_both_ways_give_the_same_bits(name, n, rng, monkeypatch):
    function, arrays = CALLS[name].call, arrays_of(name, rng, n)
    narrow = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in arrays]
    copies = [a.copy() for a in arrays]
    short = [function(*arrays), function(*narrow)]
    general(monkeypatch)
    long = [function(*arrays), function(*narrow)]
    for a, b in zip(short, long, strict=True):
        assert type(a) is type(b)
        assert getattr(a, "dtype", None) == getattr(b, "dtype", None)
        np.testing.assert_array_equal(a, b)
    for a, b in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", SHORT)
def test_the_layout_of_memory_does_not_matter(name, rng):
    function, arrays = CALLS[name].call, arrays_of(name, rng, 40)
    expected = function(*arrays)
    np.testing.assert_array_equal(function(*map(strided, arrays)), expected)
    swapped = [a.astype(a.dtype.newbyteorder()) for a in arrays]
    np.testing.assert_array_equal(function(*swapped), expected)


def test_the_short_ways_are_taken(rng):
    assert axes.plain_rows(floats(rng, 10), None).shape == (1, 10)
    assert axes.plain_rows(rows_of(rng, 10), -1).shape == (10, 7)
    for strategy in fastinfo._bins.edges.STRATEGIES:
        for bins in ("mi", 4):
            assert small.count_small(floats(rng, 10), floats(rng, 10), bins, strategy) is not None
        assert small.count_small(labels(rng, 10), booleans(rng, 10), "mi", strategy) is not None
        most = rng.permutation(np.arange(64) % 32)
        assert small.count_small(most, booleans(rng, 64), "mi", strategy) is not None


@pytest.mark.parametrize(
    ("a", "axis"),
    [
        (np.arange(6), None),
        (np.ones((2, 3)), None),
        (np.ones((2, 3)), 0),
        (np.ones((2, 3)), True),
        (np.ones((2, 3), order="F"), 1),
        (np.ones(3), 1),
        (np.ones(0), 0),
        (np.ones(()), None),
        (np.ones(6)[::2], None),
        (np.ones(3).view(np.recarray), None),
        (np.ones(3, np.float16), None),
        (np.ones(3, ">f8"), None),
        ([1.0, 2.0], None),
    ],
)
def test_what_has_no_rows(a, axis):
    assert axes.plain_rows(a, axis) is None


@pytest.mark.parametrize(
    ("x", "y", "bins"),
    [
        ([np.nan, 1.0, 2.0], [0.0, 1.0, 2.0], 2),
        ([0.0, 1.0, 2.0], [0.0, np.inf, 2.0], "mi"),
        ([-np.inf, 1.0, 2.0], [0.0, 1.0, 2.0], 2),
        ([0.0, 1.0], [0.0, 1.0, 2.0], 2),
        ([0.0, 1.0, 2.0], [0.0, 1.0, 2.0], True),
        ([0.0, 1.0, 2.0], [0.0, 1.0, 2.0], 0),
        ([0.0, 1.0, 2.0], [0.0, 1.0, 2.0], "fd"),
        ([0.0, 1.0, 2.0], [0.0, 1.0, 2.0], [0.0, 1.0]),
    ],
)
def test_what_is_not_plain_goes_the_general_way(x, y, bins):
    for strategy in fastinfo._bins.edges.STRATEGIES:
        assert small.count_small(np.array(x), np.array(y), bins, strategy) is None


def test_widths_that_are_not_plain_go_the_general_way():
    y = np.array([0.0, 1.0, 2.0])
    for x, bins in (([-1e308, 1e308, 0.0], 2), ([1.0, np.nextafter(1.0, 2.0), 1.0], 9)):
        assert small.count_small(np.array(x), y, bins, "uniform") is None
        cells = small.count_small(np.array(x), y, bins, "quantile")  # equal counts have no width
        assert cells.n == 3


def test_integers_of_many_values_go_the_general_way(rng):
    many, few = rng.permutation(33), rng.integers(0, 2, 33)
    for strategy in fastinfo._bins.edges.STRATEGIES:
        assert small.count_small(many, few, "mi", strategy) is None
        assert small.count_small(few, many, "mi", strategy) is None
        assert small.count_small(many % 32, few, "mi", strategy) is not None


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.array([0, 2**62]), np.array([0, 1])),
        (np.array([-(2**63), 2**63 - 1]), np.array([0, 1])),
        (np.arange(100), np.arange(100)),
        (np.array([0, 1], np.uint64), np.array([0, 1])),
        (np.array([0.0, 1.0]), np.array([0, 1])),
        (np.array(["a", "b"]), np.array([0, 1])),
        (np.array([], int), np.array([], int)),
    ],
)
def test_labels_that_go_the_general_way(x, y):
    assert small.count_small_labels(x, y) is None


@pytest.mark.filterwarnings("ignore:.* what chance alone gives")
def test_integers_of_many_values_are_warned_of():
    few, many = np.arange(120) % 30, np.arange(120) % 33
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", ".* what chance alone gives")
        fastinfo.mutual_information(few, many % 32)
        fastinfo.mutual_info_score(few, np.arange(120))  # always labels
        fastinfo.mutual_information(few, many, discrete=True)
    with pytest.warns(UserWarning, match="y has 33 different values, more than 32, and is taken"):
        found = fastinfo.mutual_information(few, many)
    assert found == fastinfo.mutual_information(few, many / 1)


@given(
    st.floats(-1e300, 1e300),
    st.floats(-1e300, 1e300),
    st.integers(1, 70),
    st.sampled_from([np.float32, np.float64]),
)
@example(low=0.0, high=float(np.finfo(np.float32).max), bins=25, kind=np.float32)
@settings(max_examples=300)
def test_edges_are_numpys(low, high, bins, kind):
    with np.errstate(over="ignore"):
        first, last = sorted([kind(low), kind(high)])
    if not math.isfinite(last) or not math.isfinite(first):
        first, last = kind(0), kind(1)
    for scale in (1.0, 2.0**-120, 2.0**-1060):
        start, stop = kind(first * kind(scale)), kind(last * kind(scale))
        edges = np.empty(bins + 1, kind)
        binning.equal_edges(float(start), float(stop), edges)
        if start == stop:
            start, stop = start - kind(0.5), stop + kind(0.5)
        with np.errstate(over="ignore"):  # of the last one, in whose place `stop` is put
            numpys = np.linspace(start, stop, bins + 1)
        np.testing.assert_array_equal(edges, numpys)


@numba.njit
def in_compiled_code(x, y, i, j):
    counts, x_counts, y_counts = np.empty((6, 5)), np.empty(6), np.empty(5)
    work = np.empty(fused.work_size(6, 5))
    fused.count_numbers(x, y, -9.0, 9.0, -9.0, 9.0, counts, x_counts, y_counts, work)
    of_numbers = information.mutual_information(counts, x_counts, y_counts)
    table, rows, columns = fused.count_labels(i, j)
    edges = np.empty(4)
    binning.equal_edges(0.0, 1.0, edges)
    return of_numbers, information.mutual_information(table, rows, columns), edges[1]


@pytest.mark.slow
def test_kernels_in_compiled_code(rng):
    x, y, i, j = floats(rng, 50), floats(rng, 50), labels(rng, 50), labels(rng, 50)
    edges = np.linspace(-9, 9, 7), np.linspace(-9, 9, 6)
    expected = (
        fastinfo.mutual_information(x, y, bins=edges),
        fastinfo.mutual_information(i, j),
        1 / 3,
    )
    np.testing.assert_allclose(in_compiled_code(x, y, i, j), expected, rtol=1e-15)


@pytest.mark.slow
def test_counts_are_those_of_the_single_kernels(rng):
    x, y = rng.normal(size=(2, 1000))
    x[::7], y[::3] = 0.5, -0.25  # on edges
    counts, x_counts, y_counts = np.empty((32, 16)), np.empty(32), np.empty(16)
    work = np.empty(fused.work_size(32, 16))
    assert fused.count_numbers(x, y, -8.0, 8.0, -4.0, 4.0, counts, x_counts, y_counts, work)
    expected = np.histogram2d(x, y, bins=(32, 16), range=[[-8, 8], [-4, 4]])[0]
    np.testing.assert_array_equal(counts, expected)
    np.testing.assert_array_equal(x_counts, expected.sum(axis=1))
    np.testing.assert_array_equal(y_counts, expected.sum(axis=0))
    codes = rng.integers(0, 5, (2, 1000)) * 3 - 7
    table = np.zeros((5, 5), np.uint32)
    counting.count_pairs(*((codes + 7) // 3).astype(np.uint8), table)
    np.testing.assert_array_equal(fused.count_labels(*codes)[0], table)


@pytest.mark.slow
def test_kernels_in_a_generalized_ufunc(rng):
    @numba.guvectorize(["void(float64[::1], float64[::1], float64[:])"], "(n),(n)->()")
    def measured(p, q, out):
        out[0] = distributions.cross_entropy(p, q)

    p, q = rng.random((2, 3, 5, 40))
    expected = fastinfo.cross_entropy(p, q, axis=-1)
    np.testing.assert_allclose(measured(p, q), expected, rtol=1e-14)


@pytest.mark.slow
def test_kernels_in_parallel_loops(rng):
    @numba.njit(parallel=True)
    def measured(x, y):
        out = np.empty(len(x))
        for i in numba.prange(len(x)):
            counts, x_counts, y_counts = fused.count_labels(x[i], y[i])
            out[i] = information.mutual_information(counts, x_counts, y_counts)
        return out

    x, y = rng.integers(0, 6, (2, 20, 100))
    expected = [fastinfo.mutual_information(a, b) for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(measured(x, y), expected, rtol=1e-14)
