"""Surrogates are for stationary series: two trends are told."""

import warnings

import numpy as np
import pytest

import fastinfo


def of_trends(rng, n=200):
    return np.arange(n) + rng.normal(size=(2, n)) * [[5.0], [20.0]]


@pytest.mark.filterwarnings("ignore:.* complete rows are few for blocks")
@pytest.mark.parametrize("surrogates", ["shift", "block"])
@pytest.mark.parametrize("estimator", ["histogram", "gaussian"])
def test_two_trends_are_told(rng, surrogates, estimator):
    x, y = of_trends(rng)
    options = {"surrogates": surrogates, "estimator": estimator, "seed": 1, "n_permutations": 19}
    with pytest.warns(UserWarning, match="x and y both rise or fall over time"):
        fastinfo.permutation_test(x, y, **options)
    with pytest.warns(UserWarning, match="source and target both rise or fall over time"):
        fastinfo.transfer_entropy_test(x, -y, **options)


def test_one_trend_labels_and_samples_in_no_order_are_not(rng):
    x, y = of_trends(rng)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fastinfo.permutation_test(x, rng.normal(size=200), surrogates="shift", seed=1)
        fastinfo.permutation_test(x, y, seed=1)
        fastinfo.permutation_test(x > 100, y > 100, surrogates="shift", seed=1)
        fastinfo.permutation_test(np.ones(200), y, surrogates="shift", seed=1)
        fastinfo.permutation_test(x[:20], y[:20], surrogates="shift", seed=1, n_permutations=9)


def test_what_is_given_may_decide_x(rng):
    c, y = rng.normal(size=(2, 200))
    fahrenheit = 1.8 * c + 32
    both = np.column_stack([c, rng.normal(size=200)])
    for z in (c, both):
        for estimator in ("ksg", "mixed"):
            options = {"estimator": estimator, "seed": 1}
            assert fastinfo.conditional_independence_test(fahrenheit, y, z, **options).pvalue == 1
            test = fastinfo.permutation_test(fahrenheit, y, given=z, **options)
            assert test.pvalue == 1.0
