"""JointCounts with weights, with occupied cells alone, and written out as plain values."""

import copy
import datetime as dt
import decimal
import fractions
import itertools
import json
import math
import pickle
import uuid

import numpy as np
import pandas as pd
import pytest
import reference
import scipy.sparse
from helpers import objects
from hypothesis import given
from hypothesis import strategies as st

from fastinfo import JointCounts, mutual_information, num_threads
from fastinfo._codes.labels import encode
from fastinfo._counts import samples
from fastinfo._counts import table as _table
from fastinfo._counts.table import Table

NAN = math.nan
INF = math.inf
AVERAGES = ["arithmetic", "geometric", "min", "max", "joint"]


def same(a, b):
    """Whether two objects hold the same, to the bit."""
    for name in ("table", "x_edges", "y_edges", "x_levels", "y_levels"):
        u, v = getattr(a, name), getattr(b, name)
        if u is None or v is None:
            assert u is v, name
        else:
            assert u.dtype == v.dtype, name
            assert u.tolist() == v.tolist(), name
    assert (a.n, a.n_dropped, a.n_missing) == (b.n, b.n_dropped, b.n_missing)
    return True


def measures(counts):
    return [
        counts.entropy_x(),
        counts.entropy_y(),
        counts.joint_entropy(),
        counts.conditional_entropy("x|y"),
        counts.conditional_entropy("y|x"),
        counts.mutual_information(),
        counts.variation_of_information(),
        *(counts.normalized_mutual_information(a) for a in AVERAGES),
        *counts.independence_test(),
    ]


def keep_occupied(patch, dense=False):
    """Count no integers without codes, and make tables of codes dense or not."""
    patch.setattr(_table, "is_dense", lambda n_cells, n_pairs: dense)
    patch.setattr(samples, "count_integers", lambda a, b: None)


@pytest.fixture
def sparse(monkeypatch):
    """Keep the occupied cells alone of each table of labels."""
    keep_occupied(monkeypatch)


def is_sparse(counts):
    return " kept), n=" in repr(counts)


# Quantiles


def test_equally_full_bins(rng):
    x, y = rng.normal(size=(2, 600))
    counts = JointCounts.from_samples(x, y, bins=(4, 6), strategy="quantile")
    assert counts.table.sum(1).tolist() == [150] * 4
    assert counts.table.sum(0).tolist() == [100] * 6
    for edges, v, b in ((counts.x_edges, x, 4), (counts.y_edges, y, 6)):
        np.testing.assert_array_equal(edges, np.quantile(v, np.linspace(0, 1, b + 1)))
    counts = JointCounts.from_samples(x, y, strategy="quantile")
    assert counts.table.shape == (reference.mi_rule(600, np.corrcoef(x, y)[0, 1]),) * 2


def test_quantiles_are_those_of_the_complete_pairs(rng):
    x, y = rng.normal(size=(2, 300))
    x[:50] = NAN
    y[250:] = NAN
    kept = JointCounts.from_samples(x[50:250], y[50:250], bins=5, strategy="quantile")
    counts = JointCounts.from_samples(x, y, bins=5, strategy="quantile")
    assert counts.table.tolist() == kept.table.tolist()
    assert counts.n_missing == 100
    labels = np.array(["a", "b"] * 150)
    counts = JointCounts.from_samples(x, labels, bins=5, strategy="quantile")
    assert counts.table.sum(1).tolist() == [50] * 5


def test_ties_leave_fewer_bins_and_given_edges_stay():
    x = np.array([0.0] * 50 + [1.0] * 3 + [2.0] * 7)
    counts = JointCounts.from_samples(x, x, bins=10, strategy="quantile")
    assert counts.x_edges.tolist() == [0.0, 0.5, 1.5, 2.0]  # a bin for each value
    assert counts.table.tolist() == [[50, 0, 0], [0, 3, 0], [0, 0, 7]]
    counts = JointCounts.from_samples(x, x, bins=2, strategy="quantile")
    assert counts.table.tolist() == [[50, 0], [0, 10]]  # the others share the bin that is left
    assert counts.n == 60
    edges = [-1.0, 0.5, 3.0]
    counts = JointCounts.from_samples(x, x, bins=edges, strategy="quantile")
    assert counts.x_edges.tolist() == edges
    with pytest.raises(ValueError, match="strategy must be one of 'uniform', 'quantile', got 'x'"):
        JointCounts.from_samples(x, x, strategy="x")


