"""What all pairs of columns are counted by: kernels, plans, and columns coded side by side."""

import itertools
import math
import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pytest
import reference
from helpers import compiled, fixed
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from reference import pairs

from fastinfo import (
    JointCounts,
    entropy_from_counts,
    mutual_information_matrix,
    num_threads,
)
from fastinfo._bins.options import Binning
from fastinfo._columns.code_matrix import MOST_LEVELS, with_missing_level
from fastinfo._columns.coding import code_features, code_one
from fastinfo._columns.notes import notes_of_columns
from fastinfo._columns.pairs import all_pairs as pair_counts
from fastinfo._columns.pairs.all_pairs import Plan, choose, count_all
from fastinfo._columns.pairs.all_pairs import _groups as groups_of
from fastinfo._columns.pairs.panels import panels_of
from fastinfo._columns.pairs.tiles import open_margin
from fastinfo._core.coded_variable import Coded
from fastinfo._tables.table_readers import read_features
from fastinfo._tables.targets import read_target, split_target
from fastinfo.kernels.binning import transposing as turning
from fastinfo.kernels.counting import bit_planes, packing
from fastinfo.kernels.elementary.turning import turn_square
from fastinfo.kernels.information import pair_tables

NAN = math.nan
LABELS = Binning(strategy="uniform", discrete=True)
AUTO = Binning(strategy="uniform")


def code_matrix(columns):
    """Columns of codes, -1 where missing, as the library codes labels."""
    X = np.stack(columns, axis=1).astype(float)
    X[X < 0] = NAN
    return code_features(read_features(X), LABELS)


def relabelled(column):
    """Codes in which each level below the largest occurs, -1 where missing."""
    return pairs.codes_of(np.where(column < 0, NAN, column))


def random_columns(levels, n, rng, share=0.0):
    """Columns of codes in which each level occurs, some missing in all but the first."""
    columns = [rng.permutation(np.arange(n) % k) for k in levels]
    for column in columns[1:]:
        gaps = rng.random(n) < share
        gaps[: max(levels)] = False
        column[: max(levels)] = np.arange(max(levels)) % (column.max() + 1)
        column[gaps] = -1
    return columns


# Bit planes


@njit
def fill_in_a_users_function(codes, columns, start, stop, size, n_planes):
    buffer, planes = np.empty(8 * size, np.uint8), np.full((n_planes, size), np.uint8(7))
    bit_planes.fill_planes(codes, columns, start, stop, buffer, planes)
    return planes


def bits_of(planes):
    """Bits of planes by row: bit ``k`` of byte ``w`` is that of row ``k * bytes + w``."""
    return np.stack([(planes >> k) & 1 for k in range(8)], axis=1).reshape(len(planes), -1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "stop"), [(0, 512), (0, 1), (0, 511), (3, 515), (100, 101), (7, 300), (488, 1000)]
)
def test_a_plane_has_a_bit_for_each_row(start, stop, rng):
    widths = [2, 5, 1, 255]
    codes = fixed([rng.integers(0, w, 1000) for w in widths], np.uint8)
    columns = fixed([[2, 1], [0, 1], [3, 254], [1, 3], [0, 2]], np.int64)
    planes = fill_in_a_users_function(codes, columns, start, stop, 64, 264)
    stored = [codes[i, start:stop] == level for i, n in columns for level in range(n)]
    expected = np.zeros((262, 512), np.uint8)
    expected[:261, : stop - start] = stored
    expected[261, : stop - start] = 1  # all rows
    np.testing.assert_array_equal(bits_of(planes[:262]), expected)
    assert (planes[262:] == 7).all()  # as they were


def test_planes_of_no_column_are_the_rows():
    planes = fill_in_a_users_function(
        fixed(np.zeros((1, 600)), np.uint8), fixed(np.zeros((0, 2)), np.int64), 5, 100, 64, 4
    )
    assert bits_of(planes[:1]).sum() == 95


@njit
def count_planes_in_a_users_function(x, y, same, table):
    bit_planes.count_planes(x.view(np.uint64), y.view(np.uint64), same, table)


@pytest.mark.slow
@pytest.mark.parametrize("words", [1, 8, 256])
@pytest.mark.parametrize(("nx", "ny"), [(4, 4), (8, 4), (4, 68), (64, 128), (132, 60)])
def test_shared_bits(nx, ny, words, rng):
    x, y = (rng.integers(0, 256, (n, 8 * words)).astype(np.uint8) for n in (nx, ny))
    x[0], x[1] = 255, 0
    bits = [np.unpackbits(p, axis=1).astype(np.int64) for p in (x, y)]
    before = rng.integers(0, 100, (nx, ny))
    table = before.copy()
    count_planes_in_a_users_function(x, y, False, table)
    np.testing.assert_array_equal(table, before + bits[0] @ bits[1].T)
    own = before = rng.integers(0, 100, (nx, nx))
    table = own.copy()
    count_planes_in_a_users_function(x, x, True, table)
    above = np.triu(np.ones((nx, nx), bool))
    np.testing.assert_array_equal(table[above], (before + bits[0] @ bits[0].T)[above])
    far_below = np.tril(np.ones((nx, nx), bool), -4)
    np.testing.assert_array_equal(table[far_below], before[far_below])


@njit
def count_by_planes_in_a_users_function(
    x_codes, x_columns, y_codes, y_columns, same, start, stop, x, y, table
):
    words = x.view(np.uint64), y.view(np.uint64)
    bit_planes.count_by_planes(
        x_codes,
        x_columns,
        y_codes,
        y_columns,
        same,
        start,
        stop,
        x,
        words[0],
        x if same else y,
        words[0] if same else words[1],
        table,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("start", "stop"), [(0, 2000), (1, 1), (13, 14), (100, 1636), (700, 1999)])
def test_counts_by_planes(start, stop, rng):
    x_widths, y_widths = [3, 2, 6], [2, 1, 9, 4]
    x_codes = fixed([rng.integers(0, w, 2000) for w in x_widths], np.uint8)
    y_codes = fixed([rng.integers(0, w, 2000) for w in y_widths], np.uint8)
    x_columns = fixed([[1, 1], [2, 5], [0, 3]], np.int64)
    y_columns = fixed([[0, 1], [1, 0], [2, 9], [3, 3]], np.int64)
    sides = []
    for codes, columns in ((x_codes, x_columns), (y_codes, y_columns)):
        part = codes[:, start:stop].astype(int)
        rows = pairs.indicators([part[i] for i, _ in columns], [n for _, n in columns])
        sides.append(np.concatenate([rows, np.ones((1, stop - start), int)]))
    for same, expected in ((False, sides[0] @ sides[1].T), (True, sides[0] @ sides[0].T)):
        table = np.ones((12, 12 if same else 16), np.int64)
        x, y = np.zeros((12, 64), np.uint8), np.zeros((16, 64), np.uint8)
        count_by_planes_in_a_users_function(
            x_codes, x_columns, y_codes, y_columns, same, start, stop, x, y, table
        )
        table = table[: expected.shape[0], : expected.shape[1]] - 1
        above = np.triu(table) if same else table
        np.testing.assert_array_equal(above, np.triu(expected) if same else expected)


