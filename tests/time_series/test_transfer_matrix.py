"""transfer_entropy_matrix against transfer_entropy, pair by pair."""

import functools
import math
import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from helpers import close, compiled, quiet

import fastinfo
from fastinfo import transfer_entropy, transfer_entropy_matrix

NAN = math.nan
pytestmark = pytest.mark.filterwarnings("ignore:.*chance alone gives")


def one_by_one(X, **options):
    X = np.asarray(X)
    f = X.shape[1]
    return np.array(
        [
            [
                0.0 if i == j else quiet(transfer_entropy, X[:, i], X[:, j], **options)
                for j in range(f)
            ]
            for i in range(f)
        ]
    )


def chain(rng, n=400, f=4, levels=2):
    """Each series follows the one before it."""
    X = rng.integers(0, levels, (n, f))
    for j in range(1, f):
        kept = rng.random(n - 1) < 0.7
        X[1:, j] = np.where(kept, X[:-1, j - 1], X[1:, j])
    return X


@pytest.mark.parametrize("levels", [2, 3, 5, 11])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"history": 0},
        {"history": 2, "lag": 2},
        {"source_history": 2},
        {"history": 3, "source_history": 3, "lag": 0},
    ],
)
def test_each_entry_is_the_transfer_entropy(levels, options, rng):
    X = chain(rng, levels=levels)
    found = transfer_entropy_matrix(X, **options)
    expected = one_by_one(X, **options)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
    assert (np.diagonal(found) == 0).all()
    for threads in (1, 3):
        with fastinfo.num_threads(threads):
            assert np.array_equal(transfer_entropy_matrix(X, **options), found)
    bits = transfer_entropy_matrix(X, base=2, **options)
    np.testing.assert_allclose(bits, expected / math.log(2), rtol=1e-12, atol=1e-14)


def test_levels_differ_by_column(rng):
    X = np.column_stack([rng.integers(0, k, 700) for k in (2, 3, 1, 7, 20, 32)])
    X[1:, 3] = X[:-1, 5] % 7
    with pytest.warns(UserWarning, match="x2"):  # a constant
        found = transfer_entropy_matrix(X)
    np.testing.assert_allclose(found, one_by_one(X), rtol=1e-12, atol=1e-14)
    assert found[5, 3] > 1


def test_numbers_are_binned(rng):
    X = rng.normal(size=(3000, 3))
    X[1:, 1] += X[:-1, 0]
    for options in ({}, {"bins": 3}, {"bins": 4, "strategy": "uniform"}, {"history": 2}):
        found = transfer_entropy_matrix(X, **options)
        np.testing.assert_allclose(found, one_by_one(X, **options), rtol=1e-12, atol=1e-14)
    each = transfer_entropy_matrix(X, bins=[2, 5, 20])
    assert each[0, 1] == close(quiet(transfer_entropy, X[:, 0], X[:, 1], bins=(2, 5)))
    assert each[2, 0] == close(quiet(transfer_entropy, X[:, 2], X[:, 0], bins=(20, 2)))
    assert np.array_equal(
        transfer_entropy_matrix(X, bins=["mi", 8, "mi"]), transfer_entropy_matrix(X)
    )


@pytest.mark.parametrize("correction", ["miller-madow", "shrinkage", "nsb", 0.5])
def test_corrections(correction, rng):
    X = chain(rng, 200, 3)
    found = transfer_entropy_matrix(X, correction=correction)
    np.testing.assert_allclose(found, one_by_one(X, correction=correction), rtol=1e-12, atol=1e-14)
    assert found.correction == correction


def test_missing_samples(rng):
    X = chain(rng, 300, 4).astype(float)
    X[7, 0] = X[100:110, 2] = NAN
    options = {"discrete": True}
    found = transfer_entropy_matrix(X, history=2, **options)
    expected = one_by_one(X, history=2, nan_policy="omit", **options)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
    lost = transfer_entropy_matrix(X, nan_policy="propagate", **options)
    assert np.isnan(lost).sum() == 16 - 4 - 2 + 2 - 2
    assert lost[1, 3] == transfer_entropy_matrix(X, **options)[1, 3]
    with pytest.raises(ValueError, match="nan values"):
        transfer_entropy_matrix(X, nan_policy="raise", **options)


