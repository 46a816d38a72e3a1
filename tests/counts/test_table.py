"""Counts of pairs as measures take them: all cells or the occupied ones, small, huge or weights."""

from __future__ import annotations

import gc
import itertools
import math
import pickle
import weakref
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mp
from numba import njit

from fastinfo import JointCounts
from fastinfo._core.checks import read_only
from fastinfo._counts import table as _table
from fastinfo._counts.table import Table
from fastinfo._measures.corrections import CORRECTIONS, entropy_of_counts
from fastinfo._measures.information import (
    AVERAGES,
    entropies,
    entropy_of,
    information_of,
    normalize,
)
from fastinfo.kernels.information import plug_in as kernels

INF, NAN = math.inf, math.nan

tables = st.integers(1, 6).flatmap(
    lambda ny: st.lists(
        st.lists(st.integers(0, 3) | st.integers(0, 500), min_size=ny, max_size=ny),
        min_size=1,
        max_size=6,
    )
)


def occupied(table):
    """The same counts, of the occupied cells alone."""
    table = np.asarray(table)
    rows, columns = np.nonzero(table)
    return Table(table[rows, columns], table.shape, (rows, columns))


def exact_information(table):
    """Mutual information from integers, to 40 digits."""
    rows = [[int(c) for c in row] for row in table]
    x_counts, y_counts = [sum(row) for row in rows], [sum(c) for c in zip(*rows, strict=True)]
    n = sum(x_counts)
    with mp.workdps(60):
        terms = [
            c * mp.log(mp.mpf(c * n) / (x_counts[i] * y_counts[j]))
            for i, row in enumerate(rows)
            for j, c in enumerate(row)
            if c
        ]
        return float(sum(terms) / n)


# Dense and occupied


@given(tables)
def test_what_cells_hold(table):
    table = np.array(table)
    for cells in (Table.of(table), occupied(table)):
        assert cells.x_counts.tolist() == table.sum(1).tolist()
        assert cells.y_counts.tolist() == table.sum(0).tolist()
        assert cells.shape == table.shape
        assert cells.n_cells == table.size
        assert cells.n == table.sum()
        assert isinstance(cells.n, int)
        assert not cells.counts.flags.writeable
        assert not cells.x_counts.flags.writeable
        assert not cells.weighted
    assert Table.of(table).rows is None
    assert occupied(table).counts.size == np.count_nonzero(table)


@pytest.mark.slow
@pytest.mark.parametrize("correction", [*CORRECTIONS, 0.5])
@given(table=tables)
@example(table=[[0, 0], [0, 0]])
@example(table=[[1]])
def test_occupied_cells_measure_as_all(correction, table):
    table = np.array(table)
    dense, sparse = Table.of(table), occupied(table)
    close = {"rel": 1e-13, "abs": 1e-14}
    for side in ("x", "y", "joint") if correction != "chance" else ():
        found = entropy_of(sparse, side, 2, correction)
        assert found == pytest.approx(entropy_of(dense, side, 2, correction), **close)
    found = information_of(sparse, 2, correction)
    assert found == pytest.approx(information_of(dense, 2, correction), **close)
    for average in AVERAGES:
        a, b = (
            normalize(information_of(c, None, correction), c, average, correction)
            for c in (sparse, dense)
        )
        assert a == pytest.approx(b, rel=1e-12, abs=1e-13)


def test_a_table_past_memory(rng):
    shape = (10**5, 2 * 10**5)
    places = np.unique(rng.integers(0, 2 * 10**10, 50_000))
    rows, columns = np.divmod(places, shape[1])
    counts = rng.integers(1, 4, places.size)
    cells = Table(counts, shape, (rows, columns))
    assert cells.n_cells == 2 * 10**10
    hx, hy, hxy = entropies(cells)
    assert hxy == pytest.approx(scipy.stats.entropy(counts), rel=1e-13)
    assert information_of(cells) == pytest.approx(hx + hy - hxy, rel=1e-13)
    assert entropy_of(cells, "joint", None, "nsb") > hxy
    hx, hy, hxy = entropies(cells, "shrinkage")
    assert hxy == pytest.approx(entropy_of_counts(counts, 2 * 10**10, "shrinkage"), rel=1e-12)
    assert information_of(cells, None, "shrinkage") == max(hx + hy - hxy, 0.0)
    # each pseudo-count of a row is that of its cells
    found = entropies(cells, 1e-6)
    expected = entropy_of_counts(cells.x_counts, None, 2e5 * 1e-6)
    assert found[0] == pytest.approx(expected, rel=1e-12)
    # a pseudo-count in each cell
    assert entropy_of(cells, "joint", None, 1.0) == pytest.approx(math.log(2e10), rel=1e-5)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12), st.integers(1, 1000))
