"""Scores of labelings: scikit-learn's values, edge cases and errors; exact zeros and ones."""

import math
import warnings

import mpmath
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics.cluster import contingency_matrix

import fastinfo
from fastinfo import (
    adjusted_mutual_info_score,
    completeness_score,
    homogeneity_completeness_v_measure,
    homogeneity_score,
    mutual_info_score,
    normalized_mutual_info_score,
    num_threads,
    v_measure_score,
)

NAMES = [
    "mutual_info_score",
    "normalized_mutual_info_score",
    "adjusted_mutual_info_score",
    "homogeneity_score",
    "completeness_score",
    "v_measure_score",
]
SCORES = NAMES[1:]
METHODS = ["arithmetic", "geometric", "min", "max"]
A = np.repeat([1, 2, 3], [6, 6, 5])
B = np.array([1, 1, 1, 1, 2, 1, 2, 2, 2, 2, 3, 1, 3, 3, 3, 2, 2])

each_score = pytest.mark.parametrize("name", SCORES)
each_method = pytest.mark.parametrize("method", METHODS)


def score(name):
    return getattr(fastinfo, name)


def assert_as_sklearn(x, y, x_ours=None, y_ours=None, *, tolerance=1e-12):
    """Every score of every mean; labels may reach scikit-learn in a form that it takes."""
    x_ours = x if x_ours is None else x_ours
    y_ours = y if y_ours is None else y_ours
    for name in NAMES:
        means = METHODS if name.startswith(("norm", "adj")) else [None]
        for method in means:
            given = {} if method is None else {"average_method": method}
            expected = getattr(sklearn.metrics, name)(x, y, **given)
            found = score(name)(x_ours, y_ours, **given)
            assert type(found) is float
            assert found == pytest.approx(expected, rel=tolerance, abs=tolerance), (name, method)


def joint(table):
    """Labels with this table of counts."""
    table = np.asarray(table)
    rows, columns = np.nonzero(table)
    times = table[rows, columns]
    return np.repeat(rows, times), np.repeat(columns, times)


# Values


def test_published_values():
    assert mutual_info_score(A, B) == pytest.approx(0.41022, abs=5e-6)
    assert adjusted_mutual_info_score(A, B) == pytest.approx(0.27821, abs=5e-6)
    assert adjusted_mutual_info_score(np.tile(A, 110), np.tile(B, 110)) == pytest.approx(
        0.38, abs=5e-3
    )
    found = homogeneity_completeness_v_measure([0, 0, 1, 1, 2, 2], [0, 0, 1, 2, 2, 2])
    assert found == pytest.approx([0.71, 0.771, 0.74], abs=1e-3)


@pytest.mark.parametrize(
    ("true", "pred", "expected"),
    [
        ([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 2, 2], (1.00, 0.69, 0.81)),
        ([0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 1, 1], (0.58, 1.00, 0.73)),
        ([0, 0, 0, 1, 1, 1], [0, 1, 0, 1, 2, 2], (0.67, 0.42, 0.52)),
        ([0, 0, 0, 2, 2, 2], [0, 4, 0, 4, 2, 2], (0.67, 0.42, 0.52)),
    ],
)
def test_homogeneity_completeness_and_v_measure(true, pred, expected):
    found = homogeneity_completeness_v_measure(true, pred)
    assert np.round(found, 2).tolist() == list(expected)
    assert found == (
        homogeneity_score(true, pred),
        completeness_score(true, pred),
        v_measure_score(true, pred),
    )
    reverse = homogeneity_completeness_v_measure(pred, true)
    assert reverse[:2] == pytest.approx(found[1::-1], rel=1e-15)


