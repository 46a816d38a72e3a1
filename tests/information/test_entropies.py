"""Entropy of samples, of one variable or several: entropy_of_samples; entropy that points there."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from helpers import close
from hypothesis import given
from hypothesis import strategies as st

import fastinfo
from fastinfo import entropy_of_samples, num_threads


def number_of_bins(n):
    """Hacine-Gharbi et al. 2012, equation 15."""
    z = (8 + 324 * n + 12 * math.sqrt(36 * n + 729 * n**2)) ** (1 / 3)
    return round(z / 6 + 2 / (3 * z) + 1 / 3)


@pytest.mark.parametrize("n", [1, 2, 17, 300, 20_000])
def test_one_column_is_binned_by_the_rule_of_one(n, rng):
    x = rng.normal(size=n)
    counts = np.histogram(x, number_of_bins(n))[0]
    assert entropy_of_samples(x) == close(scipy.stats.entropy(counts))
    assert entropy_of_samples(x) == close(fastinfo.entropy(fastinfo.histogram(x, "mi")[0]))
    counts = np.histogram(x, np.unique(np.quantile(x, np.linspace(0, 1, 6))))[0]
    assert entropy_of_samples(x, bins=5, strategy="quantile") == close(
        scipy.stats.entropy(counts), rel=1e-2
    )


@pytest.mark.parametrize("options", [{}, {"strategy": "uniform"}, {"bins": 7}, {"bins": "fd"}])
@pytest.mark.parametrize("correction", [None, "miller-madow", "shrinkage", 0.5])
def test_two_columns_have_their_joint_entropy(options, correction, rng):
    x, y = rng.normal(size=(2, 500))
    y += x
    options = options | {"correction": correction}
    expected = fastinfo.joint_entropy(x, y, **options)
    assert entropy_of_samples(x, y, **options) == expected
    assert entropy_of_samples(np.column_stack([x, y]), **options) == expected
    assert entropy_of_samples(x, y, base=2, **options) == close(expected / math.log(2))


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 4), min_size=1, max_size=60))
def test_any_number_of_labels(rows):
    columns = np.array(rows).T
    for f in range(1, 5):
        counts = np.unique(columns[:f], axis=1, return_counts=True)[1]
        expected = close(scipy.stats.entropy(counts))
        assert entropy_of_samples(*columns[:f]) == expected
        assert entropy_of_samples(columns[:f].T.astype(str)) == expected


def test_three_columns_have_eight_bins_each(rng):
    x, y, z = rng.normal(size=(3, 4000))
    found = entropy_of_samples(x, y, z)
    assert found == entropy_of_samples(x, np.column_stack([y, z]))
    assert found == close(entropy_of_samples(x, y, z, bins=8, strategy="quantile"))
    conditional = fastinfo.conditional_mutual_information(x, y, z)
    pairs = [entropy_of_samples(a, z, bins=8) for a in (x, y)]
    assert conditional == close(
        sum(pairs) - found - entropy_of_samples(z, bins=8, strategy="quantile")
    )
    table = pd.DataFrame({"x": x, "y": y, "z": z})
    assert entropy_of_samples(table) == found


def test_one_and_several_add_up_to_information(rng):
    x = rng.integers(0, 5, 300)
    y = np.where(rng.random(300) < 0.5, x, rng.integers(0, 5, 300)).astype(str)
    both = entropy_of_samples(x) + entropy_of_samples(y) - entropy_of_samples(x, y)
    assert both == close(fastinfo.mutual_information(x, y))


def test_corrections_are_those_of_counts():
    labels = np.repeat(np.arange(8), [4, 2, 3, 2, 4, 2, 1, 1])
    for correction in (None, "miller-madow", "jackknife", "grassberger", "chao-shen", "zhang", 0.5):
        expected = fastinfo.entropy_from_counts(np.bincount(labels), correction=correction)
        assert entropy_of_samples(labels, correction=correction) == close(expected)
    assert entropy_of_samples(labels) == close(1.968382408728)  # R's help page of `entropy`
    assert entropy_of_samples(labels, correction="chao-shen") == close(2.201137101279)


def test_weights_stand_for_repetitions(rng):
    x = rng.normal(size=200)
    w = rng.integers(0, 4, 200)
    edges = np.linspace(-4, 4, 9)
    expected = entropy_of_samples(np.repeat(x, w), bins=edges)
    assert entropy_of_samples(x, bins=edges, sample_weight=w) == close(expected)
    of_three = entropy_of_samples(*[np.repeat(x, w)] * 3, bins=edges)
    assert entropy_of_samples(x, x, x, bins=edges, sample_weight=w) == close(of_three)
    assert of_three == close(expected)


def test_the_range_drops_samples(rng):
    x, y = rng.normal(size=(2, 500))
    counts = np.histogram(x, 10, (-1, 1))[0]
    assert entropy_of_samples(x, bins=10, range=(-1, 1)) == close(scipy.stats.entropy(counts))
    found = entropy_of_samples(x, y, bins=5, strategy="uniform", range=[(-1, 1), (0, 2)])
    counts = np.histogram2d(x, y, 5, [(-1, 1), (0, 2)])[0]
    assert found == close(scipy.stats.entropy(counts.ravel()))


def test_missing_samples():
    x, y = ["a", "b", None, "a"], [1.5, 2.5, 3.5, math.nan]
    for columns in ([x], [y], [x, y], [x, y, y]):
        assert math.isnan(entropy_of_samples(*columns))
        with pytest.raises(ValueError, match="The input contains nan values"):
            entropy_of_samples(*columns, nan_policy="raise")
    assert entropy_of_samples(x, nan_policy="omit") == close(entropy_of_samples(["a", "b", "a"]))
    assert entropy_of_samples(x, y, x, bins=2, nan_policy="omit") == close(math.log(2))
    assert math.isnan(entropy_of_samples([None, None], nan_policy="omit"))


def test_identifiers_are_named():
    names = np.arange(1000).astype(str)
    with pytest.warns(UserWarning, match="x has 1000 different labels .*chao-shen"):
        assert entropy_of_samples(names) == close(math.log(1000))
    with pytest.warns(UserWarning, match=r"columns\[2\] has 1000 different labels"):
        entropy_of_samples([0, 1] * 500, [1, 0] * 500, names)
    with pytest.warns(UserWarning, match="x has 1000 different values, .* taken as a number"):
        entropy_of_samples(np.arange(1000))
    assert entropy_of_samples(names, correction="chao-shen") > 2 * math.log(1000) - 1
    assert entropy_of_samples(np.arange(1000), discrete=False) == close(math.log(15), rel=0.01)


def test_threads_and_inputs(rng):
    X = rng.normal(size=(200_000, 3))
    X.flags.writeable = False
    found = []
    for n in (1, 2, 7):
        with num_threads(n):
            found.append([entropy_of_samples(*X.T[:f]) for f in (1, 2, 3)])
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("columns", "options", "error", "message"),
    [
        ([], {}, TypeError, "columns must hold at least one variable, got none"),
        ([[]], {}, ValueError, "x must hold at least one sample"),
        ([[1.0, 2.0], [1.0]], {}, ValueError, "x and y must have the same length"),
        (
            [[1, 2], [1, 2], [1]],
            {},
            ValueError,
            r"columns\[0\] and columns\[2\] must have the same",
        ),
        ([[1.5, 2.5]], {"strategy": "no"}, ValueError, "strategy must be one of"),
        ([[1.5, 2.5]], {"range": [(0, 1), (0, 1)]}, ValueError, "range must"),
        ([[1.5, math.inf]], {}, ValueError, "not finite"),
        ([[1.5, 2.5]], {"correction": "chance"}, ValueError, "correction must not be 'chance'"),
        ([[1.5, 2.5]], {"sample_weight": [1]}, ValueError, "sample_weight must"),
        ([[1.5, 2.5j]], {}, TypeError, "x must"),
        ([np.ones((2, 2, 2))], {}, ValueError, "x must be one- or two-dimensional"),
        ([np.ones((2, 0))], {}, ValueError, "x must have at least one column"),
    ],
)
def test_errors(columns, options, error, message):
    with pytest.raises(error, match=message):
        entropy_of_samples(*columns, **options)


@pytest.mark.parametrize(
    "samples",
    [
        [-1.0, 2.0],
        np.array([-0.5, 1.0], np.float32),
        [[-1.0, 2.0], [0.5, 0.5]],
        ["a", "b"],
        np.array([None, "a"]),
        np.array(["2020-01-01"], "M8[D]"),
        np.array([3], "m8[s]"),
    ],
)
def test_entropy_points_from_samples_to_this_function(samples):
    with pytest.raises(
        (TypeError, ValueError), match=r"^pk must .*: entropy_of_samples takes samples"
    ):
        fastinfo.entropy(samples)


def test_other_measures_of_distributions_do_not_point_there():
    with pytest.raises(ValueError, match=r"probabilities, got -1.0$"):
        fastinfo.cross_entropy([-1.0, 2.0], [1.0, 1.0])
    with pytest.raises(ValueError, match=r"probabilities, got -1.0$"):
        fastinfo.entropy([-1.0, 2.0], [1.0, 1.0])
    with pytest.raises(TypeError, match=r"got dtype complex128$"):
        fastinfo.entropy([1j])
