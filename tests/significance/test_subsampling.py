"""Intervals of estimates without bins, from parts of the samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import close

import fastinfo
from fastinfo import JointCounts, bootstrap_interval, mutual_information, num_threads

ESTIMATORS = ["ksg", "ksg2", "mixed", "gaussian", "gaussian-copula"]


def normal_pair(n, r, rng):
    x, e = rng.normal(size=(2, n))
    return x, r * x + math.sqrt(1 - r * r) * e


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_interval_is_about_the_estimate(estimator, rng):
    x, y = normal_pair(400, 0.6, rng)
    found = bootstrap_interval(x, y, estimator=estimator, n_resamples=199, seed=1)
    assert found.estimate == mutual_information(x, y, estimator=estimator)
    assert found.low < found.estimate < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 * found.standard_error, rel=0.2)
    narrow = bootstrap_interval(x, y, 0.5, estimator=estimator, n_resamples=199, seed=1)
    assert found.low < narrow.low < narrow.high < found.high
    bits = bootstrap_interval(x, y, estimator=estimator, n_resamples=199, seed=1, base=2)
    assert [*bits, bits.standard_error] == close(
        [v / math.log(2) for v in (*found, found.standard_error)]
    )
    other = bootstrap_interval(
        x, y, estimator=estimator, n_resamples=199, seed=1, method="percentile"
    )
    assert other.low - found.estimate == close(found.estimate - found.high)
    assert other.high - found.estimate == close(found.estimate - found.low)


def test_the_interval_by_its_definition(rng):
    x, y = normal_pair(100, 0.6, rng)
    found = bootstrap_interval(x, y, estimator="ksg", n_resamples=40, seed=7)
    key = [int(word) for word in np.random.SeedSequence(7).generate_state(2, np.uint64)]
    drawn = []
    for i in range(40):
        rows = np.random.default_rng([*key, i]).choice(100, 25, replace=False, shuffle=False)
        drawn.append(mutual_information(x[rows], y[rows], estimator="ksg"))
    assert found.standard_error == close(np.std(drawn, ddof=1) / math.sqrt(3))
    low, high = (np.quantile(drawn, [0.025, 0.975]) - np.mean(drawn)) / math.sqrt(3)
    assert [*found] == close([found.estimate - high, found.estimate - low])


@pytest.mark.slow
@pytest.mark.parametrize(("estimator", "r"), [("ksg", 0.0), ("ksg", 0.9), ("gaussian", 0.6)])
def test_intervals_cover(estimator, r):
    rng = np.random.default_rng(11)
    truth = -0.5 * math.log(1 - r * r)
    covered, errors, estimates = 0, [], []
    for seed in range(80):
        x, y = normal_pair(300, r, rng)
        found = bootstrap_interval(x, y, estimator=estimator, n_resamples=99, seed=seed)
        covered += found.low <= truth <= found.high
        errors.append(found.standard_error)
        estimates.append(found.estimate)
    assert covered >= 68  # of 80, for 95 %: fewer by chance once in 10,000
    assert np.mean(errors) == pytest.approx(np.std(estimates), rel=0.35)


def test_labels_groups_and_missing_samples(rng):
    label = np.repeat([0, 1, 2], 100)
    x = label + rng.normal(size=300)
    found = bootstrap_interval(x, label, estimator="ksg", n_resamples=49, seed=1)
    assert found.low < mutual_information(x, label, estimator="ksg") < found.high
    X = rng.normal(size=(300, 2))
    y = X.sum(axis=1) + rng.normal(size=300)
    found = bootstrap_interval(X, y, estimator="ksg2", n_resamples=49, seed=1)
    assert found.low < mutual_information(X, y, estimator="ksg2") < found.high
    y[3] = math.nan
    assert math.isnan(bootstrap_interval(X, y, estimator="ksg").estimate)
    kept = np.arange(300) != 3
    options = {"estimator": "ksg", "n_resamples": 49, "seed": 1}
    expected = bootstrap_interval(X[kept], y[kept], **options)
    assert bootstrap_interval(X, y, nan_policy="omit", **options) == expected


def test_noise_is_put_on_once(rng):
    x, y = np.round(rng.normal(size=(2, 300)), 1)
    options = {"estimator": "ksg", "n_resamples": 29, "seed": 1, "jitter": 1e-3}
    found = bootstrap_interval(x, y, random_state=2, **options)
    assert found == bootstrap_interval(x, y, random_state=2, **options)
    expected = mutual_information(x, y, estimator="ksg", jitter=1e-3, random_state=2)
    assert found.estimate == pytest.approx(expected, abs=1e-9)
    del options["jitter"]
    with pytest.warns(UserWarning, match="repeat values") as told:
        bootstrap_interval(x, y, **options)
    assert len(told) == 1


def test_threads_do_not_matter(rng):
    x, y = normal_pair(600, 0.6, rng)
    found = []
    for n in (1, 2, 7):
        with num_threads(n):
            found.append(bootstrap_interval(x, y, estimator="ksg", n_resamples=60, seed=3))
    assert found[0] == found[1] == found[2]
    x.flags.writeable = False
    assert bootstrap_interval(x, y, estimator="ksg", n_resamples=60, seed=3) == found[0]


def test_infinite_estimates(rng):
    x = rng.normal(size=100)
    found = bootstrap_interval(x, 2 * x, estimator="gaussian", n_resamples=9)
    assert [*found, found.estimate] == [math.inf] * 3
    assert math.isnan(found.standard_error)


def test_what_is_refused(rng):
    x, y = normal_pair(100, 0.6, rng)
    counts = JointCounts.from_samples(x, y)
    with pytest.raises(TypeError, match="x and y must be samples with estimator='ksg'"):
        bootstrap_interval(counts, estimator="ksg")
    with pytest.raises(ValueError, match=r"at least 16 complete samples .* got 15"):
        bootstrap_interval(x[:15], y[:15], estimator="ksg")
    assert bootstrap_interval(x[:16], y[:16], estimator="ksg", n_resamples=9).estimate
    with pytest.raises(ValueError, match="bins must be left"):
        bootstrap_interval(x, y, estimator="ksg", bins=5)
    with pytest.raises(ValueError, match="correction must be left"):
        bootstrap_interval(x, y, estimator="ksg", correction="nsb")
    with pytest.raises(ValueError, match="n_neighbors must be left"):
        bootstrap_interval(x, y, n_neighbors=5)
    with pytest.raises(ValueError, match="estimator must be one of"):
        fastinfo.bootstrap_interval(x, y, estimator="KSG")