# Weights


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "u1", "?", "f2", "longdouble"])
def test_weights_add_up_as_numpys(dtype, rng):
    x, y = rng.normal(size=(2, 500))
    w = (rng.random(500) * 3).astype(dtype)
    for bins in (5, (7, 3), [np.array([-1, 0, 0.3, 1]), 4]):
        table, x_edges, y_edges = np.histogram2d(x, y, bins, weights=w.astype(float))
        counts = JointCounts.from_samples(x, y, bins=bins, sample_weight=w)
        np.testing.assert_array_equal(counts.table, table, strict=True)
        np.testing.assert_array_equal(counts.x_edges, x_edges)
        np.testing.assert_array_equal(counts.y_edges, y_edges)
        assert counts.n == pytest.approx(table.sum(), rel=1e-14)


def test_missing_and_dropped_are_numbers_of_samples():
    x, y = [0.0, 1.0, 2.0, NAN, 9.0], [0.0, 1.0, 2.0, 1.0, 1.0]
    w = [0.5, 0.25, 0.0, 7.0, 7.0]
    counts = JointCounts.from_samples(x, y, bins=[[0, 1, 2]] * 2, sample_weight=w)
    assert counts.table.tolist() == [[0.5, 0.0], [0.0, 0.25]]
    assert (counts.n, counts.n_dropped, counts.n_missing) == (0.75, 1, 1)
    labels = np.array(["a", None, "b", "a", None], object)
    counts = JointCounts.from_samples(labels, labels, sample_weight=w)
    assert counts.table.tolist() == [[7.5, 0.0], [0.0, 0.0]]
    assert (counts.n, counts.n_dropped, counts.n_missing) == (7.5, 0, 2)


def test_update_with_weights(rng):
    x, y = rng.random((2, 100))
    w = rng.random(100)
    edges = np.linspace(0, 1, 4)
    counts = JointCounts.empty(edges, edges)
    counts.update(x[:30], y[:30])
    assert counts.table.dtype == np.int64
    counts.update(x[30:], y[30:], w[30:])
    counts.update(x[:5], y[:5], sample_weight=np.full(5, 2))
    w = np.concatenate([np.ones(30), w[30:], np.full(5, 2)])
    x, y = np.concatenate([x, x[:5]]), np.concatenate([y, y[:5]])
    expected = np.histogram2d(x, y, [edges, edges], weights=w)[0]
    assert counts.table == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ([1, -1], ValueError, "sample_weight must not hold negative weights, got -1"),
        ([1, NAN], ValueError, "sample_weight must hold finite weights, got 1 that are NaN"),
        ([INF, 1], ValueError, "sample_weight must hold finite weights"),
        ([1], ValueError, r"one weight for each of the 2 samples, got shape \(1,\)"),
        (1.0, ValueError, r"one weight for each of the 2 samples, got shape \(\)"),
        ([[1, 2]], ValueError, r"got shape \(1, 2\)"),
        ([1, 1j], TypeError, "sample_weight must be an array of real numbers"),
        (["a", "b"], TypeError, "sample_weight must be an array of real numbers"),
        ([None, 1], TypeError, "sample_weight must be an array of real numbers"),
    ],
)
def test_weights_that_cannot_be_used(weights, error, message):
    for pair in (([0.0, 1.0], [0.0, 1.0]), ([0, 1], ["a", "b"])):
        with pytest.raises(error, match=message):
            JointCounts.from_samples(*pair, sample_weight=weights)
        with pytest.raises(error, match=message):
            mutual_information(*pair, sample_weight=weights)
    counts = JointCounts.empty([0, 1], [0, 1])
    with pytest.raises(error, match=message):
        counts.update([0.5, 0.5], [0.5, 0.5], weights)
    assert counts.n == 0


def test_weights_stay_as_they_are(rng):
    x, y = rng.random((2, 50))
    w = rng.random(100)[::2]
    before = w.copy()
    w.flags.writeable = False
    counts = JointCounts.from_samples(x, y, bins=3, sample_weight=w)
    assert (w == before).all()
    contiguous = JointCounts.from_samples(x, y, bins=3, sample_weight=before)
    assert counts.table.tolist() == contiguous.table.tolist()
    column = JointCounts.from_samples(x, y, bins=3, sample_weight=before[:, None])
    assert column.table.tolist() == contiguous.table.tolist()
    series = JointCounts.from_samples(x, y, bins=3, sample_weight=pd.Series(before))
    assert series.table.tolist() == contiguous.table.tolist()


