"""Rows of pandas are paired by position; another order of the same labels is told."""

import warnings

import numpy as np
import pytest

import fastinfo

pd = pytest.importorskip("pandas")

N = 300
X = pd.DataFrame({"a": np.arange(N) % 7 * 0.5, "b": np.arange(N) % 3})
Y = (X["a"] > 1).rename("y")
SHUFFLED = Y.sample(frac=1, random_state=7)

CALLS = {
    "rank_features": lambda x, y: fastinfo.rank_features(X, y),
    "rank_features, ksg": lambda x, y: fastinfo.rank_features(X[["a"]], y, estimator="ksg"),
    "select_features": lambda x, y: fastinfo.select_features(X, y, 1),
    "sample_weight": lambda x, y: fastinfo.rank_features(X, "b", sample_weight=y),
    "mutual_information": fastinfo.mutual_information,
    "without bins": lambda x, y: fastinfo.mutual_information(x, y, estimator="ksg"),
    "conditional": lambda x, y: fastinfo.conditional_mutual_information(x, y, X["b"]),
    "permutation_test": lambda x, y: fastinfo.permutation_test(x, y, seed=1, n_permutations=9),
    "permutation_test, ksg": lambda x, y: fastinfo.permutation_test(
        x, y, seed=1, n_permutations=9, estimator="ksg", discrete=(False, True)
    ),
    "JointCounts": fastinfo.JointCounts.from_samples,
}


def said_of(call, y):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(X["a"], y)
    return [str(w.message) for w in caught if "another order" in str(w.message)]


@pytest.mark.parametrize("name", CALLS)
def test_another_order_of_the_same_rows_is_told_once(name):
    (said,) = said_of(CALLS[name], SHUFFLED)
    assert "same index in another order, and are paired by position. To pair them" in said


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    "y",
    [
        Y,
        SHUFFLED.reindex(X.index),
        SHUFFLED.to_numpy(),
        SHUFFLED.reset_index(drop=True),
        SHUFFLED.set_axis(range(N, 2 * N)),  # rows of other names
        SHUFFLED.set_axis([0] * N),
    ],
)
def test_all_else_is_not_told(name, y):
    assert said_of(CALLS[name], y) == []