def test_planes_have_whole_vectors():
    assert bit_planes.BYTES % 64 == 0


# Packed groups


@njit
def join_in_a_users_function(codes, columns, widths, start, stop, out):
    packing.join_columns(codes, columns, widths, start, stop, out)


@pytest.mark.slow
@pytest.mark.parametrize(
    "widths", [[255], [2] * 8, [3, 85], [4, 1, 16, 4], [1, 1], [15, 17], [2] * 10, [250, 4]]
)
@pytest.mark.parametrize(("start", "stop"), [(0, 9000), (5, 5), (4095, 4097), (17, 8300)])
def test_columns_are_digits_of_a_number(widths, start, stop, rng):
    codes = fixed([rng.integers(0, w, 9000) for w in widths], np.uint8)
    order = rng.permutation(len(widths))
    expected = np.zeros(9000, int)
    for i in order:
        expected = expected * widths[i] + codes[i]
    for dtype in (np.uint8, np.uint16)[math.prod(widths) > 256 :]:
        found = np.empty(stop - start, dtype)
        join_in_a_users_function(
            codes, fixed(order), fixed(np.array(widths)[order]), start, stop, found
        )
        assert found.tolist() == expected[start:stop].tolist()


def digits(levels, widths, first=0):
    """Columns as they are described: where each begins, levels that are kept, and the width."""
    begins = first + np.cumsum(levels) - levels
    return fixed(np.stack([begins, levels, widths], axis=1), np.int64)


@njit
def add_marginals_in_a_users_function(table, x, y, sums, out):
    packing.add_marginals(table, x, y, sums, out)


GROUPS = [
    ([2, 2, 2], [2, 2, 2]),
    ([3], [3]),
    ([254], [255]),
    ([3, 4], [4, 4]),
    ([2, 5, 3], [3, 5, 4]),
    ([0, 2], [1, 3]),
    ([1, 1], [1, 2]),
]


@pytest.mark.slow
@pytest.mark.parametrize("x_group", range(len(GROUPS)))
@pytest.mark.parametrize("y_group", range(len(GROUPS)))
def test_marginals_of_a_table_of_groups(x_group, y_group, rng):
    (x_levels, x_widths), (y_levels, y_widths) = GROUPS[x_group], GROUPS[y_group]
    full = rng.integers(0, 1000, (*x_widths, *y_widths))
    table = full.reshape(math.prod(x_widths), math.prod(y_widths)).astype(np.uint32)
    x, y = digits(np.array(x_levels), x_widths, 2), digits(np.array(y_levels), y_widths, 1)
    before = rng.integers(0, 9, (sum(x_levels) + 3, sum(y_levels) + 4))
    out, expected = before.copy(), before.copy()
    sums = np.empty((max(x_widths), table.shape[1]), np.int64)
    add_marginals_in_a_users_function(table, x, y, sums, out)
    for i, (p, nx, _) in enumerate(x):
        for j, (q, ny, _) in enumerate(y):
            others = [k for k in range(full.ndim) if k not in (i, len(x_widths) + j)]
            expected[p : p + nx, q : q + ny] += full.sum(axis=tuple(others))[:nx, :ny]
    np.testing.assert_array_equal(out, expected)


def test_marginals_of_large_counts():
    table = np.full((4, 4), 2**32 - 1, np.uint32)
    x = digits(np.array([2, 2]), [2, 2])
    out = np.zeros((4, 4), np.int64)
    add_marginals_in_a_users_function(table, x, x, np.empty((2, 4), np.int64), out)
    assert out.tolist() == np.full((4, 4), 4 * (2**32 - 1)).tolist()


@njit
def count_packed_in_a_users_function(
    x_numbers, x, y_numbers, y, y_groups, first_group, cells, sums, out
):
    packing.count_packed(x_numbers, x, y_numbers, y, y_groups, first_group, cells, sums, out)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("n", [1, 3, 1000])
@pytest.mark.parametrize("first_group", [0, 1, 2])
def test_counts_of_a_group_against_others(first_group, n, dtype, rng):
    x_widths, y_widths = [3, 2], [4, 2, 255, 3, 5, 2]
    x_codes = [rng.integers(0, w, n) for w in x_widths]
    y_codes = [rng.integers(0, w, n) for w in y_widths]
    y_groups = [0, 2, 3, 6]
    x_levels, y_levels = np.array([2, 2]), np.array([3, 2, 254, 3, 4, 2])  # else it is missing
    x, y = digits(x_levels, x_widths), digits(y_levels, y_widths)
    x_numbers = fixed(x_codes[0] * 2 + x_codes[1], dtype)
    y_numbers = fixed(
        [y_codes[0] * 2 + y_codes[1], y_codes[2], (y_codes[3] * 5 + y_codes[4]) * 2 + y_codes[5]],
        dtype,
    )
    cells, sums = np.full(6 * 255 + 9, 77, np.uint32), np.empty((3, 255), np.int64)
    out = np.ones((x_levels.sum(), y_levels.sum()), np.int64)
    count_packed_in_a_users_function(
        x_numbers, x, y_numbers, y, fixed(y_groups, np.int64), first_group, cells, sums, out
    )
    expected = pairs.indicators(x_codes, x_levels) @ pairs.indicators(y_codes, y_levels).T
    expected[:, : y[y_groups[first_group], 0]] = 0
    np.testing.assert_array_equal(out - 1, expected)


# Both methods give the same counts


def expected_counts(x, y, by_planes):
    """Counts of all stored levels of two panels, by products of matrices of indicators."""
    sides = []
    for panel in (x, y):
        stored = panel.layout(by_planes)[:, 1]
        codes = panel.matrix.codes[panel.rows].astype(int)
        rows = pairs.indicators(codes, stored)
        if by_planes:
            rows = np.concatenate([rows, np.ones((1, codes.shape[1]), int)])
        sides.append(rows)
    return sides[0] @ sides[1].T


def table_of(counts, layouts, i, j):
    """Table and margins of one pair."""
    p, q = tuple(layouts[0][i].tolist()), tuple(layouts[1][j].tolist())
    cells, x_counts, y_counts = np.empty(p[2] * q[2]), np.empty(p[2]), np.empty(q[2])
    n = pair_tables.open_table(counts, layouts[0], i, layouts[1], j, cells, x_counts, y_counts)
    table = cells.reshape(p[2], q[2])
    assert n == table.sum()
    assert x_counts.tolist() == table.sum(axis=1).tolist()
    assert y_counts.tolist() == table.sum(axis=0).tolist()
    return table


