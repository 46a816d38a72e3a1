"""The entropy under the prior of Nemenman, Shafee and Bialek, and the trigamma under it."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from reference import corrections as twins

from fastinfo import entropy_from_counts
from fastinfo._core.checks import read_only
from fastinfo._measures.corrections import entropy_of_counts, nsb_of_counts
from fastinfo.entropy_estimators import nsb_entropy
from fastinfo.kernels.elementary import special
from fastinfo.kernels.information import nsb

R = [4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1]


def plug_in(counts):
    p = np.array([c for c in counts if c]) / sum(counts)
    return -float((p * np.log(p)).sum())


def test_published_values():
    # ndd 1.4 and 1.10 (PyPI); its integral is cut off, hence the wider margins of the second
    counts = [7, 3, 5, 8, 9, 1, 3, 3, 1, 0, 2, 5, 2, 11, 4, 23, 5, 0, 8, 0]
    assert entropy_from_counts(counts, correction="nsb") == pytest.approx(2.62363434489, abs=1e-9)
    occupied = [4, 12, 4, 5, 3, 1, 5, 1, 2, 2, 2, 2, 11, 3, 4, 12, 12, 1, 2]
    found = nsb_entropy(occupied + [0] * 81)
    assert found.entropy == pytest.approx(2.80609225, abs=1e-5)
    assert found.standard_deviation == pytest.approx(0.119455, abs=5e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("counts", "n_cells"),
    [
        (R, 11),
        ([1], 2),
        ([1, 1, 1], 1000),
        ([5], 2),
        ([1000, 3], 2),
        ([100, 90, 95, 105], 4),
        ([3, 2, 1], 10**9),
        ([15, 16, 17, 1], 40),
    ],
)
def test_small_counts_are_the_twin(counts, n_cells):
    mean, deviation = nsb_of_counts(np.array(counts, float), n_cells)
    expected_mean, expected_deviation = twins.nsb(counts, n_cells)
    assert mean == pytest.approx(float(expected_mean), rel=1e-10)
    assert deviation == pytest.approx(float(expected_deviation), rel=1e-9)


@pytest.mark.slow
@given(st.lists(st.integers(0, 20), min_size=2, max_size=6).filter(any))
@settings(max_examples=3)
def test_counts_are_the_twin(counts):
    found = nsb_entropy(counts)
    mean, deviation = twins.nsb(counts, len(counts))
    assert found.entropy == pytest.approx(float(mean), rel=1e-10)
    assert found.standard_deviation == pytest.approx(float(deviation), rel=1e-8)


@given(st.lists(st.integers(0, 10**6) | st.integers(0, 3), min_size=1, max_size=200))
def test_it_lies_between_none_and_the_most(counts):
    found = nsb_entropy(counts)
    assert 0.0 <= found.entropy <= math.log(len(counts)) + 1e-12
    assert 0.0 <= found.standard_deviation <= math.log(len(counts)) / 2 + 1e-12
    assert found.entropy == entropy_from_counts(counts, correction="nsb")


def test_many_samples_leave_the_plug_in_and_its_deviation():
    counts = np.array([5, 3, 1, 1]) * 10**7
    found = nsb_entropy(counts)
    p = counts / counts.sum()
    h = plug_in(counts)
    assert found.entropy == pytest.approx(h, abs=3e-8)
    spread = math.sqrt(((p * np.log(p) ** 2).sum() - h * h) / counts.sum())
    assert found.standard_deviation == pytest.approx(spread, rel=1e-6)


@pytest.mark.parametrize(
    ("counts", "n_cells"),
    [
        ([2**62, 2**62], 2),
        ([2**62, 1], 2),
        ([10**15] * 50, 50),
        ([10**12], 10**6),
        ([1e300, 3e300], 2),
        (np.arange(1, 3000), 10**12),
        ([10**6] * 10 + [1] * 500, 10**5),
    ],
)
def test_extreme_counts(counts, n_cells):
    counts = np.array(counts, float)
    mean, deviation = nsb_of_counts(counts, n_cells)
    n, occupied = counts.sum(), counts.size
    assert mean == pytest.approx(plug_in(counts), abs=1e-12 + 40 * occupied / n)
    assert 0.0 <= deviation < 1e-12 + 8 * math.sqrt(40 / n)


def test_singletons_leave_all_open():
    # n samples without a coincidence tell a lower bound alone
    mean, deviation = nsb_of_counts(np.ones(1000), 10**9)
    assert math.log(1000) < mean < math.log(10**9)
    assert deviation > 1


def test_true_entropies_are_within_the_deviations(rng):
    inside = 0
    for _ in range(200):
        p = rng.dirichlet(np.full(50, math.exp(rng.uniform(-2, 2))))
        h = -float((p[p > 0] * np.log(p[p > 0])).sum())
        found = nsb_entropy(rng.multinomial(100, p))
        inside += abs(found.entropy - h) < 2 * found.standard_deviation
    assert inside > 180


def test_few_samples_of_zipfs_law(rng):
    p = 1 / np.arange(1, 1001)
    p /= p.sum()
    h = -float((p * np.log(p)).sum())
    counts = rng.multinomial(400, p)
    found = nsb_entropy(counts)
    assert abs(found.entropy - h) < 0.35 * abs(plug_in(counts) - h)
    assert abs(found.entropy - h) < 4 * found.standard_deviation


def test_fractions_are_counts_too():
    weights = np.array([0.5, 2.5, 3.0, 0.0])
    low = nsb_entropy(weights - np.array([0.01, 0.01, 0.01, 0])).entropy
    assert low < nsb_entropy(weights).entropy  # of what is between, between
    assert nsb_entropy(weights).entropy < nsb_entropy(weights + np.array([0.01, 0, 0, 0.5])).entropy


def test_nothing_and_one_cell():
    assert nsb_entropy([0, 0]) == (0.0, 0.0)
    assert nsb_entropy([7]) == (0.0, 0.0)
    assert entropy_of_counts(np.array([7]), 1, "nsb") == 0.0
    with pytest.raises(ValueError, match="counts must hold at least one cell"):
        nsb_entropy([])


def test_units():
    nats, bits = nsb_entropy(R), nsb_entropy(R, base=2)
    assert bits.entropy == pytest.approx(nats.entropy / math.log(2), rel=1e-15)
    assert bits.standard_deviation == pytest.approx(
        nats.standard_deviation / math.log(2), rel=1e-15
    )
    with pytest.raises(ValueError, match="`base` must be a positive number"):
        nsb_entropy(R, base=1)


@njit
def nsb_in_a_users_function(counts, multiplicities, n_cells):
    return nsb.entropy_nsb(counts, multiplicities, n_cells)


def test_kernel():
    values, cells = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 3.0, 1.0, 2.0])
    found = nsb_in_a_users_function(read_only(values), read_only(cells), 11.0)
    assert found == nsb_entropy(R)
    each = read_only(np.array([c for c in R if c], float))
    again = nsb_in_a_users_function(each, read_only(np.ones(8)), 11.0)
    assert again == pytest.approx(found, rel=1e-12)


@njit
def trigamma_in_a_users_function(x):
    return special.trigamma(x)


def test_trigamma():
    xs = np.concatenate([np.geomspace(1e-12, 1e15, 300), [1.0, 2.0, 15.999, 16.0, 1e-3, 7.5]])
    for x in xs:
        with mpmath.workdps(30):
            expected = float(mpmath.psi(1, mpmath.mpf(float(x))))
        assert trigamma_in_a_users_function(x) == pytest.approx(expected, rel=1e-15)
    assert trigamma_in_a_users_function(0.0) == math.inf
    assert trigamma_in_a_users_function(math.inf) == 0.0
    assert math.isnan(trigamma_in_a_users_function(-1.5))
    assert math.isnan(trigamma_in_a_users_function(math.nan))
