"""log_loss: scikit-learn's own cases, and scikit-learn itself."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastinfo
import fastinfo.streaming
from fastinfo.losses import log_loss

metrics = pytest.importorskip("sklearn.metrics")


def test_symbolic_labels():
    y = ["no", "no", "no", "yes", "yes", "yes"]
    p = np.array([[0.5, 0.5], [0.1, 0.9], [0.01, 0.99], [0.9, 0.1], [0.75, 0.25], [0.001, 0.999]])
    yes = np.array(y) == "yes"
    expected = -np.mean(np.log(np.where(yes, p[:, 1], 1 - p[:, 1])))
    assert log_loss(y, p) == pytest.approx(expected, rel=1e-14)
    assert log_loss(y, p[:, 1]) == pytest.approx(expected, rel=1e-14)
    assert log_loss(y, p[:, 1:]) == pytest.approx(expected, rel=1e-14)


def test_several_classes_and_the_sum():
    y, p = [1, 0, 2], [[0.2, 0.7, 0.1], [0.6, 0.2, 0.2], [0.6, 0.1, 0.3]]
    assert log_loss(y, p, normalize=True) == pytest.approx(0.6904911, abs=1e-7)
    assert log_loss(y * 2, p * 2, normalize=False) == pytest.approx(0.6904911 * 6, abs=1e-6)


def test_labels():
    p = [[0.3, 0.7], [0.6, 0.4], [0.4, 0.6], [0.7, 0.3]]
    assert log_loss(["ham", "spam", "spam", "ham"], p) == pytest.approx(0.7469410, abs=1e-7)
    score = np.array([[0.1, 0.9], [0.1, 0.9]])
    assert log_loss([2, 2], score, labels=[1, 2]) == pytest.approx(-np.log(0.9))
    p = [[0.7, 0.1, 0.2], [0.2, 0.7, 0.1], [0.1, 0.7, 0.2]]
    assert log_loss([1, 2, 2], p, labels=[1, 2, 3]) == pytest.approx(-np.log(0.7))


@pytest.mark.parametrize(
    ("message", "y", "p", "labels"),
    [
        (
            "y_true and y_prob contain different number of classes: 3 vs 2. Please provide the "
            "true "
            "labels explicitly through the labels argument. Classes found in y_true: [0 1 2]",
            [1, 0, 2],
            [[0.3, 0.7], [0.6, 0.4], [0.4, 0.6]],
            None,
        ),
        (
            "y_true contains values {'b'} not belonging to the passed labels ['a', 'c', 'd'].",
            ["a", "b", "c"],
            [[0.9, 0.1, 0.0], [0.1, 0.9, 0.0], [0.1, 0.1, 0.8]],
            ["a", "c", "d"],
        ),
        (
            "y_true contains only one label (2). Please provide the list of all "
            "expected class labels explicitly through the labels argument.",
            [2, 2],
            [[0.2, 0.8], [0.6, 0.4]],
            None,
        ),
        (
            "The labels array needs to contain at least two labels, got [1].",
            [1, 1],
            [0.5, 0.6],
            [1],
        ),
        (
            "Found input variables with inconsistent numbers of samples: [3, 2]",
            [2, 2],
            [[0.2, 0.8], [0.6, 0.4], [0.7, 0.3]],
            None,
        ),
        (
            "The number of classes in labels is different from that in y_prob. "
            "Classes found in labels: [0 1 2]",
            [0, 1],
            [[0.2, 0.8], [0.6, 0.4]],
            [0, 1, 2],
        ),
        ("y_prob contains values greater than 1: 1.1", [0, 1], [1.1, 0.5], None),
        ("y_prob contains values lower than 0: -0.1", [0, 1], [-0.1, 0.5], None),
        ("y_prob contains values greater than 1: 1.1", [0, 1], [[1.1, 0.5], [0.5, 0.5]], None),
        ("Input contains NaN", [0, 1], [np.nan, 0.5], None),
        ("Input contains infinity", [0, 1], [np.inf, 0.5], None),
        ("Found array with 0 sample(s)", [], [], None),
        (
            "Multioutput target data is not supported with label binarization",
            [[1, 2], [3, 1]],
            [[0.5, 0.5], [0.2, 0.8]],
            None,
        ),
        ("Unknown label type", [0.5, 0.7], [0.5, 0.5], None),
    ],
)
def test_errors(message, y, p, labels):
    with pytest.raises(ValueError, match=re.escape(message)):
        log_loss(y, p, labels=labels)
    with pytest.raises(ValueError, match=r".+"):  # so does scikit-learn
        metrics.log_loss(y, p, labels=labels)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_exact_zeros_and_ones_are_clipped(dtype):
    y, p = np.array([0, 1], dtype), np.array([1, 0], dtype)
    rel = 1e-3 if dtype == np.float16 else 1e-6  # theirs takes the logarithm in float16
    assert log_loss(y, p) == pytest.approx(metrics.log_loss(y, p), rel=rel)
    assert np.isfinite(log_loss(y, p))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_warns_of_what_does_not_sum_to_one(dtype):
    p = np.array([[0.2, 0.7], [0.6, 0.3], [0.4, 0.7], [0.8, 0.3]], dtype)
    with pytest.warns(UserWarning, match=r"The y_prob values do not sum to one\."):
        log_loss([0, 1, 1, 0], p)


@pytest.mark.parametrize(
    ("y", "p"),
    [
        ([0, 1, 0], [0, 1, 0]),
        ([0, 1, 0], [[1, 0], [0, 1], [1, 0]]),
        ([0, 1, 2], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    ],
)
def test_perfect_predictions(y, p):
    assert log_loss(y, p) == pytest.approx(0)


def test_unsorted_labels_warn():
    message = re.escape(
        "Labels passed were ['spam', 'eggs', 'ham']. But this function assumes labels are ordered "
        "lexicographically. Pass the ordered labels=['eggs', 'ham', 'spam'] and ensure that the "
        "columns of y_prob correspond to this ordering."
    )
    with pytest.warns(UserWarning, match=message):
        log_loss(["eggs", "spam", "ham"], np.eye(3), labels=["spam", "eggs", "ham"])


def test_frames():
    pandas = pytest.importorskip("pandas")
    y = pandas.Series(["ham", "spam", "spam", "ham"])
    p = pandas.DataFrame([[0.3, 0.7], [0.6, 0.4], [0.4, 0.6], [0.7, 0.3]])
    assert log_loss(y, p) == pytest.approx(0.7469410, abs=1e-7)


@given(
    st.integers(2, 400),
    st.sampled_from([1, 2, 3, 10, 48, 49, 70]),
    st.sampled_from([np.float64, np.float32]),
    st.sampled_from(["C", "F", "strided"]),
    st.sampled_from(["int", "negative", "text", "object", "bool", "indicator"]),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_against_scikit_learn(n, c, dtype, order, kind, normalize, seed):
    rng = np.random.default_rng(seed)
    classes = max(c, 2) if kind != "bool" else 2
    y = rng.integers(0, classes, n + classes)
    y[:classes] = np.arange(classes)
    n = y.size
    p = rng.dirichlet(np.ones(classes), n).astype(dtype)
    p[0], p[1] = np.eye(classes, dtype=dtype)[[0, 0]]
    p = p[:, -1:] if c == 1 and classes == 2 else p
    if order == "F":
        p = np.asfortranarray(p)
    elif order == "strided":
        p = np.repeat(p, 2, axis=1)[:, ::2]
    if kind == "negative":
        y = y * 7 - 100
    elif kind == "text":
        y = np.char.add("class ", np.char.zfill(y.astype(str), 3))
    elif kind == "object":
        y = np.array([f"{i:03}" for i in y], object)
    elif kind == "bool":
        y = y.astype(bool)
    elif kind == "indicator" and classes > 2:
        y = np.eye(classes, dtype=int)[y]
    weights = rng.random(n) if seed % 2 else None
    options = {"normalize": normalize, "sample_weight": weights}
    before = p.copy()
    found = log_loss(y, p, **options)
    assert isinstance(found, float)
    rel = 1e-12 if dtype == np.float64 else 2e-5
    assert found == pytest.approx(metrics.log_loss(y, p, **options), rel=rel)
    np.testing.assert_array_equal(p, before)


def test_weights():
    y, p = [0, 1, 1], [0.2, 0.7, 0.4]
    with pytest.raises(ZeroDivisionError, match="Weights sum to zero"):
        log_loss(y, p, sample_weight=[0, 0, 0])
    with pytest.raises(ValueError, match="Weights sum to zero"):
        log_loss(y, p, sample_weight=[0, 0, 0])
    with pytest.raises(ValueError, match="Sample weights must be 1D array or scalar"):
        log_loss(y, p, sample_weight=[[1], [1], [1]])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        log_loss(y, p, sample_weight=[1, 1])
    assert log_loss(y, p, sample_weight=2.0) == log_loss(y, p)


def test_complex_probabilities():
    with pytest.raises(TypeError, match="y_proba must be an array of real numbers"):
        log_loss([0, 1], [0.5j, 0.5])


def test_threads_give_the_same_bits(rng, threads):
    p = rng.dirichlet(np.ones(5), 10**5)
    y = rng.integers(0, 5, 10**5)
    found = log_loss(y, p)
    with fastinfo.num_threads(3):
        assert found == log_loss(y, p)


def columns_of_labels():
    rng = np.random.default_rng(2)
    two, three = rng.random(8), rng.dirichlet(np.ones(3), 8)
    yes, codes = np.resize([0, 1, 1], 8)[:, None], np.resize([0, 1, 2], 8)[:, None]
    names = np.array(["a", "b", "c"])[codes]
    for p in (two, two[:, None], np.c_[1 - two, two]):
        yield yes, p, None
        yield yes == 1, p, None
        yield np.array(["no", "yes"])[yes], p, None
    for y in (codes, codes * 9 - 4, names, names.astype(object), codes.astype(float)):
        yield y, three, None
        yield y, three, np.unique(y)
    yield np.ones((8, 1), int), two, [0, 1]


@pytest.mark.parametrize(("y", "p", "labels"), list(columns_of_labels()))
@pytest.mark.parametrize("weighted", [False, True])
def test_a_column_vector_of_labels(y, p, labels, weighted):
    weights = np.random.default_rng(4).random(8) if weighted else None
    found = log_loss(y, p, labels=labels, sample_weight=weights)
    assert found == log_loss(y.ravel(), p, labels=labels, sample_weight=weights)
    theirs = metrics.log_loss(y.ravel(), p, labels=labels, sample_weight=weights)
    assert found == pytest.approx(theirs, rel=1e-12)
    if y.dtype.kind != "b" and p.shape != (8, 1):  # which scikit-learn cannot hash
        assert found == pytest.approx(
            metrics.log_loss(y, p, labels=labels, sample_weight=weights), rel=1e-12
        )
    assert log_loss(y.tolist(), p, labels=labels, sample_weight=weights) == found


def test_a_column_of_labels_that_are_not_passed():
    with pytest.raises(ValueError, match=r"y_true contains values \{3\} not belonging"):
        log_loss([[0], [1], [3]], [0.2, 0.7, 0.4], labels=[0, 1])


def test_frames_with_integer_names_and_odd_indices():
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(6)
    codes, p, w = np.resize([0, 1, 2], 12), rng.dirichlet(np.ones(3), 12), rng.random(12)
    index = rng.permutation(12) - 5
    y = pandas.Series(codes, index=index, name=0)
    table = pandas.DataFrame(p, index=index[::-1])
    weights = pandas.Series(w, index=np.zeros(12, int))
    expected = log_loss(codes, p, sample_weight=w)
    assert log_loss(y, table, sample_weight=weights) == expected
    assert log_loss(y.to_frame(), table, sample_weight=weights) == expected
    assert log_loss(pandas.DataFrame({3: codes}), table, sample_weight=weights) == expected
    logits = table.apply(np.log)
    options = {
        "sample_weight": weights,
        "class_weight": pandas.Series([1.0, 2, 3], index=[2, 0, 1]),
    }
    plain = {"sample_weight": w, "class_weight": [1.0, 2, 3]}
    found = fastinfo.softmax_cross_entropy(logits, y, **options)
    assert found == fastinfo.softmax_cross_entropy(np.log(p), codes, **plain)
    found = fastinfo.sigmoid_cross_entropy(logits, table, sample_weight=weights)
    assert found == fastinfo.sigmoid_cross_entropy(np.log(p), p, sample_weight=w)
    found = fastinfo.binary_cross_entropy(table[1], y == 1, sample_weight=weights)
    assert found == fastinfo.binary_cross_entropy(p[:, 1], codes == 1, sample_weight=w)
    parts = fastinfo.streaming.LossSum("log_loss").update(table[:6], y[:6], weights[:6])
    assert parts.update(table[6:], y[6:], weights[6:]).mean() == pytest.approx(expected, rel=1e-13)
