"""Association of the cells of dense tables and frames: values, options, odd input."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
import reference.cooccurrence as reference
from helpers import fixed
from hypothesis import example, given
from hypothesis import strategies as st

import fastinfo
from fastinfo import JointCounts
from fastinfo.cooccurrence import association

MEASURES = reference.MEASURES
NAN, INF = math.nan, math.inf
#: With an empty row, an empty column, and a row that has one cell.
COUNTS = np.array([[20, 5, 0, 0], [6, 24, 1, 0], [0, 0, 0, 0], [0, 0, 43, 0]])

each_measure = pytest.mark.parametrize("measure", MEASURES)


def same(found, expected, rel=1e-13, absolute=1e-13):
    np.testing.assert_allclose(found, expected, rtol=rel, atol=absolute)


tables = st.integers(1, 5).flatmap(
    lambda r: st.integers(1, 5).flatmap(
        lambda c: st.lists(
            st.lists(st.sampled_from([0, 0, 1, 2, 3, 7, 1000, 10**9]), min_size=c, max_size=c),
            min_size=r,
            max_size=r,
        )
    )
)


# Values


@pytest.mark.slow
@each_measure
@given(table=tables)
@example(table=[[5]])
@example(table=[[0, 0], [0, 0]])
@example(table=COUNTS.tolist())
def test_each_cell_is_that_of_the_slow_twin(measure, table):
    same(association(table, measure=measure), reference.association(table, measure), 1e-12, 1e-9)


@pytest.mark.parametrize(
    ("measure", "options"),
    [
        ("pmi", {"base": 2, "smoothing": 0.75, "shift": 1.5}),
        ("ppmi", {"base": 10, "smoothing": 0.3, "shift": 0.1, "min_count": 2}),
        ("ppmi", {"smoothing": 1}),
        ("npmi", {"min_count": 2}),
        ("g2", {"min_count": 2.5}),
        ("t", {"min_count": 6}),
        ("log-ratio", {"base": 2, "min_count": 1}),
    ],
)
def test_options_are_those_of_the_slow_twin(measure, options):
    found = association(COUNTS, measure=measure, **options)
    same(found, reference.association(COUNTS, measure, **options))


@each_measure
def test_cells_of_large_tables_are_those_of_two_rows_and_columns(measure, rng):
    counts = rng.poisson(0.7, (300, 700)) * rng.integers(1, 90, (300, 700))
    found = association(counts, measure=measure)
    n, cells = counts.sum(), np.argwhere(counts)
    for i, j in [*cells[rng.integers(0, len(cells), 20)].tolist(), (0, 511), (0, 512), (299, 699)]:
        o, r, c = counts[i, j], counts[i].sum(), counts[:, j].sum()
        around = association([[o, r - o], [c - o, n - r - c + o]], measure=measure)
        assert found[i, j] == pytest.approx(around[0, 0], rel=1e-13)


@each_measure
def test_threads_make_no_difference(measure, rng, threads):
    counts = rng.poisson(1.0, (600, 700))  # several pieces
    found = association(counts, measure=measure)
    with fastinfo.num_threads(1):
        np.testing.assert_array_equal(found, association(counts, measure=measure))


def test_pmi_is_that_of_joint_counts():
    kept = JointCounts.from_table(COUNTS)
    for measure, positive in (("pmi", False), ("ppmi", True)):
        found = association(COUNTS, measure=measure, base=2)
        same(found, kept.pointwise_mutual_information(positive, base=2))


def test_g2_is_the_g_test_of_two_rows_and_columns():
    n, found = COUNTS.sum(), association(COUNTS, measure="g2")
    for i, j in np.argwhere(COUNTS):
        o, r, c = COUNTS[i, j], COUNTS[i].sum(), COUNTS[:, j].sum()
        counts = JointCounts.from_table([[o, r - o], [c - o, n - r - c + o]])
        assert abs(found[i, j]) == pytest.approx(counts.independence_test().statistic, rel=1e-12)
        assert (found[i, j] > 0) == (o * n > r * c)


def test_g2_is_exact_where_others_cancel():
    # a share of 0.5 against 0.5 + 1e-6 among 10**12 counts
    table = [[500001 * 10**6, 499999 * 10**6], [5 * 10**11, 5 * 10**11]]
    expected = reference.association(table, "g2")
    same(association(table, measure="g2"), expected, 1e-9)
    assert 0.1 < expected[0][0] < 10


def test_independent_counts_have_a_pmi_of_exactly_0():
    table = np.outer([3, 7, 11, 10**6 + 3], [5, 13, 10**6 + 33])
    for measure in ("pmi", "npmi", "g2", "t"):
        assert (association(table, measure=measure) == 0).all()


def test_words_that_occur_together_only_have_an_npmi_of_1():
    same(association([[4, 0], [0, 9]], measure="npmi"), [[1, -1], [-1, 1]], 1e-15)
    assert association([[4]], measure="npmi") == 1


def test_cells_never_seen_are_told_from_zeros():
    table = [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 4, 0], [0, 0, 0, 0]]
    for measure, unseen in (("pmi", -INF), ("npmi", -1), ("log-ratio", -INF), ("t", -INF)):
        found = association(table, measure=measure)
        assert (found[:2, 2] == unseen).all()
        assert np.isnan(found[3]).all()
        assert np.isnan(found[:, 3]).all()
    assert association(table)[0, 0] == math.log(2)


def test_cells_below_min_count_are_unseen_and_stay_in_the_sums():
    found = association(COUNTS, min_count=6)
    whole = association(COUNTS)
    kept = COUNTS >= 6
    assert (found[kept] == whole[kept]).all()
    assert (found[(COUNTS > 0) & ~kept] == -INF).all()
    assert np.isnan(association(COUNTS, measure="g2", min_count=1)[0, 2])


def test_shift_is_the_log_of_the_number_of_negative_samples():
    whole, seen = association(COUNTS, base=2), COUNTS > 0
    found = association(COUNTS, base=2, shift=math.log2(5))
    same(found[seen], (whole - math.log2(5))[seen])
    positive = association(COUNTS, measure="ppmi", base=2, shift=math.log2(5))
    same(positive[seen], np.maximum(found, 0)[seen])


def test_smoothing_is_the_exponent_of_the_counts_of_the_columns():
    counts = COUNTS[[0, 1, 3], :3]
    contexts = counts.sum(axis=0) ** 0.75
    shares = contexts / contexts.sum()
    with np.errstate(divide="ignore"):
        expected = np.log(counts / counts.sum(axis=1, keepdims=True) / shares)
    same(association(counts, smoothing=0.75), expected)
    same(association(counts, smoothing=1.0), association(counts))


def test_a_log_ratio_of_one_column_is_nothing():
    assert np.isnan(association([[3], [4]], measure="log-ratio")).all()


@each_measure
def test_weights_of_any_size(measure):
    counts = COUNTS + 0.25 * (COUNTS > 0)
    plain = association(counts, measure=measure)
    power = {"g2": 1.0, "t": 0.5}.get(measure, 0.0)
    if measure == "log-ratio":  # half a count is another share of these
        counts = counts + 1e-3
        plain = association(counts, measure=measure)
    for scale in (2.0**-1000, 2.0**-500, 2.0**900):
        found = association(counts * scale, measure=measure)
        same(found, plain * scale**power, 1e-12, 0 if power else 1e-12)
    overflowing = association(counts * 1e306, measure=measure)
    same(overflowing, plain * 1e306**power, 1e-11, 0 if power else 1e-12)


def test_counts_beside_much_larger_ones():
    table = [[1e-300, 1e-200], [1e-100, 1.0]]
    same(association(table), reference.association(table, "pmi"))
    table = [[1e-290, 0.0], [0.0, 1.0]]
    same(association(table), reference.association(table, "pmi"))
    with pytest.raises(ValueError, match="each count must be 0, or at least 1e-300"):
        association([[5e-324, 0.0], [0.0, 1e300]])


# What comes in


@each_measure
def test_inputs_stay_as_they_are(measure):
    for dtype in (np.float64, np.float32, np.int64, np.int32, np.uint8, ">i4", np.float16, bool):
        counts = fixed(COUNTS.astype(dtype))
        before = counts.tobytes()
        found = association(counts, measure=measure)
        assert counts.tobytes() == before
        assert found.dtype == (np.float32 if dtype is np.float32 else np.float64)
        rel = 1e-6 if dtype is np.float32 else 1e-13
        same(found, association(np.array(counts, float), measure=measure), rel, rel)
        assert not np.shares_memory(found, counts)


def test_any_layout(rng):
    counts = rng.poisson(2.0, (40, 30))
    expected = association(counts)
    for view in (counts[::-1, ::2], counts.T, np.asfortranarray(counts), counts[3:4]):
        np.testing.assert_array_equal(association(view), association(view.copy()))
    np.testing.assert_array_equal(association(np.asfortranarray(counts)), expected)
    same(association(counts.T), expected.T)


def test_frames_keep_their_labels():
    frame = pd.DataFrame(COUNTS, index=list("abcd"), columns=[("w", i) for i in range(4)])
    found = association(frame, measure="g2")
    assert list(found.index) == list("abcd")
    assert list(found.columns) == list(frame.columns)
    np.testing.assert_array_equal(found.to_numpy(), association(COUNTS, measure="g2"))
    polars = pl.DataFrame(COUNTS, schema=list("wxyz"))
    found = association(polars, measure="ppmi")
    assert isinstance(found, pl.DataFrame)
    assert found.columns == list("wxyz")
    np.testing.assert_array_equal(found.to_numpy(), association(COUNTS, measure="ppmi"))


def test_frames_of_nullable_and_of_equal_names():
    frame = pd.DataFrame(COUNTS, columns=list("aabb")).astype("Int64")
    np.testing.assert_array_equal(association(frame), association(COUNTS))
    frame.iloc[0, 0] = None
    with pytest.raises(ValueError, match="must hold finite counts, got 1 that are NaN"):
        association(frame)
    with pytest.raises(TypeError, match="column 'word' must be an array of real numbers"):
        association(pd.DataFrame({"word": ["tea"], "n": [3]}))


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (
            [[1, -2], [-3, 4]],
            ValueError,
            "not hold negative counts, got 2, of which the least is -3",
        ),
        ([[1.0, NAN], [INF, 2.0]], ValueError, "finite counts, got 2 that are NaN or inf"),
        ([[1.0, -INF]], ValueError, "got 1 that are NaN or infinite"),
        ([1, 2], ValueError, r"be two-dimensional, got shape \(2,\)"),
        ([[[1]]], ValueError, "be two-dimensional"),
        (np.zeros((0, 3)), ValueError, r"hold at least one cell, got shape \(0, 3\)"),
        (np.zeros((3, 0)), ValueError, "hold at least one cell"),
        ([["a", "b"]], TypeError, "be an array of real numbers, got dtype <U1"),
        (np.ones((2, 2), complex), TypeError, "be an array of real numbers, got dtype complex"),
        (pd.DataFrame(index=[1, 2]), ValueError, "a frame without columns"),
        (pd.Series([1, 2]), ValueError, "be two-dimensional"),
    ],
    ids=range(11),
)
def test_what_is_no_table_of_counts_is_refused(table, error, message):
    with pytest.raises(error, match=f"table_or_sparse must.* {message}"):
        association(table)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"measure": "mi"}, ValueError, "measure must be one of 'pmi', 'ppmi', 'npmi', 'g2'"),
        ({"base": 1}, ValueError, "base must also not be 1"),
        ({"smoothing": 1.5}, ValueError, "smoothing must be a number from 0 to 1, got 1.5"),
        ({"smoothing": -0.1}, ValueError, "smoothing must be a number from 0 to 1"),
        ({"smoothing": True}, TypeError, "smoothing must be a number from 0 to 1, got True"),
        ({"shift": -1}, ValueError, "shift must be a number of at least 0, got -1"),
        ({"shift": "5"}, TypeError, "shift must be a number of at least 0"),
        ({"min_count": NAN}, ValueError, "min_count must be a number of at least 0, got nan"),
        (
            {"measure": "npmi", "smoothing": 0.75},
            ValueError,
            "smoothing goes with measure='pmi' or 'ppmi', and has no meaning with measure='npmi', "
            "got smoothing=0.75",
        ),
        ({"measure": "g2", "base": 2}, ValueError, "base goes with measure='pmi' or 'ppmi' or"),
        ({"measure": "t", "shift": 1}, ValueError, "shift goes with measure='pmi' or 'ppmi'"),
    ],
    ids=range(11),
)
def test_options_that_cannot_be_used_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        association(COUNTS, **options)


def test_npmi_is_the_same_in_every_base():
    found = association(COUNTS, measure="npmi", base=2)
    np.testing.assert_array_equal(found, association(COUNTS, measure="npmi"))


# Others' values


def test_values_are_those_of_nltk():
    of_two = pytest.importorskip("nltk.metrics.association").BigramAssocMeasures
    counts = COUNTS[[0, 1, 3], :3]
    n = int(counts.sum())
    pairs = {"pmi": of_two.pmi, "g2": of_two.likelihood_ratio, "t": of_two.student_t}
    for measure, theirs in pairs.items():
        found = association(counts, measure=measure, base=2 if measure == "pmi" else None)
        for i, j in np.argwhere(counts):
            sums = int(counts[i].sum()), int(counts[:, j].sum())
            expected = theirs(int(counts[i, j]), sums, n)
            assert abs(found[i, j]) == pytest.approx(abs(expected), rel=1e-12)


def test_values_are_those_of_gensim():
    phrases = pytest.importorskip("gensim.models.phrases")
    counts = COUNTS[[0, 1, 3], :3]
    n = int(counts.sum())
    found = association(counts, measure="npmi")
    for i, j in np.argwhere(counts):
        sums = int(counts[i].sum()), int(counts[:, j].sum())
        assert found[i, j] == pytest.approx(
            phrases.npmi_scorer(*sums, int(counts[i, j]), 3, 1, n), rel=1e-12
        )