def test_occupied_cells_of_an_outer_product_have_no_information(x_counts, factor):
    table = factor * np.outer(x_counts, [3, 1, 7])
    assert information_of(occupied(table)) == 0.0
    assert information_of(occupied(table.T)) == 0.0


# Other places, and sums


def moved(table, rows, columns, shape):
    """The same counts elsewhere, one cell at a time."""
    out = np.zeros(shape, table.dtype)
    for (i, j), c in np.ndenumerate(table):
        x, y = (k if places is None else places[k] for k, places in ((i, rows), (j, columns)))
        if x >= 0 and y >= 0:
            out[x, y] += c
    return out


def sides(size):
    """Places of so many rows: none, others, the same one for several, and those left out."""
    few = st.lists(st.integers(-1, 9), min_size=size, max_size=size).map(np.array)
    first = st.integers(0, size).map(lambda k: np.where(np.arange(size) < k, np.arange(size), -1))
    return st.none() | few | first | st.permutations(range(size)).map(np.array)


both_kinds = pytest.mark.parametrize("kinds", list(itertools.product((True, False), repeat=2)))


@pytest.mark.slow
@both_kinds
@given(tables, st.data(), st.booleans())
def test_counts_at_other_places(kinds, table, data, weighted):
    table = np.array(table, float if weighted else int)
    rows, columns = (data.draw(sides(size)) for size in table.shape)
    before = table.copy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_table, "is_dense", lambda n_cells, n_pairs: kinds[1])
        counts = Table.of(table) if kinds[0] else occupied(table)
        found = counts.placed(rows, columns, (11, 10))
        assert found.is_dense == kinds[1]
        assert found.shape == (11, 10)
        assert found.weighted == weighted
        np.testing.assert_array_equal(found.dense(), moved(table, rows, columns, (11, 10)))
        fitted = counts.placed(rows, columns)
        np.testing.assert_array_equal(fitted.dense(), moved(table, rows, columns, fitted.shape))
        for size, places, own in zip(fitted.shape, (rows, columns), table.shape, strict=True):
            assert size == (own if places is None else max(places.max(), -1) + 1)
        assert (counts.placed(None, None) is counts) == (kinds[0] or not kinds[1])
    for result in (found, fitted):
        if not result.is_dense:
            keys = result.rows.astype(int) * result.shape[1] + result.columns
            assert (np.diff(keys) > 0).all()
    np.testing.assert_array_equal(table, before)


@pytest.mark.slow
@both_kinds
@given(tables, st.data())
def test_parts_are_added_in_place(kinds, table, data):
    table = np.array(table)
    rows, columns = (data.draw(sides(size)) for size in table.shape)
    whole = np.arange(110).reshape(11, 10) % 7
    counts = Table.of(whole.copy()) if kinds[0] else occupied(whole)
    assert counts.n == whole.sum()
    assert counts.x_counts.tolist() == whole.sum(1).tolist()
    part = Table.of(table) if kinds[1] else occupied(table)
    expected = whole + moved(table, rows, columns, (11, 10))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_table, "is_dense", lambda n_cells, n_pairs: False)
        counts.add(part, rows, columns)
    assert counts.is_dense == kinds[0]
    assert counts.n == expected.sum()  # nothing is left of what was computed before
    assert counts.x_counts.tolist() == expected.sum(1).tolist()
    np.testing.assert_array_equal(counts.dense(), expected)
    assert part.n == table.sum()


@both_kinds
@given(tables, st.booleans())
def test_sums_of_tables(kinds, table, weighted):
    a = np.array(table)
    b = a[::-1] + (0.5 if weighted else 0)
    one, other = (
        Table.of(t) if kind else occupied(t) for t, kind in ((a, kinds[0]), (b, kinds[1]))
    )
    total = one + other
    assert total.is_dense == any(kinds)
    assert total.weighted == weighted
    np.testing.assert_array_equal(total.dense(), a + b, strict=True)
    np.testing.assert_array_equal(one.dense(), a)


