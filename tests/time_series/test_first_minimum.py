"""first_minimum_lag: where lagged information turns for the first time."""

import math

import numpy as np
import pytest
from helpers import quiet

from fastinfo import first_minimum_lag, lagged_mutual_information, mutual_information


def lorenz(n, step=0.02, skip=2000):
    """x of Lorenz's equations, by Runge and Kutta."""

    def slope(v):
        x, y, z = v
        return np.array([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])

    v, out = np.array([1.0, 1.0, 20.0]), np.empty(n)
    for t in range(-skip, n):
        a = slope(v)
        b = slope(v + step / 2 * a)
        c = slope(v + step / 2 * b)
        d = slope(v + step * c)
        v = v + step / 6 * (a + 2 * b + 2 * c + d)
        if t >= 0:
            out[t] = v[0]
    return out


def by_hand(x, max_lag, **options):
    found = lagged_mutual_information(x, x, np.arange(1, max_lag + 2), **options)
    before = math.inf
    for lag, value in enumerate(found[:-1].tolist(), 1):
        if value < before and value < found[lag]:
            return lag
        before = value
    return None


def test_lorenz(rng):
    # the first minimum is known to lie at about 0.16 to 0.18 units of time
    x = lorenz(20_000)
    lag = first_minimum_lag(x, 30)
    assert lag == by_hand(x, 30)
    assert 0.14 <= lag * 0.02 <= 0.2
    for estimator in ("ksg", "gaussian-copula"):
        found = quiet(first_minimum_lag, x[:3000], 30, estimator=estimator)
        assert found == (by_hand(x[:3000], 30, estimator=estimator) or 30)


def test_a_quarter_of_a_wave(rng):
    t = np.arange(5000)
    wave = np.sin(2 * np.pi * t / 32.37) + 0.3 * rng.normal(size=t.size)
    assert first_minimum_lag(wave, 20, bins=4) in (7, 8, 9)
    assert first_minimum_lag(wave, 20, estimator="gaussian") == 8


@pytest.mark.parametrize("estimator", ["histogram", "ksg", "gaussian", "gaussian-copula"])
def test_it_is_that_of_lagged_information(estimator, rng):
    for _ in range(10):
        x = np.convolve(rng.normal(size=400), np.ones(int(rng.integers(1, 20))), "same")
        expected = by_hand(x, 40, estimator=estimator)
        if expected is not None:
            assert first_minimum_lag(x, 40, estimator=estimator) == expected


def test_options(rng):
    x = np.cumsum(rng.normal(size=300))
    for options in (
        {"bins": 3},
        {"bins": 4, "strategy": "uniform"},
        {"correction": "chance"},
        {"bins": np.array([-100.0, -2, 2, 100])},
        {"discrete": True, "correction": "miller-madow"},
    ):
        own = np.round(x) if options.get("discrete") else x
        expected = by_hand(own, 50, **options)
        found = quiet(first_minimum_lag, own, 50, **options)
        assert found == (50 if expected is None else expected), options
    limits = first_minimum_lag(x, 50, bins=4, strategy="uniform", range=[-5, 5])
    assert limits == by_hand(x, 50, bins=4, strategy="uniform", range=[[-5, 5], [-5, 5]])


def test_discrete_can_be_a_mapping_as_the_warning_says(rng):
    x = np.convolve(rng.integers(0, 40, 500), np.ones(3, int), "same") // 2
    with pytest.warns(UserWarning, match=r"discrete=\{'x': True\} takes it as labels"):
        as_number = first_minimum_lag(x, 5, bins=4)
    assert first_minimum_lag(x, 5, bins=4, discrete={"x": False}) == as_number
    as_labels = quiet(first_minimum_lag, x, 5, discrete={"x": True})
    assert as_labels == quiet(first_minimum_lag, x, 5, discrete=True)


def test_none_is_told():
    ramp = np.arange(200)  # which is a correlation of 1 at each lag
    with pytest.warns(
        UserWarning, match="no minimum up to max_lag=10, which is returned"
    ) as caught:
        assert first_minimum_lag(ramp, 10, estimator="gaussian", discrete=False) == 10
    assert [each.filename for each in caught] == [__file__]
    with pytest.warns(UserWarning, match="no minimum"):
        assert first_minimum_lag(np.zeros(50, int), 10) == 10


def test_a_flat_minimum_begins_where_it_begins():
    # period 6, levels 0 0 1 1 2 2: by hand, equal information at neighbouring lags
    x = np.tile([0, 0, 1, 1, 2, 2], 100)
    found = lagged_mutual_information(x, x, [1, 2, 3, 4], bins=3)
    assert found[0] == pytest.approx(found[2], rel=0.05)
    assert first_minimum_lag(x, 4) == 1
    y = np.tile([0, 1], 300)  # always the same information
    rising = [mutual_information(y[:-lag], y[lag:]) for lag in (1, 2, 3)]
    assert rising == pytest.approx([math.log(2)] * 3, abs=1e-3)


def test_missing_samples_are_left_out(rng):
    x = np.convolve(rng.normal(size=500), np.ones(9), "same")
    x[[3, 77]] = math.nan
    for estimator in ("histogram", "gaussian"):
        found = first_minimum_lag(x, 30, estimator=estimator)
        assert found == by_hand(x, 30, estimator=estimator, nan_policy="omit")
        with pytest.raises(ValueError, match="nan values"):
            first_minimum_lag(x, 30, estimator=estimator, nan_policy="raise")


@pytest.mark.parametrize(
    ("x", "lag", "options", "error", "message"),
    [
        ([1, 2, 3, 4], 3, {}, ValueError, "at most the number of samples minus 2, got 3 for 4"),
        ([1.0, 2, 3], 2, {"estimator": "gaussian"}, ValueError, "max_lag must be at most"),
        ([1, 2, 3, 4], 0, {}, ValueError, "max_lag must be an integer of at least 1"),
        ([1, 2, 3, 4], 1.0, {}, TypeError, "max_lag must be an integer"),
        ([1, 2, 3, 4], 1, {"nan_policy": "propagate"}, ValueError, "nan_policy must be one of"),
        ([1, 2, 3, 4], 1, {"discrete": (True, False)}, ValueError, "mapping of 'x' .* False"),
        ([1, 2, 3, 4], 1, {"discrete": "labels"}, ValueError, "mapping of 'x' .* 'labels'"),
        (
            [1, 2, 3, 4],
            1,
            {"discrete": {"y": True}},
            ValueError,
            "must name columns .* 'x', got 'y'",
        ),
        ([1.0, 2, 3, 4], 1, {"estimator": "ksg", "bins": 3}, ValueError, "bins must be left"),
        (["a", "b", "c"], 1, {"estimator": "gaussian"}, ValueError, "x must hold numbers"),
        ([], 1, {}, ValueError, "x must hold at least one sample"),
    ],
)
def test_bad_input(x, lag, options, error, message):
    with pytest.raises(error, match=message):
        first_minimum_lag(x, lag, **options)