class Taken:
    """Takes matrices of counts, holds them against NumPy's, and keeps the table of each pair."""

    def __init__(self, columns, others=None):
        self.columns, self.others = columns, columns if others is None else others
        self.methods, self.tables = set(), {}

    def __call__(self, x, y, same, by_planes, counts):
        assert counts.dtype == np.int64
        assert not counts.flags.writeable
        self.methods.add("planes" if by_planes else "packed")
        expected, above = expected_counts(x, y, by_planes), np.ones(counts.shape, bool)
        layouts = x.layout(by_planes), y.layout(by_planes)
        if same:
            assert x is y
            above = np.triu(above)
            for first, stored, _ in layouts[0]:
                above[first : first + stored, first : first + stored] = True
        np.testing.assert_array_equal(counts[above], expected[above])
        for i, a in enumerate(x.columns.tolist()):
            for j, b in enumerate(y.columns.tolist()):
                if not (same and j < i):
                    assert (a, b) not in self.tables
                    self.tables[a, b] = table_of(counts, layouts, i, j)
                    self.check(a, b, x.levels[i], y.levels[j])

    def check(self, a, b, nx, ny):
        expected = pairs.count(self.columns[a], self.others[b], nx, ny)
        np.testing.assert_array_equal(self.tables[a, b], expected)


LEVEL_BY_LEVEL = ("planes", "half bytes")


def force(monkeypatch, method, cost=1.0):
    """Make one method the choice; two numbers are for groups of at most so many on each side."""

    def chosen(x, y, same):
        if method in LEVEL_BY_LEVEL:
            return Plan(cost, None, None, half_bytes=method == "half bytes")
        if method == "one by one":
            groups = groups_of(x.widths, 1), groups_of(y.widths, 1)
            return Plan(cost, *groups, one_by_one=True)
        return Plan(cost, groups_of(x.widths, method[0]), groups_of(y.widths, method[1]))

    monkeypatch.setattr(pair_counts, "choose", chosen)


METHODS = [
    *LEVEL_BY_LEVEL,
    "one by one",
    *[(size, size) for size in (1, 16, 64, 256, 1024)],
    *[(256, 1), (1, 64), (16, 1024), (1024, 64)],
]
COLUMNS = {
    "binary": [2] * 21,
    "few": [1, 2, 2, 3, 3, 4, 5, 7],
    "many": [2, 3, 16, 40, 120, 200, 254],
    "one": [254],
    "constant": [1, 1, 1],
}


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("share", [0.0, 0.3])
@pytest.mark.parametrize("name", COLUMNS)
def test_both_methods_count_alike(name, share, method, monkeypatch, rng):
    columns = random_columns(COLUMNS[name], 700, rng, share)
    matrix = code_matrix(columns)
    assert not matrix.wide
    force(monkeypatch, method)
    taken = Taken(columns)
    count_all(matrix, None, taken)
    assert taken.methods == {"planes" if method in LEVEL_BY_LEVEL else "packed"}
    f = len(columns)
    assert {tuple(sorted(pair)) for pair in taken.tables} == {
        (i, j) for j in range(f) for i in range(j + 1)
    }
    assert len(taken.tables) == f * (f + 1) // 2


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("share", [0.0, 0.3])
def test_both_methods_count_x_against_y_alike(share, method, monkeypatch, rng):
    columns = random_columns([3, 2, 254, 2, 20], 600, rng)
    others = random_columns([2, 9, 9, 130, 1], 600, rng, share)
    force(monkeypatch, method)
    for x, y in ((columns, others), (others, columns)):
        taken = Taken(x, y)
        count_all(code_matrix(x), code_matrix(y), taken)
        assert set(taken.tables) == {(i, j) for i in range(5) for j in range(5)}


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 511, 512, 513, 16383, 16384, 16385, 33000])
@pytest.mark.parametrize("method", [*LEVEL_BY_LEVEL, "one by one", (256, 256), (1024, 16)])
def test_numbers_of_rows(method, n, monkeypatch, rng):
    columns = [rng.integers(0, k, n) for k in (2, 2, 3, 9)]
    columns[1][:-1][rng.random(n - 1) < 0.1] = -1
    columns = [relabelled(c) for c in columns]
    for cost in (1.0, 1e12):  # so dear that each call is of one block
        force(monkeypatch, method, cost)
        taken = Taken(columns)
        count_all(code_matrix(columns), None, taken)
        assert len(taken.tables) == 10


@pytest.mark.slow
@pytest.mark.parametrize("method", [*LEVEL_BY_LEVEL, "one by one", (1, 1), (16, 1024)])
def test_rows_of_several_threads_add_up(method, threads, monkeypatch, rng):
    columns = [rng.integers(0, k, 150_001) for k in (2, 3, 5)]
    columns[2][::7] = -1
    force(monkeypatch, method)
    for others in (None, columns[1:]):
        taken = Taken(columns, others)
        matrix = code_matrix(columns)
        count_all(matrix, None if others is None else code_matrix(others), taken)
        assert len(taken.tables) == 6


def test_groups_are_counted_by_parts_of_the_rows(monkeypatch, rng):
    monkeypatch.setattr(pair_counts, "_FEWEST_ROWS", 100)
    monkeypatch.setattr(pair_counts, "_SCRATCH", 1)
    columns = random_columns([2, 3, 5, 16], 750, rng, 0.1)
    force(monkeypatch, (64, 16))
    taken = Taken(columns)
    with num_threads(3):
        count_all(code_matrix(columns), None, taken)
    assert len(taken.tables) == 10


def assert_counted(matrix, taken, threads):
    """Each pair of narrow columns is counted once, and reported."""
    heard = []
    with num_threads(threads):
        count_all(matrix, None, taken, heard.append)
    narrow = np.flatnonzero(matrix.n_levels <= MOST_LEVELS)
    total = len(narrow) * (len(narrow) + 1) // 2
    assert len({tuple(sorted(pair)) for pair in taken.tables}) == len(taken.tables) == total
    assert heard == sorted(set(heard))
    assert heard[-1] == total


@pytest.mark.slow
@pytest.mark.parametrize("levels", [[2, 30] * 20, [2, 3, 9, 60, 254] * 2, [300, 2, 400]])
def test_the_model_chooses_a_plan_that_counts_right(levels, threads, rng):
    columns = [relabelled(rng.integers(0, k, 2000)) for k in levels]
    assert_counted(code_matrix(columns), Taken(columns), threads)


@pytest.mark.slow
@pytest.mark.parametrize("n_threads", [1, 2])
def test_more_columns_than_a_panel_holds(n_threads, rng):
    columns = [relabelled(rng.integers(0, 2, 60)) for _ in range(530)]
    taken = Taken(columns)
    taken.check = lambda *pair: None  # the products of indicators are enough for so many
    matrix = code_matrix(columns)
    assert len(panels_of(matrix)) > 1
    assert_counted(matrix, taken, n_threads)


