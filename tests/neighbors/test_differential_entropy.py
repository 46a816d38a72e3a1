"""Differential entropy by neighbours: its formula, closed forms, units, ties, errors."""

from __future__ import annotations

import datetime as dt
import decimal
import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from helpers import close
from reference import neighbors as slow

import fastinfo
from fastinfo import differential_entropy, num_threads


@pytest.mark.parametrize("k", [1, 3, 20])
@pytest.mark.parametrize("n", [22, 400])
@pytest.mark.parametrize("d", [1, 2, 5])
def test_it_is_the_papers(n, d, k, rng):
    x = rng.normal(size=(n, d)) * 10.0 ** np.arange(d)
    x[:, -1] += x[:, 0]
    assert differential_entropy(x, k) == close(slow.differential_entropy(x, k), absolute=1e-12)


@pytest.mark.parametrize(
    "law",
    [
        scipy.stats.norm(3, 5),
        scipy.stats.uniform(-1, 4),
        scipy.stats.expon(scale=0.01),
        scipy.stats.gamma(2.5),
        scipy.stats.laplace(),
    ],
)
def test_closed_forms_of_one_column(law, rng):
    x = law.rvs(20_000, random_state=rng)
    assert differential_entropy(x) == pytest.approx(law.entropy(), abs=0.02)
    other = scipy.stats.differential_entropy(x)
    assert differential_entropy(x, 10) == pytest.approx(other, abs=0.03)


@pytest.mark.parametrize("d", [2, 3, 6])
def test_closed_forms_of_normal_columns(d, rng):
    covariance = 0.3 + np.diag(np.arange(1.0, d + 1))
    law = scipy.stats.multivariate_normal(np.arange(d), covariance)
    x = law.rvs(30_000, random_state=rng)
    assert differential_entropy(x) == pytest.approx(law.entropy(), abs=0.02 * d)


def test_the_error_shrinks_with_samples():
    truth = math.log(2 * math.pi * math.e) / 2
    errors = []
    for n in (100, 10_000):
        rng = np.random.default_rng(n)
        found = [differential_entropy(rng.normal(size=n)) - truth for _ in range(200)]
        assert abs(np.mean(found)) < 3 * np.std(found) / math.sqrt(200) + 0.02
        errors.append(np.std(found))
    assert errors[1] < errors[0] / 6


@pytest.mark.parametrize("a", [1e-170, 1e300, -3.0, 7.0, 1e-300, 2.0**-1000])
@pytest.mark.parametrize("d", [1, 2])
def test_a_factor_adds_its_logarithm(a, d, rng):
    x = rng.normal(size=(500, d))
    expected = differential_entropy(x) + d * math.log(abs(a))
    assert differential_entropy(a * x) == close(expected)
    assert differential_entropy((2.0**30 + np.round(x * 2**20)) * 2.0**-20) == close(
        differential_entropy(np.round(x * 2**20) * 2.0**-20)
    )


def test_units_of_columns_and_their_order(rng):
    x = rng.normal(size=(800, 3))
    x[:, 1] += x[:, 0]
    expected = differential_entropy(x)
    assert differential_entropy(x[:, ::-1]) == close(expected)
    scaled = x * [1e-200, 1.0, 1e200]
    assert differential_entropy(scaled) == close(expected)
    assert differential_entropy(x, base=2) == close(expected / math.log(2))


def test_kinds_of_numbers(rng):
    x = np.round(rng.normal(size=300) * 1e6)
    expected = differential_entropy(x)
    assert differential_entropy(x.astype(np.int64)) == close(expected)
    assert differential_entropy(x.astype(np.int64) + 2**60) == close(expected)
    assert differential_entropy([decimal.Decimal(int(v)) for v in x]) == close(expected)
    assert differential_entropy(pd.DataFrame({"a": x})) == expected
    far = x.astype(np.longdouble) * np.longdouble(2) ** 1000 * np.longdouble(2) ** 400
    if np.isfinite(far).all():
        assert differential_entropy(far) == close(expected + 1400 * math.log(2))