# The effective number of samples


def test_weights_know_their_effective_number(rng):
    x, y = rng.integers(0, 4, (2, 300))
    w = rng.random(300)
    whole = JointCounts.from_samples(x, y, sample_weight=w)
    assert whole.unit_weight == pytest.approx((w**2).sum() / w.sum(), rel=1e-14)
    parts = [
        JointCounts.from_samples(x[s], y[s], sample_weight=w[s]) for s in (np.s_[:99], np.s_[99:])
    ]
    assert (parts[0] + parts[1]).unit_weight == pytest.approx(whole.unit_weight, rel=1e-14)
    assert pickle.loads(pickle.dumps(whole)).unit_weight == whole.unit_weight
    plain = json.loads(json.dumps(whole.to_dict()))
    assert JointCounts.from_dict(plain).unit_weight == whole.unit_weight
    del plain["unit_weight"]
    assert JointCounts.from_dict(plain).unit_weight == 1.0
    # samples without weights have 1 each
    both = whole + JointCounts.from_samples(x, y)
    n, squares = w.sum() + 300, (w**2).sum() + 300
    assert both.unit_weight == pytest.approx(squares / n, rel=1e-14)
    assert JointCounts.from_samples(x, y).unit_weight == 1.0
    assert JointCounts.from_table(whole.table).unit_weight == 1.0
    grown = JointCounts.from_labels(x[:9], y[:9]).update(x[9:], y[9:], w[9:])
    expected = (9 + (w[9:] ** 2).sum()) / (9 + w[9:].sum())
    assert grown.unit_weight == pytest.approx(expected, rel=1e-14)


def test_missing_samples_have_no_weight(rng):
    x, y, w = rng.integers(0, 3, 50) + 0.0, rng.integers(0, 3, 50), rng.random(50)
    gaps = x.copy()
    gaps[:20] = NAN
    found = JointCounts.from_samples(gaps, y, discrete=True, sample_weight=w)
    expected = JointCounts.from_samples(x[20:], y[20:], discrete=True, sample_weight=w[20:])
    assert found.unit_weight == expected.unit_weight


@pytest.mark.parametrize("scale", [1e-200, 1 / 500, 7.0, 1e200])
def test_tests_go_by_the_effective_number(scale, rng):
    x, y = rng.integers(0, 3, (2, 400))
    w = rng.random(400)
    plain = JointCounts.from_samples(x, y).independence_test()
    equal = JointCounts.from_samples(x, y, sample_weight=np.full(400, scale))
    assert equal.independence_test() == pytest.approx(plain, rel=1e-12)
    weighted = JointCounts.from_samples(x, y, sample_weight=w * scale)
    information, n = weighted.mutual_information(), w.sum() ** 2 / (w**2).sum()
    assert weighted.independence_test().statistic == pytest.approx(2 * n * information, rel=1e-12)


@pytest.mark.parametrize("value", [0.0, -1.0, NAN, np.inf])
def test_the_weight_of_a_sample_is_positive(value):
    with pytest.raises(ValueError, match="unit_weight must be a positive number"):
        JointCounts([[1.0, 2.0]], unit_weight=value)
    with pytest.raises(TypeError, match="unit_weight must be a positive number, got 'a'"):
        JointCounts([[1.0, 2.0]], unit_weight="a")


# Many bins


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_many_bins_are_counted_as_numpy_counts_them(dtype, weighted, rng):
    x, y = rng.random((2, 3000)).astype(dtype)
    x[:9], y[5:30] = NAN, NAN
    w = rng.integers(1, 9, 3000) / 8 if weighted else None
    counts = JointCounts.from_samples(
        x, y, bins=(700, 900), range=[[0.1, 0.9], None], sample_weight=w
    )
    assert is_sparse(counts)
    kept = ~(np.isnan(x) | np.isnan(y))
    edges = counts.x_edges, counts.y_edges
    expected = np.histogram2d(x[kept], y[kept], edges, weights=None if w is None else w[kept])[0]
    np.testing.assert_array_equal(counts.table, expected)
    inside = (x >= np.float64(0.1)) & (x <= 0.9)
    assert counts.n_missing == (~kept).sum()
    assert counts.n_dropped == (kept & ~inside).sum()
    dense = JointCounts.from_table(counts.table)
    for correction in (None, "miller-madow", "shrinkage", 0.5, "chance"):
        found = counts.mutual_information(correction=correction)
        if not weighted:
            assert found == pytest.approx(
                dense.mutual_information(correction=correction), rel=1e-10
            )