def test_nothing_to_count_where_all_have_many_levels(rng):
    matrix = code_matrix([rng.permutation(300) for _ in range(2)])
    count_all(matrix, None, pytest.fail, pytest.fail)
    count_all(matrix, code_matrix([np.arange(300) % 2]), pytest.fail, pytest.fail)


# Panels, groups and plans


@given(st.lists(st.integers(1, 254), min_size=1, max_size=60))
def test_panels_hold_each_narrow_column_once(levels):
    rows = np.arange(254)
    matrix = code_matrix([rows % k for k in levels])
    panels = panels_of(matrix)
    held = np.concatenate([p.columns for p in panels]).tolist()
    assert sorted(held) == list(range(len(levels)))
    for panel in panels:
        assert panel.levels.tolist() == [levels[i] for i in panel.columns]
        assert panel.columns.size == 1 or panel.levels.sum() <= 1024
        assert panel.levels.max() <= 2 * max(panel.levels.min(), 2)
        assert panel.widths.tolist() == panel.levels.tolist()  # nothing is missing
    assert [p.levels[0] for p in panels] == sorted(p.levels[0] for p in panels)


@given(
    st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=30),
    st.sampled_from([1, 16, 64, 256, 1024]),
)
def test_groups_hold_as_many_numbers_as_they_may(columns, size):
    rows = np.arange(120)
    codes = [np.where(gaps & (rows >= 80), -1, rows % k) for k, gaps in columns]
    for panel in panels_of(code_matrix(codes)):
        groups = groups_of(panel.widths, size)
        assert (groups[0], groups[-1]) == (0, panel.columns.size)
        assert (np.diff(groups) > 0).all()
        for first, last in itertools.pairwise(groups.tolist()):
            numbers = math.prod(panel.widths[first:last].tolist())
            assert last - first == 1 or numbers <= size
            if last < panel.columns.size:  # and no more would fit
                assert numbers * panel.widths[last] > size
        expected = [columns[i][0] + columns[i][1] for i in panel.columns]
        assert panel.widths.tolist() == expected


@pytest.mark.parametrize("by_planes", [False, True])
def test_the_layout_of_counts(by_planes):
    columns = [np.arange(90) % 3, np.where(np.arange(90) < 9, -1, np.arange(90) % 4)]
    (panel,) = panels_of(code_matrix(columns))
    assert panel.levels.tolist() == [3, 4]
    assert panel.widths.tolist() == [3, 5]
    stored = [2, 4] if by_planes else [3, 4]  # the last level of a complete column may be left out
    expected = [[0, stored[0], 3], [stored[0], stored[1], 4]]
    assert panel.layout(by_planes).tolist() == expected
    assert panel.digits.tolist() == [[0, 3, 3], [3, 4, 5]]


def test_a_plan_is_of_one_method():
    for levels in ([2] * 40, [5] * 20, [60] * 9, [254] * 3, [1, 1]):
        (panel,) = panels_of(code_matrix([np.arange(300) % k for k in levels]))
        plan = choose(panel, panel, True)
        assert 0 < plan.cost < math.inf
        assert (plan.x_groups is None) == (plan.y_groups is None)
        if plan.x_groups is not None:
            for groups in (plan.x_groups, plan.y_groups):
                assert (groups[0], groups[-1]) == (0, panel.columns.size)


@pytest.mark.slow
@pytest.mark.parametrize(("levels", "by_planes"), [([2] * 100, True), ([250] * 4, False)])
def test_few_levels_are_counted_by_planes_and_many_in_groups(levels, by_planes):
    (panel,) = panels_of(code_matrix([np.arange(100_000) % k for k in levels]))
    assert (choose(panel, panel, True).x_groups is None) is by_planes


@pytest.mark.parametrize(("n", "one_by_one"), [(1000, True), (100_000, False)])
def test_little_is_counted_one_by_one(n, one_by_one):
    (panel,) = panels_of(code_matrix([np.arange(n) % k for k in (3, 4, 5)]))
    assert choose(panel, panel, True).one_by_one is one_by_one
    assert choose(panel, panel, False).one_by_one is one_by_one


# Counts to information


@njit
def mirror_in_a_users_function(counts, x):
    pair_tables.mirror(counts, x)


def test_mirror(rng):
    layout = fixed([[0, 2, 2], [2, 3, 4], [5, 1, 2]], np.int64)
    counts = rng.integers(0, 100, (7, 7))
    found = counts.copy()
    mirror_in_a_users_function(found, layout)
    np.testing.assert_array_equal(np.triu(found), np.triu(counts))
    assert found[6].tolist() == [*counts[:6, 6], counts[6, 6]]
    for first, stored, _ in layout:
        block = found[first : first + stored, first : first + stored]
        np.testing.assert_array_equal(block, block.T)


@njit
def open_in_a_users_function(counts, x, y, cells, x_counts, y_counts):
    return pair_tables.open_table(counts, x, 1, y, 1, cells, x_counts, y_counts)


@pytest.mark.parametrize("x_complete", [False, True])
@pytest.mark.parametrize("y_complete", [False, True])
@pytest.mark.parametrize(("nx", "ny"), [(1, 1), (1, 4), (3, 1), (2, 2), (5, 3), (0, 2)])
def test_a_level_that_is_not_stored_follows(nx, ny, x_complete, y_complete, rng):
    nx = max(nx, int(x_complete))  # a complete column has a level
    x = rng.integers(0, nx + (not x_complete), 200)
    y = rng.integers(0, ny + (not y_complete), 200)
    sides = []
    for codes, n, complete in ((x, nx, x_complete), (y, ny, y_complete)):
        rows = pairs.indicators([codes], [n - complete])
        padding = rng.integers(0, 2, (2, 200))
        sides.append(np.concatenate([padding, rows, padding[:1], np.ones((1, 200), int)]))
    counts = fixed(sides[0] @ sides[1].T)
    table, x_counts, y_counts = np.full((nx, ny), NAN), np.full(nx, NAN), np.full(ny, NAN)
    p, q = (2, nx - x_complete, nx), (2, ny - y_complete, ny)
    layouts = (fixed([[0, 1, 1], own], np.int64) for own in (p, q))
    n = open_in_a_users_function(counts, *layouts, table.ravel(), x_counts, y_counts)
    expected = pairs.count(x, y, nx, ny)
    np.testing.assert_array_equal(table, expected)
    assert x_counts.tolist() == expected.sum(axis=1).tolist()
    assert y_counts.tolist() == expected.sum(axis=0).tolist()
    assert n == expected.sum()