@pytest.mark.parametrize("beta", [0, 0.2, 1, True, 3.5, np.float32(2.0)])
def test_beta(beta):
    expected = sklearn.metrics.homogeneity_completeness_v_measure(A, B, beta=beta)
    assert homogeneity_completeness_v_measure(A, B, beta=beta) == pytest.approx(expected)
    assert v_measure_score(A, B, beta=beta) == pytest.approx(expected[2])
    h, c, v = homogeneity_completeness_v_measure([0, 0], [0, 1], beta=0)
    assert (h, c, v) == (1.0, 0.0, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(2, 2), (3, 17), (40, 30), (200, 150)])
def test_random_labels(shape, rng):
    x, y = (rng.integers(0, k, 3000) for k in shape)
    assert_as_sklearn(x, y, tolerance=1e-10)
    assert_as_sklearn(x, np.where(rng.random(3000) < 0.8, x, y), tolerance=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 5, 300])
def test_labels_of_any_kind(n, rng):
    x, y = rng.integers(-3, 4, n), rng.integers(0, 3, n)
    words = np.array(["b", "a", "c"])[y]
    for x_ours, y_ours in (
        (x.astype("i1"), y.astype(">u8")),
        (x.tolist(), tuple(y.tolist())),
        (x * 10**15, y.astype(float)),
        (x, words),
        (x.astype(str), words.astype("S")),
        (x.astype(object), words.astype(object)),
        (pd.Series(x), pd.Series(words, dtype="category")),
        (pl.Series(x), pl.Series(words.tolist(), dtype=pl.Categorical)),
        (x.astype("M8[D]"), y.astype("m8[s]")),
        (np.repeat(x, 2)[::2], np.repeat(y, 3)[::-3][::-1]),
    ):
        assert_as_sklearn(x, y, x_ours, y_ours)


def test_one_boolean_column(rng):
    x = rng.integers(0, 2, 100).astype(bool)
    assert_as_sklearn(x, rng.integers(0, 5, 100))
    assert_as_sklearn(x, ~x)


@given(
    st.lists(st.tuples(st.integers(-2, 3), st.sampled_from([-(10**18), 0, 1, 7])), min_size=1),
    st.sampled_from(METHODS),
)
def test_any_labels(pairs, method):
    x, y = (np.array([pair[i] for pair in pairs]) for i in range(2))
    assert mutual_info_score(x, y) == pytest.approx(
        sklearn.metrics.mutual_info_score(x, y), abs=1e-13
    )
    assert normalized_mutual_info_score(x, y, average_method=method) == pytest.approx(
        sklearn.metrics.normalized_mutual_info_score(x, y, average_method=method), abs=1e-12
    )
    found = adjusted_mutual_info_score(x, y, average_method=method)
    assert found <= 1.0
    n, kx, ky = len(pairs), np.unique(x).size, np.unique(y).size
    if max(kx, ky) < n:
        expected = sklearn.metrics.adjusted_mutual_info_score(x, y, average_method=method)
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("levels", [100, 300])
def test_ranges_that_the_first_samples_do_not_show(levels, rng):
    """Labels that grow: wherever the range ends, every one is counted."""
    x = np.sort(rng.integers(0, levels, 100_000))
    y = rng.integers(0, 5, x.size)
    x[77_777] = levels + 31  # of which no sample of the labels tells
    y[-1] = -4
    expected = contingency_matrix(x, y)
    value = sklearn.metrics.mutual_info_score(None, None, contingency=expected)
    found = []
    for threads in (1, 3):
        with num_threads(threads):
            found.append(mutual_info_score(x, y))
    assert found[0] == found[1] == pytest.approx(value, rel=1e-12)
    assert mutual_info_score(y, x) == pytest.approx(value, rel=1e-12)


def test_tables_past_memory(rng):
    """50,000 x 40,000 levels: only occupied cells are kept."""
    x, y = rng.integers(0, 50_000, 90_000), rng.integers(0, 40_000, 90_000)
    expected = sklearn.metrics.mutual_info_score(x, y)
    assert mutual_info_score(x, y) == pytest.approx(expected, rel=1e-12)
    h = sklearn.metrics.homogeneity_score(x, y)
    assert homogeneity_score(x, y) == pytest.approx(h, rel=1e-12)
    # Independent of scikit-learn's sum of 2 * 10**9 pairs of clusters: by cluster sizes.
    assert abs(adjusted_mutual_info_score(x, y)) < 2e-3
    assert adjusted_mutual_info_score(x, x) == 1.0


