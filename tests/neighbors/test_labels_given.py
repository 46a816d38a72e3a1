"""Conditional information by neighbours where labels are among x, y and z."""

from __future__ import annotations

import math
import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest
from helpers import close
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import neighbors as slow

from fastinfo import conditional_mutual_information, mutual_information, num_threads

ESTIMATORS = ["ksg", "mixed"]
each_estimator = pytest.mark.parametrize("estimator", ESTIMATORS)
pytestmark = pytest.mark.filterwarnings("ignore:.* repeat values")


def of(estimator, **options):
    return partial(conditional_mutual_information, estimator=estimator, **options)


def entropy_of(p):
    return -p * math.log(p) - (1 - p) * math.log(1 - p)


def strata(n, rng):
    """A label, and numbers with a correlation that depends on it; their information."""
    r = np.array([0.0, 0.6, 0.9])
    label = rng.integers(0, 3, n)
    x, e = rng.normal(size=(2, n))
    y = r[label] * x + np.sqrt(1 - r[label] ** 2) * e
    return x, y, label, float(np.mean(-0.5 * np.log(1 - r**2)))


# Labels in z


@each_estimator
@pytest.mark.parametrize("k", [1, 3])
def test_given_labels_it_is_the_mean_over_strata(estimator, k, rng):
    x, y, label, _ = strata(400, rng)
    x[label == 1] *= 1e-6
    found = of(estimator, n_neighbors=k)(x, y, label)
    parts = [
        (label == v).mean()
        * mutual_information(x[label == v], y[label == v], estimator=estimator, n_neighbors=k)
        for v in range(3)
    ]
    assert found == close(sum(parts))
    assert of(estimator, n_neighbors=k)(x, y, np.array(list("cab"))[label]) == close(found)
    assert of(estimator, n_neighbors=k)(y, x, label) == close(found)


@each_estimator
def test_given_labels_and_numbers(estimator, rng):
    x, y, label, _ = strata(300, rng)
    z = rng.normal(size=(300, 2))
    table = pd.DataFrame({"a": z[:, 0], "b": label.astype(str), "c": z[:, 1], "d": label > 1})
    parts = [
        (label == v).mean() * of(estimator)(x[label == v], y[label == v], z[label == v])
        for v in range(3)
    ]
    assert of(estimator)(x, y, table) == close(sum(parts))
    assert of(estimator)(x, y, table[["b", "d", "c", "a"]]) == close(sum(parts))
    whole = np.column_stack([z[:, 0], label, z[:, 1]])
    said = {"discrete": (False, False, False, True, False)}
    assert of(estimator, **said)(x, y, whole) == close(sum(parts))
    only = table[["b", "d"]]
    assert of(estimator)(x, y, only) == close(of(estimator)(x, y, label))


@each_estimator
def test_closed_forms_given_labels(estimator):
    rng = np.random.default_rng(1)
    x, y, label, truth = strata(12_000, rng)
    assert of(estimator)(x, y, label) == pytest.approx(truth, abs=0.03)
    # x and y are the label and noise: independent once it is known
    a, b = label + 0.3 * rng.normal(size=(2, 12_000))
    assert mutual_information(a, b, estimator=estimator) > 0.5
    assert of(estimator)(a, b, label) == pytest.approx(0.0, abs=0.03)
    # labels in x and z: what is left of the label in y
    other = rng.integers(0, 2, 12_000)
    y = other + 10 * label + 2 * rng.random(12_000)
    assert of(estimator)(other, y, label) == pytest.approx(math.log(2) / 2, abs=0.03)


# Labels in x and y


@each_estimator
@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("digits", [0, 9])
@pytest.mark.parametrize("width", [1, 2])
def test_labels_of_x_given_numbers(estimator, k, digits, width, rng):
    label = rng.integers(0, 4, 90)
    label[:2] = 7, 8  # which occur once
    z = np.round(rng.normal(size=(90, width)), digits)
    y = np.round(label + z[:, 0] + rng.normal(size=90), digits)
    found = of(estimator, n_neighbors=k)(label, y, z)
    expected = slow.conditional_of_labels(label, y, z, k)
    assert found == pytest.approx(expected, abs=1e-12)
    assert of(estimator, n_neighbors=k)(y, label, z) == pytest.approx(expected, abs=1e-12)


@each_estimator
@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("width", [1, 12])
def test_labels_of_x_and_y_given_numbers(estimator, k, width, rng):
    z = rng.normal(size=(120, width))
    x = (z[:, 0] > 0) + rng.integers(0, 2, 120)
    y = (x + rng.integers(0, 2, 120)).astype(str)
    found = of(estimator, n_neighbors=k)(x, y, z)
    expected = slow.conditional_of_labels(x, y, z, k, (True, True))
    assert found == pytest.approx(expected, abs=1e-12)


@settings(max_examples=30)
@given(st.data())
def test_labels_given_small_integers(data):
    n = data.draw(st.integers(5, 30))
    rows = st.lists(st.integers(0, 3), min_size=n, max_size=n)
    x, y, z = (np.array(data.draw(rows)) for _ in range(3))
    k = data.draw(st.integers(1, n - 1))
    found = of("mixed", n_neighbors=k, discrete=(True, False, False))(x, y, z)
    both = np.bincount(x)[x] > 1
    if both.any() and len({*y}) > 1 and len({*z}) > 1 and len({*x[both]}) > 1:
        assert found == pytest.approx(slow.conditional_of_labels(x, y, z, k), abs=1e-12)