def counted(columns, others, by_planes):
    """Counts, layouts and scratch of a set of columns against another, as the kernels take them."""
    sides, layouts = [], []
    for codes in (columns, others):
        levels = np.array([int(c.max()) + 1 for c in codes])
        complete = np.array([(c >= 0).all() for c in codes])
        stored = levels - complete if by_planes else levels
        rows = pairs.indicators(codes, stored)
        if by_planes:
            rows = np.concatenate([rows, np.ones((1, codes[0].size), int)])
        sides.append(rows)
        layouts.append(fixed(np.stack([np.cumsum(stored) - stored, stored, levels], axis=1)))
    most = [int(layout[:, 2].max()) for layout in layouts]
    scratch = np.full((3, max(most[0] * most[1], *most)), NAN)
    return SimpleNamespace(
        counts=fixed(sides[0] @ sides[1].T), x=layouts[0], y=layouts[1], scratch=scratch
    )


@njit
def informations_in_a_users_function(counts, x, y, same, scratch, out):
    pair_tables.informations(counts, x, y, same, scratch, out)


@pytest.mark.parametrize("by_planes", [False, True])
@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.3])
def test_information_of_many_tables(share, same, by_planes, rng):
    columns = random_columns([2, 3, 1, 7, 20], 300, rng, share)
    others = columns if same else random_columns([4, 2, 9], 300, rng, share)
    c = counted(columns, others, by_planes)
    out = np.full((5, len(others)), -7.0)
    informations_in_a_users_function(c.counts, c.x, c.y, same, c.scratch, out)
    expected = pairs.matrix(columns, others)
    if same:
        assert (out[np.tril_indices(5, -1)] == -7).all()
        expected[np.tril_indices(5, -1)] = -7
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-14)


@njit
def complete_in_a_users_function(counts, x, y, same, x_counts, y_counts, n, out):
    work = np.empty((x[:, 2].max() + 1) * y_counts.size)
    pair_tables.complete_informations(counts, x, y, same, x_counts, y_counts, n, work, out)


@pytest.mark.slow
@pytest.mark.parametrize("by_planes", [False, True])
@pytest.mark.parametrize("same", [False, True])
def test_information_where_nothing_is_missing(same, by_planes, rng):
    columns = random_columns([2, 3, 1, 7, 20, 2], 300, rng)
    columns[5] = columns[0] ^ (rng.random(300) < 0.1)
    others = columns if same else random_columns([4, 1, 2, 9], 300, rng)
    c = counted(columns, others, by_planes)
    stored = []
    for codes, layout in ((columns, c.x), (others, c.y)):
        stored.append(fixed(pairs.indicators(codes, layout[:, 1]).sum(axis=1)))
    out = np.full((6, len(others)), -7.0)
    x_counts, y_counts = map(open_margin, stored, (c.x, c.y), (300.0, 300.0))
    complete_in_a_users_function(c.counts, c.x, c.y, same, x_counts, y_counts, 300.0, out)
    assert x_counts.tolist() == np.concatenate([np.bincount(x) for x in columns]).tolist()
    assert y_counts.tolist() == np.concatenate([np.bincount(y) for y in others]).tolist()
    expected = pairs.matrix(columns, others)
    if same:
        assert (out[np.tril_indices(6, -1)] == -7).all()
        expected[np.tril_indices(6, -1)] = -7
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-14)
    assert (out[~np.tril(np.ones(out.shape, bool), -1) | (not same)] >= 0).all()


@pytest.mark.parametrize("by_planes", [False, True])
def test_independent_tables_have_exactly_no_information(by_planes):
    weights = [[1, 1], [1, 2, 3], [5, 1], [7, 1, 1, 1]]
    levels = [np.repeat(np.arange(len(w)), w) for w in weights]
    places = np.unravel_index(np.arange(12 * 60), [level.size for level in levels])
    columns = [level[k] for level, k in zip(levels, places, strict=True)]
    c = counted(columns, columns, by_planes)
    stored = fixed(pairs.indicators(columns, c.x[:, 1]).sum(axis=1))
    out = np.zeros((2, 4, 4))
    informations_in_a_users_function(c.counts, c.x, c.y, True, c.scratch, out[0])
    margin = open_margin(stored, c.x, 720.0)
    complete_in_a_users_function(c.counts, c.x, c.y, True, margin, margin, 720.0, out[1])
    above = np.triu_indices(4, 1)
    assert (out[:, *above] == 0.0).all()
    assert (out[:, range(4), range(4)] > 0.3).all()


def test_slight_dependence_is_never_negative():
    out, layout = np.empty((1, 1)), fixed([[0, 2, 2]])
    for m in range(10**8, 10**8 + 300):
        counts = fixed([[m + 1, m], [m, m + 1]])
        n = float(counts.sum())
        margin = open_margin(counts.sum(axis=1), layout, n)
        complete_in_a_users_function(counts, layout, layout, False, margin, margin, n, out)
        assert 0 <= out[0, 0] < 1e-15
        informations_in_a_users_function(counts, layout, layout, False, np.empty((3, 4)), out)
        assert 0 <= out[0, 0] < 1e-15


KERNELS = {
    None: pair_tables.entropies,
    "miller-madow": pair_tables.miller_madow_entropies,
    "jackknife": pair_tables.jackknife_entropies,
    "grassberger": pair_tables.grassberger_entropies,
    "chao-shen": pair_tables.chao_shen_entropies,
    "zhang": pair_tables.zhang_entropies,
    "shrinkage": pair_tables.shrinkage_entropies,
    0.5: pair_tables.dirichlet_entropies,
}


@pytest.mark.slow
@pytest.mark.parametrize("correction", KERNELS)
def test_entropies_of_many_tables(correction, rng):
    columns = random_columns([2, 3, 7, 20], 90, rng, 0.2)
    others = random_columns([4, 2, 9], 90, rng, 0.2)
    columns[3][:50] = others[2][70:] = -1  # few rows are complete
    others[1][:] = np.where(columns[1] < 0, 1, -1)  # no row is
    c = counted(columns, others, True)
    cells = [fixed(layout[:, 2] + 3, float) for layout in (c.x, c.y)]  # some are empty
    pseudo = correction if isinstance(correction, float) else 0.0
    out = np.full((4, 3, 3), -7.0)
    KERNELS[correction](c.counts, c.x, c.y, *cells, pseudo, False, c.scratch, out)
    for i, x in enumerate(columns):
        for j, y in enumerate(others):
            table = pairs.count(x, y, c.x[i, 2], c.y[j, 2])
            if (i, j) == (1, 1):
                assert np.isnan(out[i, j]).all()
                continue
            nx, ny = int(cells[0][i]), int(cells[1][j])
            whole = np.zeros((nx, ny), int)
            whole[: table.shape[0], : table.shape[1]] = table
            sides = whole.sum(axis=1), whole.sum(axis=0), whole
            if correction in ("shrinkage", 0.5):  # in the joint table, once
                p = pairs.of_table(whole, correction)
                expected = [pairs.entropy_of(q) for q in (p.sum(axis=1), p.sum(axis=0), p)]
            else:
                expected = [entropy_from_counts(c, correction=correction) for c in sides]
            assert out[i, j] == pytest.approx(expected, rel=1e-12, abs=1e-14)