def test_names(rng):
    X = chain(rng)
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    found = transfer_entropy_matrix(frame, base=2)
    assert found.names == found.names_y == ["a", "b", "c", "d"]
    assert found["a", "b"] == close(transfer_entropy(X[:, 0], X[:, 1], base=2))
    assert found["a", "b"] > 5 * found["b", "a"]
    assert found.T["b", "a"] == found["a", "b"]
    assert found.unit == "bits"
    assert not found.of_one_table
    best = found.pairs(1)[0]
    assert (best.x, best.y) in {("a", "b"), ("b", "c"), ("c", "d")}
    assert np.array_equal(pickle.loads(pickle.dumps(found)), found)
    mapping = {name: frame[name].to_numpy() for name in frame}
    assert np.array_equal(transfer_entropy_matrix(mapping, base=2), found)
    words = frame.replace({0: "no", 1: "yes"})
    np.testing.assert_allclose(transfer_entropy_matrix(words, base=2), found, atol=1e-14)


def note(calls, k, total):
    calls.append((k, total))


def test_progress_counts_all_pairs(rng):
    for options in ({}, {"correction": "miller-madow"}):
        calls: list[tuple[int, int]] = []
        take = functools.partial(note, calls)
        transfer_entropy_matrix(chain(rng), progress=take, **options)
        assert calls[-1] == (16, 16)
        assert calls == sorted(calls)


def test_inputs_are_not_written_to(rng):
    X = rng.normal(size=(100, 3))
    X.flags.writeable = False
    before = X.copy()
    transfer_entropy_matrix(X, bins=2)
    assert np.array_equal(X, before)


@compiled
def test_many_series_are_counted_by_planes(rng):
    X = rng.integers(0, 2, (70_000, 20)).astype(np.uint8)
    X[1:, 5] ^= X[:-1, 4]
    X[5::7, 3] = 1
    found = transfer_entropy_matrix(X)
    assert found[4, 5] < 1e-3 < found.max() + 1
    for i, j in [(4, 5), (3, 2), (2, 3), (19, 0)]:
        assert found[i, j] == close(transfer_entropy(X[:, i], X[:, j]))
    two = transfer_entropy_matrix(X, source_history=2)
    assert two[4, 5] == close(transfer_entropy(X[:, 4], X[:, 5], source_history=2))


@pytest.mark.filterwarnings("error")
def test_what_is_chance_is_told(rng):
    X = rng.normal(size=(300, 3))
    with pytest.warns(UserWarning, match=r"6 of 6 pairs of series .* 299 predictions") as caught:
        transfer_entropy_matrix(X)
    assert [each.filename for each in caught] == [__file__]
    transfer_entropy_matrix(X, bins=2)
    transfer_entropy_matrix(X, correction="nsb")
    transfer_entropy_matrix(rng.integers(0, 2, (300, 3)))


def test_columns_that_are_left_out_and_infinite(rng):
    X = rng.normal(size=(200, 2))
    X[3, 0] = math.inf
    with pytest.warns(UserWarning, match="infinite values"):
        found = transfer_entropy_matrix(X, bins=2)
    assert np.isfinite(found).all()
    a = X[:, 1]
    columns = pl.DataFrame({"a": a, "b": [[1]] * 200, "c": a[::-1].copy()})
    with pytest.warns(UserWarning, match="b"):
        found = transfer_entropy_matrix(columns, bins=2)
    assert found.names == ["a", "c"]


@pytest.mark.parametrize(
    ("X", "options", "error", "message"),
    [
        (np.zeros((1, 2)), {}, ValueError, "must have more than 1 samples, the number of steps"),
        (np.zeros((0, 2)), {}, ValueError, "X must have at least one row"),
        (np.zeros((5, 2)), {"history": 5}, ValueError, "got 5 samples for history=5"),
        (np.zeros((5, 2)), {"lag": -1}, ValueError, "lag must be an integer"),
        (np.zeros((5, 2)), {"correction": "chance"}, ValueError, "correction must not be 'chance'"),
        (np.zeros((5, 2)), {"discrete": {"no": True}}, ValueError, "no"),
        (3, {}, TypeError, "X"),
    ],
)
def test_bad_input(X, options, error, message):
    with pytest.raises(error, match=message):
        transfer_entropy_matrix(X, **options)


def test_labels_that_are_all_missing():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = fastinfo.transfer_entropy_matrix({"a": ["u", "v"] * 20, "b": [None] * 40})
    assert np.isnan(found["a", "b"])
    assert np.isnan(found["b", "a"])