def test_values_that_repeat_have_no_density(rng):
    x = rng.normal(size=1000)
    with pytest.warns(UserWarning, match="4 of 1000 samples have n_neighbors=3 others"):
        assert differential_entropy(np.r_[x[:996], [0.5] * 4]) == -math.inf
    assert math.isfinite(differential_entropy(np.r_[x[:996], [0.5] * 4], 4))
    assert math.isfinite(differential_entropy(np.r_[x[:997], [0.5] * 3]))
    rounded = np.round(x, 1)
    with pytest.warns(UserWarning, match="jitter="):
        assert differential_entropy(rounded) == -math.inf
    found = differential_entropy(rounded, jitter=0.05, random_state=1)
    assert found == differential_entropy(rounded, jitter=0.05, random_state=1)
    assert found == pytest.approx(1.419, abs=0.1)
    for none in (
        np.ones(9),
        np.c_[x, np.ones(1000)],
        np.c_[x, 2 * x],
        np.c_[x, x[::-1], x + x[::-1]],
    ):
        with pytest.warns(UserWarning, match="X has no density"):
            assert differential_entropy(none) == -math.inf


def test_few_samples_of_many_columns(rng):
    assert math.isfinite(differential_entropy(rng.normal(size=(5, 8)), 3))
    assert math.isfinite(differential_entropy([1.0, 2.0], 1))


def test_missing_samples(rng):
    x = rng.normal(size=(50, 2))
    gaps = np.insert(x, 7, [math.nan, 1.0], axis=0)
    assert math.isnan(differential_entropy(gaps))
    assert differential_entropy(gaps, nan_policy="omit") == differential_entropy(x)
    with pytest.raises(ValueError, match="X must have no missing samples"):
        differential_entropy(gaps, nan_policy="raise")
    assert math.isnan(differential_entropy([None, None], nan_policy="omit"))


@pytest.mark.parametrize("d", [1, 3])
def test_threads_and_inputs(d, rng):
    x = rng.normal(size=(60_000, d))
    x.flags.writeable = False
    found = []
    for n in (1, 2, 7):
        with num_threads(n):
            found.append(differential_entropy(x))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("samples", "options", "error", "message"),
    [
        ([1.0, 2.0, 3.0], {}, ValueError, "n_neighbors must be smaller than .* got 3 for 3"),
        ([1.0, math.inf, 2.0, 3.0], {}, ValueError, "X must hold finite numbers, got infinity"),
        (["a", "b"], {}, TypeError, "X must hold numbers, got labels: entropy_of_samples"),
        ([True, False], {}, TypeError, "X must hold numbers, got labels"),
        (
            np.array([1, 2], "M8[s]"),
            {},
            TypeError,
            "got datetime64.s.: divide them",
        ),
        ([dt.timedelta(1)] * 2, {}, TypeError, "X must hold numbers"),
        ([1j, 2.0], {}, TypeError, "X must"),
        ([], {}, ValueError, "X must hold at least one sample"),
        (np.ones((2, 2, 2)), {}, ValueError, "X must be one- or two-dimensional"),
        ([1.0, 2.0], {"n_neighbors": 0}, ValueError, "n_neighbors must be an integer"),
        ([1.0, 2.0], {"jitter": -1.0}, ValueError, "jitter must"),
        ([1.0, 2.0], {"base": 1}, ValueError, "base must"),
    ],
)
def test_errors(samples, options, error, message):
    with pytest.raises(error, match=message):
        differential_entropy(samples, **options)


def test_information_of_normal_variables_is_a_difference(rng):
    x, e = rng.normal(size=(2, 20_000))
    y = 0.6 * x + 0.8 * e
    both = differential_entropy(np.c_[x, y])
    found = differential_entropy(x) + differential_entropy(y) - both
    assert found == pytest.approx(0.2231, abs=0.03)
    assert found == pytest.approx(fastinfo.mutual_information(x, y, estimator="ksg"), abs=0.03)