@njit
def shrinkage_in_a_users_function(counts, x, y, x_cells, y_cells, same, scratch, out):
    pair_tables.shrinkage_entropies(counts, x, y, x_cells, y_cells, 0.0, same, scratch, out)


@pytest.mark.slow
def test_entropies_of_a_set_against_itself(rng):
    columns = random_columns([2, 3, 7], 90, rng, 0.2)
    c = counted(columns, columns, False)
    cells = fixed(c.x[:, 2], float)
    out = np.full((3, 3, 3), -7.0)
    shrinkage_in_a_users_function(c.counts, c.x, c.y, cells, cells, True, c.scratch, out)
    for i, x in enumerate(columns):
        for j, y in enumerate(columns):
            if j < i:
                assert (out[i, j] == -7).all()
                continue
            table = JointCounts.from_table(pairs.count(x, y, c.x[i, 2], c.y[j, 2]))
            found = out[i, j, 2] if i != j else out[i, i, 0]
            expected = table.joint_entropy(correction="shrinkage")
            if i == j:
                own = table.table.sum(axis=1)
                expected = entropy_from_counts(own, correction="shrinkage")
            assert found == pytest.approx(expected)


# Columns whose rows lie together


@njit
def extremes_in_a_users_function(numbers, low, high):
    return turning.least_and_most(numbers, low, high)


@pytest.mark.parametrize("rows", [0, 4, 8, 12])
def test_least_and_most_beside_nan(rows, rng):
    a = rng.normal(size=(rows, 5)) * 9
    low, high = np.full(5, np.inf), np.full(5, -np.inf)
    assert not extremes_in_a_users_function(fixed(a.ravel()), low, high)
    assert low.tolist() == a.min(axis=0, initial=np.inf).tolist()
    if rows:
        a[-1, :3] = NAN, np.inf, -np.inf
        a[:, 4] = NAN
    low, high = np.full(5, np.inf), np.full(5, -np.inf)
    assert extremes_in_a_users_function(fixed(a.ravel()), low, high) == (rows > 0)
    for i, column in enumerate(a.T):
        present = column[~np.isnan(column)]
        assert low[i] == present.min(initial=np.inf)
        assert high[i] == present.max(initial=-np.inf)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u8", "i8"])
@pytest.mark.parametrize("rows", [0, 4, 8, 64])
@pytest.mark.parametrize("width", [1, 3, 70])
def test_least_and_most_at_each_place(dtype, rows, width, rng):
    info = np.iinfo(dtype)
    a = rng.integers(info.min, info.max, (rows, width), dtype, endpoint=True)
    low, high = np.full(width, info.max, dtype), np.full(width, info.min, dtype)
    extremes_in_a_users_function(fixed(a.ravel()), low, high)
    assert low.tolist() == a.min(axis=0, initial=info.max).tolist()
    assert high.tolist() == a.max(axis=0, initial=info.min).tolist()


@njit
def turn_in_a_users_function(a, start, stop, out, to):
    turning.turn_to_bytes(a, start, stop, out, to)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u4", "i8", "u8"])
@pytest.mark.parametrize("rows", [0, 1, 7, 8, 9, 64, 150])
@pytest.mark.parametrize("columns", [1, 7, 8, 9, 21])
def test_last_bytes_of_whole_numbers_turned(dtype, rows, columns, rng):
    info = np.iinfo(dtype)
    a = rng.integers(info.min, info.max, (rows + 5, columns), dtype, endpoint=True)
    out = np.full((columns, rows + 4), 77, np.uint8)
    turn_in_a_users_function(fixed(a), 2, 2 + rows, out, 3)
    expected = (a[2 : 2 + rows].astype(np.int64) & 255).T
    assert out[:, 3 : 3 + rows].tolist() == expected.tolist()
    assert (out[:, :3] == 77).all()
    assert (out[:, 3 + rows :] == 77).all()


@pytest.mark.slow
@pytest.mark.parametrize("read", ["i1", "u2", "i4", "u8"])
@pytest.mark.parametrize("written", ["u1", "u2"])
def test_a_square_turned(read, written, rng):
    if np.dtype(written).itemsize > np.dtype(read).itemsize:
        pytest.skip("numbers are not made wider")
    info = np.iinfo(read)
    a = rng.integers(info.min, info.max, (11, 13), read, endpoint=True)
    out = np.zeros((12, 14), written)
    square_in_a_users_function(fixed(a), 2, 4, out, 1, 5)
    expected = np.zeros((12, 14), written)
    expected[1:9, 5:13] = a[2:10, 4:12].T.astype(written)
    np.testing.assert_array_equal(out, expected)


@njit
def square_in_a_users_function(a, row, column, out, to_row, to_column):
    turn_square(a, row, column, out, to_row, to_column)


# Columns, read and coded


def assert_codes(matrix, columns):
    """Codes of a matrix are one to one those of columns, -1 where they have none."""
    assert matrix.n_columns == len(columns)
    assert matrix.n_rows == columns[0].size
    for i, expected in enumerate(columns):
        coded = matrix.column(i)
        narrow = matrix.n_levels[i] <= MOST_LEVELS
        assert (i in matrix.wide, matrix.places[i] < 0) == (not narrow, not narrow)
        assert coded.n_levels == matrix.n_levels[i]
        found = np.where(coded.invalid, -1, coded.codes.astype(int))
        assert int(coded.codes.max()) <= coded.n_levels
        np.testing.assert_array_equal(found, expected)
        assert matrix.incomplete[i] == (expected < 0).any()
    assert matrix.codes.dtype == np.uint8
    assert matrix.codes.flags.c_contiguous
    assert not matrix.codes.flags.writeable


@pytest.mark.slow
@compiled
@pytest.mark.filterwarnings("ignore:columns to look at")
@pytest.mark.parametrize("dtype", ["u1", "i1", "i8", ">u2", "?"])
@pytest.mark.parametrize("shape", [(1, 2), (7, 9), (300, 8), (9000, 5), (20_000, 11)])
def test_whole_numbers_in_rows_and_columns_have_the_same_information(dtype, shape, rng):
    levels = 2 if dtype == "?" else 3
    X = (rng.integers(0, levels, shape) - (dtype == "i1")).astype(dtype)
    X[0], X[-1] = X.min(), X.max()
    expected = None
    for order in "CFAS":  # the last two: every second column, rows backwards
        wide = np.zeros((shape[0], 2 * shape[1]), dtype)
        wide[:, ::2] = X[::-1] if order == "S" else X
        own = wide[:, ::2] if order == "A" else wide[::-1, ::2] if order == "S" else None
        own = np.array(X, order=order) if own is None else own
        own.flags.writeable = False
        matrix = code_features(read_features(own), LABELS)
        assert matrix.spanned
        assert_codes(matrix, [(column.astype(int) - int(column.min())) for column in X.T])
        for n in (1, 2, 7):
            with num_threads(n):
                found = mutual_information_matrix(own, discrete=True)
            expected = found if expected is None else expected
            np.testing.assert_array_equal(found, expected)
        assert notes_of_columns(matrix) == notes_of_columns(replace(matrix, spanned=False))


