"""Lags and transfer entropy without bins, given others, at lag 0, and against known values."""

import math

import numpy as np
import pytest
import scipy.linalg
from helpers import close, compiled, quiet
from reference import variables as twins

import fastinfo
from fastinfo import (
    conditional_mutual_information,
    lagged_mutual_information,
    mutual_information,
    transfer_entropy,
    transfer_entropy_matrix,
)

#: Independent series of few samples are what many tests are of.
pytestmark = pytest.mark.filterwarnings("ignore:.* what chance alone gives")

UNBINNED = ["ksg", "mixed", "gaussian", "gaussian-copula"]
NAN = math.nan


def coupled(rng, n, a=0.5, b=0.6):
    """Target follows white noise one step later."""
    x, noise = rng.normal(size=(2, n))
    y = np.zeros(n)
    for t in range(1, n):
        y[t] = a * y[t - 1] + b * x[t - 1] + noise[t]
    return x, y


# Lags


@pytest.mark.parametrize("estimator", UNBINNED)
def test_lags_are_pairs_of_the_series(estimator, rng):
    x, y = coupled(rng, 200)
    lags = np.array([[0, 1], [-2, 7]])
    found = lagged_mutual_information(x, y, lags, estimator=estimator)
    for lag, value in zip(lags.ravel().tolist(), found.ravel().tolist(), strict=True):
        pair = x[max(-lag, 0) : 200 - max(lag, 0)], y[max(lag, 0) : 200 + min(lag, 0)]
        assert value == close(mutual_information(*pair, estimator=estimator))
    one = lagged_mutual_information(x, y, 1, estimator=estimator, base=2)
    assert type(one) is float
    assert one == close(found[0, 1] / math.log(2))


def test_lags_of_labels_and_groups(rng):
    x, y = coupled(rng, 300)
    labels = np.digitize(y, [-0.5, 0.5])
    found = lagged_mutual_information(x, labels, 1, estimator="ksg")
    assert found == close(mutual_information(x[:-1], labels[1:], estimator="ksg"))
    both = np.column_stack([x, y])
    found = lagged_mutual_information(both, y, 1, estimator="gaussian")
    assert found == close(mutual_information(both[:-1], y[1:], estimator="gaussian"))


def test_lags_with_missing_samples(rng):
    x, y = rng.normal(size=(2, 100))
    x[0] = NAN
    found = lagged_mutual_information(x, y, [-1, 0], estimator="gaussian")
    assert np.isnan(found).tolist() == [False, True]
    kept = lagged_mutual_information(x, y, [-1, 0], estimator="gaussian", nan_policy="omit")
    assert kept[1] == close(mutual_information(x[1:], y[1:], estimator="gaussian"))
    with pytest.raises(ValueError, match="got 1 incomplete pairs"):
        lagged_mutual_information(x, y, 0, estimator="gaussian", nan_policy="raise")
    assert math.isnan(
        lagged_mutual_information(x * NAN, y, 0, estimator="gaussian", nan_policy="omit")
    )


def test_ties_are_told_once(rng):
    x, y = rng.integers(0, 50, (2, 300)) / 10
    with pytest.warns(UserWarning, match="x and y repeat values") as caught:
        lagged_mutual_information(x, y, [0, 1, 2], estimator="ksg")
    assert [each.filename for each in caught] == [__file__]
    noisy = [
        lagged_mutual_information(x, y, [0, 1], estimator="ksg", jitter=1e-3, random_state=s)
        for s in (1, 1, 2)
    ]
    assert noisy[0].tolist() == noisy[1].tolist() != noisy[2].tolist()


def test_corrected_and_normalized_lags(rng):
    x, y = coupled(rng, 200)
    for options in (
        {"estimator": "ksg2"},
        {"estimator": "ksg", "normalized": "joint", "base": 2},
        {"estimator": "gaussian", "correction": "bias"},
    ):
        found = lagged_mutual_information(x, y, 1, **options)
        assert found == close(mutual_information(x[:-1], y[1:], **options))
    found = transfer_entropy(x, y, estimator="gaussian", correction="bias")
    assert found == close(
        conditional_mutual_information(
            y[1:], x[:-1], y[:-1], estimator="gaussian", correction="bias"
        )
    )