def test_counts_whose_products_are_past_int64():
    table = np.array([[52632, 2529], [14660, 793], [3271, 204], [814, 39], [316, 20]])
    expected = sklearn.metrics.mutual_info_score(None, None, contingency=table)
    assert mutual_info_score(*joint(table)) == pytest.approx(expected, rel=1e-10)
    large = table * 10**13
    assert mutual_info_score(None, None, contingency=large) == pytest.approx(expected, rel=1e-10)


# Exactness


@pytest.mark.parametrize(
    ("rows", "columns"),
    [([1, 2, 3], [4, 5]), ([7, 11, 13], [3, 17, 29]), ([1, 10**6], [1, 3, 7]), ([3] * 9, [5] * 7)],
)
def test_independent_labels_share_exactly_nothing(rows, columns):
    table = np.outer(rows, columns)
    assert mutual_info_score(None, None, contingency=table) == 0.0
    if table.sum() < 10**6:
        x, y = joint(table)
        assert mutual_info_score(x, y) == 0.0
        assert normalized_mutual_info_score(x, y) == 0.0
        assert homogeneity_completeness_v_measure(x, y) == (0.0, 0.0, 0.0)


@given(st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=6))
def test_symmetric_and_the_same_for_permuted_labels(table):
    table = np.array(table)
    if not table.sum():
        return
    n = table.sum()
    with mpmath.workdps(30):
        marginals = [table.sum(axis=1), table.sum(axis=0)]
        h = float(
            -sum(
                mpmath.mpf(int(c)) / int(n) * mpmath.log(mpmath.mpf(int(c)) / int(n))
                for counts in marginals
                for c in counts[counts > 0]
            )
        )
    bound = 2 * np.spacing(max(h, 1e-300))
    value = mutual_info_score(None, None, contingency=table)
    assert value >= 0.0
    for other in (table.T, table[::-1], table[:, ::-1], table[np.argsort(table[:, 0])]):
        assert abs(mutual_info_score(None, None, contingency=other) - value) <= bound


@each_score
def test_scores_do_not_depend_on_threads(name, rng):
    x, y = rng.integers(0, 9, 300_000), rng.integers(0, 7, 300_000)
    with num_threads(1):
        expected = score(name)(x, y)
    with num_threads(3):
        assert score(name)(x, y) == expected


def test_labels_stay_as_they_are(rng):
    x, y = rng.integers(0, 9, 100), np.array(["a", "b"])[rng.integers(0, 2, 100)]
    before = x.copy(), y.copy()
    x.flags.writeable = y.flags.writeable = False
    for name in NAMES:
        score(name)(x, y)
    assert (x == before[0]).all()
    assert (y == before[1]).all()


# Trivial partitions


@each_score
@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([], []),
        ([0], [1]),
        ([0, 0, 0], [0, 0, 0]),
        ([0, 1, 0], [42, 7, 42]),
        ([0.0, 1.0, 2.0], [42.0, 7.0, 2.0]),
        ([0, 1], [0, 1]),
        ([0, 1, 2, 3], [0, 1, 2, 3]),
        (list(range(1000)), list(range(1000, 2000))),
        (["a", "a", "b", "c"], [5, 5, -1, 8]),
    ],
)
def test_perfect_matches(name, x, y):
    assert score(name)(x, y) == 1.0
    if name.startswith(("norm", "adj")):
        for method in METHODS:
            assert score(name)(x, y, average_method=method) == 1.0