@given(tables)
def test_sides_and_cells_of_a_table(table):
    table = np.array(table)
    for counts in (Table.of(table), occupied(table)):
        np.testing.assert_array_equal(counts.T.dense(), table.T, strict=True)
        np.testing.assert_array_equal(counts.margin(0), table.sum(1), strict=True)
        np.testing.assert_array_equal(counts.margin(1), table.sum(0), strict=True)
        assert counts.last == table[-1, -1]
        rows, columns, values = counts.cells()
        expected = np.nonzero(table)
        assert [rows.tolist(), columns.tolist()] == [a.tolist() for a in expected]
        assert values.tolist() == table[expected].tolist()
        again = pickle.loads(pickle.dumps(counts))
        assert again.is_dense == counts.is_dense
        np.testing.assert_array_equal(again.dense(), table, strict=True)
        turned = counts.T
        rows = turned.columns if counts.is_dense else turned.rows
        assert counts.is_dense == (rows is None)


@pytest.mark.parametrize("weights", [1, 1.0, 1e-300])
def test_tables_do_not_wait_for_the_garbage_collector(weights, rng):
    table = Table.of(rng.integers(1, 9, (4, 5)) * weights)
    information_of(table, None, "shrinkage")
    information_of(table)
    gone = weakref.ref(table)
    gc.disable()
    try:
        del table
        assert gone() is None
    finally:
        gc.enable()


def test_empty_tables():
    assert Table.empty(3, 4).is_dense
    large = Table.empty(300, 300)
    assert not large.is_dense
    assert large.n == large.last == 0
    assert large.placed(None, None, None, 45_000).is_dense
    assert large.x_counts.tolist() == [0.0] * 300
    assert Table.of(np.zeros((0, 3), int)).last == 0


def test_a_table_that_grows_stays_dense_while_it_has_the_pairs():
    table = Table.of(np.ones((200, 200), np.int64))
    assert not table.placed(None, None, (300, 300), 40_000).is_dense
    grown = table.placed(None, None, (300, 300), 45_000)
    assert grown.is_dense
    assert grown.n == 40_000
    with pytest.raises(ValueError, match="use fewer bins or levels"):
        Table.of(np.ones((1, 1))).placed(None, None, (2**31, 2**31), 2**62)


# Sizes


def test_totals_past_32_bits():
    table = np.array([[2**33, 2**20], [3, 2**35]])
    expected = exact_information(table)
    for cells in (Table.of(table), occupied(table)):
        assert cells.n == int(table.sum())
        assert information_of(cells) == pytest.approx(expected, rel=1e-14)


@given(
    st.sampled_from([np.array, np.transpose]),
    st.lists(
        st.lists(st.integers(0, 2**62) | st.integers(0, 3), min_size=3, max_size=3),
        min_size=2,
        max_size=4,
    ),
)
def test_counts_past_float64(arrange, table):
    table = arrange(np.array(table, np.int64))
    expected = exact_information(table.tolist()) if table.any() else 0.0
    # A quotient near 1 is rounded by as much as 4e-16 before its logarithm is taken.
    for cells in (Table.of(table), occupied(table)):
        assert information_of(cells) == pytest.approx(expected, rel=1e-13, abs=5e-16)
        assert information_of(cells) >= 0.0
        assert cells.n == sum(map(int, table.ravel()))
    counts = JointCounts.from_table(table)
    turned = JointCounts.from_table(table.T[::-1])
    if cells.n >= 2**54:
        assert counts.mutual_information() == turned.mutual_information()
    assert counts.joint_entropy() == pytest.approx(turned.joint_entropy(), rel=1e-14)


def test_independent_counts_past_float64():
    table = np.outer([3, 2**30 - 1, 10**9 + 7], [2**30 + 1, 998_244_353, 5])
    assert table.sum(dtype=float) > 2**53
    for cells in (Table.of(table), occupied(table)):
        assert information_of(cells) == 0.0
    table[1, 1] += 1  # no longer quite independent
    assert 0 <= information_of(Table.of(table)) < 1e-25
    test = JointCounts.from_table(table).independence_test()
    assert test.statistic == pytest.approx(0.0, abs=1e-7)
    assert test.pvalue > 0.999