def test_many_bins_fill_up_in_parts(rng):
    edges = np.linspace(0, 1, 501)
    counts = JointCounts.empty(edges, edges)
    assert is_sparse(counts)
    x, y = rng.random((2, 2000))
    for i in range(0, 2000, 500):
        counts.update(x[i : i + 500], y[i : i + 500])
    np.testing.assert_array_equal(counts.table, np.histogram2d(x, y, edges)[0])


# Occupied cells alone


labels = st.integers(-3, 5)
pairs_of_labels = st.lists(st.tuples(labels, labels), min_size=1, max_size=40)


@given(pairs_of_labels, st.sampled_from([None, "int", "float"]))
def test_occupied_cells_are_those_of_the_table(pairs, weights):
    x, y = map(encode, np.array(pairs).T)
    w = None if weights is None else (np.arange(len(pairs)) % 4).astype(weights).astype(float)
    dense = Table.count(x, y, w)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_table, "is_dense", lambda n_cells, n_pairs: False)
        kept = Table.count(x, y, w)
    assert dense.is_dense
    assert not kept.is_dense
    assert kept.shape == dense.shape
    assert kept.unit == dense.unit
    np.testing.assert_array_equal(kept.dense(), dense.dense(), strict=True)
    keys = kept.rows.astype(int) * kept.shape[1] + kept.columns
    assert (np.diff(keys) > 0).all()


@given(pairs_of_labels)
def test_measures_of_occupied_cells_are_those_of_the_table(pairs):
    x, y = np.array(pairs).T
    dense = JointCounts.from_labels(x, y)
    with pytest.MonkeyPatch.context() as patch:
        keep_occupied(patch)
        kept = JointCounts.from_labels(x, y)
    assert is_sparse(kept)
    assert same(kept, dense)
    assert kept.shape == dense.shape == dense.table.shape
    assert measures(kept) == pytest.approx(measures(dense), rel=1e-12, abs=1e-14)
    for correction in ("miller-madow", "grassberger", "shrinkage", 0.5):
        for name in ("entropy_x", "joint_entropy", "mutual_information"):
            expected = getattr(dense, name)(correction=correction)
            found = getattr(kept, name)(correction=correction)
            assert found == pytest.approx(expected, rel=1e-11, abs=1e-13)
    for positive in (False, True):
        np.testing.assert_array_equal(
            kept.pointwise_mutual_information(positive),
            dense.pointwise_mutual_information(positive),
        )


@given(st.lists(pairs_of_labels, min_size=1, max_size=4), st.booleans())
def test_parts_of_either_kind_add_up_to_the_whole(parts, weighted):
    def make(pairs):
        x, y = np.array(pairs).T
        w = (x + 4.0) / 8 if weighted else None  # exact in float64, in any order
        return JointCounts.from_samples(x, y, sample_weight=w)

    expected = make([pair for part in parts for pair in part])
    kinds = [(True,), (False,), (True, False), (False, True)]
    for kind, small in itertools.product(kinds, (True, False)):
        total = None
        for i, part in enumerate(parts):
            dense = kind[i % len(kind)]
            with pytest.MonkeyPatch.context() as patch:
                keep_occupied(patch, dense)
                counts = make(part)
                assert is_sparse(counts) != dense
                keep_occupied(patch, small)
                before, total = total, counts if total is None else total + counts
            if before is not None:  # a dense table stays so, unless it becomes too large
                stays = [not is_sparse(c) and c.shape == total.shape for c in (before, counts)]
                assert is_sparse(total) == (not small and not any(stays))
        assert same(total, expected)


def test_update_and_merge_of_occupied_cells(sparse, rng):
    x, y = rng.integers(0, 50, (2, 300))
    counts = JointCounts.from_labels(x[:100], y[:100])
    counts.update(x[100:200], y[100:200])
    counts.merge(JointCounts.from_labels(x[200:], y[200:]))
    assert is_sparse(counts)
    assert same(counts, JointCounts.from_labels(x, y))
    counts.update([1, 2], [3, None], sample_weight=[0.5, 0.25])
    assert counts.n == 300.5
    assert counts.n_missing == 1
    assert counts.table.dtype == np.float64