@pytest.mark.parametrize("order", ["C", "F"])
def test_constant_whole_numbers_are_told(order):
    X = np.array([[3, 0, 5]] * 4 + [[3, 1, 5]], np.uint8, order=order)
    with pytest.warns(UserWarning, match="constant.*x0, x2"):
        mutual_information_matrix(X)


@pytest.mark.parametrize("order", ["C", "F"])
def test_labels_side_by_side(order, rng):
    columns = random_columns([2, 254, 255, 256, 3, 300], 900, rng, 0.1)
    X = np.array(np.stack(columns, axis=1), float, order=order)
    X[X < 0] = NAN
    matrix = code_features(read_features(X), LABELS)
    assert_codes(matrix, columns)
    assert matrix.n_levels.tolist() == [2, 254, 255, 256, 3, 300]
    assert matrix.n_missing.tolist() == [(c < 0).sum() for c in columns]
    assert matrix.labels.all()
    assert sorted(matrix.wide) == [2, 3, 5]


@pytest.mark.slow
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["?", "u1", "i1", "i4", ">i8", "u8"])
def test_whole_numbers_are_their_distances(dtype, order, rng):
    codes = rng.integers(0, 2 if dtype == "?" else 120, (20_000, 3))
    codes[0], codes[1] = 0, codes.max()
    origin = {"u1": 30, "i1": -128, "i4": 10**9, ">i8": -(2**63), "u8": 2**64 - 200}.get(dtype, 0)
    shifted = [[origin + v for v in row] for row in codes.tolist()]
    X = np.array(shifted, np.int64 if origin < 0 or dtype == "i4" else np.uint64)
    X = np.array(X.astype(dtype), order=order)
    matrix = code_features(read_features(X), LABELS)
    assert_codes(matrix, list(codes.T))
    assert not matrix.n_missing.any()
    assert matrix.labels.all()


def test_whole_numbers_that_lie_apart_are_coded_by_the_levels_that_occur():
    near, far = np.array([[0, 5], [MOST_LEVELS - 1, 5]]), np.array([[0, 5], [MOST_LEVELS, 5]])
    assert code_features(read_features(near), LABELS).n_levels.tolist() == [MOST_LEVELS, 1]
    assert code_features(read_features(far), LABELS).n_levels.tolist() == [2, 1]
    one = code_features(read_features(np.arange(MOST_LEVELS + 1)[:, None]), LABELS)
    assert (sorted(one.wide), one.places.tolist()) == ([0], [-1])


def test_whole_numbers_are_labels_up_to_32_values():
    few, spread, many = np.arange(64) % 32, np.arange(64) % 32 * 1000, np.arange(64) % 33
    matrix = code_features(read_features(np.stack([few, spread, many], axis=1)), AUTO)
    assert matrix.labels.tolist() == [True, True, False]
    assert matrix.n_levels[:2].tolist() == [32, 32]
    assert_codes(matrix.chosen(np.array([0, 1])), [few, few])
    alone = code_features(read_features(few[:, None] * 2), AUTO)
    assert alone.labels.all()
    assert int(np.unique(alone.codes).size) == 32


@pytest.mark.parametrize("order", ["C", "F"])
def test_bins_side_by_side(order, rng):
    X = np.array(rng.normal(size=(900, 4)), order=order)
    X[::7, 1] = X[::11, 2] = NAN
    for bins in ([3, 254, 5, 2], [3, 255, 300, 2]):
        matrix = code_features(read_features(X), Binning(bins, "uniform"))
        edges = [
            np.linspace(np.nanmin(x), np.nanmax(x), b + 1) for x, b in zip(X.T, bins, strict=True)
        ]
        assert_codes(matrix, [pairs.codes_among(x, e) for x, e in zip(X.T, edges, strict=True)])
        assert matrix.n_levels.tolist() == bins
        assert matrix.n_missing.tolist() == np.isnan(X).sum(axis=0).tolist()
        assert not matrix.labels.any()
        assert matrix.n_cells[[0, 3]].tolist() == [3, 2]


def test_dropped_samples_are_incomplete_and_not_missing():
    X = np.array([[0.5, 0.5], [9.0, 0.1], [NAN, 0.2]])
    edges = np.array([0.0, 0.3, 1.0])
    matrix = code_features(read_features(X), Binning(edges, "uniform"))
    assert_codes(matrix, [np.array([1, -1, -1]), np.array([1, 0, 0])])
    assert matrix.n_missing.tolist() == [1, 0]
    apart = Binning(edges, "uniform", missing="category", nan_policy="raise")
    matrix = code_features(read_features(X), apart)
    assert_codes(matrix, [np.array([1, -1, 2]), np.array([1, 0, 0])])
    assert matrix.n_levels.tolist() == [3, 2]
    assert matrix.n_missing.tolist() == [0, 0]


def test_levels_that_count_as_cells(rng):
    X = np.array([[0, 5, 0], [0, 9, 1], [200, 9, 2], [200, 5, 0]])
    matrix = code_features(read_features(X), LABELS)
    assert matrix.n_cells.tolist() == [2, 2, 3]
    assert not matrix.n_cells.flags.writeable
    assert matrix.n_levels.tolist() == [201, 5, 3]
    assert matrix.level_counts(1).tolist() == [2, 0, 0, 0, 2, 0]


def test_counts_of_levels(rng):
    column = random_columns([2, 9], 300_000, rng, 0.2)
    matrix = code_matrix(column)
    expected = [*np.bincount(column[1][column[1] >= 0]), (column[1] < 0).sum()]
    assert matrix.level_counts(1).tolist() == expected
    assert matrix.level_counts(0).tolist() == [*np.bincount(column[0]), 0]


def test_a_column_without_a_sample():
    X = np.array([[NAN, 1.0], [NAN, 2.0]])
    matrix = code_features(read_features(X), LABELS)
    assert_codes(matrix, [np.array([-1, -1]), np.array([0, 1])])
    assert matrix.n_levels.tolist() == [0, 2]
    taken = Taken([np.array([-1, -1]), np.array([0, 1])])
    count_all(matrix, None, taken)
    assert {pair: t.shape for pair, t in taken.tables.items()} == {
        (0, 0): (0, 0),
        (0, 1): (0, 2),
        (1, 1): (2, 2),
    }