def test_sums_past_64_bits():
    table = np.full((3, 3), 2**62)
    counts = JointCounts.from_table(table)
    assert counts.n == 9 * 2**62
    assert counts.mutual_information() == 0.0
    assert counts.entropy_x() == pytest.approx(math.log(3), rel=1e-15)
    assert counts.mutual_information(correction="miller-madow") == pytest.approx(0, abs=1e-15)
    assert counts.mutual_information(correction="nsb") == pytest.approx(0, abs=1e-11)


def ulps_apart(values, hx, hy):
    return (max(values) - min(values)) / np.spacing(hx + hy)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(2, 5000), (5000, 2), (300, 300), (40, 40), (3, 3), (1200, 7)])
@pytest.mark.parametrize("kind", ["few", "many", "near independence", "diagonal", "large"])
def test_permuted_and_transposed_tables_agree_to_2_ulp(shape, kind, rng):
    if kind == "few":
        table = rng.integers(0, 3, shape) * rng.integers(0, 2, shape)
    elif kind == "many":
        table = rng.integers(0, 10**6, shape)
    elif kind == "near independence":
        table = np.outer(rng.integers(1, 999, shape[0]), rng.integers(1, 999, shape[1]))
        table += rng.integers(0, 2, shape)
    elif kind == "diagonal":
        table = np.diag(rng.integers(1, 1000, min(shape)))
    else:
        table = rng.integers(0, 2**38, shape)
    permuted = table[rng.permutation(table.shape[0])][:, rng.permutation(table.shape[1])]
    dense = [Table.of(t) for t in (table, permuted, table.T, permuted.T, table[::-1])]
    found = [information_of(c) for c in [*dense, occupied(table), occupied(permuted.T)]]
    hx, hy, _ = entropies(dense[0])
    assert ulps_apart(found, hx, hy) <= 2


# Weights


@pytest.mark.parametrize("scale", [1e-300, 5e-310, 1e-150, 1e150, 1e306])
def test_the_scale_of_weights_is_no_matter(scale):
    table = np.array([[3.0, 1.0, 0.0], [0.0, 2.0, 0.5]])
    expected = entropies(Table.of(table)), information_of(Table.of(table))
    for cells in (Table.of(table * scale), occupied(table * scale)):
        assert cells.weighted
        assert entropies(cells) == pytest.approx(expected[0], rel=1e-12)
        assert information_of(cells) == pytest.approx(expected[1], rel=1e-12)


def test_margins_of_weights_are_rounded_once(rng):
    table = np.exp(rng.normal(0, 12, (3000, 5)))
    exact_x = [math.fsum(row) for row in table]
    exact_y = [math.fsum(column) for column in table.T]
    for cells in (Table.of(table), occupied(table)):
        assert cells.x_counts == pytest.approx(exact_x, rel=3e-16)
        assert cells.y_counts == pytest.approx(exact_y, rel=3e-16)
        assert cells.n == pytest.approx(float(sum(map(Fraction, table.ravel()))), rel=3e-16)


def test_weights_in_another_order(rng):
    table = np.exp(rng.normal(0, 3, (2000, 3)))
    permuted = table[rng.permutation(2000)]
    found = [
        information_of(c) for c in (*map(Table.of, (table, permuted, table.T)), occupied(permuted))
    ]
    assert ulps_apart(found, *entropies(Table.of(table))[:2]) <= 4


def test_cells_leave_their_input_alone(rng):
    for table in (rng.integers(0, 9, (4, 5)), rng.random((4, 5))):
        before = table.copy()
        table.flags.writeable = False
        cells = Table.of(table)
        information_of(cells, None, "shrinkage")
        assert np.array_equal(table, before)
    table = rng.random((4, 5))
    Table.of(table)
    assert table.flags.writeable


# Pointwise


@given(tables)
def test_pointwise_information_is_that_of_each_cell(table):
    found = JointCounts.from_table(table).pointwise_mutual_information()
    table = np.array(table)
    assert found.shape == table.shape
    assert found.dtype == np.float64
    n = int(table.sum())
    for (i, j), c in np.ndenumerate(table):
        x, y = int(table[i].sum()), int(table[:, j].sum())
        if x == 0 or y == 0:
            assert math.isnan(found[i, j])
        elif c == 0:
            assert found[i, j] == -INF
        else:
            assert found[i, j] == pytest.approx(
                math.log(int(c) * n / (x * y)), abs=4e-16, rel=1e-14
            )