@each_method
def test_one_cluster_against_several(method):
    for n in (2, 10, 1000):
        one, each = np.ones(n, int), np.arange(n)
        for x, y in ((one, each), (each, one), (one, each // 2 if n > 2 else each)):
            assert mutual_info_score(x, y) == 0.0
            assert normalized_mutual_info_score(x, y, average_method=method) == 0.0
            assert adjusted_mutual_info_score(x, y, average_method=method) == 0.0
            assert v_measure_score(x, y) == 0.0


@pytest.mark.parametrize("n", [4, 50, 1001])
def test_each_sample_a_cluster_of_its_own(n):
    """Chance cannot change the mutual information: 0, or the limit 1 where that is the mean too."""
    each, some = np.arange(n), np.arange(n) // 2
    for x, y in ((each, some), (some, each)):
        for method in ("arithmetic", "geometric", "max"):
            assert adjusted_mutual_info_score(x, y, average_method=method) == 0.0
        assert adjusted_mutual_info_score(x, y, average_method="min") == 1.0
    assert homogeneity_score(some, each) == completeness_score(each, some) == 1.0


def test_no_samples_share_no_information():
    with pytest.raises(ValueError, match="math domain error: labels_true must hold at least one"):
        mutual_info_score([], [])


# Contingency matrices


@pytest.mark.parametrize(
    "kind",
    [np.asarray, list, sp.csr_array, sp.csc_matrix, sp.coo_array, sp.lil_matrix, sp.dok_array],
)
def test_contingency_matrices(kind, rng):
    table = rng.integers(0, 5, (7, 4))
    table[2] = 0
    expected = sklearn.metrics.mutual_info_score(None, None, contingency=table)
    found = mutual_info_score(None, None, contingency=kind(table))
    assert found == pytest.approx(expected, rel=1e-12)
    assert mutual_info_score("ignored", 5, contingency=kind(table)) == found


def test_sparse_matrices_with_repeated_entries_stay_as_they_are():
    rows, columns, counts = [0, 0, 1, 1, 0], [0, 0, 1, 0, 1], [1, 2, 4, 0, 1]
    coo = sp.coo_array((counts, (rows, columns)), shape=(3, 2))
    csr = sp.csr_array((np.array([1, 2, 1, 4]), np.array([0, 0, 1, 1]), np.array([0, 3, 4, 4])))
    expected = mutual_info_score(None, None, contingency=[[3, 1], [0, 4]])
    for matrix in (coo, csr):
        n = matrix.nnz
        assert mutual_info_score(None, None, contingency=matrix) == pytest.approx(
            expected, rel=1e-15
        )
        assert matrix.nnz == n


def test_contingency_matrices_of_weights():
    table = np.array([[0.5, 0.25], [1.0, 3.0]])
    expected = mutual_info_score(None, None, contingency=(4 * table).astype(int))
    for matrix in (table, sp.csr_array(table), table.astype("f4")):
        assert mutual_info_score(None, None, contingency=matrix) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("contingency", "error", "message"),
    [
        ([1, 2], ValueError, "Expected 2D array, got 1D array instead"),
        ([], ValueError, "Expected 2D array, got 1D array instead"),
        (
            [[]],
            ValueError,
            r"Found array with 0 feature\(s\) \(shape=\(1, 0\)\) while a minimum of",
        ),
        ([[math.nan, 1], [1, 1]], ValueError, r"Input contains NaN\. contingency must hold finite"),
        ([[math.inf, 1], [1, 1]], ValueError, "Input contains infinity"),
        ([[-1, 2], [3, 4]], ValueError, "contingency must not hold negative counts, got -1"),
        ([[0, 0], [0, 0]], ValueError, "math domain error: contingency must hold at least one"),
        (sp.csr_array((2, 2)), ValueError, "math domain error"),
        (sp.csr_array([[math.nan, 1.0]]), ValueError, "Input contains NaN"),
        ([["a", "b"]], TypeError, "contingency must hold counts, got dtype"),
        ([[1j, 2]], TypeError, "contingency must hold counts, got dtype complex128"),
    ],
)
def test_bad_contingency_matrices(contingency, error, message):
    with pytest.raises(error, match=message):
        mutual_info_score(None, None, contingency=contingency)


# Bad labels


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        ([0, 1], [1, 1, 1], ValueError, r"inconsistent numbers of samples: \[2, 3\]"),
        ([], [1], ValueError, r"inconsistent numbers of samples: \[0, 1\]"),
        ([[0, 1], [1, 0]], [1, 1, 1], ValueError, r"labels_true must be 1D: shape is \(2"),
        ([0, 1, 0], [[1, 1], [0, 0]], ValueError, r"labels_pred must be 1D: shape is \(2"),
        ([[0], [1]], [0, 1], ValueError, r"labels_true must be 1D: shape is \(2, 1\)"),
        (np.array(3), [0], ValueError, r"labels_true must be 1D: shape is \(\)"),
        ([0.0, math.nan], [0, 1], ValueError, r"Input contains NaN\. labels_true must have no"),
        ([0, 1], np.array(["a", None], object), ValueError, r"Input contains NaN\. labels_pred"),
        (pd.Series(["a", None], dtype="category"), [0, 1], ValueError, "Input contains NaN"),
        (pd.Series([1, None], dtype="Int64"), [0, 1], ValueError, "Input contains NaN"),
        (np.array(["2020", "NaT"], "M8[Y]"), [0, 1], ValueError, "Input contains NaN"),
        ([0.0, math.inf], [0, 1], ValueError, "Input contains infinity or a value too large for"),
        ([1j, 2], [0, 1], TypeError, "Complex data not supported"),
        ([[1], {}], [0, 1], (TypeError, ValueError), "labels_true must|labels must be hashable"),
        (3, [1], ValueError, "'labels_true' parameter of .* must be an array-like.*Got 3 instead"),
        ([0, 1], "ab", ValueError, "'labels_pred' parameter of .* must be an array-like.*'ab'"),
        (None, [1], ValueError, "'labels_true' parameter of .* must be an array-like.*None"),
    ],
)
def test_bad_labels(name, x, y, error, message):
    with pytest.raises(error, match=message):
        score(name)(x, y)


