"""transfer_entropy_test: what is returned, and how often it is wrong."""

import math

import numpy as np
import pytest
from helpers import close, compiled, quiet

import fastinfo
from fastinfo import transfer_entropy, transfer_entropy_test

ESTIMATORS = ["histogram", "ksg", "mixed", "gaussian", "gaussian-copula"]
WAYS = ["shift", "block", "permute"]


def autoregressive(rng, n, r=0.95):
    x = np.empty(n)
    x[0] = rng.normal() / math.sqrt(1 - r * r)
    for t, e in enumerate(rng.normal(size=n - 1), 1):
        x[t] = r * x[t - 1] + e
    return x


def coupled(rng, n, b=0.6):
    x = autoregressive(rng, n, 0.7)
    y, noise = np.zeros(n), rng.normal(size=n)
    for t in range(1, n):
        y[t] = 0.5 * y[t - 1] + b * x[t - 1] + noise[t]
    return x, y


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("given", [False, True])
def test_what_is_returned(estimator, way, given, rng):
    x, y = coupled(rng, 200)
    options = {"estimator": estimator, "given": rng.normal(size=200) if given else None}
    options |= {"bins": 3} if estimator == "histogram" else {}
    options |= {"history": 2} if estimator == "gaussian" else {}

    def test(**more):
        return transfer_entropy_test(
            x, y, surrogates=way, n_permutations=39, **{"seed": 1} | options | more
        )

    found = test()
    assert found._fields == ("transfer_entropy", "effective", "pvalue", "null_distribution")
    assert found.transfer_entropy == close(quiet(transfer_entropy, x, y, **options))
    null = found.null_distribution
    assert null.shape == (39,)
    assert found.effective == close(found.transfer_entropy - null.mean(), absolute=1e-13)
    reached = (null >= found.transfer_entropy * (1 - 1e-9)).sum()
    assert found.pvalue == (reached + 1) / 40
    assert found.pvalue == 1 / 40
    for threads in (1, 3):
        with fastinfo.num_threads(threads):
            again = test()
        assert again[:3] == found[:3]
        np.testing.assert_array_equal(again.null_distribution, null, strict=True)
    bits = test(base=2)
    assert bits.pvalue == found.pvalue
    assert bits.effective == close(found.effective / math.log(2), absolute=1e-12)
    assert not np.array_equal(test(seed=2).null_distribution, null)


def test_surrogates_turn_the_pasts_of_the_source(rng):
    # rows are times; all shifts of the source's past against the target and its own past
    x, y = rng.integers(0, 3, (2, 40))
    found = transfer_entropy_test(x, y, source_history=2, seed=1, block_length=1)
    rows = np.arange(2, 40)
    pasts = 3 * x[rows - 1] + x[rows - 2]
    expected = []
    for shift in range(1, rows.size):
        moved = np.roll(pasts, -shift)
        expected.append(quiet(fastinfo.conditional_mutual_information, y[rows], moved, y[rows - 1]))
    np.testing.assert_allclose(np.sort(found.null_distribution), np.sort(expected), rtol=1e-12)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("r", [0.95, 0.5])
def test_false_alarms_are_as_many_as_are_said(r, rng):
    # 2,000 pairs of 300 samples, where shuffled samples call most pairs significant
    n_pairs = 2000
    rejected = 0
    for _ in range(n_pairs):
        x, y = autoregressive(rng, 300, r), autoregressive(rng, 300, r)
        rejected += transfer_entropy_test(x, y, bins=4, n_permutations=39, seed=1).pvalue <= 0.05
    assert 0.03 < rejected / n_pairs < 0.07


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("estimator", ["histogram", "gaussian"])
def test_power(estimator, rng):
    options = {"estimator": estimator, "n_permutations": 39, "seed": 1}
    options |= {"bins": 4} if estimator == "histogram" else {}
    there, back = [], []
    for _ in range(40):
        x, y = coupled(rng, 500, 0.3)
        there.append(transfer_entropy_test(x, y, **options).pvalue)
        back.append(transfer_entropy_test(y, x, **options).pvalue)
    assert np.mean(np.array(there) <= 0.05) > 0.9
    assert np.mean(np.array(back) <= 0.05) < 0.2


def test_the_effective_value_has_lost_the_bias(rng):
    x, y = rng.normal(size=(2, 400))
    found = transfer_entropy_test(x, y, seed=1)
    assert found.transfer_entropy > 0.3
    assert abs(found.effective) < 0.1


def test_missing_samples(rng):
    x, y = coupled(rng, 100)
    x[5] = y[50] = math.nan
    for estimator in ("histogram", "gaussian"):
        lost = transfer_entropy_test(x, y, estimator=estimator, n_permutations=9)
        assert all(math.isnan(value) for value in lost[:3])
        assert np.isnan(lost.null_distribution).all()
        with pytest.raises(ValueError, match="nan values"):
            transfer_entropy_test(x, y, estimator=estimator, nan_policy="raise")
        found = transfer_entropy_test(
            x, y, estimator=estimator, n_permutations=9, nan_policy="omit", seed=1
        )
        expected = quiet(transfer_entropy, x, y, estimator=estimator, nan_policy="omit")
        assert found.transfer_entropy == close(expected)
        nothing = transfer_entropy_test(
            x * math.nan, y, estimator=estimator, n_permutations=9, nan_policy="omit"
        )
        assert math.isnan(nothing.pvalue)


def test_it_is_shown_short(rng):
    x, y = rng.integers(0, 2, (2, 50))
    found = transfer_entropy_test(x, y, seed=1, n_permutations=39)
    assert repr(found).startswith("TransferEntropyTest(transfer_entropy=0.")
    assert "39 values" in repr(found)
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"surrogates": "turn"}, ValueError, "surrogates must be one of"),
        ({"n_permutations": 0}, ValueError, "n_permutations must be an integer of at least 1"),
        ({"block_length": 16}, ValueError, "block_length must be at most half .* 29, got 16"),
        ({"block_length": 2, "surrogates": "permute"}, ValueError, "block_length must be left out"),
        ({"seed": "a"}, TypeError, "seed must be None"),
        ({"lag": 29}, ValueError, "at least 2 complete rows"),
        ({"history": 30}, ValueError, "must have more than 30 samples, the number of steps"),
    ],
)
def test_bad_input(options, error, message, rng):
    x, y = rng.integers(0, 2, (2, 30))
    with pytest.raises(error, match=message):
        transfer_entropy_test(x, y, **options)
