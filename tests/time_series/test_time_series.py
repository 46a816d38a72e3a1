"""Lagged mutual information and transfer entropy, against slow twins and published values."""

import math
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import reference
from helpers import close
from hypothesis import given
from hypothesis import strategies as st
from reference import pairs
from reference import variables as twins

from fastinfo import (
    JointCounts,
    conditional_mutual_information,
    lagged_mutual_information,
    mutual_information,
    num_threads,
    transfer_entropy,
)

# Independent series of few samples are what many tests are of: the warning has tests of its own.
pytestmark = pytest.mark.filterwarnings("ignore:.* what chance alone gives")

NAN = math.nan
INF = math.inf


@pytest.fixture
def series(rng):
    x = rng.normal(size=800)
    y = np.concatenate([rng.normal(size=3), x[:-3]]) + 0.5 * rng.normal(size=800)
    return x, y


def pairs_at(x, y, lag):
    n = len(x)
    return x[max(-lag, 0) : n - max(lag, 0)], y[max(lag, 0) : n + min(lag, 0)]


# Lagged mutual information


def test_lags_shift_y_behind_x(rng):
    x = rng.integers(0, 4, 500)
    y = np.roll(x, 3)
    lags = np.arange(-5, 6)
    found = lagged_mutual_information(x, y, lags)
    assert found.dtype == np.float64
    assert lags[found.argmax()] == 3
    for lag, information in zip(lags.tolist(), found, strict=True):
        assert information == mutual_information(*pairs_at(x, y, lag))
        assert information == close(
            reference.information_of_table(pd.crosstab(*pairs_at(x, y, lag)).to_numpy())
        )


def test_the_shape_of_lags(series):
    x, y = series
    one = lagged_mutual_information(x, y, 3)
    assert type(one) is float
    assert one > 0.3
    for lags in (
        [3],
        np.array([3], "i1"),
        np.array([[3]], "u8"),
        pd.Series([3]),
        (3,),
        range(3, 4),
    ):
        found = lagged_mutual_information(x, y, lags)
        assert found.shape == np.shape(lags)
        assert found.reshape(-1).tolist() == [one]
    assert lagged_mutual_information(x, y, np.int64(3)) == one
    both = lagged_mutual_information(x, y, [[0, -1], [3, 3]])
    assert both.tolist() == [
        [lagged_mutual_information(x, y, 0), lagged_mutual_information(x, y, -1)],
        [one, one],
    ]


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_edges_are_those_of_the_whole_series(strategy, series):
    x, y = series
    x[0] = 50.0  # not in the pairs of negative lags
    bins = reference.mi_rule(800)
    edges = [JointCounts.from_samples(v, v, bins=bins, strategy=strategy).x_edges for v in (x, y)]
    lags = [-700, -4, 0, 3, 799]
    expected = [mutual_information(*pairs_at(x, y, lag), bins=edges) for lag in lags]
    options = {"strategy": strategy}
    assert lagged_mutual_information(x, y, lags, **options).tolist() == expected
    assert lagged_mutual_information(x, y, lags, bins=bins, **options).tolist() == expected
    assert lagged_mutual_information(x, y, lags, bins=edges).tolist() == expected
    assert expected[-1] == 0.0


def test_options_of_lagged_information(series):
    x, y = series
    edges = np.linspace(-2, 2, 7)
    for lag in (-2, 3):
        pair = pairs_at(x, y, lag)
        for options in (
            {"base": 2},
            {"normalized": "max"},
            {"normalized": "joint", "base": 2},
            {"correction": "miller-madow"},
            {"correction": 0.5, "normalized": "min"},
        ):
            expected = mutual_information(*pair, bins=edges, **options)
            bounds = {"range": [[-2, 2], [-2, 2]], "strategy": "uniform"}
            found = lagged_mutual_information(x, y, lag, bins=6, **bounds, **options)
            assert found == close(expected)
        labels = (y > 0).astype(int)
        found = lagged_mutual_information(x, labels, lag, bins=edges)
        assert found == mutual_information(*pairs_at(x, labels, lag), bins=edges)
        found = lagged_mutual_information(x, labels, lag, bins=(edges, 2), discrete=False)
        assert found == close(mutual_information(*pairs_at(x, labels, lag), bins=edges))