# Transfer entropy


@pytest.mark.parametrize("estimator", UNBINNED)
def test_transfer_is_conditional_information_of_pasts(estimator, rng):
    x, y = coupled(rng, 150)
    z = rng.normal(size=(150, 2))

    def call(**options):
        return transfer_entropy(x, y, estimator=estimator, **options)

    def of(*columns):
        return conditional_mutual_information(*columns, estimator=estimator)

    assert call() == close(of(y[1:], x[:-1], y[:-1]))
    pasts = np.column_stack([y[2:-1], y[1:-2]])
    sources = np.column_stack([x[1:-2], x[:-3]])
    found = call(history=2, source_history=2, lag=2, base=2)
    assert found == close(of(y[3:], sources, pasts) / math.log(2))
    assert call(lag=0) == close(of(y[1:], x[1:], y[:-1]))
    known = np.column_stack([y[:-1], z[:-1]])
    assert call(given=z) == close(of(y[1:], x[:-1], known))
    assert call(given=z[:, 0], history=0) == close(of(y[1:], x[:-1], z[:-1, 0]))
    assert call(history=0, lag=3) == close(mutual_information(x[:-3], y[3:], estimator=estimator))
    y[40] = NAN
    assert math.isnan(call())
    kept = np.array([t for t in range(1, 150) if t not in (40, 41)])
    assert call(nan_policy="omit") == close(of(y[kept], x[kept - 1], y[kept - 1]))
    with pytest.raises(ValueError, match="got 2 incomplete rows"):
        call(nan_policy="raise")


def of_covariance(c, x, y, z):
    """Conditional information of normal variables with a covariance."""

    def det(*places):
        return np.linalg.det(c[np.ix_(places, places)])

    return 0.5 * math.log(det(x, z) * det(y, z) / (det(z) * det(x, y, z)))


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(
    "a",
    [
        [[0.5, 0.0], [0.6, 0.3]],
        [[0.9, 0.0], [0.4, 0.5]],
        [[0.6, 0.3], [0.3, 0.6]],
    ],
)
def test_autoregressions_have_closed_forms(a, rng):
    # of state (x, y) and the one before: Hahs & Pethel 2013, https://doi.org/10.3390/e15030767
    a = np.array(a)
    now = scipy.linalg.solve_discrete_lyapunov(a, np.eye(2))
    c = np.block([[now, a @ now], [now @ a.T, now]])
    n = 100_000
    states = np.zeros((n, 2))
    noise = rng.normal(size=(n, 2))
    for t in range(1, n):
        states[t] = a @ states[t - 1] + noise[t]
    x, y = states.T
    there, back = of_covariance(c, 1, 2, 3), of_covariance(c, 0, 3, 2)
    assert back == pytest.approx(0.0, abs=1e-9) or a[0, 1] > 0
    for estimator in ("gaussian", "gaussian-copula"):
        assert transfer_entropy(x, y, estimator=estimator) == pytest.approx(there, abs=0.005)
        assert transfer_entropy(y, x, estimator=estimator) == pytest.approx(back, abs=0.005)
    few = slice(0, 20_000)
    assert transfer_entropy(x[few], y[few], estimator="ksg") == pytest.approx(there, abs=0.02)
    assert transfer_entropy(y[few], x[few], estimator="ksg") == pytest.approx(back, abs=0.02)
    found = transfer_entropy(x, y, bins=16, correction="miller-madow")
    assert found == pytest.approx(there, rel=0.12)


@compiled
def test_schreibers_lattice_of_tent_maps(rng):
    # Schreiber 2000, figure 1: (0.77 epsilon)**2 nats from each map to the next, none back
    n, m, epsilon = 20_000, 100, 0.05
    x = rng.random(m)
    states = np.empty((n, m), np.int8)
    for t in range(-1000, n):
        x = epsilon * np.roll(x, 1) + (1 - epsilon) * x
        x = np.where(x < 0.5, 2 * x, 2 - 2 * x)
        if t >= 0:
            states[t] = x >= 0.5
    matrix = transfer_entropy_matrix(states)
    maps = np.arange(m)
    there = np.mean([matrix[i, j] for i, j in zip(np.roll(maps, 1), maps, strict=True)])
    back = np.mean([matrix[i, j] for i, j in zip(np.roll(maps, -1), maps, strict=True)])
    by_chance = 1 / n
    assert there - by_chance == pytest.approx((0.77 * epsilon) ** 2, rel=0.1)
    assert back == pytest.approx(by_chance, rel=0.5)