def test_a_binned_and_a_labelled_variable(sparse, rng):
    x, y = rng.normal(size=200), rng.integers(0, 99, 200)
    counts = JointCounts.from_samples(x, y, bins=[[-1, 0, 1], 1], discrete={"y": True})
    assert is_sparse(counts)
    assert counts.n_dropped == (np.abs(x) > 1).sum()
    for j, level in enumerate(counts.y_levels):
        assert counts.table[:, j].tolist() == np.histogram(x[y == level], [-1, 0, 1])[0].tolist()
    both = JointCounts.from_samples(x, x, bins=20)
    assert not is_sparse(both)


def test_what_is_kept(rng):
    n = 40_000
    x, y = rng.integers(0, 256, (2, 100))
    assert not is_sparse(count_as_strings(x, y))  # 2**16 cells at the most
    x, y = rng.permutation(n) // 120, rng.permutation(n) // 100  # 334 * 400 cells, over 2 n
    assert is_sparse(count_as_strings(x, y))
    twice = count_as_strings(np.tile(x, 2), np.tile(y, 2))  # fewer than 2 cells for each pair
    assert not is_sparse(twice)
    assert twice.mutual_information() == pytest.approx(
        count_as_strings(x, y).mutual_information(), rel=1e-12
    )


def count_as_strings(x, y):
    return JointCounts.from_labels(x.astype("U4"), y.astype("U4"))


def test_a_sum_of_dense_tables_may_be_too_large_for_one():
    a = np.arange(250)
    left, right = JointCounts.from_labels(a, a), JointCounts.from_labels(a + 900, a + 900)
    assert not is_sparse(left)
    total = left + right
    assert is_sparse(total)
    assert total.shape == (500, 500)
    assert total.mutual_information() == pytest.approx(math.log(500), rel=1e-14)
    assert not is_sparse(left + left)