def test_weights_go_by_the_time_of_x(rng):
    x, y = rng.integers(0, 3, (2, 200))
    w = rng.integers(0, 4, 200)
    for lag in (-7, 0, 5):
        a, b = pairs_at(x, y, lag)
        times = pairs_at(np.arange(200), np.arange(200), lag)[0]
        expected = mutual_information(np.repeat(a, w[times]), np.repeat(b, w[times]))
        assert lagged_mutual_information(x, y, lag, sample_weight=w) == close(expected)


def test_missing_samples_are_of_the_lags_that_pair_them(series):
    x, y = series
    x[0] = NAN
    lags = [-2, -1, 0, 1, 2]
    found = lagged_mutual_information(x, y, lags)
    assert np.isnan(found).tolist() == [False, False, True, True, True]
    kept = lagged_mutual_information(x, y, lags, nan_policy="omit")
    assert np.isfinite(kept).all()
    assert found[:2].tolist() == kept[:2].tolist()
    with pytest.raises(ValueError, match=r"nan values: x and y must .* got 1 incomplete pairs"):
        lagged_mutual_information(x, y, lags, nan_policy="raise")
    y[:] = NAN
    assert np.isnan(lagged_mutual_information(x, y, lags, nan_policy="omit")).all()


def test_samples_outside_are_dropped(series):
    x, y = series
    x[5], y[9] = INF, 1e300
    edges = np.linspace(-1, 1, 5)
    found = lagged_mutual_information(x, y, [0, 3], bins=edges)
    expected = [mutual_information(*pairs_at(x, y, lag), bins=edges) for lag in (0, 3)]
    assert found.tolist() == expected


@pytest.mark.parametrize(
    ("args", "kwargs", "error", "message"),
    [
        (([1, 2, 3], [1, 2, 3], 3), {}, ValueError, "lags must be shorter .* 3 samples, got .* 3"),
        (([1, 2, 3], [1, 2, 3], [0, -3]), {}, ValueError, "lags must be shorter .*got a lag of 3"),
        (([1, 2], [1, 2], 2**63), {}, ValueError, "lags must be shorter"),
        (([1, 2], [1, 2], -(2**63)), {}, ValueError, "lags must be shorter"),
        (([1, 2], [1, 2], 1.0), {}, TypeError, "lags must be integers, got dtype float64"),
        (([1, 2], [1, 2], True), {}, TypeError, "lags must be integers, got dtype bool"),
        (([1, 2], [1, 2], "1"), {}, TypeError, "lags must be integers"),
        (([1, 2], [1, 2], None), {}, TypeError, "lags must be integers"),
        (([1, 2], [1, 2], []), {}, ValueError, "lags must hold at least one lag"),
        (([1, 2], [1], 0), {}, ValueError, "x and y must have the same length"),
        (([], [], 0), {}, ValueError, "must hold at least one sample"),
        (([1, 2], [1, 2], 0), {"normalized": "mean"}, ValueError, "normalized must be one of"),
        (([1, 2], [1, 2], 0), {"nan_policy": "x"}, ValueError, "nan_policy must be one of"),
        (([1, 2], [1, 2], 0), {"correction": "x"}, ValueError, "correction must be one of"),
        (([1, 2], [1, 2], 0), {"base": 0}, ValueError, "`base` must be a positive number"),
        (([1, 2], [1, 2], 0), {"sample_weight": [1, -1]}, ValueError, "must not hold negative"),
        (([1.0, 2], [1, 2], 0), {"bins": -1}, ValueError, "must be positive, when an integer"),
        (([1.0, 2], [1, 2], 0), {"strategy": "x"}, ValueError, "strategy must be one of"),
        (([1.0, 2], [1, 2], 0), {"range": [[0, 1]]}, ValueError, "range must .* each variable"),
    ],
)
def test_bad_input_of_lagged_information(args, kwargs, error, message):
    with pytest.raises(error, match=message):
        lagged_mutual_information(*args, **kwargs)


# Transfer entropy


#: The examples in PyInform's documentation of transfer entropy, in bits.
PYINFORM = ([0, 1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 1, 1, 0, 0, 0])


def test_published_values():
    xs, ys = PYINFORM
    assert transfer_entropy(xs, ys, history=2, base=2) == close(0.6792696431662097)
    assert transfer_entropy(ys, xs, history=2, base=2) == close(0.0)