def test_coupled_logistic_maps_have_a_direction(rng):
    x, y = np.empty((2, 5000))
    x[0], y[0] = rng.random(2)

    def logistic(v):
        return 4 * v * (1 - v)

    for t in range(4999):
        x[t + 1] = logistic(x[t])
        y[t + 1] = logistic(0.8 * y[t] + 0.2 * x[t])
    for estimator in ("histogram", "ksg"):
        options = {"estimator": estimator} | ({"bins": 6} if estimator == "histogram" else {})
        there = quiet(transfer_entropy, x, y, **options)
        assert there > 4 * abs(quiet(transfer_entropy, y, x, **options))


def logistic_maps(x, y, coupling):
    """The next values of two logistic maps, of which the first drives the second."""
    driven = (1 - coupling) * y + coupling * x
    return 4 * x * (1 - x), 4 * driven * (1 - driven)


def transfer_of_counts(counts):
    """Transfer entropy by counts of (next, past of the target, past of the source)."""

    def entropy(p):
        p = p[p > 0] / counts.sum()
        return -np.sum(p * np.log(p))

    known, both = counts.sum(axis=(0, 2)), counts.sum(axis=0)
    return entropy(counts.sum(axis=2)) - entropy(known) - entropy(counts) + entropy(both)


@pytest.mark.parametrize("coupling", [0.1, 0.2, 0.4])
def test_coupled_logistic_maps_have_the_transfer_of_their_invariant_measure(coupling, rng):
    # The orbit of one pair against many pairs at a time, whose law is the invariant one by then.
    bins, m = 4, 100_000
    x, y = rng.random((2, m))
    there, back = np.zeros((2, bins**3))
    for t in range(64):
        u, v = logistic_maps(x, y, coupling)
        if t >= 60:
            p, q, r, s = ((bins * c).astype(int).clip(0, bins - 1) for c in (x, y, u, v))
            there += np.bincount((s * bins + q) * bins + p, minlength=bins**3)
            back += np.bincount((r * bins + p) * bins + q, minlength=bins**3)
        x, y = u, v
    n, orbit = 20_000, [tuple(rng.random(2))]
    for _ in range(n - 1):
        orbit.append(logistic_maps(*orbit[-1], coupling))
    x, y = np.array(orbit).T
    options = {"bins": np.linspace(0.0, 1.0, bins + 1)}
    shape = (bins,) * 3
    assert transfer_entropy(x, y, **options) == pytest.approx(
        transfer_of_counts(there.reshape(shape)), rel=0.04
    )
    assert transfer_entropy(y, x, **options) == pytest.approx(
        transfer_of_counts(back.reshape(shape)), abs=0.004
    )


# Histogram: given others, and lag 0


def test_given_series_are_known(rng):
    x, y, z = rng.integers(0, 3, (3, 400))
    w = rng.integers(0, 2, 400)
    t = np.arange(2, 400)
    found = transfer_entropy(x, y, given=z, history=2)
    known = np.column_stack([y[t - 1], y[t - 2], z[t - 1], z[t - 2]])
    assert found == close(conditional_mutual_information(y[t], x[t - 1], known))
    found = transfer_entropy(x, y, given=np.column_stack([z, w]))
    t = np.arange(1, 400)
    known = np.column_stack([y[t - 1], z[t - 1], w[t - 1]])
    assert found == close(conditional_mutual_information(y[t], x[t - 1], known))
    found = transfer_entropy(x, y, given=z, history=0)
    assert found == close(conditional_mutual_information(y[t], x[t - 1], z[t - 1]))
    z = z.astype(float)
    z[10] = NAN
    assert math.isnan(transfer_entropy(x, y, given=z))
    with pytest.raises(ValueError, match="source, target and given must have no missing"):
        transfer_entropy(x, y, given=z, nan_policy="raise")
    t = np.array([t for t in range(1, 400) if t != 11])
    found = transfer_entropy(x, y, given=z, nan_policy="omit", discrete=True)
    expected = conditional_mutual_information(
        y[t], x[t - 1], np.column_stack([y[t - 1], z[t - 1]]), discrete=True
    )
    assert found == close(expected)


