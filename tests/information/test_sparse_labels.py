"""scikit-learn's mutual information of sparse columns of labels."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import close, quiet

from fastinfo import mutual_info_classif, mutual_info_regression

sparse = pytest.importorskip("scipy.sparse")
pd = pytest.importorskip("pandas")
selection = pytest.importorskip("sklearn.feature_selection")

KINDS = {
    "counts": lambda counts, rng: counts,
    "int8": lambda counts, rng: (counts * rng.integers(-3, 4, counts.shape)).astype(np.int8),
    "bool": lambda counts, rng: counts > 0,
    "halves": lambda counts, rng: counts * 0.5,
    "negative zero": lambda counts, rng: counts * -0.0,
    "far apart": lambda counts, rng: counts * 2**60,
    "many": lambda counts, rng: counts * rng.integers(0, 400, counts.shape),
}


@pytest.mark.parametrize("kind", KINDS)
def test_values_are_those_of_scikit_learn_and_of_an_array(kind, rng, threads):
    X = KINDS[kind](rng.poisson(0.4, (600, 5)), rng)
    y = rng.integers(0, 5, 600)
    wanted = mutual_info_classif(X, y, discrete_features=True)
    for other in (sparse.csr_array(X), sparse.csc_matrix(X), sparse.coo_array(X)):
        assert np.array_equal(mutual_info_classif(other, y), wanted)
        assert np.array_equal(mutual_info_classif(other, y, discrete_features=True), wanted)
        assert wanted == close(quiet(selection.mutual_info_classif, other, y))


def test_regression(rng):
    X = sparse.csr_array(rng.poisson(0.4, (200, 4)))
    y = rng.normal(size=200)
    found = mutual_info_regression(X, y, random_state=0)
    assert found == close(selection.mutual_info_regression(X, y, random_state=0), rel=1e-9)


def test_frames_whose_columns_are_all_sparse_are_sparse_matrices(rng):
    X, y = rng.poisson(0.4, (200, 4)), rng.integers(0, 3, 200)
    frame = pd.DataFrame(X, columns=list("abcd")).astype("Sparse[int]")
    frame["b"] = frame["b"].astype(pd.SparseDtype(float, 0.0))
    wanted = mutual_info_classif(X, y, discrete_features=True)
    assert np.array_equal(mutual_info_classif(frame, y), wanted)
    assert wanted == close(quiet(selection.mutual_info_classif, frame, y))
    frame["a"] = frame["a"].sparse.to_dense()  # of some sparse columns, all are numbers
    found = mutual_info_classif(frame, y, random_state=0)
    assert found == close(mutual_info_classif(X, y, random_state=0))


def test_a_target_of_very_many_classes(rng):
    X = rng.integers(0, 40, (3000, 2)) * (rng.random((3000, 2)) < 0.3)
    y = np.arange(3000) // 2
    assert np.array_equal(
        mutual_info_classif(sparse.csr_array(X), y),
        mutual_info_classif(X, y, discrete_features=True),
    )


def test_more_columns_than_are_counted_at_a_time(rng, monkeypatch):
    monkeypatch.setattr("fastinfo.information.columns_and_target.sparse_labels._STORED", 100)
    X, y = rng.poisson(0.2, (200, 30)), rng.integers(0, 3, 200)
    X[:, 10:15] = 0
    assert np.array_equal(
        mutual_info_classif(sparse.csr_array(X), y),
        mutual_info_classif(X, y, discrete_features=True),
    )


@pytest.mark.parametrize("function", [mutual_info_classif, mutual_info_regression])
def test_what_is_refused(function):
    y, X = np.array([0, 1, 0, 1, 1]), sparse.csr_array(np.eye(5))
    for discrete in (False, [True] * 4 + [False], [0, 1]):
        with pytest.raises(ValueError, match=r"Sparse matrix `X` can't have continuous features\."):
            function(X, y, discrete_features=discrete)
    odd = X.copy()
    odd.data[1] = np.nan
    with pytest.raises(ValueError, match="Input X contains NaN"):
        function(odd, y)
    with pytest.raises(ValueError, match="at least one sample and one column"):
        function(sparse.csr_array((5, 0)), y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        function(X, y[:3])
    with pytest.raises(TypeError, match="X must be an array of real numbers"):
        function(X * 1j, y)
    with pytest.raises(ValueError, match="X must be two-dimensional"):
        function(sparse.coo_array(np.arange(5)), y)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_target_with_missing_labels_is_refused(missing, rng):
    X, y = rng.poisson(0.4, (30, 3)), np.array(list("abc") * 10, object)
    y[[2, 7]] = missing
    for data in (X, sparse.csr_array(X)):
        with pytest.raises(ValueError, match=r"Input y contains NaN: y must hold a label .*got 2"):
            mutual_info_classif(data, y, discrete_features=True)