def test_a_copy_one_step_later_transfers_its_entropy(rng):
    source = rng.integers(0, 2, 5001)
    target = np.concatenate([[0], source[:-1]])
    found = transfer_entropy(source, target)
    assert found == close(
        twins.entropy_of_rows(source[:-1], target[:-1]) - twins.entropy_of_rows(target[:-1])
    )
    assert found == pytest.approx(math.log(2), abs=1e-3)
    assert transfer_entropy(target, source) < 1e-3
    late = np.concatenate([[0, 0], target[:-2]])  # three steps behind the source
    assert transfer_entropy(source, late, lag=3, base=2) == pytest.approx(1, abs=2e-3)
    assert transfer_entropy(source, late, lag=2, base=2) < 2e-3
    assert transfer_entropy(source, late, lag=1, source_history=3, base=2) == pytest.approx(
        1, abs=1e-2
    )


def test_xor_of_two_past_values_needs_both(rng):
    source = rng.integers(0, 2, 20_000)
    target = np.zeros(20_000, int)
    target[2:] = source[1:-1] ^ source[:-2]
    assert transfer_entropy(source, target, base=2) < 1e-3
    assert transfer_entropy(source, target, source_history=2, base=2) == pytest.approx(1, abs=2e-3)
    # its own last value and one of the source's are enough, too: they name the other
    target = np.zeros(20_000, int)
    for t in range(1, 20_000):
        target[t] = target[t - 1] ^ source[t - 1]
    assert transfer_entropy(source, target, history=0, base=2) < 1e-3
    assert transfer_entropy(source, target, history=1, base=2) == pytest.approx(1, abs=1e-3)


def test_autoregression_of_normal_numbers(rng):
    # y[t] = a y[t-1] + b x[t-1] + noise: log(1 + b**2) / 2
    n, a, b = 300_000, 0.5, 0.8
    x, noise = rng.normal(size=(2, n))
    y = np.zeros(n)
    for t in range(1, n):
        y[t] = a * y[t - 1] + b * x[t - 1] + noise[t]
    exact = math.log(1 + b * b) / 2
    options = {"bins": 24, "strategy": "quantile", "correction": "miller-madow"}
    assert transfer_entropy(x, y, **options) == pytest.approx(exact, rel=0.05)
    assert transfer_entropy(y, x, **options) < 0.005


short_series = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=8, max_size=60)


@given(short_series, st.integers(0, 3), st.integers(1, 3), st.integers(1, 4))
def test_transfer_entropy_is_the_twin(rows, history, source_history, lag):
    source, target = np.array(rows).T
    options = {"history": history, "source_history": source_history, "lag": lag}
    expected = twins.transfer_entropy(source.tolist(), target.tolist(), **options)
    found = transfer_entropy(source, target, **options)
    assert found == close(expected)
    assert found >= 0
    names = np.array(["b", "c", "a"])
    assert transfer_entropy(names[source], -target, **options) == close(expected)


def test_no_history_is_lagged_information(series):
    x, y = series
    found = transfer_entropy(x, y, history=0, lag=3)
    assert found == close(lagged_mutual_information(x, y, 3, bins=8))


def test_one_past_value_is_conditional_information(rng):
    x, y = rng.integers(0, 4, (2, 500))
    expected = conditional_mutual_information(y[1:], x[:-1], y[:-1])
    assert transfer_entropy(x, y) == close(expected)
    for correction in ("miller-madow", "grassberger", "shrinkage", 0.5):
        found = transfer_entropy(x, y, correction=correction, base=2)
        expected = conditional_mutual_information(
            y[1:], x[:-1], y[:-1], correction=correction, base=2
        )
        assert found == close(expected)


def test_floats_are_binned_eight_each_over_the_whole_series(series):
    x, y = series
    for options, edges in (
        ({}, [np.quantile(v, np.linspace(0, 1, 9)) for v in (x, y)]),
        ({"strategy": "uniform"}, [np.linspace(v.min(), v.max(), 9) for v in (x, y)]),
    ):
        codes = [pairs.codes_among(v, e).tolist() for v, e in zip((x, y), edges, strict=True)]
        assert transfer_entropy(x, y, **options) == close(twins.transfer_entropy(*codes))
        found = transfer_entropy(x, y, history=2, source_history=2, lag=2, **options)
        assert found == close(twins.transfer_entropy(*codes, 2, 2, 2))
    edges = np.linspace(-9, 9, 6)
    codes = [pairs.codes_among(x, edges).tolist(), (y > 0).tolist()]
    found = transfer_entropy(x, y > 0, bins=[edges, 3])
    assert found == close(twins.transfer_entropy(*codes))