def test_a_common_driver_is_taken_out(rng):
    z = rng.integers(0, 2, 20_000)
    x = np.roll(z, 1) ^ (rng.random(z.size) < 0.05)
    y = np.roll(z, 2) ^ (rng.random(z.size) < 0.05)
    assert transfer_entropy(x, y) > 0.1
    before = np.roll(z, 1)  # what drives y at its next value
    assert transfer_entropy(x, y, given=before) < 0.001


def test_settings_for_each_series(rng):
    x, y, z, w = rng.normal(size=(4, 300))
    both = np.column_stack([z, w])
    three = quiet(transfer_entropy, x, y, given=both, bins=[2, 3, 4])
    assert quiet(transfer_entropy, x, y, given=both, bins=[2, 3, 4, 4]) == three
    assert quiet(transfer_entropy, x, y, given=both, bins=3) != three


def test_lag_0_takes_values_of_the_same_time(rng):
    x = rng.integers(0, 3, 500)
    y = (x + (rng.random(500) < 0.3)) % 3
    found = transfer_entropy(x, y, lag=0)
    assert found == close(conditional_mutual_information(y[1:], x[1:], y[:-1]))
    assert found == close(twins.transfer_entropy(x.tolist(), y.tolist(), lag=0))
    found = transfer_entropy(x, y, lag=0, history=0)
    assert found == close(mutual_information(x, y))
    assert transfer_entropy(x, x, lag=0) > 1.0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"estimator": "ksg", "sample_weight": np.ones(30)}, ValueError, "sample_weight must be l"),
        ({"estimator": "gaussian", "bins": 4}, ValueError, "bins must be left at 'mi'"),
        ({"estimator": "mixed", "correction": "nsb"}, ValueError, "correction must be left"),
        ({"estimator": "histogram", "jitter": 0.1}, ValueError, "jitter must be left"),
        ({"estimator": "gaussian", "n_neighbors": 5}, ValueError, "n_neighbors must be left at 3"),
        ({"estimator": "ksg", "n_neighbors": 29}, ValueError, "n_neighbors must be smaller"),
        ({"estimator": "ksg2"}, ValueError, "must not be 'ksg2'"),
        ({"estimator": "no"}, ValueError, "estimator must be one of"),
        (
            {"estimator": "ksg", "lag": 30},
            ValueError,
            "more than 30 samples, the number of steps looked back.*lag=30",
        ),
        ({"lag": 30}, ValueError, "looked back, got 30 samples .*lag=30"),
        ({"given": np.ones(3)}, ValueError, "source and given must have the same length"),
        ({"given": np.ones(3), "estimator": "ksg"}, ValueError, "source and given must have the s"),
        ({"given": ["a", "b"] * 15, "estimator": "ksg"}, ValueError, "given must hold numbers"),
    ],
)
def test_bad_input(options, error, message, rng):
    x, y = rng.normal(size=(2, 30))
    with pytest.raises(error, match=message):
        transfer_entropy(x, y, **options)
    if {"estimator", "lag", "given", "history"} & set(options) and "sample_weight" not in options:
        if "correction" in options:
            return
        with pytest.raises(error, match=message):
            fastinfo.transfer_entropy_test(x, y, **options)


def test_labels_are_no_numbers(rng):
    x = rng.integers(0, 2, 50)
    for estimator in UNBINNED:
        with pytest.raises(ValueError, match="source must hold numbers"):
            transfer_entropy(x, x, estimator=estimator)
    assert transfer_entropy(x, x[::-1], estimator="gaussian", discrete=False) >= 0