@pytest.mark.parametrize("method", ["median", None, "Min", 3, "joint"])
def test_unknown_means(method):
    for name in SCORES[:2]:
        with pytest.raises(
            ValueError,
            match=f"The 'average_method' parameter of {name} must be a str among "
            r"{'arithmetic', 'geometric', 'max', 'min'}\. Got",
        ):
            score(name)([0, 1], [0, 1], average_method=method)


@pytest.mark.parametrize("beta", [-1, math.nan, math.inf, "a", None, 1j])
def test_bad_beta(beta):
    for function in (v_measure_score, homogeneity_completeness_v_measure):
        with pytest.raises(
            (ValueError, TypeError),
            match=rf"The 'beta' parameter of {function.__name__} must be a float in the range \[0",
        ):
            function([0, 1], [0, 1], beta=beta)


# Warnings


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([0.5, 1.2, 3.0], [0, 1, 1]),
        ([0, 1, 2], np.array([0.5, 1, 1], "f4")),
        ([0.5, 1.2, 3.0], [0.25, 1, 2]),
        (["a", "b", "c"], [0.5, 1, 1]),
    ],
)
def test_numbers_that_are_not_whole_warn_as_in_scikit_learn(name, x, y):
    with pytest.warns(UserWarning, match="Clustering metrics expects discrete values") as expected:
        getattr(sklearn.metrics, name)(x, y)
    with pytest.warns(UserWarning, match="Clustering metrics expects discrete values") as found:
        score(name)(x, y)
    assert str(found[0].message) == str(expected[0].message)
    assert len(found) == 1
    assert found[0].filename == __file__


def test_ids_do_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x = np.arange(1000)
        assert adjusted_mutual_info_score(x, x // 2 * 1.0) == 0.0
        assert mutual_info_score(x, x) == pytest.approx(math.log(1000), rel=1e-14)