@pytest.mark.parametrize(("history", "least"), [(1, 0.1), (2, 0.3), (3, 0.3), (4, 0.1)])
def test_pasts_that_give_mostly_chance_are_warned_of(rng, history, least):
    x, y = rng.normal(size=(2, 1000))
    match = "pasts of source and target have 8 x 8 x .* what chance alone gives"
    with pytest.warns(UserWarning, match=match) as caught:
        assert transfer_entropy(x, y, history=history) > least
    assert [each.filename for each in caught] == [__file__]
    assert transfer_entropy(x, y, history=history, correction="nsb") < 0.1


def test_lags_that_leave_few_pairs_are_warned_of(rng):
    x, y = rng.normal(size=(2, 1000))
    with pytest.warns(
        UserWarning, match="more pairs of values than samples at lags -980, 990: chance"
    ) as caught:
        found = lagged_mutual_information(x, y, [-980, 0, 1, 990])
    assert [each.filename for each in caught] == [__file__]
    assert (found[[0, 3]] > 0.5).all()
    assert (found[[1, 2]] < 0.1).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lagged_mutual_information(x, y, [-980, 990], correction="chance")
        lagged_mutual_information(x, x, [0, 1, 2])
        lagged_mutual_information(x[:20], y[:20], [15])


def test_long_histories_keep_the_states_that_occur(rng):
    x, y = rng.integers(0, 9, (2, 2000))
    y[1::2] = y[::2]
    found = transfer_entropy(x, y, history=12, source_history=3)
    assert found == close(twins.transfer_entropy(x.tolist(), y.tolist(), 12, 3))


def test_missing_samples_take_out_what_they_take_part_in(rng):
    x, y = rng.integers(0, 3, (2, 300)).astype(float)
    x[50], y[120], y[299] = NAN, NAN, NAN
    options = {"discrete": True, "history": 2}
    assert math.isnan(transfer_entropy(x, y, **options))
    with pytest.raises(ValueError, match=r"nan values: source and target .* got 5 incomplete rows"):
        transfer_entropy(x, y, nan_policy="raise", **options)
    t = np.array([t for t in range(2, 300) if t not in (51, 120, 121, 122, 299)])
    pasts = np.column_stack([y[t - 1], y[t - 2]])
    expected = conditional_mutual_information(y[t], x[t - 1], pasts, discrete=True)
    assert transfer_entropy(x, y, nan_policy="omit", **options) == close(expected)
    # a sample that takes part in nothing
    x = rng.normal(size=50)
    y = rng.normal(size=50)
    x[-1] = NAN
    assert transfer_entropy(x, y) >= 0
    assert math.isnan(transfer_entropy(x, y[::-1] * NAN, nan_policy="omit"))


def test_weights_go_by_the_time_of_the_prediction(rng):
    x, y = rng.integers(0, 3, (2, 400))
    w = rng.integers(0, 3, 400)
    t = np.arange(1, 400)
    expected = conditional_mutual_information(y[t], x[t - 1], y[t - 1], sample_weight=w[t])
    assert transfer_entropy(x, y, sample_weight=w) == close(expected)
    w[0] = 100
    assert transfer_entropy(x, y, sample_weight=w) == close(expected)
    assert math.isnan(transfer_entropy(x, y, sample_weight=np.zeros(400)))


def test_samples_outside_take_out_what_they_take_part_in(rng):
    x, y = rng.integers(0, 3, (2, 300)).astype(float)
    y[100] = 99.0
    edges = np.arange(4.0)
    t = np.array([t for t in range(1, 300) if t not in (100, 101)])
    expected = conditional_mutual_information(y[t], x[t - 1], y[t - 1], discrete=True)
    assert transfer_entropy(x, y, bins=edges) == close(expected)