@each_estimator
def test_closed_forms_of_labels_given_numbers(estimator):
    rng = np.random.default_rng(2)
    n = 12_000
    z = rng.normal(size=n)
    label = rng.integers(0, 2, n)
    y = z + label + 2 * rng.random(n)  # without z: uniform after a label
    assert of(estimator)(label, y, z) == pytest.approx(math.log(2) / 2, abs=0.03)
    own = (z + rng.normal(size=n)) > 0
    other = (z + rng.normal(size=n)) > 0
    assert of(estimator)(own, other, z) == pytest.approx(0.0, abs=0.03)
    assert of(estimator)(own, z + rng.normal(size=n), z) == pytest.approx(0.0, abs=0.03)
    a = (z > 0) ^ (rng.random(n) < 0.2)
    b = a ^ (rng.random(n) < 0.1)
    truth = entropy_of(0.2 * 0.9 + 0.8 * 0.1) - entropy_of(0.1)
    assert of(estimator)(a, b, z) == pytest.approx(truth, abs=0.03)


@each_estimator
def test_the_experiments_of_mesner_and_shalizi(estimator):
    # Section V of their paper: labels x, numbers after them, and labels z that tell nothing
    rng = np.random.default_rng(4)
    x, z = rng.integers(0, 5, 6000), rng.binomial(3, 0.5, 6000)
    y = x + 2 * rng.random(6000)
    truth = math.log(5) - 0.8 * math.log(2)
    assert of(estimator)(x, y, z) == pytest.approx(truth, abs=0.03)
    # Exponential times, as many events as the Poisson law has in them, and half of those: the
    # events are all that the last knows of the first
    x = rng.exponential(10.0, 6000)
    z = rng.poisson(x)
    y = rng.binomial(z, 0.5)
    options = {"discrete": (False, False, True), "n_neighbors": 3}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # large numbers of events are rare
        found = of("mixed", **options)(x, y, z)
    assert found == pytest.approx(0.0, abs=0.05)


@each_estimator
def test_a_chain_of_rules(estimator):
    # I(label; y | z) = I(label; (y, z)) - I(label; z), each by Ross's estimate
    rng = np.random.default_rng(3)
    z = rng.normal(size=8000)
    label = (z + rng.normal(size=8000) > 0).astype(int)
    y = z + 2 * label + rng.normal(size=8000)
    mi = partial(mutual_information, estimator=estimator)
    chained = mi(label, np.column_stack([y, z])) - mi(label, z)
    assert of(estimator)(label, y, z) == pytest.approx(chained, abs=0.03)


@each_estimator
def test_numbers_that_tell_nothing(estimator, rng):
    x, label = rng.normal(size=60), np.arange(60) % 3
    one = np.ones(60)
    assert of(estimator)(x, one, label) == 0.0
    assert of(estimator)(label, one, x) == 0.0
    assert of(estimator)(one.astype(int), x, x) == pytest.approx(0.0, abs=1e-12)
    expected = mutual_information(x, label, estimator=estimator)
    assert of(estimator)(x, label, one) == close(expected)
    # z has numbers that vary nowhere: the plug-in information of the labels
    constant = pd.DataFrame({"a": one, "b": np.arange(60) < 30})
    found = of(estimator)(label, label, constant)
    assert found == close(math.log(3))
    assert of(estimator)(np.arange(60).astype(str), label, x) == 0.0


# Rare labels


@each_estimator
def test_rare_labels_of_z(estimator, rng):
    x, y = rng.normal(size=(2, 200))
    label = np.arange(200) // 100
    label[:1] = 5
    rest = of(estimator)(x[1:], y[1:], label[1:])
    assert of(estimator)(x, y, label) == close(rest)  # a label that occurs once is left out
    label[:30] = 10 + np.arange(30) // 3
    with pytest.warns(UserWarning, match="z has labels .* at most .*, in 30 of 200"):
        of(estimator)(x, y, label)
    with pytest.raises(ValueError, match="z must hold at least one label that occurs twice"):
        of(estimator)(x, y, np.arange(200).astype("U3"), discrete=(False, False, True))


@each_estimator
def test_jitter_and_missing_samples(estimator, rng):
    x, y, label, _ = strata(300, rng)
    x = np.round(x, 1)
    once = of(estimator, jitter=1e-3, random_state=1)(x, y, label)
    assert once == of(estimator, jitter=1e-3, random_state=1)(x, y, label)
    names = label.astype(object)
    names[4] = None
    assert math.isnan(of(estimator)(x, y, names))
    kept = np.arange(300) != 4
    expected = of(estimator)(x[kept], y[kept], label[kept])
    assert of(estimator, nan_policy="omit")(x, y, names) == close(expected)


@each_estimator
def test_threads_and_inputs(estimator, rng):
    x, y, label, _ = strata(30_000, rng)
    z = rng.normal(size=30_000)
    for a in (x, y, label, z):
        a.flags.writeable = False
    found = []
    for n in (1, 2, 7):
        with num_threads(n):
            found.append([of(estimator)(x, y, label), of(estimator)(label, y, z)])
    assert found[0] == found[1] == found[2]


def test_ties_among_strata_are_told(rng):
    x, y = np.round(rng.normal(size=(2, 400)), 1)
    with pytest.warns(UserWarning, match="x and y repeat values: .* estimator='ksg'"):
        of("ksg")(x, y, np.arange(400) % 2)


def test_labels_are_refused_where_there_are_no_numbers():
    label = np.arange(20) % 2
    with pytest.raises(ValueError, match="x, y and z must not all be labels with estimator='ksg'"):
        of("ksg")(label, label, label)
    with pytest.raises(ValueError, match="x must be one column if it holds labels"):
        of("ksg")(np.ones((20, 2), int), np.arange(20.0), label)
