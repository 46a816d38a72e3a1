"""Quantiles of many samples: NumPy's to the bit, without sorting all of them."""

import math

import numpy as np
import pytest

from fastinfo import num_threads
from fastinfo._bins import quantiles
from fastinfo._bins.quantiles import quantile_edges

MANY = quantiles.FEWEST + 1001


def distributions(rng, n=MANY):
    """Samples that lie badly: ties, tails, order, few values, all ends of float64."""
    normal = rng.normal(size=n)
    yield "normal", normal
    yield "rounded", np.round(normal, 1)
    yield "mostly one value", np.where(rng.random(n) < 0.9, 3.25, normal)
    yield "two values", (normal > 1).astype(float)
    yield "one value", np.full(n, -7.5)
    yield "Cauchy", rng.standard_cauchy(n)
    yield "log-normal", np.exp(9 * normal)
    yield "sorted", np.sort(normal)
    yield "reversed", np.sort(normal)[::-1]
    yield "periodic", np.arange(n) % 64 * 1.0
    yield "one far away", np.append(normal[:-1], 1e300)
    yield "subnormal", rng.integers(0, 1000, n) * 5e-324
    yield "huge", normal * 1e307


@pytest.mark.parametrize("index", range(13))
def test_many_samples(index, rng):
    name, a = list(distributions(rng))[index]
    for q in (np.linspace(0, 1, 2), np.linspace(0, 1, 65), rng.random(5)):
        with np.errstate(all="ignore"):
            expected = np.quantile(a, q)
        np.testing.assert_array_equal(
            quantiles.quantiles(a, q), expected, err_msg=name, strict=True
        )


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f8", "longdouble", "i2", "u1", "i4", "i8", "u8"])
@pytest.mark.parametrize("size", [1, 2, 5, 1000, MANY])
def test_dtypes(dtype, size, rng):
    a = (rng.normal(size=size) * 30 + 120).clip(0, 255).astype(dtype)
    q = np.linspace(0, 1, 18)
    expected = np.quantile(a.astype("f8") if np.dtype(dtype).kind in "iu" else a, q)
    np.testing.assert_array_equal(quantiles.quantiles(a, q), expected)
    np.testing.assert_array_equal(quantiles.quantiles(a[::-1], q), expected)


def test_differences_of_small_integers_do_not_overflow():
    a = np.array([-100, 100], np.int8)
    assert quantiles.quantiles(a, np.linspace(0, 1, 5)).tolist() == [-100, -50, 0, 50, 100]
    assert quantile_edges(a, 4).tolist() == [-100, 0, 100]  # a bin for each value
    a = np.repeat(np.array([-128, -127, 126, 127], np.int8), [1, 2, 2, 1])
    assert quantile_edges(a, 3).tolist() == [-128, -127.5, -0.5, 126.5, 127]


@pytest.mark.parametrize("size", [400, MANY])
def test_integers_that_float64_does_not_hold(size, rng):
    a = rng.integers(2**60, 2**60 + 999, size)
    q = np.linspace(0, 1, 9)
    np.testing.assert_array_equal(quantiles.quantiles(a, q), np.quantile(a, q))


def test_any_number_of_threads_and_untouched_samples(rng):
    a = rng.normal(size=3 * MANY)
    before = a.copy()
    q = np.linspace(0, 1, 100)
    found = []
    for threads in (1, 3):
        with num_threads(threads):
            found.append(quantiles.quantiles(a, q))
    np.testing.assert_array_equal(*found)
    np.testing.assert_array_equal(a, before)
    np.testing.assert_array_equal(found[0], np.quantile(a, q))


def test_more_quantiles_than_pay(rng):
    a = rng.normal(size=MANY)
    q = np.linspace(0, 1, 5000)
    np.testing.assert_array_equal(quantiles.quantiles(a, q), np.quantile(a, q))


@pytest.mark.parametrize("size", [900, MANY])
def test_edges_leave_out_what_is_missing_or_outside(size, rng):
    a = rng.normal(size=size)
    a[::5] = math.nan
    present = a[~np.isnan(a)]
    q = np.linspace(0, 1, 13)
    np.testing.assert_array_equal(quantile_edges(a, 12), np.quantile(present, q))
    inside = present[(present >= -0.5) & (present <= 2)]
    np.testing.assert_array_equal(quantile_edges(a, 12, (-0.5, 2)), np.quantile(inside, q))
    a[0], a[1] = math.inf, -math.inf
    np.testing.assert_array_equal(quantile_edges(a, 12, (-0.5, 2)), np.quantile(inside, q))
    with pytest.raises(ValueError, match=r"autodetected range of \[-inf, inf\] is not finite"):
        quantile_edges(a, 12)


def test_edges_of_ties_are_fewer():
    a = np.array([0.0] * 70 + [1.0] * 20 + [5.0] * 10)
    assert quantile_edges(a, 10).tolist() == [0.0, 0.5, 3.0, 5.0]
    assert quantile_edges(a, 2).tolist() == [0.0, 0.5, 5.0]  # 0 fills a bin, the others share one
    assert quantile_edges(a, 1).tolist() == [0.0, 5.0]
    assert quantile_edges(np.full(9, 4.0), 10).tolist() == [3.5, 4.5]
    assert quantile_edges(np.full(9, math.nan), 10).tolist() == [0, 1]
    assert quantile_edges(np.empty(0), 10).tolist() == [0, 1]


@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "u8"])
@pytest.mark.parametrize("size", [100, MANY])
def test_edges_within_a_range_take_in_nothing_from_outside(size, dtype):
    a = np.resize(np.array([0, 3, 5, 6, 9], dtype), size)
    for bounds in ((0, 0), (1, 2), (2, 3), (3, 4.5), (4, 5.2), (5, 5), (5.5, 6), (7, 7), (7, 8.5)):
        inside = (a >= bounds[0]) & (a <= bounds[1])
        edges = quantile_edges(a, 4, bounds)
        assert (np.diff(edges) > 0).all()
        assert np.histogram(a, edges)[0].sum() == inside.sum(), bounds
    assert quantile_edges(a, 4, (7, 8.5)).tolist() == [7, 8.5]
    assert quantile_edges(a, 4, (4.9, 5.2)).tolist() == [4.9, 5.2]
    assert quantile_edges(a, 4, (0, 6)).tolist() == [0, 1.5, 4, 5.5, 6]
    assert quantile_edges(a[:0], 4, (2, 3)).tolist() == [2, 3]


def test_equal_counts(rng):
    a = rng.standard_cauchy(MANY)
    counts = np.histogram(a, quantile_edges(a, 16))[0]
    assert np.ptp(counts) <= 1