@given(tables.filter(np.any))
def test_the_mean_of_pointwise_information_is_the_mutual_one(table):
    counts = JointCounts.from_table(table)
    for base in (None, 2):
        found = counts.pointwise_mutual_information(base=base)
        mean = np.sum(found[np.array(table) > 0] * counts.table[counts.table > 0]) / counts.n
        assert mean == pytest.approx(counts.mutual_information(base), rel=1e-12, abs=1e-14)


def test_positive_pointwise_information():
    counts = JointCounts.from_table([[3, 0, 0], [1, 2, 0], [0, 0, 0]])
    found = counts.pointwise_mutual_information(positive=True)
    expected = [
        [math.log(3 * 6 / (3 * 4)), 0, NAN],
        [0, math.log(2 * 6 / (3 * 2)), NAN],
        [NAN, NAN, NAN],
    ]
    assert found == pytest.approx(np.array(expected), nan_ok=True)
    assert found.ravel()[1] == 0.0


def test_pointwise_information_of_weights_and_of_nothing():
    table = np.array([[3.0, 1.0], [0.5, 2.0]])
    expected = JointCounts.from_table(table).pointwise_mutual_information()
    for scale in (1e-250, 1e-3, 1e250):
        found = JointCounts.from_table(table * scale).pointwise_mutual_information()
        assert found == pytest.approx(expected, rel=1e-12)
    assert np.isnan(JointCounts.from_table([[0, 0]]).pointwise_mutual_information()).all()
    with pytest.raises(ValueError, match="`base` must be a positive number"):
        JointCounts.from_table(table).pointwise_mutual_information(base=1)


def test_pointwise_information_of_independent_counts_is_0():
    counts = JointCounts.from_table(np.outer([3, 7, 11], [5, 1, 13]))
    assert (counts.pointwise_mutual_information() == 0).all()


# The kernels in a user's own function


@njit
def pairs_in_a_users_function(rows, columns, counts, nx, ny):
    x_counts, y_counts = np.empty(nx), np.empty(ny)
    kernels.margins_of_pairs(rows, columns, counts, x_counts, y_counts)
    mi = kernels.mutual_information_of_pairs(rows, columns, counts, x_counts, y_counts)
    return x_counts, y_counts, mi


@pytest.mark.parametrize("shape", [(1, 1), (3, 4), (70, 60)])
def test_kernels_of_pairs(shape, rng):
    table = rng.integers(0, 5, shape)
    table[0, 0] = 3
    rows, columns = (read_only(a.astype(np.uint32)) for a in np.nonzero(table))
    counts = read_only(table[rows, columns].astype(float))
    x_counts, y_counts, mi = pairs_in_a_users_function(rows, columns, counts, *shape)
    assert x_counts.tolist() == table.sum(1).tolist()
    assert y_counts.tolist() == table.sum(0).tolist()
    assert mi == pytest.approx(exact_information(table), rel=1e-13, abs=1e-16)


def test_kernels_of_no_pairs():
    nothing = read_only(np.empty(0, np.uint32))
    *margins, mi = pairs_in_a_users_function(nothing, nothing, read_only(np.empty(0)), 2, 3)
    assert [m.tolist() for m in margins] == [[0, 0], [0, 0, 0]]
    assert mi == 0.0


@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (5, 7), (40, 3)])
def test_margins_of_integers_are_those_of_the_kernels(shape, rng):
    table = rng.integers(0, 2**40, shape) * rng.integers(0, 2, shape)
    rows, columns = np.nonzero(table)
    both = Table.of(table), Table(table[rows, columns], shape, (rows, columns))
    for cells in both:
        assert cells.exact is None
        assert cells.x_counts.tolist() == table.sum(axis=1).tolist()
        assert cells.y_counts.tolist() == table.sum(axis=0).tolist()
        weights = Table.of(table.astype(np.float64))
        assert cells.x_counts.tolist() == weights.x_counts.tolist()
        assert not cells.y_counts.flags.writeable
        assert cells.y_counts.dtype == np.float64
