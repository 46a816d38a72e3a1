"""mutual_info_regression and mutual_info_classif: scikit-learn's answers, and its errors."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from sklearn import feature_selection as theirs

from fastinfo import mutual_info_classif, mutual_info_regression, num_threads

pytestmark = pytest.mark.filterwarnings("ignore:Clustering metrics expects discrete")

MASK = [False, True, True, False, False, False]


@pytest.fixture
def columns(rng):
    """Columns of several kinds: free, of labels, with ties, the same, constant, far from 0."""

    def make(n):
        X = rng.normal(size=(n, 6))
        X[:, 1] = rng.integers(0, 4, n)
        X[:, 2] = np.round(X[:, 2], 1)
        X[:, 4] = 5.0
        X[:, 5] = X[:, 0] * 1e-3 + 1e5
        return X, X[:, 0] + rng.normal(size=n), rng.integers(0, 3, n)

    return make


def same(found, expected):
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("n", [9, 30, 400, 2000])
@pytest.mark.parametrize("k", [1, 3, 4])
@pytest.mark.parametrize("discrete", ["auto", False, [1], [1, 2], MASK])
def test_scikit_learn_s_answers(n, k, discrete, columns):
    X, y, classes = columns(n)
    options = {"discrete_features": discrete, "n_neighbors": k, "random_state": 3}
    expected = theirs.mutual_info_regression(X, y, **options)
    for A in (X, np.asfortranarray(X), X.tolist()):
        same(mutual_info_regression(A, y, **options), expected)
    rough = np.round(y)
    same(
        mutual_info_regression(X, rough, **options),
        theirs.mutual_info_regression(X, rough, **options),
    )
    classes[0] = 7  # a class with one member
    expected = theirs.mutual_info_classif(X, classes, **options)
    for labels in (classes, classes.astype(float), classes.astype(str)):
        same(mutual_info_classif(X, labels, **options), expected)


def test_float32_and_integers(columns):
    X, y, classes = columns(300)
    for dtype in (np.float32, np.float16):
        A, b = X[:, :4].astype(dtype), y.astype(dtype)
        same(
            mutual_info_regression(A, b, random_state=1),
            theirs.mutual_info_regression(A, b, random_state=1),
        )
    integers = np.round(10 * X[:, :4]).astype(int)
    same(
        mutual_info_regression(integers, classes, random_state=1),
        theirs.mutual_info_regression(integers, classes, random_state=1),
    )


def test_labels_in_all_columns(rng):
    from scipy import sparse

    X, y = rng.integers(0, 4, (300, 3)), rng.integers(0, 3, 300)
    target = X[:, 0] + rng.normal(size=300)
    for make in (sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array):
        S = make(X)
        expected = theirs.mutual_info_classif(S, y, random_state=0)
        same(mutual_info_classif(S, y), expected)
        same(mutual_info_classif(X, y, discrete_features=True), expected)
        same(
            mutual_info_regression(S, target, random_state=0),
            theirs.mutual_info_regression(S, target, random_state=0),
        )
        with pytest.raises(ValueError, match="Sparse matrix `X` can't have continuous features"):
            mutual_info_classif(S, y, discrete_features=False)
    with pytest.raises(ValueError, match="X contains NaN"):
        mutual_info_classif(sparse.csr_matrix(np.array([[np.nan], [1.0]])), [0, 1])


def test_states_of_random_numbers(columns):
    X, y, _ = columns(200)
    for make in (lambda: 4, lambda: np.random.RandomState(4)):
        same(
            mutual_info_regression(X, y, random_state=make()),
            theirs.mutual_info_regression(X, y, random_state=make()),
        )
    state = np.random.get_state()  # noqa: NPY002
    try:
        np.random.seed(9)  # noqa: NPY002
        found = mutual_info_regression(X, y)
        np.random.seed(9)  # noqa: NPY002
        same(found, theirs.mutual_info_regression(X, y))
    finally:
        np.random.set_state(state)  # noqa: NPY002
    assert np.isfinite(mutual_info_regression(X, y, random_state=np.random.default_rng(0))).all()


@pytest.mark.slow
def test_columns_of_many_samples(columns):
    X, y, classes = columns(50_000)
    options = {"discrete_features": MASK, "random_state": 0}
    for count in (1, 7):
        with num_threads(count):
            same(
                mutual_info_regression(X, y, **options),
                theirs.mutual_info_regression(X, y, **options),
            )
            same(
                mutual_info_classif(X, classes, **options),
                theirs.mutual_info_classif(X, classes, **options),
            )


def test_select_k_best_takes_them(columns):
    X, y, classes = columns(500)
    for function, target in ((mutual_info_regression, y), (mutual_info_classif, classes)):
        selector = theirs.SelectKBest(function, k=2).fit(X, target)
        assert selector.transform(X).shape == (500, 2)
    assert 0 in theirs.SelectKBest(mutual_info_regression, k=2).fit(X, y).get_support(indices=True)


def test_classes_that_occur_once():
    x = np.arange(6.0)[:, None]
    assert mutual_info_classif(x, list("abcdef")) == [0.0]
    assert mutual_info_regression(x, x[:, 0], discrete_features=True) == [0.0]


def test_more_neighbors_than_a_class_has(rng):
    X, y = rng.normal(size=(30, 2)), np.arange(30) % 3
    expected = theirs.mutual_info_classif(X, y, n_neighbors=100, random_state=0)
    same(mutual_info_classif(X, y, n_neighbors=100, random_state=0), expected)
    same(mutual_info_classif(X, y, n_neighbors=2**70, random_state=0), expected)


@pytest.mark.parametrize(
    ("X", "y", "options", "message"),
    [
        (np.ones((5, 0)), np.ones(5), {}, "at least one sample and one column"),
        (np.ones(5), np.ones(5), {}, "Expected 2D array"),
        (np.ones((5, 1)), np.ones(4), {}, "inconsistent numbers of samples"),
        (np.ones((5, 1)), np.ones((5, 2)), {}, "y should be a 1d array"),
        (np.full((5, 1), np.nan), np.ones(5), {}, "Input X contains NaN"),
        (np.ones((5, 1)), np.full(5, np.inf), {}, "Input y contains infinity"),
        (np.ones((3, 1)), np.ones(3), {}, "Expected n_neighbors < n_samples_fit"),
        (np.ones((5, 1)), np.ones(5), {"n_neighbors": 0}, "n_neighbors must be an integer"),
        (np.ones((5, 1)), np.ones(5), {"discrete_features": "no"}, "Invalid string value for"),
        (np.ones((5, 1)), np.ones(5), {"discrete_features": [True, False]}, "one entry for each"),
        (np.ones((5, 1)), np.ones(5), {"discrete_features": [3]}, "places of the 1 columns"),
        (np.ones((5, 1)), np.ones(5), {"discrete_features": [0.5]}, "a mask or places"),
        (np.ones((5, 1)), np.ones(5), {"random_state": -1}, "random_state must be an integer"),
        (np.array([["a"]] * 5), np.ones(5), {}, "X must hold numbers"),
        (np.ones((5, 1)), ["a"] * 5, {}, "y must hold numbers"),
    ],
)
def test_bad_input(X, y, options, message):
    with pytest.raises(ValueError, match=message):
        mutual_info_regression(X, y, **options)


def test_bad_input_of_classes_and_types():
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        mutual_info_classif(np.ones((4, 1)), [0.5, 1.0, 2.0, 0.5])
    with pytest.raises(TypeError, match="X must be an array of real numbers"):
        mutual_info_regression(np.ones((5, 1)) * 1j, np.ones(5))
    with pytest.raises(TypeError, match="y must hold real numbers"):
        mutual_info_regression(np.ones((5, 1)), np.ones(5) * 1j)
    with pytest.raises(TypeError, match="n_neighbors must be an integer"):
        mutual_info_classif(np.ones((5, 1)), [0, 1, 0, 1, 0], n_neighbors=2.5)
    with pytest.raises(TypeError, match="random_state must be an integer"):
        mutual_info_classif(np.ones((5, 1)), [0, 1, 0, 1, 0], random_state="seed")


@pytest.mark.slow
def test_scikit_learn_need_not_be_there():
    program = (
        "import sys; sys.modules['sklearn'] = None; import numpy as np, fastinfo; "
        "x = np.arange(9.0); print(fastinfo.mutual_info_regression(x[:, None], x)[0] > 0.5)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.split() == ["True"], done.stderr