def test_kinds_of_series(series):
    x, y = series
    expected = transfer_entropy(x, y)
    wide = np.column_stack([x, y])
    assert transfer_entropy(wide[:, 0], wide[:, 1:]) == expected
    assert transfer_entropy(pd.Series(x), pl.Series(y)) == expected
    assert transfer_entropy(x.tolist(), tuple(y)) == expected
    assert type(expected) is float
    x, y = (v.copy() for v in series)
    for v in (x, y):
        v.flags.writeable = False
    assert transfer_entropy(x, y) == expected
    with num_threads(3):
        assert transfer_entropy(x, y) == expected
    names = np.array(["lo", "hi"])
    labels = [names[(v > 0).astype(int)] for v in (x, y)]
    expected = transfer_entropy(x > 0, y > 0)
    assert transfer_entropy(*labels) == close(expected)
    assert transfer_entropy(pd.Series(labels[0]).astype("category"), labels[1]) == close(expected)


@pytest.mark.parametrize(
    ("args", "kwargs", "error", "message"),
    [
        (([1, 2], [1]), {}, ValueError, "source and target must have the same length, got 2 and 1"),
        (([], []), {}, ValueError, "source must hold at least one sample"),
        (([1j], [1]), {}, TypeError, "source must hold real numbers or labels"),
        (([1], [1]), {}, ValueError, "more than 1 samples, the number of steps .*got 1"),
        (
            ([1, 2], [1, 2]),
            {"history": 2},
            ValueError,
            "more than 2 samples, the number of .*got 2 samples",
        ),
        (
            ([1, 2, 3], [1, 2, 3]),
            {"lag": 2, "source_history": 2},
            ValueError,
            "more than 3 samples",
        ),
        (([1, 2], [1, 2]), {"history": -1}, ValueError, "history must be an integer of at least 0"),
        (([1, 2], [1, 2]), {"history": 1.0}, TypeError, "history must be an integer"),
        (([1, 2], [1, 2]), {"source_history": 0}, ValueError, "source_history must .* at least 1"),
        (([1, 2], [1, 2]), {"lag": -1}, ValueError, "lag must be an integer of at least 0, got -1"),
        (([1, 2], [1, 2]), {"lag": True}, TypeError, "lag must be an integer"),
        ((["a", "b"], [1, 2]), {"discrete": False}, TypeError, "source must be real numbers"),
        (([1, 2], [1, 2]), {"base": 1}, ValueError, "base must also not be 1"),
        (([1, 2], [1, 2]), {"correction": "x"}, ValueError, "correction must be one of"),
        (([1, 2], [1, 2]), {"nan_policy": "x"}, ValueError, "nan_policy must be one of"),
        (([1.0, 2], [1, 2]), {"bins": 0}, ValueError, "must be positive, when an integer"),
        (([1, 2], [1, 2]), {"sample_weight": [1]}, ValueError, "each of the 2 samples"),
    ],
)
def test_bad_input_of_transfer_entropy(args, kwargs, error, message):
    with pytest.raises(error, match=message):
        transfer_entropy(*args, **kwargs)


def test_a_clock_is_warned_of(rng):
    time, x = np.arange(200), rng.integers(0, 3, 200)
    names = time.astype(str)
    for clock, what in ((time, "values, more than 32"), (names, "labels among 200 samples")):
        with pytest.warns(
            UserWarning, match=f"source has 200 different {what}|3 x 199 x 3"
        ) as caught:
            transfer_entropy(clock, x)
        assert {w.filename for w in caught} == {__file__}
        with pytest.warns(UserWarning, match=f"y has 200 different {what}") as caught:
            lagged_mutual_information(x, clock, [0, 1])
        assert [w.filename for w in caught] == [__file__]
    with pytest.warns(UserWarning, match="discrete={'source': True} takes it as labels"):
        found = transfer_entropy(time, x)
    assert found == transfer_entropy(time, x, discrete={"source": False})
    assert found == transfer_entropy(time / 1, x)
    with pytest.warns(UserWarning, match="discrete={'y': True} takes it as labels"):
        found = lagged_mutual_information(x, time, 3)
    assert found == lagged_mutual_information(x, time / 1, 3)
    assert found == lagged_mutual_information(x, time.astype("M8[h]"), 3, discrete={"y": False})
    transfer_entropy(time, x, discrete=(False, True))
