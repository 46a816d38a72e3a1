"""p-values of many tests together, against SciPy."""

import math

import numpy as np
import pytest
import reference
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

import fastinfo
from fastinfo.significance import adjust_pvalues

NAN = math.nan


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_adjusted_pvalues_are_scipys(pvalues):
    found = adjust_pvalues(pvalues)
    assert found.dtype == np.float64
    expected = scipy.stats.false_discovery_control(pvalues, method="bh")
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=0)
    np.testing.assert_allclose(found, reference.benjamini_hochberg(pvalues), rtol=1e-14, atol=0)


@given(st.lists(st.floats(0, 1) | st.just(NAN), max_size=30), st.floats(0.001, 0.5))
def test_discoveries_are_those_of_the_step_up_procedure(pvalues, alpha):
    found = adjust_pvalues(pvalues)
    present = sorted(p for p in pvalues if p == p)
    m = len(present)
    # The largest k with p_(k) <= k alpha / m, one p-value at a time.
    steps = [p for k, p in enumerate(present, 1) if p * m / k <= alpha]
    limit = max(steps, default=-1.0)
    assert [bool(v <= alpha) for v in found] == [p <= limit for p in pvalues]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusting_keeps_the_order_and_never_lowers(pvalues):
    found = adjust_pvalues(pvalues)
    assert (found >= np.array(pvalues) * (1 - 1e-15)).all()
    assert (found <= 1).all()
    order = np.argsort(pvalues, kind="stable")
    assert (np.diff(found[order]) >= 0).all()


def test_missing_pvalues_take_no_part():
    found = adjust_pvalues([0.01, NAN, 0.04, NAN, 0.03])
    assert np.isnan(found).tolist() == [False, True, False, True, False]
    assert found[[0, 2, 4]] == pytest.approx([0.03, 0.04, 0.04], rel=1e-14)
    assert np.isnan(adjust_pvalues([NAN, NAN])).all()
    assert adjust_pvalues([]).tolist() == []


def test_the_example_of_benjamini_and_hochberg():
    # Their table of 15 p-values: four discoveries at a rate of 0.05.
    pvalues = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    pvalues += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    assert (adjust_pvalues(pvalues) <= 0.05).sum() == 4


def test_equal_pvalues_get_equal_values():
    assert adjust_pvalues([0.02, 0.02, 0.02]).tolist() == [0.02, 0.02, 0.02]
    assert adjust_pvalues([0.0, 0.0, 1.0]).tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("pvalues", "error", "message"),
    [
        ([0.5, 1.5], ValueError, "pvalues must lie between 0 and 1, got 0.5 to 1.5"),
        ([-0.1], ValueError, "pvalues must lie between 0 and 1, got -0.1 to -0.1"),
        ([[0.1]], ValueError, r"pvalues must be one-dimensional, got shape \(1, 1\)"),
        (["a"], TypeError, "pvalues must be an array of real numbers"),
    ],
)
def test_bad_pvalues(pvalues, error, message):
    with pytest.raises(error, match=message):
        adjust_pvalues(pvalues)


def test_pvalues_stay_as_they_are():
    pvalues = np.array([0.5, 0.01, NAN])
    kept = pvalues.copy()
    adjust_pvalues(pvalues)
    np.testing.assert_array_equal(pvalues, kept)


@pytest.mark.parametrize("function", [fastinfo.permutation_test, fastinfo.bootstrap_interval])
@pytest.mark.parametrize(
    "options",
    [
        {"bins": 4},
        {"bins": np.arange(3)},
        {"strategy": "quantile"},
        {"range": []},
        {"discrete": True},
    ],
)
def test_options_of_samples_beside_counts(function, options):
    counts = fastinfo.JointCounts.from_table([[1, 2], [3, 4]])
    name = next(iter(options))
    with pytest.raises(ValueError, match=f"{name} must be left out if x is a JointCounts"):
        function(counts, **options)
    with pytest.raises(TypeError, match="y must be None if x is a JointCounts"):
        function(counts, [1, 2])


@pytest.mark.parametrize("function", [fastinfo.permutation_test, fastinfo.bootstrap_interval])
def test_a_seed_is_no_truth_value(function):
    with pytest.raises(TypeError, match="seed must be None, an integer"):
        function([0, 1], [0, 1], seed=True)