def test_some_of_the_columns(rng):
    columns = random_columns([2, 300, 5, 280, 3], 700, rng, 0.1)
    matrix = code_matrix(columns)
    some = matrix.chosen(np.array([3, 4, 0, 1]))
    assert_codes(some, [columns[i] for i in (3, 4, 0, 1)])
    assert some.names == ["x3", "x4", "x0", "x1"]
    assert some.n_missing.tolist() == matrix.n_missing[[3, 4, 0, 1]].tolist()
    assert sorted(some.wide) == [0, 3]
    taken = Taken([columns[4], columns[0]])
    count_all(matrix.chosen(np.array([4, 0])), None, taken)
    assert len(taken.tables) == 3


def test_where_a_column_is_missing():
    X = np.array([[0.5, 0.5], [9.0, 0.1], [NAN, 0.2]])
    edges = np.array([0.0, 0.3, 1.0])
    for order in "CF":
        features = read_features(np.array(X, order=order))
        matrix = code_features(features, replace(AUTO, bins=edges))
        assert matrix.missing(0).tolist() == [False, False, True]  # and not what is dropped
        assert matrix.missing(1) is None
    matrix = code_features(read_features(X), LABELS)
    assert matrix.missing(0).tolist() == [False, False, True]


def test_levels_that_occur():
    matrix = code_features(read_features(np.array([[0, 7], [200, 7], [3, 9], [0, 8]])), AUTO)
    coded = matrix.occurring(0)
    assert (coded.codes.tolist(), coded.n_levels) == ([0, 2, 1, 0], 3)
    assert matrix.occurring(1).codes.tolist() == [0, 0, 2, 1]
    binned = code_features(read_features(np.array([[0.0], [9.0]])), replace(AUTO, bins=5))
    coded = binned.occurring(0)  # empty bins are levels
    assert (coded.codes.tolist(), coded.n_levels) == ([0, 4], 5)


def test_columns_that_tell_nothing():
    columns = {
        "two": [1, 2, 1],
        "one": [5, 5, 5],
        "none": [-1, -1, -1],
        "one or missing": [3, -1, 3],
        "missing or one": [-1, 3, -1],
        "two or missing": [3, -1, 4],
        "two in the middle": [3, 4, 3],
    }
    matrix = code_matrix([relabelled(np.array(c)) for c in columns.values()])
    names = dict(zip(matrix.names, columns, strict=True))
    empty, constant = matrix.empty_and_constant()
    assert [names[k] for k in empty] == ["none"]
    assert [names[k] for k in constant] == ["one", "one or missing", "missing or one"]


def test_missing_becomes_a_level():
    coded = Coded(np.array([0, 2, 1, 2], np.uint8), 2)
    assert with_missing_level(coded, None) is coded
    assert with_missing_level(coded, np.zeros(4, bool)) is coded
    found = with_missing_level(coded, np.array([False, True, False, False]))  # the last is dropped
    assert (found.codes.tolist(), found.n_levels) == ([0, 2, 1, 3], 3)
    assert coded.codes.tolist() == [0, 2, 1, 2]
    coded = Coded(np.array([0, 255], np.uint8), 255)
    found = with_missing_level(coded, np.array([False, True]))
    assert (found.codes.tolist(), found.codes.dtype, found.n_levels) == ([0, 255], np.uint16, 256)


def test_names():
    assert read_features(np.eye(3)).names == ["x0", "x1", "x2"]
    assert read_features(np.eye(2), "Y").names == ["y0", "y1"]
    for table in (pd.DataFrame({"a": [1], 5: [2]}), pl.DataFrame({"a": [1], "5": [2]})):
        features = read_features(table)
        assert features.names == ["a", "5"]
        assert features.n_rows == 1
    with pytest.raises(ValueError, match="X must have columns of different names"):
        read_features(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_target_of_a_table(rng):
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4], "c": ["u", "v"]})
    features, target, name = split_target(frame, "c")
    assert (features.names, list(target), name) == (["a", "b"], ["u", "v"], "c")
    features, target, name = split_target(frame, pd.Series([0, 1], name="t"))
    assert (features.names, list(target), name) == (["a", "b", "c"], [0, 1], "t")
    features, target, name = split_target(np.eye(2), [0, 1])
    assert (features.names, list(target), name) == (["x0", "x1"], [0, 1], None)
    target, name = read_target(pl.DataFrame({"only": [1, 2]}))
    assert (list(target), name) == ([1, 2], "only")
    for bad, message in (
        ((np.eye(2), "a"), "y can name a column of a table only"),
        ((frame, "z"), "y must be a column of X"),
        ((frame[["a"]], "a"), "at least one column beside the target"),
        ((frame, [1, 2, 3]), "must have the same length, got 2 and 3"),
        ((np.eye(2), [1, 2, 3]), "must have the same length, got 2 and 3"),
        ((frame, frame), "y must be one column, got a table of 3"),
    ):
        with pytest.raises(ValueError, match=message):
            split_target(*bad)


def test_one_column(rng):
    x = rng.normal(size=300)
    x[::9] = NAN
    coded, absent, _ = code_one(x, "x", AUTO)
    present = x[~np.isnan(x)]
    edges = np.linspace(present.min(), present.max(), reference.mi_rule(present.size) + 1)
    found = np.where(coded.invalid, -1, coded.codes.astype(int))
    np.testing.assert_array_equal(found, pairs.codes_among(x, edges))
    np.testing.assert_array_equal(absent, np.isnan(x))
    coded, absent, _ = code_one(np.array(["b", "a", "b"]), "x", AUTO)
    assert (coded.codes.tolist(), absent.size) == ([1, 0, 1], 0)
    coded, absent, n_infinite = code_one(np.array([0.0, math.inf, 1.0]), "height", AUTO)
    assert (coded.invalid.tolist(), absent.size, n_infinite) == ([False, True, False], 0, 1)
    wide = np.array([-1e308, 1e308])
    with pytest.raises(ValueError, match=r"column 'height': .* is not finite"):
        code_one(wide, "height", Binning(3, "uniform"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strategy": "even"}, "strategy must be one of"),
        ({"nan_policy": "ignore"}, "nan_policy must be one of"),
        ({"missing": "nan"}, "missing must be one of"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        Binning(**options)


def test_columns_are_coded_by_any_number_of_threads(threads, rng):
    X = rng.integers(0, 200, (30_000, 5)).astype(float)
    X[rng.random(X.shape) < 0.1] = NAN
    expected = [np.where(np.isnan(x), -1, np.nan_to_num(x)).astype(int) for x in X.T]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_codes(code_features(read_features(X), LABELS), expected)
        Z = np.nan_to_num(X).astype(np.int32)
        assert_codes(code_features(read_features(Z), LABELS), list(Z.T))