def test_more_levels_than_a_table_could_hold(rng):
    n = 300_000
    x = rng.integers(0, 10**5, n) * 10**12
    y = (x // 10**12 + rng.integers(0, 3, n)) % 10**5
    counts = JointCounts.from_labels(x, y)
    assert is_sparse(counts)
    matrix = scipy.sparse.coo_array((np.ones(n), (x // 10**12, y)), (10**5, 10**5)).tocsr()
    matrix.sum_duplicates()
    assert counts.n == n

    def entropy(v):
        p = np.ravel(v)[np.ravel(v) > 0] / n
        return -np.sum(p * np.log(p))

    hx, hy, hxy = entropy(matrix.sum(1)), entropy(matrix.sum(0)), entropy(matrix.data)
    assert counts.entropy_x() == pytest.approx(hx, rel=1e-12)
    assert counts.joint_entropy() == pytest.approx(hxy, rel=1e-12)
    assert counts.mutual_information() == pytest.approx(hx + hy - hxy, rel=1e-11)
    size = 16 * (counts.shape[0] + 1) * (counts.shape[1] + 1)
    with pytest.raises(ValueError, match=f"cells would take {size} bytes"):
        _ = counts.table
    assert repr(counts).startswith("<JointCounts: ")
    assert f"({matrix.nnz} kept), n={n}" in repr(counts)
    parts = [JointCounts.from_labels(x[i::3], y[i::3]) for i in range(3)]
    total = parts[0] + parts[1] + parts[2]
    plain = counts.to_dict()
    assert total.to_dict() == plain
    for again in (
        pickle.loads(pickle.dumps(counts)),
        JointCounts.from_dict(counts.to_dict()),
        copy.deepcopy(counts),
    ):
        assert again.mutual_information() == counts.mutual_information()
    with num_threads(3):
        again = JointCounts.from_labels(x, y)
    assert again.to_dict() == plain


def test_totals_past_32_bits():
    counts = JointCounts.from_table([[2**31, 2**31], [2**31, 2**31 + 5]])
    total = counts
    for _ in range(3):
        total = total + total
    assert total.n == 8 * (2**33 + 5)
    assert total.table[1, 1] == 8 * (2**31 + 5)
    total.update([0], [0])
    assert total.n == 8 * (2**33 + 5) + 1
    again = JointCounts.from_dict(json.loads(json.dumps(total.to_dict())))
    assert same(again, total)


# Plain values


def through_json(counts):
    text = json.dumps(counts.to_dict(), allow_nan=False)
    return JointCounts.from_dict(json.loads(text))


LEVELS = {
    "int64": np.array([1, -(2**63), 2**62]),
    "uint64": np.array([1, 2**64 - 1, 7], "u8"),
    "int8": np.array([1, -3, 7], "i1"),
    "big-endian": np.array([1, -3, 7], ">i4"),
    "bool": np.array([True, False, True]),
    "float64": np.array([0.1, -1 / 3, 5e-324]),
    "infinite": np.array([INF, -INF, 0.0]),
    "float32": np.array([0.1, -1 / 3, 1e-45], "f4"),
    "float16": np.array([0.1, -1 / 3, 1e-4], "f2"),
    "longdouble": np.array([1, 2, 3], "longdouble") / 3,
    "str": np.array(["a", "", "häß \U0001f600\x00x"]),
    "bytes": np.array([b"a", b"\xff\x00b", b""]),
    "days": np.array(["2020-01-01", "1969-07-20", "2013-01-01"], "M8[D]"),
    "nanoseconds": np.array([1, 2**60, -5]).astype("M8[ns]"),
    "25 seconds": np.array([1, 2, 3]).astype("m8[25s]"),
    "objects": objects(["a", "1", "x"]),
    "mixed": objects([1, "1", 2.5]),
    "ints": objects([2**100, -1, True]),
    "floats": objects([0.1, INF, -0.5]),
    "dates": objects([dt.date(2020, 1, 2), dt.date(1, 1, 1), dt.date(9999, 12, 31)]),
    "times": objects(
        [
            dt.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            dt.datetime(1, 1, 1, tzinfo=dt.UTC),
            dt.datetime(9999, 12, 31, tzinfo=dt.UTC),
        ]
    ),
    "clock": objects([dt.time(1, 2, 3), dt.time(0), dt.time(23, 59, 59, 999999)]),
    "durations": objects([dt.timedelta(-1, 5, 7), dt.timedelta(0), dt.timedelta(10**6)]),
    "decimals": objects([decimal.Decimal("0.10"), decimal.Decimal("1E+3"), decimal.Decimal(1)]),
    "fractions": objects([fractions.Fraction(1, 3), fractions.Fraction(-2), 7]),
    "uuids": objects([uuid.UUID(int=1), uuid.UUID(int=2**127), uuid.UUID(int=0)]),
    "bytes objects": objects([b"\xff", b"", b"a"]),
    "tuples": objects([(1, "a"), (1, ("b", 2.5)), ()]),
    "NumPy's": objects([np.int8(3), np.float32(0.1), np.str_("a")]),
    "Timestamps": objects(list(pd.date_range("2020-01-01", periods=3, tz="Europe/Paris"))),
    "Timedeltas": objects(list(pd.to_timedelta([1, 10**15, -1], unit="ns"))),
    "Intervals": objects(list(pd.interval_range(0.1, 3.1, 3))),
    "categories": pd.Series(["b", "a", "c"]).astype("category"),
}


@pytest.mark.parametrize("kind", list(LEVELS))
def test_levels_of_all_kinds(kind):
    counts = JointCounts.from_labels(LEVELS[kind], [1, 2, 2])
    again = through_json(counts)
    assert same(again, counts)
    assert list(map(type, again.x_levels)) == list(map(type, counts.x_levels))
    if kind != "Timestamps":
        assert again.x_levels.dtype == counts.x_levels.dtype
    total = counts + again
    assert total.shape == counts.shape
    assert total.n == 6


def test_levels_that_cannot_be_written():
    class Colour:
        pass

    counts = JointCounts.from_labels(objects([Colour(), Colour()]), [1, 2])
    with pytest.raises(TypeError, match=r"levels must be of a kind .*, got Colour"):
        counts.to_dict()
    counts = JointCounts.from_labels(objects([pd.Period("2020"), pd.Period("2021")]), [1, 2])
    with pytest.raises(TypeError, match="got Period"):
        counts.to_dict()


@pytest.mark.parametrize("dtype", ["f4", "f8", "longdouble", "f2"])
def test_edges_stay_exact(dtype, rng):
    x, y = rng.normal(size=(2, 50)).astype(dtype)
    counts = JointCounts.from_samples(x, y, bins=7)
    again = through_json(counts)
    assert same(again, counts)
    again.update(x, y)
    assert same(again, counts + counts)
    edges = [-INF, 0.1, INF]
    counts = JointCounts.from_samples(x, y, bins=[edges, [0, 1, 2]])
    assert same(through_json(counts), counts)


def test_weights_stay_exact(rng):
    x, y = rng.integers(0, 3, (2, 50))
    counts = JointCounts.from_samples(x, y, sample_weight=rng.random(50))
    assert same(through_json(counts), counts)
    whole = JointCounts.from_samples(x, y, sample_weight=np.ones(50))
    again = through_json(whole)
    assert again.table.dtype == np.float64
    assert same(again, whole)


def test_occupied_cells_stay_occupied(sparse, rng):
    x, y = rng.integers(0, 50, (2, 80))
    for weights in (None, rng.random(80)):
        counts = JointCounts.from_samples(x, y, sample_weight=weights, discrete=True)
        again = through_json(counts)
        assert is_sparse(again)
        assert same(again, counts)


@pytest.mark.parametrize(
    "counts",
    [
        JointCounts.empty([0, 1, 2], [0, 1]),
        JointCounts.from_table(np.zeros((0, 3), int)),
        JointCounts.from_table(np.zeros((2, 0))),
        JointCounts([[1, 2]]),
        JointCounts.from_labels([None, NAN], [1, 2]),
        JointCounts.from_samples([0.0, 1.0, NAN, 9.0], [1, 2, 3, 1], bins=[[0, 1], 1]),
    ],
)
def test_small_tables_go_round(counts):
    assert same(through_json(counts), counts)
    assert same(pickle.loads(pickle.dumps(counts)), counts)
    assert same(copy.copy(counts), counts)


def test_plain_values_are_a_copy():
    counts = JointCounts.from_table([[1, 2], [3, 4]])
    plain = counts.to_dict()
    with pytest.raises(ValueError, match="read-only"):
        counts.table[:] = 0
    counts.update([0], [0])
    again = JointCounts.from_dict(plain)
    assert again.n == 10
    plain["table"][0][0] += 7
    assert again.n == 10
    plain["table"][0][0] -= 7
    assert JointCounts.from_dict(plain).n == 10


class Mine(JointCounts):
    pass


def test_a_subclass_reads_its_own():
    assert type(Mine.from_dict(Mine.from_table([[1]]).to_dict())) is Mine


def broken(**changes):
    plain = JointCounts.from_samples([0.0, 1.0], ["a", "b"], bins=2).to_dict() | changes
    return {k: v for k, v in plain.items() if v is not ...}


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        "{}",
        broken(format="other"),
        broken(version=99),
        broken(version=...),
        broken(shape=...),
        broken(shape=[2]),
        broken(shape=[2, 3]),
        broken(shape=[-1, 2]),
        broken(shape="ab"),
        broken(table=...),
        broken(table=[[1, 2], [3, -4]]),
        broken(table=[[1, 2], [3]]),
        broken(table=[["a", 2], [3, 4]]),
        broken(table=[[NAN, 2], [3, 4]], weighted=True),
        broken(table=[[2**64, 2], [3, 4]]),
        broken(x_edges={"dtype": "<f8", "values": [0.0, 1.0]}),
        broken(x_edges={"dtype": "<f8", "values": [2.0, 1.0, 0.0]}),
        broken(x_edges={"dtype": "<f8"}),
        broken(x_edges=[0, 1, 2]),
        broken(y_levels={"dtype": "object", "values": [["str", "a"], ["eval", "b"]]}),
        broken(y_levels={"dtype": "object", "values": ["a", "b"]}),
        broken(y_levels={"dtype": "nonsense", "values": ["a", "b"]}),
        broken(n_missing=-1),
        broken(n_dropped=1.5),
        broken(n_missing=...),
        broken(table=..., rows=[0, 2], columns=[0, 0], counts=[1, 1]),
        broken(table=..., rows=[1, 0], columns=[0, 0], counts=[1, 1]),
        broken(table=..., rows=[0, 0], columns=[0, 0], counts=[1, 1]),
        broken(table=..., rows=[0], columns=[0, 1], counts=[1, 1]),
        broken(table=..., rows=[0], columns=[-1], counts=[1]),
        broken(table=..., rows=[0], columns=[1], counts=[-1]),
    ],
)
def test_what_was_not_written_is_refused(data):
    with pytest.raises(ValueError, match="must"):
        JointCounts.from_dict(data)
